"""What the API takes and gives, as types. Quantities are texts, so that no program rounds them."""

# ruff: noqa: RUF012
# (pydantic copies defaults)

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

Text = Annotated[str, Field(max_length=400)]
Note = Annotated[str, Field(max_length=400)]
Quantity = Annotated[str, Field(pattern=r"^[0-9]{1,11}(\.[0-9]{1,2})?$", description="At most two decimals.")]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Code = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="Two letters; EU for its states.")]
Number = Annotated[str, Field(max_length=40, description="Certificate number, such as BW0001234.")]


class Given(Schema):
    """What a program sends; fields that do not exist are refused, so that a misspelt one is not lost."""

    model_config = ConfigDict(extra="forbid")


class Step(Schema):
    """One statement about a certificate. ``counts`` is false where it changed nothing; ``statement`` is base64."""

    event: str
    day: str
    issuer: str
    counts: bool
    id: str
    log: str
    index: int
    proof: str
    statement: str = ""


class FindingOut(Schema):
    """What a rule says against a certificate."""

    code: str
    clause: str
    severity: str
    sentence: str


class ParcelOut(Schema):
    """One parcel as declared."""

    hs: str
    carats: str
    value: str


class DeclaredOut(Schema):
    """What the certificate declares in private to the two Participants of the journey."""

    exporter: str
    importer: str
    parcels: list[ParcelOut]
    seals: list[str]
    carats: str
    value: str


class CertificateRow(Schema):
    """A certificate in a list."""

    number: str
    state: str
    participant: str
    to: str
    issued: str
    expires: str
    parcels: int
    findings: int
    due: str = Field("", description="Last day for the import confirmation, while one is awaited.")


class CertificateList(Schema):
    """A page of certificates."""

    items: list[CertificateRow]
    next: str | None = None


class CertificateOut(Schema):
    """A certificate's record, its statements, what rules found, and the declared content where it is yours to see."""

    number: str
    state: str
    participant: str
    to: str
    issuer: str
    issued: str
    expires: str
    hs: list[str]
    origin: list[str]
    shares: list[int]
    parcels: int
    technical: str | None
    replaced_by: str | None
    confirmed: str | None
    agrees: str | None
    id: str | None
    history: list[Step]
    waiting: int
    findings: list[FindingOut]
    declared: DeclaredOut | None = None


class ParcelIn(Given):
    """One parcel of an application, as text."""

    hs: Annotated[str, Field(max_length=20)] = ""
    carats: Annotated[str, Field(max_length=24)] = ""
    value: Annotated[str, Field(max_length=24)] = ""


class ApplicationIn(Given):
    """An application. Errors are told at submission, all at once; a draft may hold any."""

    reference: Annotated[str, Field(max_length=60)] = ""
    to: Annotated[str, Field(max_length=40)] = ""
    importer: Text = ""
    exporter: Text = ""
    origin: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=60)] = []
    shares: Annotated[list[Annotated[int, Field(ge=0, le=100)]], Field(max_length=60)] = []
    seals: Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=50)] = []
    technical: Annotated[str, Field(max_length=200)] = ""
    replaces: Annotated[str, Field(max_length=40)] = ""
    wanted: Annotated[str, Field(max_length=40)] = ""
    note: Text = ""
    parcels: Annotated[list[ParcelIn], Field(max_length=1000)] = []

    def cells(self) -> dict[str, Any]:
        """As the desk's form keeps them."""
        found = self.model_dump()
        for name in ("origin", "shares", "seals"):
            found[name] = "; ".join(str(part) for part in found[name])
        return found


class ApplicationChange(ApplicationIn):
    """An application changed; ``version`` is that which was read, so that nobody's change is lost."""

    version: Annotated[int, Field(ge=1, le=2_000_000_000)]


class SubmitIn(Given):
    """``declared``: the exporter's word that these are no conflict diamonds (Annex II, 18)."""

    declared: bool


class WhyIn(Given):
    """A reason in words."""

    why: Annotated[str, Field(max_length=2_000)] = ""


class MessageIn(Given):
    """A message in an application's thread."""

    text: Annotated[str, Field(min_length=1, max_length=4_000)]


class MessageOut(Schema):
    """A line of the thread; ``office`` marks officers' words."""

    at: int
    office: bool
    act: str
    text: str


class AttachmentOut(Schema):
    """A paper of an application."""

    id: int
    name: str
    kind: str
    digest: str
    size: int


