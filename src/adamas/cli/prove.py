"""`adamas prove NUMBER`: everything about a certificate in one file that verifies with no network, for ever.

From an office (its own published log, its copies of others, and the disclosures that it holds), or with --mirror from
published copies alone, by anybody.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adamas.cli import desk, exits, output
from adamas.cli.session import Home, Json
from adamas.cli.verify import TrustFile, load_trust

if TYPE_CHECKING:
    from adamas.analysis.trust import Trust
    from adamas.office.opening import Office

_ALL = "all"
_NAMES = ("parties", "goods", "amounts")


def prove(
    number: Annotated[
        str, typer.Argument(help="A certificate number, or the id of any statement.", metavar="NUMBER")
    ],
    mirrors: Annotated[
        list[Path] | None,
        typer.Option(
            "--mirror", help="Prove from this mirror, without an office; repeat for each log.", metavar="DIR"
        ),
    ] = None,
    disclose: Annotated[
        list[str] | None,
        typer.Option(
            help="A hidden field to show: parties, goods, amounts, or all; nothing is shown if left out."
        ),
    ] = None,
    disclosure: Annotated[
        list[Path] | None,
        typer.Option(help="A file with one disclosure to show (from a notice).", metavar="FILE"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The file to write; NUMBER.adamas if left out.", metavar="FILE"),
    ] = None,
    trust: TrustFile = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Write a bundle: statement, proofs, witnesses and keys, and of the hidden fields those you choose."""
    from adamas.analysis.prove import prove as make
    from adamas.analysis.verify import verify_bundle
    from adamas.cli.files import write_new

    subject = number if len(number) > 20 else number.upper()
    shown = [file.read_bytes() for file in disclosure or ()]
    anchor = load_trust(trust)
    if mirrors:
        if disclose:
            raise exits.UsageError(
                "usage.disclose", "A mirror holds no hidden fields: name files with --disclosure."
            )
        data = make(subject, mirrors, anchor, disclosures=shown)
    else:
        data, own = _from_office(subject, _wanted(disclose), shown)
        anchor = anchor or own
    file = out or Path(f"{subject}.adamas")
    answer = verify_bundle(data, trust=anchor)
    write_new(file, data)
    facts = {"file": str(file), "bytes": len(data), "verification": answer.to_json()}
    output.show(facts, lambda: _show(file, len(data), answer))
    return exits.OK if answer.status != "not valid" else exits.NOT_VALID


def _wanted(disclose: list[str] | None) -> tuple[str, ...]:
    names = tuple(disclose or ())
    for name in names:
        if name not in (*_NAMES, _ALL):
            raise exits.UsageError(
                "usage.disclose",
                f"There is no hidden field “{name}”; there are {', '.join(_NAMES)}, and all.",
            )
    return _NAMES if _ALL in names else names


def _from_office(subject: str, names: tuple[str, ...], shown: list[bytes]) -> tuple[bytes, Trust]:
    """The bundle, and what this office itself trusts."""
    from adamas.analysis.errors import ProveError
    from adamas.analysis.prove import prove as make
    from adamas.analysis.trust import Trust
    from adamas.office.log.places import folders, places, trust_of

    with desk.office() as office:
        known = places(office, subject)
        _, paths = folders(office)
        disclosures = [*shown, *_private(office, subject, names)]
        anchor = trust_of(office)
        if not paths:
            raise ProveError(
                "prove.not-published",
                "Nothing that this office has published is in a folder here.",
                advice="Run `adamas publish`; if it publishes to a bucket, mirror that and use --mirror.",
            )
        policy = office.config.policy
        data = make(subject, paths, anchor, disclosures=disclosures, policy=policy, known=known)
        return data, Trust(anchor.registry, anchor.logs, policy or None)


def _private(office: Office, subject: str, names: tuple[str, ...]) -> list[bytes]:
    """The disclosures of the certificate that counts, of the names wanted, as far as they are held here."""
    from adamas.analysis.errors import ProveError
    from adamas.office.certification import private

    if not names:
        return []
    record = office.records([subject]).get(subject)
    issued = record.issued_id if record else None
    held = [
        d
        for statement, d in private.of(office.alias, [subject], names).get(subject, [])
        if statement == issued
    ]
    absent = set(names) - {d.name for d in held}
    if absent:
        raise ProveError(
            "prove.disclosure",
            f"The hidden fields {', '.join(sorted(absent))} of {subject} are not known here.",
            advice="The issuing office has them, and whoever it sent a notice.",
        )
    return [d.raw for d in held]


def _show(file: Path, size: int, answer: Any) -> None:
    output.line(f"Wrote {file} ({size:,} bytes). {answer.sentences()[0][1]}")
    shown = ", ".join(answer.disclosed) or "none"
    output.line(f"Hidden fields shown: {shown}. Verify it anywhere: adamas verify {file} --trust FILE")
