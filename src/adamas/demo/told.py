"""Everything that the demo prints for a person."""

from __future__ import annotations

import sys
import time
from typing import Any

from adamas.cli import output
from adamas.demo.attacks import Caught
from adamas.demo.checks import Judgement, path_of
from adamas.demo.places import OFFICES, PILLARS, TRANSCRIPT, Places, origin
from adamas.demo.world import World
from adamas.demo.year import Outcome
from adamas.scheme.synthetic import SyntheticYear


def caught_facts(one: Caught) -> dict[str, Any]:
    """A fault outside the offices, as the JSON document has it."""
    return {
        "planted": one.planted.name,
        "log": origin(one.planted.log),
        "index": None,
        "subject": one.planted.subject,
        "door": None,
        "found": one.found,
        "said": [{"code": one.planted.codes[0], "sentence": one.said, "clause": None}],
    }


class Screen:
    """Prints as the demo goes on; silent when JSON was asked for."""

    def __init__(self, silent: bool, begun: float) -> None:
        self._silent, self._begun = silent, begun
        self._open = False

    def line(self, text: str = "") -> None:
        """One line."""
        if not self._silent:
            self._close()
            output.line(text)
            sys.stdout.flush()

    def heading(self, text: str) -> None:
        """A step's heading, with the seconds since the beginning."""
        self.line()
        self.line(f"[{time.monotonic() - self._begun:5.1f} s] {text}")

    def table(
        self, columns: tuple[str, ...], rows: list[tuple[Any, ...]], right: tuple[int, ...] = ()
    ) -> None:
        """A table."""
        if not self._silent:
            self._close()
            output.table(None, columns, rows, right=right)
            sys.stdout.flush()

    def world(self, found: World, made: SyntheticYear) -> None:
        """Who is there."""
        self.heading("The world: a registry, three offices, a transcriber, three witnesses")
        self.line(
            f"  The registry's log holds the real register of the Kimberley Process: {found.counts['register acts']}"
            " acts, each signed by one root and endorsed by a second of three pillars."
        )
        for name in OFFICES:
            hosts = found.hosted[name]
            who = hosts[0] if len(hosts) == 1 else f"{len(hosts)} Participants"
            self.line(f"  {origin(name):<32} authority of {who}; {found.counts[name]} keys enrolled")
        self.line(f"  {origin(TRANSCRIPT):<32} copies published figures, and speaks for nobody else")
        self.line(
            f"  Witnesses of {', '.join(PILLARS)}: a checkpoint counts when all three have cosigned it."
        )

    def returns(self, facts: dict[str, Any]) -> None:
        """What the real returns say."""
        self.heading(
            f"{facts['count']:,} real half-yearly production returns, as statements of {facts['issuer']}"
        )
        self.line(f"  Source: {facts['source']}. Transcribed: not the Participants' own word.")
        years = list(facts["by_year"].items())
        third = -(-len(years) // 3)
        rows = []
        for place in range(third):
            row: list[Any] = []
            for column in range(3):
                at = place + column * third
                row += [years[at][0], f"{years[at][1][0] / 1e8:,.1f}"] if at < len(years) else ["", ""]
            rows.append(tuple(row))
        self.line("  World production, millions of carats:")
        self.table(("year", "Mct") * 3, rows, right=(1, 3, 5))
        late = facts["lateness"]
        self.line(
            f"  Who filed how late (two months are allowed), worst of {len(late)} by median, by the real stamps:"
        )
        self.table(
            ("Participant", "stamped", "late", "median days", "worst"),
            [(r["participant"], r["stamped"], r["late"], r["median"], r["worst"]) for r in late[:8]],
            right=(1, 2, 3, 4),
        )

    def begin_year(self, made: SyntheticYear) -> None:
        """Before the year runs."""
        self.heading(
            f"A {made.label} year: {len(made.certificates):,} certificates of {made.year}, "
            "made from the real totals of that year"
        )

    def round(self, last: str, statements: int) -> None:
        """How far the year is: one line that is written over, at a terminal."""
        if not self._silent and sys.stdout.isatty():
            sys.stdout.write(f"\r  up to {last}: {statements:,} statements\x1b[K")
            sys.stdout.flush()
            self._open = True

    def year(self, made: SyntheticYear, outcome: Outcome) -> None:
        """What the year was."""
        self.line(
            f"  {outcome.statements:,} statements (issued, validated, confirmed) through the offices' doors in "
            f"{outcome.rounds} rounds,"
        )
        self.line(
            f"  every round published, cosigned by three witnesses and followed by the others; "
            f"{outcome.statements / max(outcome.door, 1e-9):,.0f} a second and office at the door."
        )
        certified, confirmed = outcome.carats / 100, outcome.received / 100
        self.line(f"  {certified:,.2f} carats certified, {confirmed:,.2f} confirmed on arrival.")

    def faults(self, judged: Judgement, caught: list[Caught], refusals: dict[str, str]) -> None:
        """Planted beside found."""
        self.heading("Planted beside found")
        rows = [
            (row.planted.name, _place(row.planted), _names(row.found, [f["code"] for f in row.said]))
            for row in judged.rows
        ]
        rows += [
            (one.planted.name, _place(one.planted), _names(one.found, [one.planted.codes[0]]))
            for one in caught
        ]
        found = sum(row.found for row in judged.rows) + sum(one.found for one in caught)
        self.table(("planted", "where", "found as"), rows)
        refused = sum(bool(row.planted.door) for row in judged.rows)
        self.line(
            f"  {len(rows)} planted, {found} found, {len(judged.invented)} invented. "
            f"{refused} had been refused at the door before an operator cheated."
        )
        for fault in judged.invented[:20]:
            self.line(f"  invented: {fault['origin']} {fault['index']} {fault['code']} {fault['sentence']}")
        if refusals:
            self.line(f"  Of the hidden fork, {len(refusals)} witnesses cosigned nothing:")
            for name, sentence in refusals.items():
                self.line(f"    {name}: {sentence}")

    def audit(self, report: dict[str, Any], judged: Judgement) -> None:
        """The audit in figures, and what it says of the real returns."""
        self.heading("The audit, from the mirrors alone")
        shown = ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in report["counts"].items()
                          if isinstance(value, int))  # fmt: skip
        self.line(f"  {shown}")
        codes: dict[str, int] = {}
        for fault in judged.real:
            codes[fault["code"]] = codes.get(fault["code"], 0) + 1
        said = "; ".join(
            f"{count:,} × {code}" for code, count in sorted(codes.items(), key=lambda item: -item[1])
        )
        self.line(f"  Findings on the real returns (nobody planted those): {said or 'none'}.")

    def bundle(self, verified: dict[str, Any], others: dict[str, Any]) -> None:
        """The offline verification, by our program and by somebody else's."""
        self.heading(f"One certificate, verified {verified['network']}")
        for text in verified["text"].splitlines():
            self.line(f"  {text}")
        self.heading(f"The same certificate, by somebody else's program ({others['program']})")
        if not others["ran"]:
            self.line(f"  Not run here. Where OpenSSL 3 is: sh {path_of(others['script'])}")
        for text in others["text"].splitlines():
            self.line(f"  {text}")

    def end(self, facts: dict[str, Any], places: Places) -> None:
        """Time, memory and what to try next."""
        root = path_of(str(places.root))
        bundle = path_of(facts["bundle"])
        self.heading(
            f"Done: {facts['found']} of {facts['planted']} planted faults found, {facts['invented']} invented; "
            f"{facts['peak_memory_bytes'] / 1e6:,.0f} MB of memory at most"
        )
        self.line("  Try next (passphrase of all keys here: demo):")
        number = bundle.rsplit("/", 1)[-1].removesuffix(".adamas")
        office = number[:2] if number[:2] in OFFICES else "rest"
        trust = f"{root}/trust.json"
        for text in (
            f"adamas verify {bundle} --trust {trust}",
            f"adamas show {number} --home {root}/offices/{office}",
            f"adamas audit {root}/mirrors/* --trust {trust}",
            f"adamas witness split-view {root}/attacks",
            f"sh {root}/openssl/check.sh",
            "adamas register standing VE --on 2010-01-01",
            "adamas issue --help",
        ):
            self.line(
                f"    {text.replace('adamas ', _program() + ' ', 1) if text.startswith('adamas ') else text}"
            )
        self.line("  One bit changed in that file, and verify says no. How it works: docs/tour.md.")
        self.line("  Now the office itself, with a person for each role and a guided first task:")
        self.line(f"    {_program()} serve --demo")

    def _close(self) -> None:
        if self._open:
            sys.stdout.write("\r\x1b[K")
            self._open = False


def _program() -> str:
    """How this program was called, so that what is printed can be typed."""
    called = path_of(sys.argv[0])
    return called if called.endswith("adamas") else "adamas"


def _place(planted: Any) -> str:
    if planted.index is not None:
        return f"{planted.log} #{planted.index:,}"
    return f"{planted.log} {planted.subject}" if "/" not in planted.subject else str(planted.log)


def _names(found: bool, codes: list[str]) -> str:
    """The codes without the first word that nearly all share."""
    short = ", ".join(dict.fromkeys(code.removeprefix("admission.") for code in codes))
    return short if found else f"MISSED ({short or 'nothing was said'})"
