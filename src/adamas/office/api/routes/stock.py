"""What the issuing desk keeps account of: blank forms, numbers set aside, and printing onto a form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from adamas.office.api import schemas_desk as d
from adamas.office.api import shown, shown_desk
from adamas.office.api.routes import operation
from adamas.office.api.tokens import me
from adamas.office.issuing import actions, numbers, paper, stock
from adamas.office.issuing.answers import download
from adamas.office.issuing.lists import issued_here
from adamas.office.issuing.models import FormReceipt, FormUse, Reservation
from adamas.office.issuing.moves import working
from adamas.office.people import audit
from adamas.office.people.models import Membership
from adamas.office.web import site
from adamas.scheme.values import parse_day

router = Router()
_LOOKING = ("issuing", "auditor")
PDF = "application/pdf"


@operation(router, "GET", "/forms", d.StockOut, scope="read", roles=_LOOKING)
def get_stock(request: HttpRequest) -> Any:
    """The account of blank forms. What came in, what became of it, and what must be left."""
    return _stock(me(request))


@operation(router, "GET", "/forms/uses", d.FormUseList, scope="read", roles=_LOOKING)
def list_form_uses(
    request: HttpRequest, cursor: str = Query("", max_length=400), limit: int = Query(50, ge=1, le=200)
) -> Any:
    """What became of forms, newest first."""
    found = shown.before(FormUse.objects.visible_to(me(request)).order_by("-pk"), cursor)
    return shown.page(list(found[: limit + 1]), limit, lambda one: shown.cursor(one.pk), _use)


@operation(router, "POST", "/forms/receipts", d.StockOut, scope="stock", status=201)
def receive_forms(request: HttpRequest, body: d.ReceiptIn) -> Any:
    """Enters blank forms that came in, from the first number to the last (Annex I A, security)."""
    day = parse_day(body.day or site.today().isoformat())
    stock.receive(me(request), body.first, body.last, day=day, note=body.note.replace("\0", ""))
    return Status(201, _stock(me(request)))


@operation(router, "POST", "/forms/write-offs", d.FormUseOut, scope="stock", status=201)
def write_off_form(request: HttpRequest, body: d.WriteOffIn) -> Any:
    """Writes a form off as spoiled or missing. A form has one end and no second."""
    why = body.why.replace("\0", "")
    return Status(201, _use(stock.write_off(me(request), body.form, body.end, why)))


@operation(router, "POST", "/certificates/{number}/print", None, scope="issue", file=PDF)
def print_on_form(request: HttpRequest, number: str, body: d.PrintIn) -> HttpResponse:
    """Books a blank form for a certificate, and gives the PDF that is printed onto it."""
    who = me(request)
    view = issued_here(who, number)
    with working():
        data = paper.pdf(number, body.language, view.participant, onto_form=True)
        actions.print_on(who, number, body.form)
        audit.record(who, "certificate.printed", number, form=body.form)
    return download(data, f"{number}.pdf", PDF)


@operation(router, "GET", "/numbers", d.NumbersOut, scope="read", roles=_LOOKING)
def get_numbers(request: HttpRequest) -> Any:
    """The next certificate number, and numbers set aside, newest first (at most 50)."""
    who = me(request)
    held = Reservation.objects.visible_to(who).order_by("-id")[:50]
    return {
        "next": numbers.peek(who.organisation.participant),
        "reservations": [_range(item) for item in held],
    }


@operation(router, "POST", "/numbers", d.RangeOut, scope="stock", status=201)
def reserve_numbers(request: HttpRequest, body: d.ReserveIn) -> Any:
    """Sets numbers in a row aside, for instance for a desk that works while the line is down."""
    return Status(201, _range(actions.reserve(me(request), body.count, body.purpose.replace("\0", ""))))


def _stock(who: Membership) -> dict[str, Any]:
    code = who.organisation.participant
    held = stock.balance(code)
    receipts = FormReceipt.objects.visible_to(who).order_by("-id")[:50]
    names = ("received", "used", "spoiled", "missing", "left")
    return {
        **{name: getattr(held, name) for name in names},
        "next": stock.next_form(code),
        "receipts": [shown_desk.receipt(item) for item in receipts],
    }


def _use(item: FormUse) -> dict[str, Any]:
    return {name: getattr(item, name) for name in ("form", "end", "certificate", "why", "at")}


def _range(item: Reservation) -> dict[str, Any]:
    first, last = numbers.ends_of(item)
    return {
        "first": first,
        "last": last,
        "count": item.last - item.first + 1,
        "purpose": item.purpose,
        "at": item.at,
        "by": item.by,
    }
