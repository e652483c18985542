"""Questions between the two authorities of a journey, with their papers."""

from __future__ import annotations

from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from adamas.office.api import schemas as s
from adamas.office.api import shown
from adamas.office.api.routes import operation
from adamas.office.api.tokens import me
from adamas.office.arrival import actions, threads
from adamas.office.arrival.forms import PAPERS
from adamas.office.arrival.models import MessageFile, Question
from adamas.office.issuing import files
from adamas.office.issuing.answers import download
from adamas.office.people.access import get_visible
from adamas.office.people.models import Membership
from adamas.office.web import uploads

router = Router()
_LARGEST = 2**62
_BOTH = ("importing", "issuing", "customs")
JSON = "application/json"


@operation(router, "GET", "/questions", s.QuestionList, scope="read", roles=_BOTH)
def list_questions(
    request: HttpRequest,
    state: Literal["open", "answered", "closed"] | None = None,
    cursor: str = Query("", max_length=400),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """Questions between your authority and another one, newest first."""
    found = shown.before(Question.objects.visible_to(me(request)).order_by("-pk"), cursor)
    if state is not None:
        found = found.filter(state=state)
    return shown.page(list(found[: limit + 1]), limit, lambda one: shown.cursor(one.pk), _question)


@operation(router, "GET", "/questions/{id}", s.QuestionOut, scope="read", roles=_BOTH)
def get_question(request: HttpRequest, id: int) -> Any:
    """One question with its messages."""
    return _thread(_of(me(request), id))


@operation(router, "GET", "/questions/{id}/file", None, scope="read", roles=_BOTH, file=JSON)
def get_question_file(request: HttpRequest, id: int) -> HttpResponse:
    """The whole thread as a file with its papers in it. For an authority that works elsewhere."""
    found = _of(me(request), id)
    return download(threads.file(found), f"question-{found.number}-{found.pk}.json", JSON)


@operation(
    router,
    "GET",
    "/questions/papers/{id}",
    None,
    scope="read",
    roles=_BOTH,
    file=tuple(files.TYPES.values()),
)
def get_question_paper(request: HttpRequest, id: int) -> HttpResponse:
    """A paper of a message."""
    if not 0 < id < _LARGEST:
        raise Http404
    found = get_visible(MessageFile, me(request), pk=id)
    return download(files.read(found.digest), found.name, files.TYPES[found.kind])


@operation(router, "POST", "/questions", s.QuestionOut, scope="arrive", status=201)
def ask(request: HttpRequest, body: s.AskIn) -> Any:
    """Asks the exporting authority about a certificate that comes here. Papers follow as a message of their own."""
    who = me(request)
    record = actions.record_for(who, body.number)
    return Status(201, _thread(threads.ask(who, record, body.about, body.text)))


@operation(router, "POST", "/questions/{id}/messages", s.QuestionOut, scope="amend", roles=_BOTH)
def answer_question(request: HttpRequest, id: int, body: s.AnswerIn) -> Any:
    """Adds a message. One of the asked side answers the question, one of the asking side opens it again."""
    found = _of(me(request), id)
    threads.say(me(request), found, body.text, theirs=body.theirs)
    return _fresh(found)


@operation(router, "POST", "/questions/{id}/papers", s.QuestionOut, scope="amend", roles=_BOTH, status=201)
def send_question_papers(
    request: HttpRequest,
    id: int,
    files: File[list[UploadedFile]],
    text: str = Form("", max_length=4_000),
    theirs: bool = Form(False),
) -> Any:
    """Adds a message with papers. PDF, PNG or JPEG, at most five and 10 MB together."""
    found = _of(me(request), id)
    given = [uploads.read(one, kinds=PAPERS) for one in files[: threads.MAX_FILES + 1]]
    threads.say(me(request), found, text, given, theirs=theirs)
    return Status(201, _fresh(found))


@operation(router, "POST", "/questions/{id}/close", s.QuestionOut, scope="arrive")
def close_question(request: HttpRequest, id: int, body: s.WhyIn) -> Any:
    """Says that a question is cleared up. The side that asked does."""
    found = _of(me(request), id)
    threads.close(me(request), found, body.why)
    return _fresh(found)


def _fresh(found: Question) -> dict[str, Any]:
    found.refresh_from_db()
    return _thread(found)


def _question(found: Question) -> dict[str, Any]:
    names = ("number", "asker", "asked", "about", "state", "since", "way")
    return {"id": found.pk, "late": threads.late(found), **{name: getattr(found, name) for name in names}}


def _thread(found: Question) -> dict[str, Any]:
    said = [
        {
            "at": one.at,
            "side": one.side,
            "officer": one.officer,
            "text": one.text,
            "papers": shown.papers(one.files.all()),
        }
        for one in found.messages.prefetch_related("files").order_by("pk")
    ]
    return {**_question(found), "messages": said}


def _of(who: Membership, key: int) -> Question:
    if not 0 < key < _LARGEST:
        raise Http404
    return get_visible(Question, who, pk=key)
