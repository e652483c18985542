"""What was found before anybody decides, and photographs of it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, Router, Status
from ninja.files import UploadedFile

from adamas.office.api import schemas as s
from adamas.office.api import shown
from adamas.office.api.routes import operation
from adamas.office.api.tokens import me
from adamas.office.arrival import actions
from adamas.office.arrival.forms import PICTURES
from adamas.office.arrival.models import Inspection, Photo
from adamas.office.issuing import files
from adamas.office.issuing.answers import download
from adamas.office.people.access import get_visible
from adamas.office.people.models import Membership
from adamas.office.web import uploads
from adamas.scheme.values import format_hundredths, parse_carats, parse_usd

router = Router()
_LARGEST = 2**62
_ARRIVAL = ("importing", "customs")


@operation(router, "GET", "/arrivals/{number}/inspection", s.InspectionOut, scope="read", roles=_ARRIVAL)
def get_inspection(request: HttpRequest, number: str) -> Any:
    """What was found in a shipment. The open record, or the last that was decided."""
    who = me(request)
    actions.record_for(who, number)
    held = opened(who, number) or Inspection.objects.visible_to(who).filter(number=number).last()
    if held is None:
        raise Http404
    return _inspection(held)


@operation(router, "POST", "/arrivals/{number}/inspection", s.InspectionOut, scope="arrive")
def inspect(request: HttpRequest, number: str, body: s.InspectIn) -> Any:
    """Records what was found, before anybody decides. 409 if an open record is there and ``version`` is not its."""
    return _inspection(actions.inspect(me(request), number, found_of(body), version=body.version))


@operation(router, "POST", "/arrivals/{number}/photographs", s.InspectionOut, scope="arrive", status=201)
def photograph(request: HttpRequest, number: str, file: File[UploadedFile]) -> Any:
    """Adds a photograph to the open record. PNG or JPEG, at most 10 MB; what it says of place and camera is removed."""
    who = me(request)
    actions.record_for(who, number)
    held = opened(who, number)
    if held is None:
        raise Http404
    actions.photograph(who, held, [uploads.read(file, kinds=PICTURES)])
    return Status(201, _inspection(held))


@operation(
    router, "GET", "/photographs/{id}", None, scope="read", roles=_ARRIVAL, file=("image/png", "image/jpeg")
)
def get_photograph(request: HttpRequest, id: int) -> HttpResponse:
    """A photograph of an inspection."""
    found = _photo(me(request), id)
    return download(files.read(found.digest), found.name, files.TYPES[found.kind])


@operation(router, "DELETE", "/photographs/{id}", s.InspectionOut, scope="arrive")
def remove_photograph(request: HttpRequest, id: int) -> Any:
    """Takes a photograph away. While nothing is decided."""
    found = _photo(me(request), id)
    held = found.inspection
    actions.remove_photograph(me(request), found)
    return _inspection(held)


def found_of(body: s.FoundIn) -> actions.Found:
    """What was found, as the desk takes it."""
    return actions.Found(
        body.parcels, parse_carats(body.carats), parse_usd(body.value), body.seals, body.note
    )


def opened(who: Membership, number: str) -> Inspection | None:
    """The open record of a shipment."""
    return Inspection.objects.visible_to(who).filter(number=number, verdict="").first()


def _inspection(held: Inspection) -> dict[str, Any]:
    return {
        "number": held.number,
        "version": held.version,
        "parcels": held.parcels,
        "carats": format_hundredths(held.carats),
        "value": format_hundredths(held.value),
        "seals": held.seals,
        "note": held.note,
        "photographs": shown.papers(held.photos.order_by("pk")),
        "verdict": held.verdict,
        "agrees": held.agrees,
        "statement": shown.identity(held.statement),
    }


def _photo(who: Membership, key: int) -> Photo:
    if not 0 < key < _LARGEST:
        raise Http404
    return get_visible(Photo, who, pk=key)