class ApplicationRow(Schema):
    """An application in a list."""

    id: int
    state: str
    reference: str
    to: str
    parcels: int
    carats: str
    value: str
    number: str
    version: int
    changed: int
    since: int = Field(0, description="Since when it is in this state, in seconds since 1970.")
    late: bool = Field(False, description="Longer than the office's own standard.")


class ApplicationList(Schema):
    """A page of applications."""

    items: list[ApplicationRow]
    next: str | None = None


class ApplicationOut(ApplicationRow):
    """An application whole: ``against`` lists what stands against submitting it now."""

    cells: dict[str, Any]
    thread: list[MessageOut]
    attachments: list[AttachmentOut]
    against: list[FindingOut]


class NumbersIn(Given):
    """Shipments on a day (today, if none is given); each is done or refused by itself."""

    numbers: Annotated[list[Number], Field(min_length=1, max_length=500)]
    day: Day | None = None


class Accepted(Schema):
    """A row that is logged; ``again`` tells that the same had been done before."""

    number: str
    statement: str
    index: int
    again: bool


class Refused(Schema):
    """A row that is not logged, with every reason."""

    number: str
    findings: list[FindingOut]


class BatchOut(Schema):
    """Rows done and refused."""

    accepted: list[Accepted]
    refused: list[Refused]


class FoundIn(Given):
    """What was found in a shipment."""

    parcels: Annotated[int, Field(ge=0, le=9_999)]
    carats: Quantity
    value: Quantity
    seals: Literal["intact", "broken", "missing"]
    note: Annotated[str, Field(max_length=2_000, description="For the two authorities; in no log.")] = ""


class RefuseIn(FoundIn):
    """A shipment that is not admitted."""

    why: Literal["expired", "void", "mismatch", "seals", "no-certificate", "standing", "forged", "other"]
    published: Note = ""


class ReturnIn(FoundIn):
    """A shipment that goes back, or is taken; the words are published: name no firm and no person."""

    published: Annotated[str, Field(min_length=1, max_length=400)]


class DueRow(CertificateRow):
    """A certificate whose import confirmation is awaited; ``reminders`` is the highest reminder that went out."""

    days_late: int
    reminders: int


class DueList(Schema):
    """A page of confirmations that are due."""

    items: list[DueRow]
    next: str | None = None


class ActOut(Schema):
    """A line of the audit trail."""

    at: int
    act: str
    role: str
    officer: str


class NoticeState(Schema):
    """How a dispatch notice goes; ``sent`` is empty while it waits."""

    way: str
    at: int
    sent: int | None


class TrailOut(Schema):
    """What one side did with a certificate."""

    number: str
    acts: list[ActOut]
    forms: list[str]
    notice: NoticeState | None


class InspectIn(FoundIn):
    """What was found, to be kept before a decision. ``version`` of the open record, if there is one."""

    version: Annotated[int, Field(ge=1, le=2_000_000_000)] | None = None


class InspectionOut(Schema):
    """What was found in a shipment; ``verdict`` is empty while nothing is decided."""

    number: str
    version: int
    parcels: int
    carats: str
    value: str
    seals: str
    note: str
    photographs: list[AttachmentOut]
    verdict: str
    agrees: str
    statement: str


class AskIn(Given):
    """A question to the exporting authority."""

    number: Number
    about: Literal["paper", "other"] = "other"
    text: Annotated[str, Field(min_length=1, max_length=4_000)]


class AnswerIn(MessageIn):
    """A message of a question. ``theirs``: it is what the other authority answered by mail or on paper, where it does
    not work here."""

    theirs: bool = False


class QuestionMessage(Schema):
    """One message with its papers; ``side`` is the Participant that speaks."""

    at: int
    side: str
    officer: str
    text: str
    papers: list[AttachmentOut] = []


class QuestionOut(Schema):
    """A question between two authorities: ``asker`` is the importing Participant."""

    id: int
    number: str
    asker: str
    asked: str
    about: str
    state: str
    since: int
    way: str = Field("hosted", description="hosted, mail or file: how it reaches the other authority.")
    late: bool
    messages: list[QuestionMessage] = []


class QuestionList(Schema):
    """A page of questions."""

    items: list[QuestionOut]
    next: str | None = None


class DecisionOut(Schema):
    """What was decided: ``agrees`` compares what was found with what was declared; ``statement`` is its id."""

    number: str
    verdict: str
    agrees: str
    statement: str


class ActIn(Given):
    """``sign`` false only writes the act down: an officer looks at it and signs it, at the desk or by a program."""

    sign: bool = True


