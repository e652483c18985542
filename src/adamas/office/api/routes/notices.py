"""Dispatch notices between authorities (Annex II, 19): what was sent, what waits, files out and in."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from ninja import File, Query, Router
from ninja.files import UploadedFile

from adamas.office.api import schemas as s
from adamas.office.api import schemas_desk as d
from adamas.office.api import shown
from adamas.office.api.routes import operation
from adamas.office.api.routes.fields import read
from adamas.office.api.tokens import me
from adamas.office.certification import notice
from adamas.office.issuing import forms, notices
from adamas.office.issuing.answers import download
from adamas.office.issuing.models import Notice, NoticeAddress
from adamas.office.people import audit
from adamas.office.people.models import Membership
from adamas.office.web import site, uploads
from adamas.scheme.values import parse_country

router = Router()
_ISSUING = ("issuing",)
CBOR = "application/cbor"


@operation(router, "GET", "/notices", d.NoticeList, scope="read", roles=_ISSUING)
def list_notices(
    request: HttpRequest,
    waiting: bool = Query(False),
    cursor: str = Query("", max_length=400),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """Dispatch notices of your authority by number. ``waiting`` leaves only those that were not sent yet."""
    found = Notice.objects.visible_to(me(request)).order_by("number")
    if waiting:
        found = found.filter(sent=None)
    if cursor:
        (last,) = shown.place(cursor, (str,))
        found = found.filter(number__gt=last.replace("\0", ""))
    names = ("number", "to", "way", "at", "sent")
    return shown.page(
        list(found[: limit + 1]),
        limit,
        lambda one: shown.cursor(one.number),
        lambda one: {name: getattr(one, name) for name in names},
    )


@operation(router, "GET", "/notices/addresses", d.AddressList, scope="read", roles=_ISSUING)
def list_addresses(request: HttpRequest) -> Any:
    """Where notices go. By importing authority, with how many wait for each."""
    who = me(request)
    own = Notice.objects.visible_to(who).filter(sent=None)
    waiting = dict(own.values_list("to").annotate(n=Count("number")).order_by())
    held = NoticeAddress.objects.filter(participant=who.organisation.participant)
    codes = sorted({*waiting, *held.values_list("to", flat=True)})
    return {"items": [_address(who, code, waiting.get(code, 0)) for code in codes]}


@operation(router, "PUT", "/notices/addresses/{to}", d.AddressOut, scope="notify")
def set_address(request: HttpRequest, to: s.Code, body: d.AddressIn) -> Any:
    """Keeps the mail address for notices to a Participant's authority. An empty one stops mailing."""
    who, code = me(request), parse_country(to)
    notices.set_address(who, code, read(forms.AddressForm({"to": code, "mail": body.mail}))["mail"])
    return _address(who, code, Notice.objects.visible_to(who).filter(sent=None, to=code).count())


@operation(router, "POST", "/notices/{to}/file", None, scope="notify", file=CBOR)
def get_notice_file(request: HttpRequest, to: s.Code, body: d.NoticeFileIn) -> HttpResponse:
    """The notice file for an importing authority. Of the certificates named, or of all that wait. They count
    as sent from then on."""
    who, code = me(request), parse_country(to)
    data = notices.file(who, code, [number for number in body.numbers if number.isalnum()])
    return download(data, f"notice-{who.organisation.participant}-{code}.cbor", CBOR)


@operation(router, "POST", "/notices/import", d.NoticeTakenOut, scope="arrive", roles=("importing",))
def take_notice(request: HttpRequest, file: File[UploadedFile]) -> Any:
    """Takes a notice file of another authority. What it declares is checked against the signed statements, and kept."""
    upload = uploads.read(file)
    done = notice.take_in(site.office(), upload.data)
    audit.record(me(request), "notice.taken", upload.name, count=len(done.accepted))
    return {
        "accepted": list(done.accepted),
        "refused": [
            {"number": one.number, "code": one.code, "sentence": one.sentence} for one in done.refused
        ],
    }


def _address(who: Membership, to: str, waiting: int) -> dict[str, Any]:
    own = who.organisation.participant
    mail = NoticeAddress.objects.filter(participant=own, to=to).values_list("mail", flat=True).first()
    return {"to": to, "mail": mail or "", "way": notices.way(own, to), "waiting": waiting}
