"""For each address that names an object: an object to try it with, and whose it is.

A new address with a name or number in it needs a line in :data:`OBJECTS` here, or tests/office/web/test_every_address.py
fails. ``theirs`` are the organisations that may meet the object, as ``slug`` or ``role@slug``; every other membership
that holds a right role is a stranger to it and has to be told "not found".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from tests.office.arrival.test_arrival import FOUND, jpeg, ship
from tests.office.conftest import command
from tests.office.issuing.test_sheets import ROW, book, send
from tests.office.issuing.test_story import GOOD
from tests.office.site import Site

from adamas.office.api.conf import SCOPES
from adamas.office.certification import actions as certification
from adamas.office.people import invitations
from adamas.office.people.invitations import Wanted
from adamas.office.people.models import Membership

PROBE = '"><script>alert(1)</script>'
"""Put into every text that somebody else reads."""
BETWEEN_BOTH = "BW0000901"
"""A certificate from Botswana to the Emirates."""
ELSEWHERE = "BW0000902"
"""A certificate from Botswana to South Africa, which is nothing to the Emirates."""


@dataclass
class World:
    """The site and the objects in it, by what they are."""

    site: Site
    made: dict[str, int]
    link: str = ""


def build(site: Site) -> World:
    """Makes one object of each kind, by the pages where there are pages, with the probe in its texts."""
    from adamas.office.aftercare.models import Paper, Picture
    from adamas.office.api import clients
    from adamas.office.api.models import Delivery, Webhook
    from adamas.office.arrival.models import Inspection, MessageFile, Photo, Question
    from adamas.office.issuing.models import Application, Attachment, Upload

    made: dict[str, int] = {}
    exporter = site.client("exporter", "okavango")
    texts = dict.fromkeys(("importer", "exporter", "seals", "reference", "note", "technical"), PROBE)
    for kind in ("draft", "application"):
        saved = exporter.post("/issuing/new", {**GOOD, **texts, "act": "save"})
        made[kind] = int(saved.headers["Location"].rsplit("/", 1)[1])
        pdf = SimpleUploadedFile(f"{PROBE}.pdf", b"%PDF-1.7 hello", "application/pdf")
        exporter.post(f"/issuing/application/{made[kind]}/attach", {"file": pdf})
        made[f"{kind} paper"] = Attachment.objects.get(application=made[kind]).pk
    form = {**GOOD, **texts, "act": "submit", "declared": "1", "version": "1"}
    exporter.post(f"/issuing/application/{made['application']}", form)
    exporter.post(f"/issuing/application/{made['application']}/say", {"text": PROBE})
    officer = site.client("issuing", "bw-authority", officer="is-1")
    officer.post(f"/issuing/review/{made['application']}/take")
    approver = site.membership("approving", "bw-authority").pk
    form = {"issued": "2025-03-03", "expires": "2025-05-02", "seals": PROBE, "approver": approver}
    officer.post(f"/issuing/review/{made['application']}/prepare", form)
    assert Application.objects.get(pk=made["application"]).state == "prepared"
    send(site, book([[*ROW[:2], PROBE, *ROW[3:]], ["B", PROBE, *ROW[2:]]]), f"{PROBE}.xlsx")
    made["upload"] = Upload.objects.get().pk

    assert ship(site, 901) == BETWEEN_BOTH
    certification.issue(site.office, [command(902, to="ZA")])
    importing = site.client("importing", "ae-authority", officer="im-1")
    importing.post(f"/arrival/certificate/{BETWEEN_BOTH}/inspect", {**FOUND, "note": PROBE, "photos": jpeg()})
    made["inspection"] = Inspection.objects.get().pk
    made["photo"] = Photo.objects.get().pk
    importing.post(
        f"/arrival/certificate/{BETWEEN_BOTH}/ask",
        {
            "about": "paper",
            "text": PROBE,
            "attachments": SimpleUploadedFile(f"{PROBE}.pdf", b"%PDF-1.7 x", "application/pdf"),
        },
    )
    made["question"] = Question.objects.get().pk
    made["message file"] = MessageFile.objects.get().pk
    customs = site.client("customs", "ae-customs")
    customs.post("/after/new/forgery", {"number": BETWEEN_BOTH, "note": PROBE, "pictures": jpeg()})
    made["forgery"] = Paper.objects.get().pk
    made["picture"] = Picture.objects.get().pk

    administrator = site.membership("administrator", "bw-authority")
    made["client"] = clients.make(administrator, PROBE, ["issuing"], list(SCOPES)[:1])[0].pk
    webhook = Webhook.objects.create(
        organisation=administrator.organisation,
        url=f"https://hooks.example/{PROBE}",
        secret=b"",
        events=["certificate.issued"],
        by=administrator.user,
        made=site.clock.now,
    )
    made["webhook"] = webhook.pk
    made["delivery"] = Delivery.objects.create(
        webhook=webhook, event="certificate.issued", message="m-1", body="{}", at=site.clock.now, due=0
    ).pk
    made["passkey"] = passkey(site.user("issuing", "bw-authority")).pk
    invited = invitations.invite(administrator, Wanted("probe@example.org", PROBE, ("auditor",)))
    made["invitation"] = invited.invitation.pk
    made["member"] = site.membership("statistics", "bw-authority").pk
    firm = site.membership("exporter", "chobe")
    made["firm"], made["firm's member"] = firm.organisation_id, firm.pk
    return World(site, made, invited.token or "")


def passkey(user: Any) -> Any:
    """A passkey of a person, as a row only."""
    from allauth.mfa.models import Authenticator

    return Authenticator.objects.create(user=user, type="webauthn", data={"name": PROBE, "credential": {}})


@dataclass(frozen=True)
class Object:
    """What to put into an address, and the organisations to which that is no secret (None: to all of right role)."""

    kwargs: Callable[[World], dict[str, object]]
    theirs: frozenset[str] | None = None

    def stranger(self, membership: Membership) -> bool:
        """Whether a membership must be told that there is no such thing."""
        if self.theirs is None:
            return False
        slug = membership.organisation.slug
        return not self.theirs & {slug, f"{membership.role}@{slug}", f"{membership.officer}@{slug}"}


def _of(kind: str, *theirs: str, key: str = "pk", **more: object) -> Object:
    return Object(lambda world: {key: world.made[kind], **more}, frozenset(theirs))


def _paper(kind: str, *theirs: str) -> Object:
    return Object(
        lambda world: {"pk": world.made[kind], "paper": world.made[f"{kind} paper"]}, frozenset(theirs)
    )


def _always(theirs: tuple[str, ...] | None = None, **kwargs: object) -> Object:
    return Object(lambda _world: kwargs, None if theirs is None else frozenset(theirs))


_BW = ("bw-authority", "bw-customs")
_AE = ("ae-authority", "ae-customs")
_ASKER = ("importing@ae-authority", "customs@ae-customs")
_ASKED = ("issuing@bw-authority", "approving@bw-authority")

OBJECTS: dict[str, Object] = {
    "issuing:application": _of("draft", "okavango"),
    "issuing:withdraw": _of("draft", "okavango"),
    "issuing:say": _of("application", "okavango", "bw-authority"),
    "issuing:attach": _of("draft", "okavango"),
    "issuing:attachment": _paper("application", "okavango", "bw-authority"),
    "issuing:detach": _paper("draft", "okavango"),
    "issuing:upload": _of("upload", "okavango"),
    "issuing:rejected": _of("upload", "okavango"),
    **{
        f"issuing:{name}": _of("application", "bw-authority")
        for name in (
            "review",
            "take",
            "ask",
            "refuse",
            "prepare",
            "take_back",
            "approve",
            "confirm",
            "reject",
            "issue",
        )
    },
    "issuing:certificate": _always(_BW, number=ELSEWHERE),
    "issuing:pdf": _always(_BW, number=BETWEEN_BOTH),  # the paper is the exporting authority's alone
    "issuing:credential": _always(_BW, number=BETWEEN_BOTH),
    "issuing:print": _always(_BW, number=BETWEEN_BOTH),
    "issuing:notice_file": _always(to="AE"),  # an address book entry: what is in the file is one's own
    "arrival:question": _of("question", *_ASKER, *_ASKED),
    "arrival:close": _of("question", *_ASKER),
    "arrival:question-file": _of("question", *_ASKER, *_ASKED),
    "arrival:attachment": _of("message file", *_ASKER, *_ASKED),
    "arrival:certificate": _always(_BW, number=ELSEWHERE),
    "arrival:inspect": _always(_AE, number=BETWEEN_BOTH),
    "arrival:ask": _always(_AE, number=BETWEEN_BOTH),
    "arrival:inspection": _of("inspection", *_AE),
    "arrival:photograph": _of("inspection", *_AE),
    "arrival:decide": _of("inspection", *_AE, word="seize"),
    "arrival:photo": _of("photo", *_AE),
    "arrival:remove-photograph": _of("photo", *_AE),
    "aftercare:certificate": _always(_BW, number=ELSEWHERE),
    "aftercare:begin": _always(kind="forgery"),
    "aftercare:new": _always(_BW, kind="void", number=ELSEWHERE),
    "aftercare:paper": _of("forgery", *_AE),
    "aftercare:sign": _of("forgery", *_AE),
    "aftercare:drop": _of("forgery", *_AE),
    "aftercare:picture": _of("picture", *_AE),
    "apiweb:client": _of("client", "bw-authority"),
    "apiweb:webhook": _of("webhook", "bw-authority"),
    "apiweb:change": _of("webhook", "bw-authority"),
    "apiweb:again": _of("delivery", "bw-authority"),
    "apiweb:desk": _always(desk="certificates"),
    **{
        f"people:{name}": _of("member", "bw-authority")
        for name in ("member", "give", "end", "dismiss", "let_back")
    },
    "people:send_again": _of("invitation", "bw-authority"),
    "people:withdraw": _of("invitation", "bw-authority"),
    **{
        f"people:{name}": _of("firm", "bw-authority")
        for name in ("organisation", "first", "organisation_end")
    },
    "people:organisation_let_back": Object(
        lambda world: {"pk": world.made["firm"], "member": world.made["firm's member"]},
        frozenset({"bw-authority"}),
    ),
    "people:invitation": Object(lambda world: {"token": world.link}),
    "mfa_remove_webauthn": _of("passkey", "is-1@bw-authority"),
    "mfa_edit_webauthn": _of("passkey", "is-1@bw-authority"),
    # what everybody may ask for
    "account_confirm_email": _always(key="x"),
    "account_reset_password_from_key": _always(uidb36="1", key="x-y"),
    "demo:sign-in": _always(pk=1),
    "verify-file": _always(version="x", name="app.js"),
    "verify-status": _always(number=BETWEEN_BOTH),
    "public:entry": _always(log=0, index=0),
    "public:raw": _always(log=0, index=0),
    "public:proof": _always(log=0, index=0),
    "public:tile": _always(path="checkpoint"),
    "public:statement": _always(identity="x"),
    "public:participant": _always(code="BW"),
    "public:authority-did": _always(code="BW"),
    "public:vc-status": _always(name="BW-4-revocation"),
    "public:csv": _always(name="certificates"),
    "public:parquet": _always(name="certificates"),
    "public:feed": _always(name="register"),
}
