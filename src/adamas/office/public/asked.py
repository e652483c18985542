"""What an address of the public pages asks for: the day of ``?on=``."""

from __future__ import annotations

import datetime

from django.http import HttpRequest

from adamas.office.web import site

_FIRST = "2003-01-01"


def day_of(request: HttpRequest) -> tuple[str, bool]:
    """The day of ``?on=``, today if none is given; whether what was given could not be read."""
    today, text = site.today().isoformat(), request.GET.get("on", "").strip()
    if not text:
        return today, False
    try:
        return max(datetime.date.fromisoformat(text).isoformat(), _FIRST), False
    except ValueError:
        return today, True
