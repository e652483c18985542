"""From entries to views: the one code path of an act, of a followed log, and of replay.

A batch of entries of one log is folded (key history, signatures), its Fact rows are written, and every
certificate number it touches is worked out anew from the *set* of all facts about it, from whatever log and
in whatever order they came. Findings of a number are what the rules say of each fact at its place in
canonical order, under the register as it is now; when the register changes, the numbers of the Participants
concerned are worked out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connections

from adamas.ledger import statement as statements
from adamas.office.certification import projection as certification
from adamas.office.log import reading, rows
from adamas.office.log.catalogue import CERTIFICATE_TYPES
from adamas.office.log.fold import EFFECTIVE, INVALID, NEWER, UNREADABLE, Entry, Fold, Folded, LogState
from adamas.office.log.knowledge import Knowledge
from adamas.office.log.models import Fact as FactRow
from adamas.office.log.models import Finding as FindingRow
from adamas.office.registry import projection as registry
from adamas.office.statistics import projection as statistics

_CLAUSE = "docs/formats, validity at the place in the log"
_SEVERITY = {INVALID: "refuse", UNREADABLE: "refuse", NEWER: "note"}


class Projector:
    """Writes the views of one office database. Every method runs in the caller's transaction."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.alias = knowledge.alias

    def project(
        self,
        state: LogState,
        entries: list[Entry],
        *,
        signed_here: bool = False,
        facts: dict[str, list[reading.Placed]] | None = None,
        certificates: bool = True,
    ) -> Folded:
        """Takes the next entries of a log into the views.

        ``facts`` may hold all facts, these entries included, about the numbers they touch (the caller had
        read them); with ``certificates=False`` the numbers are left to a later :meth:`project_all`, as replay
        does.
        """
        return self.project_fold(
            Fold(state, entries, signed_here=signed_here), facts=facts, certificates=certificates
        )

    def project_fold(
        self, begun: Fold, *, facts: dict[str, list[reading.Placed]] | None = None, certificates: bool = True
    ) -> Folded:
        """As :meth:`project`, for a fold that was begun before."""
        state, folded = begun.state, begun.finish()
        entries = folded.entries
        rows.insert(self.alias, FactRow, [_fact_row(state.number, entry) for entry in entries])
        self._entry_findings(state.origin, entries)
        self._late_effects(state, folded)
        registry.project(self.alias, state.number, folded)
        returns = statistics.project(self.alias, state.number, entries)
        dirty = {e.st.subject: None for e in entries if e.st is not None and e.st.type in CERTIFICATE_TYPES}
        fallen = self._judge_anew(state, folded.compromised)
        changed = self.knowledge.apply(state, folded.effects)
        if certificates:
            if fallen or changed:
                affected = certification.numbers_under(self.alias, changed)
                dirty.update(dict.fromkeys((*fallen, *affected)))
                facts = None
            elif facts is None:
                facts = self._facts_with(state.origin, entries, dirty)
            if changed:
                codes = certification.codes_of(changed)
                returns = list({*returns, *statistics.of_participants(self.alias, codes)})
            self.project_numbers(dirty, facts)
            if returns:
                statistics.judge_returns(self.alias, self.knowledge, returns)
        return folded

    def _facts_with(
        self, origin: str, entries: Sequence[Entry], numbers: Iterable[str]
    ) -> dict[str, list[reading.Placed]]:
        """All facts about these numbers, which ``entries`` touch: those of a new number are all in ``entries``."""
        known = certification.known(self.alias, numbers)
        facts = reading.certificate_facts(self.alias, known, self.knowledge.origins)
        for entry in entries:
            st = entry.st
            if st is None or entry.effective is None or st.type not in CERTIFICATE_TYPES:
                continue
            if st.subject not in known:
                placed = reading.fact_of(st, origin, entry.idx, entry.standing, entry.after)
                facts.setdefault(st.subject, []).append(placed)
        return facts

    def project_numbers(
        self, numbers: Iterable[str], facts: dict[str, list[reading.Placed]] | None = None
    ) -> None:
        """Works out these certificate numbers anew from all facts about them."""
        wanted = list(numbers)
        if not wanted:
            return
        if facts is None:
            facts = reading.certificate_facts(self.alias, wanted, self.knowledge.origins)
        certification.project(
            self.alias, self.knowledge, [(number, facts.get(number, [])) for number in wanted]
        )

    def project_all(self) -> None:
        """Works out every certificate number and every return."""
        for part in reading.every_certificate(self.alias, self.knowledge.origins):
            certification.project(self.alias, self.knowledge, part, fresh=True)
        statistics.judge_returns(self.alias, self.knowledge, statistics.of_participants(self.alias))

    def _late_effects(self, state: LogState, folded: Folded) -> None:
        """An act that waited for endorsements takes effect: its earlier row says so now."""
        first = folded.entries[0].idx if folded.entries else 0
        with connections[self.alias].cursor() as cursor:
            for index, act in folded.effects:
                here = next((e for e in folded.entries[: index - first + 1] if e.id == act.id), None)
                if here is not None and here.effective == index:
                    continue
                cursor.execute(
                    'UPDATE "log_fact" SET standing = %s, effective = %s WHERE id = %s AND log + 0 = %s',
                    ["valid", index, act.id, state.number],  # (+ 0: by the id, not through the whole log)
                )

    def _entry_findings(self, origin: str, entries: Sequence[Entry]) -> None:
        found = []
        for entry in entries:
            severity = _SEVERITY.get(entry.standing)
            if severity is not None:
                found.append(_finding_row(origin, entry, severity))
        rows.insert(self.alias, FindingRow, found)

    def _judge_anew(self, state: LogState, kids: Sequence[str]) -> set[str]:
        """After keys were declared compromised: the standing of what they, and keys they enrolled, had signed.

        An earlier statement can become doubtful, or stand as it did; it never falls. Returns the numbers touched.
        """
        touched: set[str] = set()
        if kids:
            state.sightings = self.knowledge.sightings(state.number)
        for kid in state.descendants(kids):
            with connections[self.alias].cursor() as cursor:
                cursor.execute(
                    'SELECT f.idx, f.standing, e.raw FROM "log_fact" f'
                    ' JOIN "adamas_entries" e ON e.log = f.log AND e.idx = f.idx'
                    " WHERE f.log = %s AND f.kid = %s AND f.effective IS NOT NULL ORDER BY f.idx",
                    [state.number, kid],
                )
                for idx, standing, raw in cursor.fetchall():
                    st = statements.parse(bytes(raw))
                    now, code, sentence = state.judge(st, idx, checked=True)
                    if now == standing or now not in EFFECTIVE:
                        continue
                    cursor.execute(
                        'UPDATE "log_fact" SET standing = %s, code = %s, sentence = %s WHERE log = %s AND idx = %s',
                        [now, code, sentence, state.number, idx],
                    )
                    touched.add(st.subject if st.type in CERTIFICATE_TYPES else "")
        return touched - {""}


def _fact_row(number: int, entry: Entry) -> tuple[object, ...]:
    st = entry.st
    if st is None:
        blank = ("", "", "", 0, entry.after, "")
        return (number, entry.idx, entry.id, *blank, entry.standing, None, entry.code, entry.sentence)
    return (
        number,
        entry.idx,
        entry.id,
        st.type,
        st.issuer,
        st.subject,
        st.issued_at,
        entry.after,
        st.kid.hex(),
        entry.standing,
        entry.effective,
        entry.code,
        entry.sentence,
    )


def _finding_row(origin: str, entry: Entry, severity: str) -> tuple[object, ...]:
    subject = entry.st.subject if entry.st else ""
    return (
        f"entry:{origin}:{entry.idx}",
        0,
        entry.code,
        _CLAUSE,
        severity,
        entry.sentence,
        "signature" if entry.code == "statement.signature" else "",
        subject,
        statements.text_id(entry.id),
    )
