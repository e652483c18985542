"""After issue: lost, stolen and void certificates, corrections on both sides, replacements, forgeries."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from adamas.office.aftercare import actions, kinds
from adamas.office.api import schemas as s
from adamas.office.api import shown
from adamas.office.api.routes import operation
from adamas.office.api.tokens import me
from adamas.office.issuing.moves import working
from adamas.office.people.models import Membership

router = Router()
_OF_WHY = {"lost": kinds.LOSE, "stolen": kinds.STEAL, "void": kinds.VOID}


@operation(router, "POST", "/certificates/{number}/revoke", s.SignedOut, scope="amend", roles=("issuing",))
def revoke(request: HttpRequest, number: str, body: s.RevokeIn) -> Any:
    """Declares a certificate lost, stolen or void. No shipment may travel on it any more."""
    return _sign(me(request), _OF_WHY[body.why], number, {"note": body.note})


@operation(router, "POST", "/certificates/{number}/correct", s.SignedOut, scope="amend", roles=("issuing",))
def correct(request: HttpRequest, number: str, body: s.CorrectIn) -> Any:
    """States the right data. They count once the importing authority has put them on record too."""
    return _sign(me(request), kinds.CORRECT, number, body.model_dump())


@operation(
    router,
    "POST",
    "/certificates/{number}/confirm-correction",
    s.SignedOut,
    scope="amend",
    roles=("importing",),
)
def confirm_correction(request: HttpRequest, number: str, body: s.ConfirmIn) -> Any:
    """Puts a correction on record at the importing authority. It counts from then on."""
    return _sign(me(request), kinds.CONFIRM, number, {"correction": body.correction})


@operation(router, "POST", "/certificates/{number}/replace", s.SignedOut, scope="amend", roles=("issuing",))
def replace(request: HttpRequest, number: str, body: s.ReplaceIn) -> Any:
    """Names the certificate that takes the place. The new one was issued as its replacement."""
    return _sign(me(request), kinds.REPLACE, number, {"by": body.by, "why": body.why})


@operation(router, "POST", "/forgeries", s.SignedOut, scope="amend")
def report_forgery(request: HttpRequest, body: s.ForgeryIn) -> Any:
    """Reports a forged paper. Every verification of this number warns of it from now on."""
    from adamas.scheme.values import parse_number

    return _sign(me(request), kinds.FORGERY, str(parse_number(body.number)), {"note": body.note})


def _sign(who: Membership, kind: str, number: str, cells: dict[str, Any]) -> Any:
    """Writes an act down and signs it, both or neither."""
    with working():
        paper = actions.sign(who, actions.write(who, kind, number, cells))
    return {"number": number, "kind": kind, "statement": shown.identity(paper.statement)}