class RevokeIn(ActIn):
    """A certificate that is lost, stolen or void; the note is published."""

    why: Literal["lost", "stolen", "void"]
    note: Note = ""


class ForgeryIn(ActIn):
    """A forged paper that was seen; the note is published."""

    number: Number
    note: Note = ""


class CorrectIn(ActIn):
    """The right data; what is left out stays. They count once the importing authority confirms."""

    why: Annotated[str, Field(min_length=1, max_length=400)]
    hs: Annotated[list[Annotated[str, Field(pattern=r"^[0-9]{6}$")]], Field(max_length=10)] = []
    origin: Annotated[list[Code], Field(max_length=60)] = []
    shares: Annotated[list[Annotated[int, Field(ge=1, le=100)]], Field(max_length=60)] = []
    parcels: Annotated[int, Field(ge=1, le=9_999)] | None = None
    expires: Day | None = None


class ConfirmIn(ActIn):
    """The statement id of the correction that goes on record."""

    correction: Annotated[str, Field(max_length=120)]


class ReplaceIn(ActIn):
    """The certificate that takes the place; it is issued first."""

    by: Number
    why: Annotated[str, Field(min_length=1, max_length=400)]


class ReturnActIn(ActIn):
    """A shipment that goes back, on a technical certificate if one is named. The words are published."""

    technical: Annotated[str, Field(max_length=40)] = ""
    why: Annotated[str, Field(min_length=1, max_length=400)]


class SignedOut(Schema):
    """An act after issue; ``statement`` is empty while it is only written down."""

    id: int
    number: str
    kind: str
    state: Literal["written", "signed", "dropped"]
    statement: str


class AmendmentOut(SignedOut):
    """An act after issue with what it says. ``pictures`` stay with the Participant that took them."""

    at: int
    cells: dict[str, Any]
    pictures: list[AttachmentOut]


class AmendmentList(Schema):
    """A page of acts after issue."""

    items: list[AmendmentOut]
    next: str | None = None


class WaitingOut(Schema):
    """A correction that the importing authority has not put on record; ``correction`` is its statement id."""

    number: str
    participant: str
    to: str
    correction: str
    corrected: str
    why: str
    changes: dict[str, Any]


class AfterOut(Schema):
    """What waits after issue: corrections for you to confirm, yours that wait, lost or stolen ones without a
    replacement, technical certificates."""

    to_confirm: list[WaitingOut]
    unconfirmed: list[WaitingOut]
    lost: list[CertificateRow]
    technical: list[CertificateRow]


class PossibleOut(Schema):
    """What may be done with a certificate now: kinds of act. ``replacements``: issued ones that name it."""

    number: str
    possible: list[str]
    replacements: list[str]


class ForgeryOut(Schema):
    """A forgery that was reported; ``certificate`` tells whether a true one of that number is known."""

    number: str
    at: str
    reported: str
    issuer: str
    note: str
    statement: str
    certificate: bool
    pictures: list[AttachmentOut]


class ForgeryList(Schema):
    """Known forgeries, newest first."""

    items: list[ForgeryOut]


class CheckIn(Given):
    """The text of a code on paper, or a number."""

    text: Annotated[str, Field(min_length=1, max_length=20_000)]


class RemarkOut(Schema):
    """One thing to say of a certificate."""

    code: str
    severity: str
    sentence: str
    advice: str
    clause: str


class CheckOut(Schema):
    """The answer at the parcel: good, bad or unsure; ``events`` are the moves that its life allows now."""

    number: str
    verdict: str
    headline: str
    advice: str
    remarks: list[RemarkOut]
    state: str
    events: list[str]
    known: bool
    age: int | None = Field(
        None, description="Seconds since its issuer's log was last seen; 0 for the own one."
    )
    declared: DeclaredOut | None = None


class StandingOut(Schema):
    """A Participant's standing on a day."""

    code: str
    name: str
    on: str
    good: bool
    kind: str
    why: str
    clause: str


class RegisterOut(Schema):
    """The register on a day."""

    on: str
    participants: list[StandingOut]


class LogOut(Schema):
    """A log: entries known here, how many are witnessed, and the pillars that are missing. Ages in seconds."""

    number: int
    origin: str
    role: str
    url: str
    vkey: str
    size: int
    witnessed: int
    witnessed_age: int | None
    checked_age: int | None
    missing: list[str]
    own: bool


class LogsOut(Schema):
    """Every log known here."""

    logs: list[LogOut]
