"""Where every clause of the scheme stands in the code: rules that cite it, duties that cite it, or the words for it.

Most of the table makes itself: a rule, a move of a certificate's life and a duty each cite their clause. What is
written down here is the rest: clauses kept by the way something is built, or fixed by the register, and where the
terms that Section I defines live. :func:`unplaced` is empty, or the build fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from adamas.scheme import lifecycle
from adamas.scheme.admission import RULES
from adamas.scheme.clauses import Clause, cited, clauses
from adamas.scheme.duties import DUTIES

BUILT: Mapping[str, str] = {
    "CD-II-c": "adamas.scheme.statements.IssueCommand: a certificate without one of the fields of Annex I A cannot be "
    "written",
    "CD-III-b-1": "adamas.scheme.lifecycle.TRANSITIONS: only a validated certificate can be received",
    "CD-A1-A-14": "adamas.scheme.lifecycle.TRANSITIONS: no shipment leaves or arrives before validation",
    "AD-TECHCERT": "adamas.scheme.statements.IssueCommand: a technical certificate carries its reason",
    "AD-SELFSUSPEND": "adamas.scheme.participants.Register: a measure of the kind self_suspended stops trade while the "
    "Participant stays listed",
    "AD-MARANGE-2012": "adamas.scheme.duties.decisions: the duties of 2011 end on this day",
    "AD-CAR-2013": "adamas.scheme.participants.Register: a measure on CF stops certificates and imports from its day",
    "AD-CAR-2024": "adamas.scheme.participants.Register: the measures on CF end on this day",
    "LAW-EU-3": "adamas.scheme.admission.journey: an arrival asks for validation, unbroken seals and the certificate's "
    "own goods",
    "LAW-EU-4-5": "adamas.scheme.admission.journey: an arrival records what was found in the parcel",
    "LAW-EU-5-1": "adamas.scheme.admission.overdue: fourteen days after the last lawful day of arrival",
    "LAW-EU-12-1": "adamas.scheme.admission.issue: destination, data and seals are checked before issue",
    "LAW-EU-12-5": "adamas.scheme.lifecycle.CLOCK: a certificate that was not used expires",
    "LAW-EU-18": "adamas.scheme.admission.journey: transit is neither start nor end",
    "LAW-EU-A4": "adamas.scheme.certificates.FORMER_CODES: EC on older papers means EU; ranges are the register's",
    "LAW-US-mixed": "adamas.scheme.statements.IssueCommand: mixed origin names its countries with their shares, which "
    "says more than asterisks",
    "LAW-US-original": "adamas.scheme.lifecycle.TRANSITIONS: an arrival refers to the certificate's own statement",
    "LAW-US-container": "adamas.scheme.admission.issue: a certificate without a seal number is refused",
    "AD-ANNREP-late": "adamas.scheme.duties.findings: an annual report that is overdue is a finding, with its days",
}
"""Clauses that a rule is made for, kept by the shape of things: id → where, and how."""

DEFINED: Mapping[str, str] = {
    "CD-I-conflict-diamonds": "adamas.scheme.participants.Measure",
    "CD-I-country-of-origin": "adamas.scheme.admission.issue",
    "CD-I-country-of-provenance": "adamas.scheme.certificates.issuing_participant",
    "CD-I-diamond": "adamas.scheme.values.HS_CODES",
    "CD-I-export": "adamas.scheme.lifecycle.EVENTS",
    "CD-I-exporting-authority": "adamas.scheme.participants.Authority",
    "CD-I-importing-authority": "adamas.scheme.participants.Authority",
    "CD-I-free-trade-zone": "adamas.scheme.admission.journey",
    "CD-I-import": "adamas.scheme.lifecycle.EVENTS",
    "CD-I-kp-certificate": "adamas.scheme.certificates.CertificateRecord",
    "CD-I-observer": "adamas.scheme.participants.Observer",
    "CD-I-parcel": "adamas.scheme.values.Parcel",
    "CD-I-parcel-mixed": "adamas.scheme.admission.issue",
    "CD-I-participant": "adamas.scheme.participants.Register",
    "CD-I-reio": "adamas.scheme.participants.Register",
    "CD-I-rough-diamonds": "adamas.scheme.values.HS_CODES",
    "CD-I-shipment": "adamas.scheme.statements.DispatchCommand",
    "CD-I-transit": "adamas.scheme.admission.journey",
}
"""Terms → where the code has them."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What stands behind a clause: codes of rules, moves of a certificate's life, duties, and how it is built in."""

    clause: Clause
    rules: tuple[str, ...]
    moves: tuple[str, ...]
    duties: tuple[str, ...]
    built: str

    @property
    def behind(self) -> bool:
        """Whether the code does anything about it."""
        return bool(self.rules or self.moves or self.duties or self.built)


@cache
def placement() -> tuple[Placed, ...]:
    """Every clause with what stands behind it, in the order of the documents."""
    rules = _citing((d.code, d.clause) for d, _ in RULES)
    moves = _citing(
        (f"{state.value} → {move.to.value}", move.clause)
        for (state, _), move in {**lifecycle.TRANSITIONS, **lifecycle.CLOCK}.items()
    )
    duties = _citing((duty.rule, duty.clause) for duty in DUTIES)
    return tuple(
        Placed(
            clause,
            rules.get(clause.id, ()),
            moves.get(clause.id, ()),
            duties.get(clause.id, ()),
            BUILT.get(clause.id, "") or DEFINED.get(clause.id, ""),
        )
        for clause in clauses()
    )


def unplaced() -> list[Clause]:
    """Clauses for which a rule or an attestation is asked and nothing stands behind."""
    asked = ("rule", "attestation")
    return [placed.clause for placed in placement() if placed.clause.kind in asked and not placed.behind]


def _citing(citations: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for code, citation in citations:
        for ident in cited(citation):
            if code not in found.setdefault(ident, []):
                found[ident].append(code)
    return {ident: tuple(codes) for ident, codes in found.items()}
