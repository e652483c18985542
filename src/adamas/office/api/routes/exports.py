"""Validation for export and departure, by customs or officers of the authority."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from adamas.office.api import schemas as s
from adamas.office.api import shown
from adamas.office.api.routes import operation
from adamas.office.api.tokens import me
from adamas.office.issuing import actions
from adamas.office.web import site

router = Router()


@operation(router, "POST", "/validations", s.BatchOut, scope="validate")
def validate(request: HttpRequest, body: s.NumbersIn) -> Any:
    """Validates shipments for export. They were checked and sealed (III(a)); each row is done or refused by itself."""
    day = body.day or site.today().isoformat()
    return shown.batch(actions.validate(me(request), body.numbers, day=day))


@operation(router, "POST", "/dispatches", s.BatchOut, scope="validate")
def dispatch(request: HttpRequest, body: s.NumbersIn) -> Any:
    """Records that validated shipments left (Annex II, 19). Each row is done or refused by itself."""
    day = body.day or site.today().isoformat()
    return shown.batch(actions.dispatch(me(request), body.numbers, day=day))
