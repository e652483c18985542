"""`adamas show` and `adamas status`: what this office knows of one certificate, and of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adamas.cli import desk, exits, output
from adamas.cli.desk import Number
from adamas.cli.session import Home, Json

if TYPE_CHECKING:
    from adamas.office.log.pillars import Witnessing
    from adamas.office.opening import Office
    from adamas.scheme.certificates import CertificateRecord


def show(
    number: Number,
    private: Annotated[
        bool, typer.Option("--private", help="Also what no log holds: firms, parcels, quantities, seals.")
    ] = False,
    home: Home = None,
    json: Json = False,
) -> int:
    """Show one certificate: its state, its history with who signed, what waits, and what the rules say
    of it.
    """
    with desk.office() as office:
        from adamas.office.log.pillars import witnessing

        logs = witnessing(office)
        record = office.records([number]).get(number)
        findings = _findings(office, number)
        secret = _private(office, number) if private else None
        places = _places(office, number)
    if record is None:
        output.show(
            {"number": number, "known": False},
            lambda: output.line(
                f"Nothing is known here of {number}; it may be in a log that this office does not follow."
            ),
        )
        return exits.CANNOT_TELL
    facts = _facts(record, places, findings)
    _witnessed(facts, logs)
    if secret is not None:
        facts["private"] = secret
    output.show(facts, lambda: _show(facts))
    return exits.OK


def _facts(
    record: CertificateRecord, places: dict[bytes, tuple[str, int, str]], findings: list[Any]
) -> dict[str, Any]:
    from adamas.ledger.statement import text_id
    from adamas.scheme.certificates import status
    from adamas.scheme.values import day_of

    due = record.confirmation_due
    history = []
    for step in record.history:
        origin, index, standing = places.get(step.id, ("", -1, "unknown"))
        history.append(
            {
                "event": step.event,
                "day": step.day,
                "claimed_at": output.utc(step.at),
                "issuer": step.issuer,
                "counts": step.legal,
                "before": step.before,
                "after": step.after,
                "id": text_id(step.id),
                "log": origin,
                "index": index,
                "key": standing,
            }
        )
    return {
        "number": record.number,
        "known": True,
        "state": status(record, desk.today()),
        "participant": record.participant,
        "to": record.to,
        "issuer": record.issuer,
        "issued": record.issued,
        "expires": record.expires,
        "hs": list(record.hs),
        "origin": list(record.origin),
        "shares": list(record.shares),
        "parcels": record.parcels,
        "officers": list(record.officers),
        "technical": record.technical,
        "seals": record.seals,
        "agrees": record.agrees,
        "found_parcels": record.found_parcels,
        "replaced_by": record.replaced_by,
        "confirmation_due": day_of(due) if due is not None else None,
        "id": text_id(record.issued_id) if record.issued_id else None,
        "history": history,
        "corrections_waiting": [text_id(item) for item, _ in record.pending],
        "waiting": [text_id(item) for item in record.waiting],
        "findings": findings,
    }


def _witnessed(facts: dict[str, Any], logs: dict[str, Witnessing]) -> None:
    """Adds to each step how far it has come (logged, public, witnessed), and which pillars are missing."""
    for step in facts["history"]:
        log = logs.get(step["log"])
        step["witnessed"] = log.of(step["index"]) if log is not None else "logged"
    behind = {step["log"] for step in facts["history"] if step["witnessed"] != "witnessed"}
    facts["missing"] = {
        origin: list(log.missing) for origin, log in logs.items() if origin in behind and log.missing
    }


def _show(facts: dict[str, Any]) -> None:
    shares = dict(zip(facts["origin"], facts["shares"], strict=False))
    origin = ", ".join(f"{code} {shares[code]} %" if code in shares else code for code in facts["origin"])
    rows = [
        ("state", facts["state"]),
        ("from, to", f"{facts['participant']} → {facts['to']}"),
        ("issued by", facts["issuer"]),
        ("issued, expires", f"{facts['issued']}, {facts['expires']}"),
        ("origin", origin),
        ("HS", ", ".join(f"{code[:4]}.{code[4:]}" for code in facts["hs"])),
        ("parcels", facts["parcels"]),
        ("statement", facts["id"]),
    ]
    if facts["technical"]:
        rows.append(("technical", facts["technical"]))
    if facts["agrees"]:
        rows.append(("found", f"{facts['found_parcels']} parcels, seals {facts['seals']}, {facts['agrees']}"))
    if facts["confirmation_due"]:
        rows.append(("confirmation due", facts["confirmation_due"]))
    output.pairs(f"Certificate {facts['number']}", rows)
    output.line()
    output.table(
        None,
        ("day", "event", "state", "signed by", "log entry", "is"),
        [
            (
                step["day"],
                step["event"] if step["counts"] else f"({step['event']})",
                step["after"],
                step["issuer"] + ("" if step["key"] == "valid" else f" [key {step['key']}]"),
                f"{step['log']} {step['index']}",
                step["witnessed"],
            )
            for step in facts["history"]
        ],
    )
    for origin, missing in facts["missing"].items():
        output.line(f"{origin}: what is not yet witnessed lacks: {', '.join(missing)}.")
    if any(not step["counts"] for step in facts["history"]):
        output.line("(event) in brackets: logged, but it does not count.")
    if facts["waiting"]:
        output.line(f"{len(facts['waiting'])} statements wait for one that has not been seen here yet.")
    for finding in facts["findings"]:
        output.line(f"{finding['severity']}: {finding['sentence']} ({finding['clause']})")
    if "private" in facts:
        output.line()
        output.pairs("Private: kept here and in no log", _private_rows(facts["private"]))


def _private_rows(private: dict[str, Any]) -> list[tuple[str, object]]:
    """What an officer reads of the disclosures; the openings are for programs (--json)."""
    from adamas.scheme.values import format_hundredths

    rows: list[tuple[str, object]] = [(str(k), v) for k, v in private.get("parties", {}).items()]
    goods = private.get("goods", {})
    for parcel in goods.get("parcels", ()):
        hs = f"{parcel['hs'][:4]}.{parcel['hs'][4:]}"
        rows.append(("parcel", f"{hs}  {format_hundredths(parcel['carats'])} ct  "
                     f"{format_hundredths(parcel['value'])} USD"))  # fmt: skip
    if goods.get("seals"):
        rows.append(("seals", ", ".join(goods["seals"])))
    for name, label in (("amounts", "declared"), ("found", "found")):
        if name in private:
            carats, value = private[name]["carats"][0], private[name]["value"][0]
            rows.append((label, f"{format_hundredths(carats)} ct, {format_hundredths(value)} USD"))
    return rows or [("nothing", "the content of this certificate was not told here")]


def _findings(office: Office, subject: str) -> list[dict[str, Any]]:
    from adamas.office.log.models import Finding

    rows = Finding.objects.using(office.alias).filter(subject=subject).order_by("scope", "n")
    return [
        {
            "code": row.code,
            "severity": row.severity,
            "sentence": row.sentence,
            "clause": row.clause,
            "field": row.field,
            "evidence": row.evidence.split(),
        }
        for row in rows
    ]


def _places(office: Office, subject: str) -> dict[bytes, tuple[str, int, str]]:
    from adamas.office.log.models import Fact

    origins = office.knowledge.origins
    rows = (
        Fact.objects.using(office.alias).filter(subject=subject).values_list("id", "log", "idx", "standing")
    )
    return {bytes(ident): (origins.get(log, str(log)), idx, standing) for ident, log, idx, standing in rows}


def _private(office: Office, number: str) -> dict[str, Any]:
    from adamas.office.certification import private

    shown: dict[str, Any] = {}
    for _, disclosure in private.of(office.alias, [number]).get(number, []):
        shown[disclosure.name] = disclosure.value
    return shown


def status(home: Home = None, json: Json = False) -> int:
    """Show the office: its logs and how old they are, certificates by state, what waits and what is
    overdue.
    """
    with desk.office() as office:
        facts = _status(office)
    output.show(facts, lambda: _show_status(facts))
    return exits.OK


def _status(office: Office) -> dict[str, Any]:
    from django.db.models import Count

    from adamas.office.certification.models import Certificate
    from adamas.office.log.models import Finding, Log, Waiting
    from adamas.office.log.pillars import Witnessing, witnessing

    alias = office.alias
    office.knowledge.refresh()
    now = office.now()
    logs = []
    witnessed = witnessing(office)
    for log in Log.objects.using(alias).order_by("number"):
        seen = witnessed.get(log.origin, Witnessing(log.origin))
        state = office.knowledge.logs.get(log.number)
        logs.append(
            {
                "origin": log.origin,
                "role": log.role,
                "url": log.url or None,
                "entries": state.size if state is not None else 0,
                "published": seen.published,
                "witnessed": seen.witnessed,
                "witnessed_at": output.utc(log.witnessed_at),
                "complete": seen.complete,
                "missing": list(seen.missing),
                "checked_at": output.utc(log.checked_at),
                "age_seconds": now - log.checked_at if log.checked_at else None,
            }
        )
    certificates = Certificate.objects.using(alias)
    states = dict(certificates.values_list("state").annotate(n=Count("number")).order_by("state"))
    overdue = certificates.filter(state__in=("validated", "shipped"), due__lt=now // 86_400).count()
    severities = dict(
        Finding.objects.using(alias).values_list("severity").annotate(n=Count("scope")).order_by("severity")
    )
    return {
        "home": str(office.home.path),
        "operator": office.config.operator,
        "kind": office.config.kind,
        "participants": list(office.config.participants),
        "logs": logs,
        "certificates": states,
        "confirmations_overdue": overdue,
        "waiting": Waiting.objects.using(alias).count(),
        "findings": severities,
    }


def age(seconds: int | None) -> str:
    """How old knowledge is, as people say it."""
    if seconds is None:
        return "never asked"
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{max(seconds, 0)} s"


def known(seconds: int | None) -> str:
    """How old knowledge is, as a remark."""
    return "never asked" if seconds is None else f"{age(seconds)} ago"


def _show_status(facts: dict[str, Any]) -> None:
    hosts = ", ".join(facts["participants"]) or "none"
    output.pairs(
        f"{facts['kind']} of {facts['operator']}", [("home", facts["home"]), ("Participants hosted", hosts)]
    )
    output.line()
    output.table(
        None,
        ("log", "role", "entries", "public", "witnessed", "known"),
        [
            (
                log["origin"],
                log["role"],
                f"{log['entries']:,}",
                f"{log['published']:,}",
                log["witnessed_at"] or "not yet",
                "" if log is facts["logs"][0] else known(log["age_seconds"]),
            )
            for log in facts["logs"]
        ],
        right=(2, 3),
    )
    for log in facts["logs"]:
        if log["complete"] is False:
            output.line(
                f"{log['origin']}: the newest checkpoint is NOT cosigned by: {', '.join(log['missing'])}; "
                f"{log['witnessed']:,} entries are witnessed."
            )
    output.line()
    output.pairs(
        "Certificates", [(str(state), f"{count:,}") for state, count in facts["certificates"].items()]
    )
    output.pairs(
        "To look at",
        [
            ("confirmations overdue", facts["confirmations_overdue"]),
            ("statements that wait for another", facts["waiting"]),
            *((f"findings ({severity})", count) for severity, count in facts["findings"].items()),
        ],
    )
