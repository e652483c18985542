"""Some months of SYNTHETIC trade for the demo office: a few hundred certificates, some in every state there is.

Each day's acts go through the same doors as in life (certification.actions), with the clock set to that day.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from adamas.demo.office_places import DAY, Then

DAYS = 150
TOGETHER = 3
"""Days whose acts are logged together, as a desk does that is busy; published after twice as many."""
VALID = 60
FIRMS = {
    "BW": ("Okavango Stones (synthetic)", "Jwaneng Rough Trading (synthetic)"),
    "AE": ("Deira Trading FZE (synthetic)", "Almas Gate DMCC (synthetic)"),
    "EU": ("Scheldt Diamonds NV (synthetic)", "Hoveniers Rough BV (synthetic)"),
}
ROUTES = (("BW", "AE"), ("BW", "EU"), ("BW", "AE"), ("AE", "EU"), ("EU", "AE"), ("BW", "EU"))
_HS = (("710221", 900, 6_000), ("710231", 8_000, 60_000), ("710210", 4_000, 20_000))
"""HS code, and lowest and highest price in US cents per carat."""
_RARE = (
    "overdue", "expired", "less", "more", "refused", "returned", "seized", "lost", "stolen", "void", "replaced",
    "corrected", "confirmed", "technical", "forged", "seals",
)  # fmt: skip


@dataclass
class Trade:
    """What came of it: numbers by the story that they tell."""

    numbers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0


def play(office: Any, clock: Then, end: float, publish: Any) -> Trade:
    """Plays the days up to ``end`` (now); ``publish`` is called after every sixth day and at the end."""
    dice = random.Random(2003)
    trade = Trade()
    serials: dict[str, int] = defaultdict(int)
    acts: dict[int, list[tuple[str, Any]]] = defaultdict(list)
    today = int(end) // DAY
    for day in range(today - DAYS, today):
        for _ in range(dice.choice((1, 2, 2, 3))):
            _one(dice, trade, serials, acts, day, today)
    waiting: list[tuple[str, Any]] = []
    for day in range(today - DAYS, today + 1):
        waiting += acts.pop(day, [])
        if day % TOGETHER and day != today:
            continue
        clock.now = min(day * DAY + 9 * 3600, end - 2 * 3600)
        _act(office, waiting)
        waiting = []
        if day % (2 * TOGETHER) == 0 or day == today:
            publish()
    return trade


def _one(
    dice: random.Random, trade: Trade, serials: dict[str, int], acts: dict[int, list[tuple[str, Any]]],
    day: int, today: int,
) -> None:  # fmt: skip
    from adamas.scheme import statements as s

    code, to = ROUTES[trade.count % len(ROUTES)]
    trade.count += 1
    age = today - day
    story = _RARE[trade.count // 5 % len(_RARE)] if trade.count % 5 == 0 else "plain"
    if story in ("overdue", "expired") and age < VALID + 16:
        story = "plain"
    number = _number(serials, code)
    parcels = _parcels(dice)
    carats, value = sum(p.carats for p in parcels), sum(p.value for p in parcels)

    def add(after: int, word: str, command: Any) -> None:
        if day + after <= today:
            acts[day + after].append((word, command))

    issue = _issue(
        dice, number, code, to, parcels, day, technical="error in a name" if story == "technical" else None
    )
    add(0, "issue", issue)
    trade.numbers[story].append(number)
    if story in ("void", "expired"):
        if story == "void":
            add(
                2,
                "revoke",
                s.RevokeCommand(number, _day(day + 2), "void", "Issued twice for one parcel. SYNTHETIC"),
            )
        return
    add(1, "validate", s.ValidateCommand(number, _day(day + 1), "va-1"))
    if story in ("lost", "stolen", "replaced"):
        why = "stolen" if story == "stolen" else "lost"
        add(3, "revoke", s.RevokeCommand(number, _day(day + 3), why, "Reported by the carrier. SYNTHETIC"))
        if story == "replaced" and day + 5 <= today:
            again = _number(serials, code)
            add(4, "issue", _issue(dice, again, code, to, parcels, day + 4, replaces=number))
            add(5, "replace", s.ReplaceCommand(number, _day(day + 5), again, "lost"))
        return
    add(2, "dispatch", s.DispatchCommand(number, _day(day + 2)))
    if story == "overdue":
        return
    came = day + dice.randint(4, 9)
    after = came - day
    if story in ("refused", "returned"):
        add(after, "refuse", s.RefuseCommand(number, to, _day(came), "seals", "SYNTHETIC"))
        if story == "returned":
            add(after + 2, "return_", s.ReturnCommand(number, _day(came + 2), "refused at import"))
        return
    if story == "seized":
        add(after, "seize", s.SeizeCommand(number, to, _day(came), "undeclared parcel found with it"))
        return
    found = {"less": 0.93, "more": 1.04}.get(story, 1.0)
    seals = "broken" if story == "seals" else "intact"
    received = s.ReceiveCommand(
        number, to, _day(came), len(parcels), type(parcels[0].carats)(round(carats * found)),
        type(parcels[0].value)(round(value * found)), seals, "re-1",
    )  # fmt: skip
    if story in ("corrected", "confirmed"):
        add(
            3,
            "correct",
            s.CorrectCommand(
                number, _day(day + 3), "the country of origin was left out", origin=issue.origin
            ),
        )
    add(after, "receive", received)
    if story == "confirmed":
        add(after + 1, "confirm", number)
    if story == "forged":
        add(
            after + 3,
            "report_forgery",
            s.ForgeryCommand(number, to, _day(came + 3), "Same number on poor paper. SYNTHETIC"),
        )


def _issue(
    dice: random.Random, number: str, code: str, to: str, parcels: Any, day: int, *,
    technical: str | None = None, replaces: str | None = None,
) -> Any:  # fmt: skip
    from adamas.scheme.statements import IssueCommand

    return IssueCommand(
        number=number,
        to=to,
        origin=("BW",) if code == "BW" else ("BW", "ZA"),
        parcels=parcels,
        issued=_day(day),
        expires=_day(day + VALID),
        exporter=dice.choice(FIRMS[code]),
        importer=dice.choice(FIRMS[to]),
        officer="is-1",
        approver="ap-1",
        seals=(f"{code}-{number[2:]}",),
        technical=technical,
        replaces=replaces,
    )


def _parcels(dice: random.Random) -> tuple[Any, ...]:
    from adamas.scheme.values import Carats, Parcel, UsdCents

    found = []
    for hs, low, high in dice.sample(_HS, dice.choice((1, 1, 2))):
        carats = dice.randint(5_000, 900_000)
        found.append(Parcel(hs, Carats(carats), UsdCents(carats * dice.randint(low, high) // 100)))
    return tuple(found)


def _act(office: Any, today: list[tuple[str, Any]]) -> None:
    """Some days' acts, in the order in which a shipment meets them."""
    from adamas.office.certification import actions

    for word in _ORDER:
        commands = [command for kind, command in today if kind == word]
        if word == "confirm":
            for number in commands:
                actions.confirm_correction(office, number, _day(int(office.clock()) // DAY))
        elif commands:
            getattr(actions, word)(office, commands)


_ORDER = (
    "issue", "validate", "dispatch", "revoke", "replace", "correct", "refuse", "return_", "seize", "receive", "confirm",
    "report_forgery",
)  # fmt: skip


def _number(serials: dict[str, int], code: str) -> str:
    serials[code] += 1
    return f"{code}{serials[code]:07d}"


def _day(number: int) -> str:
    return datetime.fromtimestamp(number * DAY, UTC).date().isoformat()
