"""The people of the demo office: one for each role, with a password and a second factor that a page shows."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any, NamedTuple

from adamas.demo.office_trade import FIRMS

FILE = "demo-people.json"


class Person(NamedTuple):
    """Somebody of the demo: role, organisation (slug), officer id, name, language."""

    role: str
    organisation: str
    officer: str
    name: str
    language: str = "en"


ORGANISATIONS = (
    ("bw-authority", "Diamond Office of Botswana (synthetic)", "authority", "BW", ""),
    ("bw-customs", "Customs of Botswana (synthetic)", "customs", "BW", ""),
    ("okavango", FIRMS["BW"][0], "exporter", "BW", "BW-EX-001"),
    ("jwaneng", FIRMS["BW"][1], "exporter", "BW", "BW-EX-002"),
    ("ae-authority", "KP Office of the Emirates (synthetic)", "authority", "AE", ""),
    ("ae-customs", "Customs of Dubai (synthetic)", "customs", "AE", ""),
    ("deira", FIRMS["AE"][0], "importer", "AE", "AE-IM-001"),
    ("eu-authority", "European Union authority (synthetic)", "authority", "EU", ""),
    ("secretariat", "Secretariat of the scheme (synthetic)", "secretariat", "EU", ""),
)
PEOPLE = (
    Person("exporter", "okavango", "ex-1", "Mpho Tau"),
    Person("issuing", "bw-authority", "is-1", "Boipelo Kgosi"),
    Person("approving", "bw-authority", "ap-1", "Kagiso Molefe"),
    Person("customs", "bw-customs", "va-1", "Neo Seretse"),
    Person("importing", "ae-authority", "re-1", "Amal Haddad", "ar"),
    Person("customs", "ae-customs", "va-1", "Yusuf Karim", "ar"),
    Person("statistics", "bw-authority", "st-1", "Lorato Pule"),
    Person("administrator", "bw-authority", "ad-1", "Tebogo Nkwe"),
    Person("auditor", "bw-authority", "au-1", "Onalenna Sithole"),
    Person("chair", "secretariat", "ch-1", "Claire Fontaine", "fr"),
    Person("working_group", "secretariat", "wg-1", "Ines Duarte", "pt"),
    Person("issuing", "eu-authority", "is-1", "Pieter Claes"),
    Person("approving", "eu-authority", "ap-1", "Marie Lefort", "fr"),
    Person("importing", "eu-authority", "re-1", "Jan Wouters"),
    Person("issuing", "ae-authority", "is-1", "Hessa Nasser"),
    Person("approving", "ae-authority", "ap-1", "Omar Saleh"),
    Person("exporter", "jwaneng", "ex-1", "Thato Dube"),
)


def people(home: Path) -> dict[str, Any]:
    """Makes organisations and accounts, and writes down how to sign in. Gives memberships by role@organisation."""
    from allauth.mfa.totp.internal.auth import TOTP
    from django.contrib.auth.hashers import make_password

    from adamas.office.people.models import Membership, Organisation, User

    places = {
        slug: Organisation.objects.create(slug=slug, name=name, kind=kind, participant=code, licence=licence)
        for slug, name, kind, code, licence in ORGANISATIONS
    }
    found: dict[str, Any] = {}
    listed = []
    # One password for all, and stretched once: that takes half a second a person, and the page shows it anyhow.
    password = f"demo {secrets.token_hex(5)}"
    stretched = make_password(password)
    for person in PEOPLE:
        secret = _secret()
        email = f"{person.name.split()[0].lower()}@{person.organisation}.demo.example"
        user = User.objects.create(
            email=email, password=stretched, name=person.name, language=person.language
        )
        membership = Membership.objects.create(
            user=user, organisation=places[person.organisation], role=person.role, officer=person.officer
        )
        TOTP.activate(user, secret)
        found[f"{person.role}@{person.organisation}"] = membership
        listed.append({"user": user.pk, "email": email, "password": password, "totp": secret})
    file = home / FILE
    file.touch(mode=0o600)
    file.write_text(json.dumps(listed, indent=1), encoding="utf-8")
    return found


def _secret() -> str:
    import base64

    return base64.b32encode(secrets.token_bytes(20)).decode()
