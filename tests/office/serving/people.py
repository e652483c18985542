"""Acts of people that several tests of the served office need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.office.site import Site

from adamas.office.issuing import actions
from adamas.office.issuing.models import Application
from adamas.office.web import site as web_site


def application(site: Site, reference: str) -> Application:
    """An application that was submitted."""
    exporter = site.membership("exporter", "okavango")
    paper = actions.begin(exporter, cells(reference))
    actions.submit(exporter, paper, declared=True)
    return paper


def cells(reference: str) -> dict[str, object]:
    """A good application of Okavango Stones for Dubai."""
    return {
        "reference": reference,
        "to": "AE",
        "exporter": "Okavango Stones (Pty) Ltd, Gaborone",
        "importer": "Deira Trading FZE, Dubai",
        "origin": "BW",
        "parcels": [{"hs": "710231", "carats": "125.50", "value": "18700.00"}],
    }


def issue_one(site: Site, reference: str = "now") -> str:
    """One certificate from its application to its signature; its number."""
    paper = application(site, reference)
    officer = site.membership("issuing", "bw-authority")
    approver = site.membership("approving", "bw-authority")
    actions.take(officer, paper)
    today = datetime.fromtimestamp(web_site.office().now(), UTC).date()
    ready = actions.prepare(
        officer,
        paper,
        approver=approver,
        issued=today.isoformat(),
        expires=(today + timedelta(days=60)).isoformat(),
        seals=("S-1",),
    )
    actions.approve(approver, paper, ready.digest)
    actions.issue(officer, paper)
    return paper.number
