"""The private store: disclosures that no log holds. Kept by who issued, and by who was told in a notice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adamas.ledger import hidden
from adamas.ledger.errors import StatementError
from adamas.ledger.hidden import Disclosure
from adamas.ledger.pedersen import Opening
from adamas.office.certification.models import Disclosure as DisclosureRow
from adamas.office.log import rows


def of(
    alias: str, numbers: Iterable[str], names: Sequence[str] = ()
) -> dict[str, list[tuple[bytes, Disclosure]]]:
    """Certificate number → (statement id, disclosure) of all that is held here about it."""
    found: dict[str, list[tuple[bytes, Disclosure]]] = {}
    for part in rows.chunks(numbers):
        query = DisclosureRow.objects.using(alias).filter(subject__in=part)
        if names:
            query = query.filter(name__in=list(names))
        for subject, statement, raw in query.order_by("digest").values_list("subject", "statement", "raw"):
            found.setdefault(subject, []).append((bytes(statement), hidden.parse(bytes(raw))))
    return found


def openings(disclosures: Iterable[Disclosure]) -> list[dict[str, Opening]]:
    """The openings of carats and value that disclosures carry.

    Raises StatementError for ones that are malformed.
    """
    found = []
    for disclosure in disclosures:
        if disclosure.name not in ("amounts", "found"):
            continue
        value = disclosure.value
        try:
            found.append({name: Opening(value[name][0], value[name][1]) for name in ("carats", "value")})
        except (KeyError, IndexError, TypeError) as error:
            raise StatementError(
                "hidden.amounts",
                "The openings of carats and value are not where they should be.",
                where=disclosure.name,
            ) from error
    return found
