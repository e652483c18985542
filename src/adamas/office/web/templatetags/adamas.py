"""Filters for what every page shows: carats, dollars, countries, ages. Values stay integers of 0.01 until here."""

from __future__ import annotations

import datetime
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from adamas.office.web import sentences, site, wording
from adamas.office.web.countries import country_name
from adamas.office.web.sentences import words as glossary

register = template.Library()


@register.filter
def carats(value: Any) -> str:
    """0.01 ct → ``1,234.50``; empty for what is not known."""
    return _hundredths(value)


@register.filter
def usd(value: Any) -> str:
    """US cents → ``1,234.50``; empty for what is not known."""
    return _hundredths(value)


def _hundredths(value: Any) -> str:
    if value is None or value == "":
        return ""
    whole, part = divmod(abs(int(value)), 100)
    return f"{'-' if int(value) < 0 else ''}{whole:,}.{part:02d}"


@register.filter
def country(code: str) -> str:
    """Alpha-2 → the country's name in the language of the page; the code itself if it is none."""
    return country_name(code)


@register.filter
def said(sentence: Any) -> str:
    """A sentence of a rule, a parser or the verifier in the language of the page; English where there is none."""
    return sentences.said(sentence)


@register.filter
def word(text: Any) -> str:
    """A word of the scheme (a state, an act, how seals were) in the language of the page; else as it is."""
    return glossary.word(str(text)) or str(text)


@register.filter
def moment(seconds: Any) -> str:
    """Seconds since 1970 → ``2025-03-04 12:00``, UTC; the number itself where no calendar reaches."""
    if seconds in (None, ""):
        return ""
    try:
        return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError, OSError):
        return str(seconds)


@register.filter
def act_label(act: str) -> str:
    """What was done, in words: ``application.submit`` → "Submitted an application"."""
    from adamas.office.people import acts

    return acts.words(str(act))


@register.filter
def words(text: str) -> list[str]:
    """A text's words."""
    return str(text).split()


@register.filter
def age(since: Any) -> str:
    """How long ago: of seconds since 1970, a datetime, or a day, by the office's clock; ``3 days``."""
    if since in (None, ""):
        return ""
    if isinstance(since, str):
        since = datetime.date.fromisoformat(since)
    if isinstance(since, datetime.datetime):
        seconds = site.office().now() - int(since.timestamp())
    elif isinstance(since, datetime.date):
        seconds = (site.today() - since).days * 86_400
    else:
        seconds = site.office().now() - int(since)
    if abs(seconds) < 3_600:
        minutes = max(seconds // 60, 0)
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if abs(seconds) < 2 * 86_400:
        hours = seconds // 3_600
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = seconds // 86_400
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


_STATES = {
    "absent": _("Not issued"),
    "issued": _("Issued"),
    "validated": _("Validated for export"),
    "shipped": _("Shipped"),
    "received": _("Received"),
    "refused": _("Refused"),
    "returned": _("Returned"),
    "seized": _("Seized"),
    "lost": _("Lost"),
    "stolen": _("Stolen"),
    "void": _("Void"),
    "replaced": _("Replaced"),
    "expired": _("Expired"),
    "overdue": _("Overdue"),
}


@register.filter
def state_label(state: str) -> str:
    """A certificate's state in words."""
    return str(_STATES.get(str(state), str(state)))


@register.filter
def plain(code: Any) -> str:
    """``certificate.issued`` → "Certificate issued"; the same for what an import confirmation says."""
    return wording.plain(str(code))


@register.filter
def holder(name: Any) -> str:
    """``kp:BW/authority`` → "Authority of Botswana"."""
    return wording.holder(str(name))
