"""What the operations of the issuing desk and of its accounts take and give, as types."""

# ruff: noqa: RUF012
# (pydantic copies defaults)

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from adamas.office.api.schemas import ApplicationOut, Day, FindingOut, Given, Number, ParcelOut

Form = Annotated[
    str, Field(min_length=1, max_length=24, description="Number of a blank form, such as B0001000.")
]
Language = Literal["", "en", "fr", "pt", "ru", "ar", "zh"]


class CheckLine(Schema):
    """One line of the checklist: what must hold, its clause, and whether it passed, needs an eye, or blocks."""

    code: str
    clause: str
    title: str
    result: Literal["passed", "open", "eye", "blocks"]
    sentence: str
    field: str


class UsualOut(Schema):
    """A usual price in US dollars per carat, and where it is from."""

    low: str
    high: str
    source: str
    count: int
    period: str


class PriceOut(Schema):
    """An HS code's price in US dollars per carat beside the usual ones."""

    hs: str
    carats: str
    price: str
    unusual: bool
    own: UsualOut | None
    production: UsualOut | None


class Earlier(Schema):
    """An earlier application of the exporter."""

    id: int
    state: str
    reference: str
    number: str
    carats: str


class Trouble(Schema):
    """An earlier certificate of the exporter with findings, discrepancies or refusals."""

    number: str
    state: str
    findings: int


class Approver(Schema):
    """An officer who may be named as the approving one."""

    officer: str
    name: str


class PreparedOut(Schema):
    """A certificate made ready. ``digest`` is SHA-256 over CBOR of [issuer, number, payload]: what people approve.

    ``approved``: the approving officer did. ``confirmed``: an issuing officer did too, which a program's signature
    needs. ``payload`` is the CBOR in base64; the rest of the fields say what it says, hidden fields included.
    """

    number: str
    issuer: str
    digest: str
    payload: str
    to: str
    issued: str
    expires: str
    hs: list[str]
    origin: list[str]
    shares: list[int]
    technical: str
    officers: list[str]
    exporter: str
    importer: str
    seals: list[str]
    parcels: list[ParcelOut]
    carats: str
    value: str
    approved: bool
    confirmed: bool
    findings: list[FindingOut]


class ReviewOut(Schema):
    """An application as the desk sees it: checklist, prices, the exporter's dealings, and what may be done now."""

    application: ApplicationOut
    exporter: str
    licence: str
    since: int
    late: bool
    may: list[str]
    worst: str
    checklist: list[CheckLine]
    unreadable: list[FindingOut]
    prices: list[PriceOut]
    dealings: dict[str, int]
    last: list[Earlier]
    trouble: list[Trouble]
    approvers: list[Approver]
    next: str = Field("", description="The number that would be given.")
    prepared: PreparedOut | None


class TextIn(Given):
    """Words to the exporter."""

    text: Annotated[str, Field(min_length=1, max_length=4_000)]


class PrepareIn(Given):
    """What an officer adds: days, seals, the approving officer's id; the number, if it is on a pre-numbered form."""

    approver: Annotated[str, Field(min_length=1, max_length=20)]
    issued: Day
    expires: Day
    seals: Annotated[list[Annotated[str, Field(min_length=1, max_length=60)]], Field(max_length=50)]
    number: Annotated[str, Field(max_length=40)] = ""


class IssueIn(Given):
    """The digest that the program read: a statement prepared anew since then is not signed."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class IssuedOut(Schema):
    """A certificate that is issued; ``statement`` is its id."""

    number: str
    state: str
    statement: str


class SheetOut(Schema):
    """A sheet that was taken: rows read, drafts made."""

    id: int
    name: str
    at: int
    digest: str
    rows: int
    drafts: int
    bad: int


class SheetProblem(Schema):
    """What is wrong in one row and column."""

    row: int
    field: str
    code: str
    sentence: str
    clause: str


class SheetReport(SheetOut):
    """A sheet with what is wrong in it; ``problems`` holds the first thousand."""

    problems: list[SheetProblem]


class SheetList(Schema):
    """A page of sheets."""

    items: list[SheetOut]
    next: str | None = None


class ReceiptOut(Schema):
    """Blank forms that came in."""

    first: str
    last: str
    count: int
    day: str
    note: str


class FormUseOut(Schema):
    """What became of one form."""

    form: str
    end: Literal["used", "spoiled", "missing"]
    certificate: str
    why: str
    at: int


class StockOut(Schema):
    """The account of blank forms; ``left`` must lie in the safe. ``next`` is the form that is next to be used."""

    received: int
    used: int
    spoiled: int
    missing: int
    left: int
    next: str
    receipts: list[ReceiptOut]


class FormUseList(Schema):
    """A page of what became of forms."""

    items: list[FormUseOut]
    next: str | None = None


class ReceiptIn(Given):
    """Blank forms that came in, from the first to the last."""

    first: Form
    last: Form
    day: Day | None = None
    note: Annotated[str, Field(max_length=200)] = ""


class WriteOffIn(Given):
    """A form that is spoiled or missing."""

    form: Form
    end: Literal["spoiled", "missing"]
    why: Annotated[str, Field(min_length=1, max_length=200)]


class PrintIn(Given):
    """The blank form that a certificate is printed on."""

    form: Form
    language: Language = ""


class RangeOut(Schema):
    """Numbers that are set aside."""

    first: str
    last: str
    count: int
    purpose: str
    at: int
    by: str


class NumbersOut(Schema):
    """The next number, and what is set aside, newest first."""

    next: str
    reservations: list[RangeOut]


class ReserveIn(Given):
    """Numbers to be set aside, in a row."""

    count: Annotated[int, Field(ge=1, le=10_000)]
    purpose: Annotated[str, Field(min_length=1, max_length=120)]


class NoticeOut(Schema):
    """A dispatch notice; ``way``: hosted (handed over here), mail, or file. ``sent`` is empty while it waits."""

    number: str
    to: str
    way: str
    at: int
    sent: int | None


class NoticeList(Schema):
    """A page of notices."""

    items: list[NoticeOut]
    next: str | None = None


class AddressOut(Schema):
    """Where notices to a Participant's authority go, and how many wait."""

    to: str
    mail: str
    way: str
    waiting: int


class AddressList(Schema):
    """Every Participant with an address or notices that wait."""

    items: list[AddressOut]


class AddressIn(Given):
    """A mail address; an empty one stops mailing."""

    mail: Annotated[str, Field(max_length=254)]


class NoticeFileIn(Given):
    """The certificates of the file; all whose notice was not sent yet, if none is named."""

    numbers: Annotated[list[Number], Field(max_length=500)] = []


class NoticeRefusedOut(Schema):
    """A certificate of a notice that was not taken in."""

    number: str
    code: str
    sentence: str


class NoticeTakenOut(Schema):
    """Certificates whose declared content is known here now, and those that were refused."""

    accepted: list[str]
    refused: list[NoticeRefusedOut]


class ReturnOut(Schema):
    """A half-yearly production return. Carats and value as texts."""

    participant: str
    period: str
    kind: str
    carats: str
    value: str
    nil: bool
    filed: str
    issuer: str


class ReturnList(Schema):
    """A page of returns."""

    items: list[ReturnOut]
    next: str | None = None
