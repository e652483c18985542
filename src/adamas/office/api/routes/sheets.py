"""Applications from a spreadsheet: the workbook to fill in, taking one, and what is wrong in it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from adamas.office.api import schemas_desk as d
from adamas.office.api import shown, shown_desk
from adamas.office.api.routes import operation
from adamas.office.api.tokens import me
from adamas.office.issuing import actions, sheets
from adamas.office.issuing.answers import download
from adamas.office.issuing.models import Upload
from adamas.office.issuing.views import XLSX
from adamas.office.people.access import get_visible
from adamas.office.people.models import Membership

router = Router()
_EXPORTER = ("exporter",)
CSV = "text/csv"


@operation(router, "GET", "/sheets/template", None, scope="read", roles=_EXPORTER, file=XLSX)
def get_template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in."""
    return download(sheets.template(), "parcels.xlsx", XLSX)


@operation(router, "GET", "/sheets", d.SheetList, scope="read", roles=_EXPORTER)
def list_sheets(
    request: HttpRequest, cursor: str = Query("", max_length=400), limit: int = Query(50, ge=1, le=200)
) -> Any:
    """Sheets that were taken, newest first."""
    found = shown.before(Upload.objects.visible_to(me(request)).order_by("-pk"), cursor)
    return shown.page(list(found[: limit + 1]), limit, lambda one: shown.cursor(one.pk), shown_desk.sheet)


@operation(router, "POST", "/sheets", d.SheetReport, scope="apply", status=201)
def send_sheet(request: HttpRequest, file: File[UploadedFile], again: bool = Form(False)) -> Any:
    """Takes a sheet (XLSX or CSV, at most 10 MB). Good rows become drafts; every error is told by row and column.
    409 if this very file was taken before, unless ``again`` is true."""
    return Status(201, shown_desk.report(actions.take_sheet(me(request), file, again=again)))


@operation(router, "GET", "/sheets/{id}", d.SheetReport, scope="read", roles=_EXPORTER)
def get_sheet(request: HttpRequest, id: int) -> Any:
    """What came of a sheet. Its errors by row and column, the first thousand."""
    return shown_desk.report(_of(me(request), id))


@operation(router, "GET", "/sheets/{id}/rejected", None, scope="read", roles=_EXPORTER, file=CSV)
def get_rejected(request: HttpRequest, id: int) -> HttpResponse:
    """The bad rows with their reasons as CSV, to be mended and sent again. 422 if no row was wrong."""
    return download(actions.rejected(_of(me(request), id)), "rejected.csv", f"{CSV}; charset=utf-8")


def _of(who: Membership, key: int) -> Upload:
    if not 0 < key < 2**62:
        raise Http404
    return get_visible(Upload, who, pk=key)
