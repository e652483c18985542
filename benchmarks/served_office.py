"""Prepares an office to be served under load: the demo office with many more certificates, and signed-in sessions.

``python -m benchmarks.served_office FOLDER CERTIFICATES SESSIONS`` writes FOLDER/sessions.json: role → cookies.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

BATCH = 5_000
PASSPHRASE = "demo"


def main(folder: Path, certificates: int, sessions: int) -> None:
    from adamas.demo.office import main as found
    from adamas.demo.office_places import OfficePlaces
    from adamas.office.web import site

    folder.mkdir(parents=True, exist_ok=True)
    found(str(folder))
    office = site.open_site(OfficePlaces(folder).office, passphrase=PASSPHRASE)
    site.use(office)
    issue(office, certificates)
    cookies = sign_in(sessions)
    office.close()
    (folder / "sessions.json").write_text(json.dumps(cookies), encoding="utf-8")


def issue(office: Any, count: int) -> None:
    """Certificates of the last four weeks from Botswana to the Emirates, through the desk's door."""
    from adamas.office.certification import actions
    from adamas.scheme.statements import IssueCommand
    from adamas.scheme.values import Carats, Parcel, UsdCents, day_of, ordinal

    today = ordinal(time.strftime("%Y-%m-%d", time.gmtime()))
    for start in range(0, count, BATCH):
        commands = []
        for place in range(start, min(start + BATCH, count)):
            day = today - place % 28
            commands.append(
                IssueCommand(
                    number=f"BW{1_000_000 + place:07d}",
                    to=("AE", "EU")[place % 2],
                    origin=("BW",),
                    parcels=(Parcel("710231", Carats(1_000 + place), UsdCents(2_000_000 + 700 * place)),),
                    issued=day_of(day),
                    expires=day_of(day + 60),
                    exporter="Okavango Stones (synthetic)",
                    importer="Deira Trading FZE (synthetic)",
                    officer="is-1",
                    approver="ap-1",
                    seals=(f"S-{place}",),
                )
            )
        actions.issue(office, commands)


def sign_in(count: int) -> dict[str, list[str]]:
    """Sessions of the people of the office, one after another."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from adamas.office.people.models import Membership

    roles = ("exporter", "issuing", "approving", "importing", "customs")
    # The first of each role: Botswana's exporter and officers, and the Emirates' importing officer.
    people = {role: Membership.objects.filter(role=role).order_by("pk").first() for role in roles}
    found: dict[str, list[str]] = defaultdict(list)
    now = time.time()
    for place in range(count):
        role = roles[place % len(roles)]
        membership = people[role]
        session = SessionStore()
        session[SESSION_KEY] = str(membership.user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = membership.user.get_session_auth_hash()
        session["account_authentication_methods"] = [
            {"method": "password", "at": now, "email": membership.user.email},
            {"method": "mfa", "at": now, "type": "totp"},
        ]
        session["account_authentication_methods_user"] = str(membership.user.pk)
        session["membership"] = membership.pk
        session.create()
        found[role].append(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
    return dict(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
