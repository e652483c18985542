"""Notices: how the importing authority learns what the exporting one declared, in private.

A notice is one CBOR file: {"v": 1, "type": "adamas.notice", "from": origin, "certificates": [[statement id,
number, [disclosure, …]], …]}. It needs no signature: every disclosure hashes to a digest that stands in the
signed statement, and the openings open its commitments. It is private: send it as you would send the papers
themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connections, transaction

from adamas.errors import AdamasError
from adamas.ledger import cbor, hidden
from adamas.ledger.hidden import Disclosure
from adamas.ledger.pedersen import Opening
from adamas.ledger.statement import text_id
from adamas.office import curve
from adamas.office.certification import private
from adamas.office.certification.models import Certificate
from adamas.office.certification.models import Disclosure as DisclosureRow
from adamas.office.database import failures
from adamas.office.errors import NoticeError
from adamas.office.log import reading, rows

if TYPE_CHECKING:
    from adamas.office.opening import Office

TYPE = "adamas.notice"
MAX_SIZE = 64_000_000


@dataclass(frozen=True, slots=True)
class NoticeRefusal:
    """A certificate in a notice that was not taken in, and why."""

    number: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class NoticeResult:
    """Numbers whose declared content is known here now, and those that were refused."""

    accepted: tuple[str, ...]
    refused: tuple[NoticeRefusal, ...]


def export(
    office: Office,
    *,
    to: str | Sequence[str],
    numbers: Iterable[str] | None = None,
    since: str | None = None,
) -> bytes:
    """The notice for the importing authority of ``to``: all its certificates issued here, or those of ``numbers``.

    ``to`` may be several Participants, where one office hosts their authorities. ``since`` leaves out certificates
    that were issued before that day.
    """
    destinations = [to] if isinstance(to, str) else list(to)
    with failures():
        query = Certificate.objects.using(office.alias).filter(to__in=destinations, issued_id__isnull=False)
        if since is not None:
            query = query.filter(issued__gte=since)
        if numbers is None:
            wanted = list(query.order_by("number").values_list("number", flat=True))
        else:
            wanted = []
            for part in rows.chunks(numbers):
                wanted += query.filter(number__in=part).order_by("number").values_list("number", flat=True)
        held = private.of(office.alias, wanted)
    certificates: list[Any] = []
    for number in wanted:
        by_statement: dict[bytes, list[bytes]] = {}
        for statement, disclosure in held.get(number, []):
            if disclosure.name != "found":
                by_statement.setdefault(statement, []).append(disclosure.raw)
        certificates += [[statement, number, raws] for statement, raws in sorted(by_statement.items())]
    body = {"v": 1, "type": TYPE, "from": office.config.origin, "certificates": certificates}
    return cbor.encode(body)


def take_in(office: Office, data: bytes) -> NoticeResult:
    """Checks a notice against the statements known here and keeps what holds. Raises NoticeError if it is no
    notice.

    Every digest must stand in the statement; the openings must open its commitments. One that fails is named
    and left out; the others are kept.
    """
    listed = _read(data)
    with failures(), transaction.atomic(using=office.alias):
        office.knowledge.refresh()
        payloads = _payloads(office.alias, [statement for statement, _, _ in listed])
        good, refused = [], []
        for statement, number, raws in listed:
            try:
                good.append((statement, number, _check(payloads.get(statement), statement, number, raws)))
            except AdamasError as error:
                refused.append(NoticeRefusal(number, error.code, error.sentence))
        opened = _open(good, payloads, refused)
        kept = [
            (d.digest, statement, number, d.name, d.raw, "notice")
            for statement, number, disclosures in opened
            for d in disclosures
        ]
        rows.upsert(office.alias, DisclosureRow, kept)
    return NoticeResult(tuple(dict.fromkeys(number for _, number, _ in opened)), tuple(refused))


def _read(data: bytes) -> list[tuple[bytes, str, list[bytes]]]:
    try:
        body = cbor.decode(data, max_size=MAX_SIZE)
    except AdamasError as error:
        raise NoticeError("notice.malformed", f"The file is no notice: {error.sentence}") from error
    if (
        not isinstance(body, dict)
        or body.get("type") != TYPE
        or not isinstance(body.get("certificates"), list)
    ):
        raise NoticeError("notice.malformed", "The file is no notice.")
    if body.get("v") != 1:
        raise NoticeError(
            "notice.version", "The notice is of a newer edition.", advice="Update this program."
        )
    listed = []
    for item in body["certificates"]:
        match item:
            case [bytes(statement), str(number), list(raws)] if all(isinstance(raw, bytes) for raw in raws):
                listed.append((statement, number, raws))
            case _:
                raise NoticeError(
                    "notice.malformed", "An item of the notice is not [id, number, disclosures]."
                )
    return listed


def _payloads(alias: str, ids: Sequence[bytes]) -> dict[bytes, tuple[str, dict[str, Any]]]:
    """Statement id → (subject, payload) of effective certificate statements known here."""
    found: dict[bytes, tuple[str, dict[str, Any]]] = {}
    with connections[alias].cursor() as cursor:
        for part in rows.chunks(ids):
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(
                'SELECT f.id, f.subject, e.raw FROM "log_fact" f'  # noqa: S608
                ' JOIN "adamas_entries" e ON e.log = f.log AND e.idx = f.idx'
                f" WHERE f.effective IS NOT NULL AND f.id IN ({marks})",
                part,
            )
            for identity, subject, raw in cursor.fetchall():
                found[bytes(identity)] = (subject, reading.payload_of(bytes(raw)))
    return found


def _check(
    known: tuple[str, dict[str, Any]] | None, statement: bytes, number: str, raws: list[bytes]
) -> list[Disclosure]:
    if known is None or known[0] != number:
        raise NoticeError(
            "notice.unknown-certificate",
            f"The statement {text_id(statement)[:12]}… on {number} is not known here.",
            advice="Follow the exporting office's log, then import the notice again.",
        )
    digests = set(known[1].get("hidden", ()))
    disclosures = [hidden.parse(raw) for raw in raws]
    for disclosure in disclosures:
        if disclosure.digest not in digests:
            raise NoticeError(
                "notice.unknown-digest",
                f"The disclosure of {disclosure.name!r} does not belong to {number}.",
                where=disclosure.name,
            )
    private.openings(disclosures)
    return disclosures


def _open(
    good: list[tuple[bytes, str, list[Disclosure]]],
    payloads: dict[bytes, tuple[str, dict[str, Any]]],
    refused: list[NoticeRefusal],
) -> list[tuple[bytes, str, list[Disclosure]]]:
    """Keeps those whose openings open the commitments of the statement."""
    pairs: list[tuple[bytes, Opening]] = []
    counts = []
    for statement, _, disclosures in good:
        sealed = payloads[statement][1].get("sealed", {})
        mine = [
            (sealed.get(name, b""), opening)
            for openings in private.openings(disclosures)
            for name, opening in openings.items()
        ]
        pairs += mine
        counts.append(len(mine))
    verdicts = curve.open_all(pairs)
    start = 0
    opened = []
    for (statement, number, disclosures), count in zip(good, counts, strict=True):
        start += count
        if all(verdicts[start - count : start]):
            opened.append((statement, number, disclosures))
        else:
            sentence = f"The openings told for {number} do not open its sealed carats and value."
            refused.append(NoticeRefusal(number, "notice.opening", sentence))
    return opened
