"""The usual price per carat: of this office's own certificates by HS code and origin, and of published production.

What the office knows privately (hidden fields of certificates that it issued) is summed up per certificate, HS code
and origin, a few thousand at a time by a periodic job, and at once when a certificate is issued here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import transaction

from adamas.office.certification import private
from adamas.office.certification.models import Certificate
from adamas.office.certification.models import Disclosure as DisclosureRow
from adamas.office.issuing.models import Known, Price
from adamas.office.log import rows
from adamas.scheme.returns import production_returns
from adamas.scheme.statements import IssueCommand

LAST = 400
"""How many of the newest certificates are looked at."""
ENOUGH = 5
_HALF_YEARS = 4
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual price in US cents per carat: a low and a high figure, and what they were taken from.

    ``source`` is own (10th to 90th percentile of ``count`` certificates) or production (lowest and highest average
    of the last half-years that were published, ``period``).
    """

    low: int
    high: int
    source: str
    count: int = 0
    period: str = ""

    def holds(self, price: int) -> bool:
        """Whether a price lies between half the low and twice the high figure: outside, an officer should look."""
        return self.low <= 2 * price and price <= 2 * self.high


@dataclass(frozen=True, slots=True)
class Line:
    """One HS code of an application beside the usual prices; ``price`` in US cents per carat."""

    hs: str
    carats: int
    value: int
    price: int
    own: Usual | None
    production: Usual | None

    @property
    def unusual(self) -> bool:
        """Whether it lies outside the office's own range (of production's, where the office has none)."""
        usual = self.own or self.production
        return usual is not None and not usual.holds(self.price)


def beside(participant: str, command: IssueCommand) -> list[Line]:
    """Every HS code of a certificate-to-be beside the usual prices of its first origin."""
    origin = command.origin[0] if command.origin else ""
    lines = []
    for hs, (carats, value) in sorted(_sums(command).items()):
        price = 100 * value // carats if carats else 0
        lines.append(Line(hs, carats, value, price, own(participant, hs, origin), production(origin)))
    return lines


def own(participant: str, hs: str, origin: str) -> Usual | None:
    """10th and 90th percentile of the newest certificates of one HS code and origin; None if they are too few."""
    newest = Price.objects.filter(participant=participant, hs=hs, origin=origin).order_by("-id")[:LAST]
    prices = sorted(
        100 * value // carats for carats, value in newest.values_list("carats", "value") if carats
    )
    if len(prices) < ENOUGH:
        return None
    last = len(prices) - 1
    return Usual(prices[last // 10], prices[last - last // 10], "own", len(prices))


@cache
def production(origin: str) -> Usual | None:
    """Lowest and highest average value of an origin's last published half-years; None if nothing is published."""
    sums: dict[str, list[int]] = {}
    for item in production_returns():
        if item.participant == origin and item.carats and item.value:
            total = sums.setdefault(item.period, [0, 0])
            total[0] += item.carats
            total[1] += item.value
    periods = sorted(sums)[-_HALF_YEARS:]
    if not periods:
        return None
    prices = [100 * sums[period][1] // sums[period][0] for period in periods]
    return Usual(min(prices), max(prices), "production", period=f"{periods[0]} – {periods[-1]}")


def note(numbers: Iterable[str]) -> int:
    """Sums up what is known privately about certificates; gives how many were new."""
    wanted: list[str] = []
    for part in rows.chunks(dict.fromkeys(numbers)):
        known = set(Known.objects.filter(number__in=part).values_list("number", flat=True))
        wanted += [number for number in part if number not in known]
    held = private.of("default", wanted, ("goods", "parties"))
    views: dict[str, Certificate] = {}
    for part in rows.chunks(held):
        views |= Certificate.objects.in_bulk(part)
    summaries, prices = [], []
    for number, view in views.items():
        shown: dict[str, Any] = {}
        for statement, disclosure in held[number]:
            if view.issued_id is not None and statement == bytes(view.issued_id):
                shown[disclosure.name] = disclosure.value
        if not {"goods", "parties"} <= shown.keys():
            continue
        try:
            summary, found = _summary(view, shown["parties"], shown["goods"]["parcels"])
        except (KeyError, TypeError, ValueError):
            continue
        summaries.append(summary)
        prices += found
    with transaction.atomic():
        Known.objects.bulk_create(summaries, ignore_conflicts=True, batch_size=200)
        Price.objects.bulk_create(prices, ignore_conflicts=True, batch_size=200)
    return len(summaries)


def learn() -> None:
    """Periodic: sums up certificates of which hidden fields are known and that were not summed up yet."""
    new = (
        DisclosureRow.objects.filter(name="goods")
        .exclude(subject__in=Known.objects.values("number"))
        .order_by("subject")
        .values_list("subject", flat=True)[:_CHUNK]
    )
    note(list(new))


def _summary(view: Certificate, parties: Any, parcels: Sequence[Any]) -> tuple[Known, list[Price]]:
    sums: dict[str, list[int]] = {}
    for parcel in parcels:
        total = sums.setdefault(str(parcel["hs"]), [0, 0])
        total[0] += int(parcel["carats"])
        total[1] += int(parcel["value"])
    summary = Known(
        number=view.number,
        participant=view.participant,
        to=view.to,
        exporter=str(parties["exporter"])[:400],
        importer=str(parties["importer"])[:400],
        carats=sum(total[0] for total in sums.values()),
        value=sum(total[1] for total in sums.values()),
    )
    origin = view.origin.split(" ")[0] if view.origin else ""
    prices = [
        Price(
            participant=view.participant,
            hs=hs,
            origin=origin,
            number=view.number,
            carats=total[0],
            value=total[1],
        )
        for hs, total in sums.items()
    ]
    return summary, prices


def _sums(command: IssueCommand) -> dict[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {}
    for parcel in command.parcels:
        carats, value = sums.get(parcel.hs, (0, 0))
        sums[parcel.hs] = (carats + parcel.carats, value + parcel.value)
    return sums
