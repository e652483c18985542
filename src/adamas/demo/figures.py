"""The real figures: 1,529 half-yearly production returns, entered by a transcriber and read back out of its log."""

from __future__ import annotations

from typing import Any

from adamas.demo.places import PASSPHRASE, TRANSCRIBER, TRANSCRIPT, Places


def enter(places: Places) -> dict[str, Any]:
    """Enters the returns in the transcriber's own log, with today's clock, and tells what the log then says.

    World carats and value by year, who filed late by the source's stamps, and how many statements each made.
    """
    from adamas.office.opening import open_office
    from adamas.office.statistics.actions import file_returns
    from adamas.scheme import returns

    with open_office(places.home(TRANSCRIPT), passphrase=PASSPHRASE) as office:
        done = file_returns(office, [(one.subject, one.payload()) for one in returns.production_returns()])
        facts = _facts(office)
    late = returns.lateness(facts)
    return {
        "count": len(done.accepted),
        "issuer": TRANSCRIBER,
        "source": returns.SOURCE,
        "by_year": {year: list(both) for year, both in returns.carats_by_year(facts).items()},
        "lateness": [
            {
                "participant": r.participant,
                "stamped": r.stamped,
                "late": r.late,
                "median": r.median,
                "worst": r.worst,
            }
            for r in late
        ],
    }


def _facts(office: Any) -> list[Any]:
    """Every return in the office's log, as the scheme reads it."""
    from django.db import connections

    from adamas.ledger import statement as statements
    from adamas.ledger.entries import EntryLog
    from adamas.office.log.knowledge import OWN
    from adamas.scheme.facts import Fact

    with connections[office.alias].cursor() as cursor:
        raws = EntryLog(OWN).read(cursor, 0, EntryLog(OWN).size(cursor))
    read = [(index, statements.parse(raw)) for index, raw in enumerate(raws)]
    return [
        Fact(st.id, st.type, st.issuer, st.subject, st.issued_at, st.payload, office.config.origin, index)
        for index, st in read
        if st.type == "return.filed"
    ]
