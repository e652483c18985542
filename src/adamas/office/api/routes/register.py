"""The register on a day, and the state of the logs."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router

from adamas.office.api import schemas as s
from adamas.office.api.routes import operation
from adamas.office.public import state
from adamas.office.web import site
from adamas.scheme.participants import Register

router = Router()


@operation(router, "GET", "/register", s.RegisterOut, scope="read")
def get_register(request: HttpRequest, on: datetime.date | None = None) -> Any:
    """Participants and their standing on a day. Today if none is given."""
    day, known = _day(on), _register()
    return {"on": day, "participants": [_standing(known, code, day) for code in known.participants_on(day)]}


@operation(router, "GET", "/register/{code}", s.StandingOut, scope="read")
def get_standing(request: HttpRequest, code: str, on: datetime.date | None = None) -> Any:
    """The standing of one Participant on a day. Today if none is given."""
    known = _register()
    if code not in known.spells:
        raise Http404
    return _standing(known, code, _day(on))


@operation(router, "GET", "/logs", s.LogsOut, scope="read")
def get_logs(request: HttpRequest) -> Any:
    """The logs known here. How far each is witnessed, and which pillars are missing."""
    return {
        "logs": [
            {
                "number": log.number,
                "origin": log.origin,
                "role": log.role,
                "url": log.url,
                "vkey": log.vkey,
                "size": log.size,
                "witnessed": log.witnessing.witnessed,
                "witnessed_age": log.witnessed_age,
                "checked_age": log.checked_age,
                "missing": list(log.witnessing.missing),
                "own": log.own,
            }
            for log in state.pillars()
        ]
    }


def _register() -> Register:
    office = site.office()
    office.knowledge.refresh()
    return office.knowledge.register


def _day(on: datetime.date | None) -> str:
    return (on or site.today()).isoformat()


def _standing(known: Register, code: str, day: str) -> dict[str, Any]:
    found = known.standing(code, day)
    return {
        "code": code,
        "name": known.names.get(code, code),
        "on": day,
        "good": found.good,
        "kind": found.kind,
        "why": found.why,
        "clause": found.clause,
    }
