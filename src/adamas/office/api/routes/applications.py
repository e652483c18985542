"""Applications for certificates, for exporters' own systems. Officers review, approve and issue at the desk."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, Query, Router, Status
from ninja.files import UploadedFile

from adamas.office.api import schemas as s
from adamas.office.api import shown
from adamas.office.api.routes import operation
from adamas.office.api.tokens import me
from adamas.office.issuing import actions, files
from adamas.office.issuing.answers import download
from adamas.office.issuing.models import Application
from adamas.office.issuing.views import get_paper
from adamas.office.people import audit
from adamas.office.people.access import get_visible
from adamas.office.people.models import Membership

router = Router()
READERS = ("exporter", "issuing", "auditor")
_LARGEST = 2**62


@operation(router, "GET", "/applications", s.ApplicationList, scope="read", roles=READERS)
def list_applications(
    request: HttpRequest,
    state: str = Query("", max_length=10),
    cursor: str = Query("", max_length=400),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """Lists applications, newest first. An exporter's own; for an authority those that were submitted to it."""
    found = Application.objects.visible_to(me(request)).defer("cells", "prepared")
    if state:
        found = found.filter(state=state.replace("\0", ""))
    if cursor:
        (last,) = shown.place(cursor, (int,))
        found = found.filter(pk__lt=max(min(last, _LARGEST), 0))
    rows = list(found.order_by("-pk")[: limit + 1])
    return {
        "items": [shown.application_row(item) for item in rows[:limit]],
        "next": shown.cursor(rows[limit - 1].pk) if len(rows) > limit else None,
    }


@operation(router, "POST", "/applications", s.ApplicationOut, scope="apply", status=201)
def make_application(request: HttpRequest, body: s.ApplicationIn) -> Any:
    """Makes a draft. It may hold errors: ``against`` tells all that stands against submitting it."""
    return Status(201, shown.application(actions.begin(me(request), body.cells())))


@operation(router, "GET", "/applications/{id}", s.ApplicationOut, scope="read", roles=READERS)
def get_application(request: HttpRequest, id: int) -> Any:
    """One application. Its fields as they were sent, its thread and its papers."""
    return shown.application(application_of(me(request), id))


@operation(router, "PUT", "/applications/{id}", s.ApplicationOut, scope="apply")
def change_application(request: HttpRequest, id: int, body: s.ApplicationChange) -> Any:
    """Changes a draft, or one that was sent back. 409 if it was changed since ``version``."""
    found = application_of(me(request), id)
    cells = body.cells()
    actions.save(me(request), found, cells, version=cells.pop("version"))
    return shown.application(found)


@operation(router, "POST", "/applications/{id}/submit", s.ApplicationOut, scope="apply")
def submit_application(request: HttpRequest, id: int, body: s.SubmitIn) -> Any:
    """Hands an application to the authority. 422 with every reason if it cannot be submitted yet."""
    found = application_of(me(request), id)
    actions.submit(me(request), found, declared=body.declared)
    return shown.application(found)


@operation(router, "POST", "/applications/{id}/withdraw", s.ApplicationOut, scope="apply")
def withdraw_application(request: HttpRequest, id: int, body: s.WhyIn) -> Any:
    """Takes an application back. It ends."""
    found = application_of(me(request), id)
    actions.withdraw(me(request), found, body.why)
    return shown.application(found)


@operation(router, "POST", "/applications/{id}/messages", s.ApplicationOut, scope="apply")
def say(request: HttpRequest, id: int, body: s.MessageIn) -> Any:
    """Adds a message to the thread. The officer who reviews reads it."""
    found = application_of(me(request), id)
    actions.say(me(request), found, body.text)
    return shown.application(found)


@operation(router, "POST", "/applications/{id}/attachments", s.ApplicationOut, scope="apply", status=201)
def attach(request: HttpRequest, id: int, file: File[UploadedFile]) -> Any:
    """Attaches a paper. PDF, PNG or JPEG by its content, at most 10 MB."""
    found = application_of(me(request), id)
    actions.attach(me(request), found, file)
    return Status(201, shown.application(found))


@operation(
    router,
    "GET",
    "/applications/{id}/attachments/{paper}",
    None,
    scope="read",
    roles=READERS,
    file=tuple(files.TYPES.values()),
)
def get_attachment(request: HttpRequest, id: int, paper: int) -> HttpResponse:
    """A paper of an application."""
    who, item = me(request), application_of(me(request), id)
    found = get_paper(item, paper if 0 < paper < _LARGEST else 0)
    if who.organisation_id != item.organisation_id:
        subject = f"application {item.pk}"
        audit.record(who, "attachment.read", subject, also=item.organisation, name=found.name)
    return download(files.read(found.digest), found.name, files.TYPES[found.kind])


@operation(router, "DELETE", "/applications/{id}/attachments/{paper}", s.ApplicationOut, scope="apply")
def detach(request: HttpRequest, id: int, paper: int) -> Any:
    """Takes a paper off. While the application is the exporter's to change."""
    found = application_of(me(request), id)
    actions.detach(me(request), get_paper(found, paper if 0 < paper < _LARGEST else 0))
    return shown.application(found)


def application_of(membership: Membership, key: int) -> Application:
    """An application that is the membership's to see. Raises Http404."""
    if not 0 < key < _LARGEST:
        raise Http404
    return get_visible(Application, membership, pk=key)
