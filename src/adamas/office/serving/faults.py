"""What an officer sees while the database is away: a sentence, and what was typed, ready to be sent again.

The page asks the database for nothing: neither who is signed in nor which language was chosen there. Typed texts come
back in hidden fields (passwords and codes do not), so one button sends the same form once more; the same act twice
gives one statement.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from adamas.errors import AdamasError
from adamas.office import database
from adamas.office.errors import DatabaseError

RETRY_SECONDS = 10
_SECRET = ("password", "passphrase", "code", "secret", "credential", "token", "csrf")
_MOST = 200_000
"""Characters that are sent back; more is left to the browser's own way back."""


def database_error() -> DatabaseError | None:
    """The trouble with the database that is being handled now, if it is such."""
    error = sys.exc_info()[1]
    while error is not None:
        found = of(error)
        if found is not None:
            return found
        error = error.__cause__ or error.__context__
    return None


def of(error: BaseException) -> DatabaseError | None:
    """An error as the trouble with the database that it is; None for any other."""
    from django.db import DatabaseError as DjangoError
    from django.db import InterfaceError

    if isinstance(error, DatabaseError):
        return error
    if isinstance(error, DjangoError | InterfaceError):
        return database.named(error)
    return None


def down(request: HttpRequest, error: AdamasError) -> HttpResponse:
    """503: nothing was done, why, and the form to send again."""
    fields = list(_typed(request)) if request.method == "POST" else []
    kept = sum(len(name) + len(value) for name, value in fields) <= _MOST
    context = {
        "title": _("The database does not answer"),
        "sentence": error.sentence,
        "advice": error.advice or "",
        "posted": request.method == "POST",
        "fields": fields if kept else [],
        "kept": kept,
        "files": bool(_files(request)),
        "path": request.get_full_path(),
        "token": _token(request),
    }
    answer = HttpResponse(render_to_string("serving/down.html", context), status=503)
    answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer


def _typed(request: HttpRequest) -> Iterator[tuple[str, str]]:
    try:
        lists = list(request.POST.lists())
    except (RawPostDataException, OSError):
        return
    for name, values in lists:
        if not any(word in name.lower() for word in _SECRET):
            for value in values:
                yield name, str(value)


def _files(request: HttpRequest) -> bool:
    try:
        return bool(request.FILES)
    except (RawPostDataException, OSError):
        return False


def _token(request: HttpRequest) -> str:
    from django.middleware.csrf import get_token

    return get_token(request)
