"""Objects of the issuing desk and its accounts as the API shows them."""

from __future__ import annotations

import base64
from typing import Any

from adamas.office.api import shown
from adamas.office.certification.prepared import Prepared
from adamas.office.issuing import actions, checklist, lifecycle, prices, sheets
from adamas.office.issuing.models import Application, FormReceipt, Upload
from adamas.office.issuing.prices import Usual
from adamas.office.people.models import Membership
from adamas.office.web import site
from adamas.scheme.values import format_hundredths

SHOWN = 1_000


def review(who: Membership, item: Application) -> dict[str, Any]:
    """An application as the desk sees it."""
    command = actions.command_of(item)
    lines = actions.review(item) if item.state not in lifecycle.ENDED else []
    ready, dealings = actions.prepared_of(item), actions.dealings(item)
    names = ("code", "clause", "title", "result", "sentence", "field")
    return {
        "application": shown.application(item),
        "exporter": item.organisation.name,
        "licence": item.organisation.licence,
        "since": item.since,
        "late": lifecycle.overdue(item.state, item.since, site.office().now()),
        "may": sorted(lifecycle.allowed(item.state, who.role) - {"confirm"}),
        "worst": checklist.worst(lines),
        "checklist": [{name: str(getattr(line, name)) for name in names} for line in lines],
        "unreadable": shown.findings(actions.errors_of(item)) if command is None else [],
        "prices": [_price(line) for line in prices.beside(item.participant, command)] if command else [],
        "dealings": dealings.counts,
        "last": [
            {
                "id": one.pk,
                "state": one.state,
                "reference": one.reference,
                "number": one.number,
                "carats": format_hundredths(one.carats),
            }
            for one in dealings.last
        ],
        "trouble": [
            {"number": one.number, "state": one.state, "findings": one.findings} for one in dealings.trouble
        ],
        "approvers": [
            {"officer": one.officer, "name": one.user.name} for one in actions.approvers(who, item)
        ],
        "next": actions.next_of(item) if item.state not in lifecycle.ENDED else "",
        "prepared": prepared(item, ready) if ready is not None else None,
    }


def prepared(item: Application, ready: Prepared) -> dict[str, Any]:
    """The exact statement, in words and figures, and as bytes."""
    content, hidden = ready.content, ready.shown
    goods, parties = hidden["goods"], hidden["parties"]
    return {
        "number": ready.number,
        "issuer": ready.issuer,
        "digest": ready.digest.hex(),
        "payload": base64.b64encode(ready.payload).decode(),
        **{name: content[name] for name in ("to", "issued", "expires", "hs", "origin", "officers")},
        "shares": content.get("shares", []),
        "technical": content.get("technical", ""),
        "exporter": parties["exporter"],
        "importer": parties["importer"],
        "seals": list(goods["seals"]),
        "parcels": [
            {
                "hs": one["hs"],
                "carats": format_hundredths(one["carats"]),
                "value": format_hundredths(one["value"]),
            }
            for one in goods["parcels"]
        ],
        "carats": format_hundredths(sum(one["carats"] for one in goods["parcels"])),
        "value": format_hundredths(sum(one["value"] for one in goods["parcels"])),
        "approved": item.approved is not None and bytes(item.approved) == ready.digest,
        "confirmed": actions.confirmed(item),
        "findings": shown.findings(ready.findings),
    }


def sheet(kept: Upload) -> dict[str, Any]:
    """A sheet that was taken."""
    names = ("name", "at", "digest", "rows", "drafts")
    bad = {problem[0] for problem in kept.problems if problem[2] not in sheets.NOTES}
    return {"id": kept.pk, **{name: getattr(kept, name) for name in names}, "bad": len(bad)}


def report(kept: Upload) -> dict[str, Any]:
    """A sheet with what is wrong in it."""
    names = ("row", "field", "code", "sentence", "clause")
    problems = [dict(zip(names, one, strict=True)) for one in kept.problems[:SHOWN]]
    return {**sheet(kept), "problems": problems}


def receipt(item: FormReceipt) -> dict[str, Any]:
    """Blank forms that came in."""
    return {
        "first": item.first_form,
        "last": item.last_form,
        "count": item.count,
        "day": item.day,
        "note": item.note,
    }


def _price(line: prices.Line) -> dict[str, Any]:
    return {
        "hs": line.hs,
        "carats": format_hundredths(line.carats),
        "price": format_hundredths(line.price),
        "unusual": line.unusual,
        "own": _usual(line.own),
        "production": _usual(line.production),
    }


def _usual(found: Usual | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "low": format_hundredths(found.low),
        "high": format_hundredths(found.high),
        "source": found.source,
        "count": found.count,
        "period": found.period,
    }
