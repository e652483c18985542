"""What was found before anybody decides, photographs of it, and questions between two authorities."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from ninja import File, Query, Router, Status
from ninja.files import UploadedFile

from adamas.office.api import schemas as s
from adamas.office.api import shown
from adamas.office.api.routes import operation
from adamas.office.api.tokens import me
from adamas.office.arrival import actions, threads
from adamas.office.arrival.models import Inspection, Question
from adamas.office.people.access import get_visible
from adamas.office.people.models import Membership
from adamas.office.web import uploads
from adamas.scheme.values import format_hundredths, parse_carats, parse_usd

router = Router()
_LARGEST = 2**62
_ARRIVAL = ("importing", "customs")
_BOTH = ("importing", "issuing", "customs")


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
    actions.photograph(who, held, [uploads.read(file, kinds=("png", "jpg"))])
    return Status(201, _inspection(held))


@operation(router, "GET", "/questions", s.QuestionList, scope="read", roles=_BOTH)
def list_questions(
    request: HttpRequest, cursor: str = Query("", max_length=400), limit: int = Query(50, ge=1, le=200)
) -> Any:
    """Questions between your authority and another one, newest first."""
    found = Question.objects.visible_to(me(request)).order_by("-pk")
    if cursor:
        (last,) = shown.place(cursor, (int,))
        found = found.filter(pk__lt=max(min(last, _LARGEST), 0))
    rows = list(found[: limit + 1])
    return {
        "items": [_question(one) for one in rows[:limit]],
        "next": shown.cursor(rows[limit - 1].pk) if len(rows) > limit else None,
    }


@operation(router, "GET", "/questions/{id}", s.QuestionOut, scope="read", roles=_BOTH)
def get_question(request: HttpRequest, id: int) -> Any:
    """One question with its messages."""
    return _thread(_of(me(request), id))


@operation(router, "POST", "/questions", s.QuestionOut, scope="arrive", status=201)
def ask(request: HttpRequest, body: s.AskIn) -> Any:
    """Asks the exporting authority about a certificate that comes here."""
    who = me(request)
    record = actions.record_for(who, body.number)
    return Status(201, _thread(threads.ask(who, record, body.about, body.text)))


@operation(router, "POST", "/questions/{id}/messages", s.QuestionOut, scope="amend", roles=_BOTH)
def answer_question(request: HttpRequest, id: int, body: s.MessageIn) -> Any:
    """Adds a message. One of the asked side answers the question, one of the asking side opens it again."""
    found = _of(me(request), id)
    threads.say(me(request), found, body.text)
    found.refresh_from_db()
    return _thread(found)


@operation(router, "POST", "/questions/{id}/close", s.QuestionOut, scope="arrive")
def close_question(request: HttpRequest, id: int, body: s.WhyIn) -> Any:
    """Says that a question is cleared up. The side that asked does."""
    found = _of(me(request), id)
    threads.close(me(request), found, body.why)
    found.refresh_from_db()
    return _thread(found)


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
        "photographs": [
            {"id": one.pk, "name": one.name, "kind": one.kind, "digest": one.digest, "size": one.size}
            for one in held.photos.order_by("pk")
        ],
        "verdict": held.verdict,
        "agrees": held.agrees,
        "statement": shown.identity(held.statement),
    }


def _question(found: Question) -> dict[str, Any]:
    names = ("number", "asker", "asked", "about", "state", "since")
    return {"id": found.pk, "late": threads.late(found), **{name: getattr(found, name) for name in names}}


def _thread(found: Question) -> dict[str, Any]:
    said = [
        {"at": one.at, "side": one.side, "officer": one.officer, "text": one.text}
        for one in found.messages.order_by("pk")
    ]
    return {**_question(found), "messages": said}


def _of(who: Membership, key: int) -> Question:
    if not 0 < key < _LARGEST:
        raise Http404
    return get_visible(Question, who, pk=key)
