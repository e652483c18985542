"""The checklist of a certificate-to-be, made from the rulebook: every rule on issuing, and what it says of this one.

Nothing is written: the rules are asked of the payload as it would be signed now, with placeholders for what is sealed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from adamas.office.issuing import prices
from adamas.office.web import site
from adamas.scheme import statements as scheme
from adamas.scheme.admission import RULES, judge
from adamas.scheme.admission.issue import ISSUED
from adamas.scheme.certificates import issuing_participant as issuing_code
from adamas.scheme.facts import Fact
from adamas.scheme.findings import Finding
from adamas.scheme.statements import IssueCommand
from adamas.scheme.values import format_hundredths

PASSED, OPEN, EYE, BLOCKS = "passed", "open", "eye", "blocks"
_ORDER = (BLOCKS, EYE, OPEN, PASSED)
OFFICERS = frozenset({"sub", "iss", "kid", "iat", "officers", "issued", "expires", "seals"})
"""Fields that officers fill: an exporter is not held up by what a rule says about them."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line: what must hold, the clause, the result, and the rule's sentence where it does not hold."""

    code: str
    clause: str
    title: str
    result: str
    sentence: str = ""
    field: str = ""


def items(command: IssueCommand, people: tuple[str, str, str] | None = None) -> list[Item]:
    """Every rule's line: what blocks, what needs an eye, what is still to be entered, what passed."""
    found = findings(command, people)
    lines = [Item(f.code, f.clause, _title(f), _result(f, command), f.sentence, f.field) for f in found]
    said = {f.code for f in found}
    lines += [
        Item(rule.code, rule.clause, rule.title, PASSED)
        for rule, _check in RULES
        if ISSUED in rule.types and rule.code not in said
    ]
    lines += _prices(command)
    return sorted(lines, key=lambda item: _ORDER.index(item.result))


def findings(command: IssueCommand, people: tuple[str, str, str] | None = None) -> list[Finding]:
    """What the rulebook says of a certificate as if it were issued now."""
    office = site.office()
    number = command.number
    with office.changing():
        record = office.records([number]).get(number)
        register = office.knowledge.register
    placeholders = {"carats": bytes(32), "value": bytes(32)}
    hidden = [bytes([place]) * 32 for place in range(3)]
    payload = scheme.issued_payload(command, sealed=placeholders, hidden=hidden)
    declared = scheme.Declared(
        command.carats,
        command.value,
        command.parcels,
        command.exporter,
        command.importer,
        command.seals,
        people=people,
    )
    issuer = office.authority(issuing_code(number))
    fact = Fact(bytes(32), ISSUED, issuer, number, office.now(), payload, office.config.origin)
    return judge(fact, record, register, site.today(), declared)


def against(command: IssueCommand) -> list[Finding]:
    """What stops an exporter's application at its own door: refusals about what the exporter filled in."""
    return [f for f in findings(command) if f.severity == "refuse" and f.field not in OFFICERS]


def worst(lines: Sequence[Item]) -> str:
    """The result that counts."""
    return lines[0].result if lines else PASSED


def _result(finding: Finding, command: IssueCommand) -> str:
    """Seals that are not entered yet are open and not wrong: the officer enters them when preparing."""
    if finding.field == "seals" and not command.seals:
        return OPEN
    return BLOCKS if finding.severity == "refuse" else EYE


def _title(finding: Finding) -> str:
    for rule, _check in RULES:
        if rule.code == finding.code:
            return rule.title
    return finding.field


def _prices(command: IssueCommand) -> Iterator[Item]:
    """The office's own look at prices: no rule of the scheme, so it never blocks."""
    for line in prices.beside(issuing_code(command.number), command):
        usual = line.own or line.production
        title = _("the price per carat of %(hs)s is usual") % {"hs": f"{line.hs[:4]}.{line.hs[4:]}"}
        if usual is None:
            yield Item(
                "office.price", "Annex I A, value", title, EYE, _("There is no price to compare with.")
            )
        elif line.unusual:
            sentence = _("%(price)s USD per carat lies outside %(low)s to %(high)s (%(source)s).") % {
                "price": format_hundredths(line.price),
                "low": format_hundredths(usual.low),
                "high": format_hundredths(usual.high),
                "source": source(usual),
            }
            yield Item("office.price", "Annex I A, value", title, EYE, sentence, "value")
        else:
            yield Item("office.price", "Annex I A, value", title, PASSED)


def source(usual: prices.Usual) -> str:
    """Where a usual price was taken from, in words."""
    if usual.source == "own":
        return _("this office's last %(n)d certificates of that code and origin") % {"n": usual.count}
    return _("published production of the origin, all codes, %(period)s") % {"period": usual.period}
