"""How far each log is witnessed: what every view of it says, so that a missing pillar is never only in a log file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Max

from adamas.ledger import checkpoint as checkpoints
from adamas.ledger.errors import LedgerError
from adamas.ledger.policy import Policy
from adamas.office.database import failures
from adamas.office.log.models import Log, Sighting

if TYPE_CHECKING:
    from adamas.office.opening import Office


@dataclass(frozen=True, slots=True)
class Witnessing:
    """What witnesses have said of a log.

    ``published`` counts the entries of its newest checkpoint known here, ``witnessed`` those of the largest one
    that had its whole quorum. ``complete`` is what the policy says of the newest (None: there is no policy or no
    checkpoint), ``missing`` names the groups for want of which it is not complete.
    """

    origin: str
    published: int = 0
    witnessed: int = 0
    complete: bool | None = None
    missing: tuple[str, ...] = ()

    def of(self, index: int) -> str:
        """How far an entry has come: ``logged``, ``public`` or ``witnessed``."""
        if index < self.witnessed:
            return "witnessed"
        return "public" if index < self.published else "logged"

    @property
    def sentence(self) -> str:
        """What is wanting, for a person; empty if nothing is."""
        if self.complete is not False:
            return ""
        return f"{self.origin}: the newest checkpoint is NOT cosigned by: {', '.join(self.missing)}."


def witnessing(office: Office) -> dict[str, Witnessing]:
    """By origin, the own log included. Raises DatabaseError."""
    with failures():
        sizes = dict(
            Sighting.objects.using(office.alias).values_list("log").annotate(size=Max("size")).order_by()
        )
        return {
            log.origin: _of(log, sizes.get(log.number, 0)) for log in Log.objects.using(office.alias).all()
        }


def witnessing_of(office: Office, number: int) -> Witnessing:
    """Of one log (by its number here): an arrival desk asks for each parcel. Raises DatabaseError."""
    with failures():
        log = Log.objects.using(office.alias).get(number=number)
        sightings = Sighting.objects.using(office.alias).filter(log=number)
        return _of(log, sightings.aggregate(size=Max("size"))["size"] or 0)


def _of(log: Log, witnessed: int) -> Witnessing:
    if not log.checkpoint:
        return Witnessing(log.origin)
    note = bytes(log.checkpoint)
    published = checkpoints.parse(note)[0].size
    if not log.policy:
        return Witnessing(log.origin, published, witnessed)
    try:
        result = Policy.parse(log.policy).evaluate_checkpoint(note)
    except LedgerError as error:
        # A line under a witness's name that does not hold: then nothing on it counts, and this says why.
        return Witnessing(log.origin, published, witnessed, False, (error.sentence,))
    return Witnessing(log.origin, published, witnessed, result.satisfied, tuple(result.missing))
