"""After issue: lost, stolen and void certificates, corrections on both sides, replacements, returns, forgeries.

A program may sign at once, or only write an act down (``sign`` false) for an officer to look at and sign.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from adamas.office.aftercare import actions, forms, kinds, queries
from adamas.office.aftercare.models import Paper, Picture
from adamas.office.api import schemas as s
from adamas.office.api import shown, visible
from adamas.office.api.routes import operation
from adamas.office.api.routes.fields import read
from adamas.office.api.tokens import me
from adamas.office.arrival.forms import PICTURES
from adamas.office.certification.models import Certificate
from adamas.office.issuing import files
from adamas.office.issuing.answers import download
from adamas.office.issuing.moves import working
from adamas.office.people.access import get_visible
from adamas.office.people.models import Membership
from adamas.office.web import site, uploads
from adamas.office.web.uploads import Upload
from adamas.scheme.values import parse_number

router = Router()
_OF_WHY = {"lost": kinds.LOSE, "stolen": kinds.STEAL, "void": kinds.VOID}
_ROLES = ("issuing", "importing", "customs")
_ENDS = ("issuing", "importing")
_LARGEST = 2**62
_State = Literal["written", "signed", "dropped"]


@operation(router, "GET", "/after-issue", s.AfterOut, scope="read", roles=_ROLES)
def get_after_issue(request: HttpRequest) -> Any:
    """What waits after issue. Corrections to confirm and to be confirmed, lost certificates, technical ones."""
    code, today = me(request).organisation.participant, site.today().isoformat()
    rows = {
        "lost": queries.without_replacement(code),
        "technical": queries.technical(code)[:200],
    }
    return {
        "to_confirm": [_waiting(one) for one in queries.corrections(to=[code])],
        "unconfirmed": [_waiting(one) for one in queries.corrections(participants=[code])],
        **{name: [shown.row(view, today) for view in found] for name, found in rows.items()},
    }


@operation(router, "GET", "/certificates/{number}/possible", s.PossibleOut, scope="read", roles=_ROLES)
def get_possible(request: HttpRequest, number: str) -> Any:
    """What your client may do with a certificate now, after issue; and what was issued in its place."""
    who = me(request)
    record = visible.record(who, number)
    view = Certificate.objects.get(number=number)
    own = record.issued_id is not None and view.participant == who.organisation.participant
    found = queries.replacing(number, record.issued_id or b"", view.participant, view.issued) if own else []
    return {"number": number, "possible": actions.possible(who, record), "replacements": found}


@operation(router, "POST", "/certificates/{number}/revoke", s.SignedOut, scope="amend", roles=("issuing",))
def revoke(request: HttpRequest, number: str, body: s.RevokeIn) -> Any:
    """Declares a certificate lost, stolen or void. No shipment may travel on it any more."""
    return _act(me(request), _OF_WHY[body.why], number, lambda: {"note": body.note}, sign=body.sign)


@operation(router, "POST", "/certificates/{number}/correct", s.SignedOut, scope="amend", roles=("issuing",))
def correct(request: HttpRequest, number: str, body: s.CorrectIn) -> Any:
    """States the right data. They count once the importing authority has put them on record too."""
    fields = {
        **body.model_dump(exclude={"sign"}),
        **{name: " ".join(map(str, getattr(body, name))) for name in ("hs", "origin", "shares")},
    }
    return _act(me(request), kinds.CORRECT, number, lambda: read(forms.CorrectForm(fields)), sign=body.sign)


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
    return _act(me(request), kinds.CONFIRM, number, lambda: {"correction": body.correction}, sign=body.sign)


@operation(router, "POST", "/certificates/{number}/replace", s.SignedOut, scope="amend", roles=("issuing",))
def replace(request: HttpRequest, number: str, body: s.ReplaceIn) -> Any:
    """Names the certificate that takes the place. The new one was issued as its replacement."""
    fields = {"by": body.by, "why": body.why}
    return _act(me(request), kinds.REPLACE, number, lambda: read(forms.ReplaceForm(fields)), sign=body.sign)


@operation(router, "POST", "/certificates/{number}/return-technical", s.SignedOut, scope="amend", roles=_ENDS)
def return_technical(request: HttpRequest, number: str, body: s.ReturnActIn) -> Any:
    """Sends a shipment back on a technical certificate (AD-TECHCERT). The words are published."""
    fields = {"technical": body.technical, "why": body.why}
    return _act(me(request), kinds.RETURN, number, lambda: read(forms.ReturnForm(fields)), sign=body.sign)


@operation(router, "GET", "/forgeries", s.ForgeryList, scope="read", roles=_ROLES)
def list_forgeries(request: HttpRequest, number: str = Query("", max_length=40)) -> Any:
    """Known forgeries of all logs followed here, newest first (at most 300). With the pictures that you took."""
    papers = Paper.objects.visible_to(me(request)).filter(kind=kinds.FORGERY, statement__isnull=False)
    own: dict[str, list[Picture]] = {}
    for paper in papers.prefetch_related("pictures"):
        own.setdefault(paper.number, []).extend(paper.pictures.all())
    wanted = number.replace("\0", "").upper() or None
    names = ("number", "at", "reported", "issuer", "note", "certificate")
    return {
        "items": [
            {
                **{name: getattr(one, name) for name in names},
                "statement": one.id,
                "pictures": shown.papers(own.get(one.number, [])),
            }
            for one in queries.forgeries(number=wanted, limit=300)
        ]
    }


@operation(router, "POST", "/forgeries", s.SignedOut, scope="amend")
def report_forgery(request: HttpRequest, body: s.ForgeryIn) -> Any:
    """Reports a forged paper. Every verification of this number warns of it from now on."""
    number = str(parse_number(body.number))
    return _act(me(request), kinds.FORGERY, number, lambda: {"note": body.note}, sign=body.sign)


@operation(router, "POST", "/forgeries/pictured", s.SignedOut, scope="amend")
def report_forgery_pictured(
    request: HttpRequest,
    pictures: File[list[UploadedFile]],
    number: str = Form(..., max_length=40, description="Number on the forged paper."),
    note: str = Form("", max_length=400),
    sign: bool = Form(True),
) -> Any:
    """Reports a forged paper with pictures of it. PNG or JPEG, at most ten and 10 MB together; they stay private, and
    what they say of place and camera is removed."""
    given = [uploads.read(one, kinds=PICTURES) for one in pictures[: actions.MAX_PICTURES + 1]]
    words = note.replace("\0", "")
    return _act(
        me(request), kinds.FORGERY, str(parse_number(number)), lambda: {"note": words}, given, sign=sign
    )


@operation(
    router, "GET", "/pictures/{id}", None, scope="read", roles=_ROLES, file=("image/png", "image/jpeg")
)
def get_picture(request: HttpRequest, id: int) -> HttpResponse:
    """A picture of a forged paper. For the Participant that took it."""
    if not 0 < id < _LARGEST:
        raise Http404
    found = get_visible(Picture, me(request), pk=id)
    return download(files.read(found.digest), found.name, files.TYPES[found.kind])


@operation(router, "GET", "/amendments", s.AmendmentList, scope="read", roles=_ROLES)
def list_amendments(
    request: HttpRequest,
    state: _State | None = None,
    number: str = Query("", max_length=40),
    cursor: str = Query("", max_length=400),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """Acts after issue of your authority, newest first. Those written down, signed, or laid aside."""
    found = shown.before(Paper.objects.visible_to(me(request)).order_by("-pk"), cursor)
    if state is not None:
        found = found.filter(statement__isnull=state != "signed", dropped__isnull=state != "dropped")
    if number:
        found = found.filter(number=number.replace("\0", ""))
    rows = list(found.prefetch_related("pictures")[: limit + 1])
    return shown.page(rows, limit, lambda one: shown.cursor(one.pk), _amendment)


@operation(router, "GET", "/amendments/{id}", s.AmendmentOut, scope="read", roles=_ROLES)
def get_amendment(request: HttpRequest, id: int) -> Any:
    """One act after issue. What it says, and whether it is signed."""
    return _amendment(_of(me(request), id))


@operation(router, "POST", "/amendments/{id}/sign", s.SignedOut, scope="amend")
def sign_amendment(request: HttpRequest, id: int) -> Any:
    """Signs an act that was written down. The same again gives the statement that was made."""
    who = me(request)
    return _signed(actions.sign(who, _of(who, id)))


@operation(router, "POST", "/amendments/{id}/drop", s.SignedOut, scope="amend")
def drop_amendment(request: HttpRequest, id: int) -> Any:
    """Lays an act aside. Nothing is signed."""
    found = _of(me(request), id)
    actions.drop(me(request), found)
    found.refresh_from_db()
    return _signed(found)


def _act(
    who: Membership,
    kind: str,
    number: str,
    cells: Callable[[], dict[str, Any]],
    pictures: Sequence[Upload] = (),
    *,
    sign: bool,
) -> Any:
    """Writes an act down and signs it, both or neither; or only writes it down."""
    actions.check(who, kind, number)
    given = cells()
    with working():
        paper = actions.write(who, kind, number, given, pictures)
        if sign:
            paper = actions.sign(who, paper)
    return _signed(paper)


def _signed(paper: Paper) -> dict[str, Any]:
    state = "signed" if paper.statement is not None else "written" if paper.dropped is None else "dropped"
    return {
        "id": paper.pk,
        "number": paper.number,
        "kind": paper.kind,
        "state": state,
        "statement": shown.identity(paper.statement),
    }


def _amendment(paper: Paper) -> dict[str, Any]:
    return {
        **_signed(paper),
        "at": paper.at,
        "cells": paper.cells,
        "pictures": shown.papers(paper.pictures.all()),
    }


def _waiting(one: queries.Waiting) -> dict[str, Any]:
    names = ("number", "participant", "to", "corrected", "why")
    return {
        **{name: getattr(one, name) for name in names},
        "correction": one.text_id,
        "changes": dict(one.changes),
    }


def _of(who: Membership, key: int) -> Paper:
    if not 0 < key < _LARGEST:
        raise Http404
    return get_visible(Paper, who, pk=key)
