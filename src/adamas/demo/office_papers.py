"""Working papers of the demo office: applications in each state, blank forms, dispatch notices. All SYNTHETIC."""

from __future__ import annotations

from typing import Any

from adamas.demo.office_places import Then
from adamas.demo.office_trade import Trade

HOUR = 3600
_NOTE = "SYNTHETIC: part of a demonstration"


def papers(office: Any, clock: Then, who: dict[str, Any], trade: Trade, end: float) -> None:
    """Fills the desks as they would look on an ordinary morning."""
    from adamas.office.certification.models import Certificate
    from adamas.office.issuing import notices, prices
    from adamas.office.issuing.models import Notice

    numbers = [number for found in trade.numbers.values() for number in found]
    prices.note(numbers)
    unsent = set(trade.numbers["expired"])
    Notice.objects.bulk_create(
        Notice(
            number=view.number,
            participant=view.participant,
            to=view.to,
            at=office.now(),
            way=notices.HOSTED,
            sent=None if view.number in unsent else office.now(),
        )
        for view in Certificate.objects.filter(number__in=numbers)
    )
    _forms(clock, who, trade, end)
    for code, exporter in (("bw", "okavango"), ("bw", "jwaneng")):
        _applications(clock, who, exporter, code, end)
    _arrivals(office, clock, who, end)
    _seal(office, end)
    clock.now = end


def _forms(clock: Then, who: dict[str, Any], trade: Trade, end: float) -> None:
    from adamas.office.issuing import stock

    officer = who["issuing@bw-authority"]
    clock.now = end - 40 * 24 * HOUR
    stock.receive(officer, "B0001000", "B0001499", day=_day(clock.now), note=f"Printer's box 7. {_NOTE}")
    for place, number in enumerate([n for n in trade.numbers["plain"] if n.startswith("BW")][-24:]):
        stock.book(officer, f"B000{1000 + place}", number)
    stock.write_off(officer, "B0001024", "spoiled", f"Jammed in the printer. {_NOTE}")
    stock.write_off(officer, "B0001025", "missing", f"Not in the box. {_NOTE}")


def _arrivals(office: Any, clock: Then, who: dict[str, Any], end: float) -> None:
    """Shipments on the desk in Dubai: one only inspected, one confirmed with carats missing, which asks a question."""
    from adamas.office.arrival import actions
    from adamas.office.certification.models import Certificate
    from adamas.office.issuing.models import Known

    officer = who["importing@ae-authority"]
    clock.now = end - HOUR
    today = _day(clock.now)
    coming = Certificate.objects.filter(to="AE", state="shipped", expires__gt=today).order_by("number")
    for place, view in enumerate(coming[:2]):
        known = Known.objects.get(number=view.number)
        found = actions.Found(
            view.parcels,
            round(known.carats * (1.0, 0.95)[place]),
            known.value,
            "intact",
            f"On the scales. {_NOTE}",
        )
        inspection = actions.inspect(officer, view.number, found)
        if place:
            actions.decide(officer, inspection, actions.RECEIVED, note=_NOTE)


def _seal(office: Any, end: float) -> None:
    """A key that seals the PDFs, as an office makes one before it prints."""
    from datetime import UTC, datetime

    from adamas.office.document import seal_keys

    who = seal_keys.Identity("SYNTHETIC demonstration office", "BW")
    seal_keys.make(office.keystore, office.home.path, who, now=datetime.fromtimestamp(end, UTC))


def _applications(clock: Then, who: dict[str, Any], firm: str, code: str, end: float) -> None:
    """One application in each state of its life."""
    from adamas.office.issuing import actions

    exporter = who[f"exporter@{firm}"]
    officer, approver = who[f"issuing@{code}-authority"], who[f"approving@{code}-authority"]
    for place, state in enumerate(
        (
            "draft",
            "submitted",
            "submitted",
            "asked",
            "review",
            "prepared",
            "approved",
            "issued",
            "withdrawn",
            "refused",
        )
    ):
        clock.now = end - (31 - 3 * place) * HOUR
        paper = actions.begin(
            exporter, cells(place, f"{firm.upper()[:3]}-{place + 1:03d}", exporter.organisation.name)
        )
        if state == "draft":
            continue
        clock.now += 60
        actions.submit(exporter, paper, declared=True)
        if state == "submitted":
            continue
        clock.now += 60
        if state == "withdrawn":
            actions.withdraw(exporter, paper, "The buyer cancelled.")
            continue
        actions.take(officer, paper)
        if state == "asked":
            actions.ask(officer, paper, "The invoice shows 12 parcels, the application 11. Which is right?")
        elif state == "refused":
            actions.refuse(officer, paper, "The declaration names an origin that the mine's records do not.")
        if state in ("asked", "refused", "review"):
            continue
        clock.now += 60
        ready = actions.prepare(
            officer, paper, approver=approver, issued=_day(clock.now), expires=_day(clock.now + 60 * 24 * HOUR),
            seals=(f"{code.upper()}-S{place}",),
        )  # fmt: skip
        if state == "prepared":
            continue
        actions.approve(approver, paper, ready.digest)
        if state == "issued":
            clock.now += 60
            actions.issue(officer, paper)


def cells(place: int, reference: str, exporter: str) -> dict[str, Any]:
    """What an exporter types: a shipment to Dubai or Antwerp."""
    return {
        "reference": reference,
        "exporter": f"{exporter}, Plot 1, Gaborone",
        "to": "AE" if place % 2 == 0 else "EU",
        "importer": "Deira Trading FZE (synthetic)" if place % 2 == 0 else "Scheldt Diamonds NV (synthetic)",
        "origin": "BW",
        "parcels": [
            {"hs": "710231", "carats": f"{120 + place}.50", "value": f"{18_000 + 700 * place}.00"},
            {"hs": "710221", "carats": f"{900 + place}.00", "value": f"{21_000 + 300 * place}.00"},
        ],
        "note": _NOTE,
    }


def _day(seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
