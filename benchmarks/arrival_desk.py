"""An arrival desk with many certificates behind it, and the time that its answers take; a process of its own.

``python -m benchmarks.arrival_desk FOLDER CERTIFICATES`` prints JSON: figure → milliseconds (p95).
"""

from __future__ import annotations

import base64
import io
import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PASSPHRASE = "benchmark"
NOW = 1_741_000_000  # 3 March 2025
DAY = "2025-03-03"
BATCH = 5_000
VALIDATED = 10_000
SCANS = 300
PICTURES = 40


def main(folder: Path, count: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "adamas.office.web.settings"
    from adamas.office import database

    database.ensure_django()
    office = found(folder)
    issue(office, count)
    print(json.dumps(measure(office, count)))
    office.close()


def found(folder: Path) -> Any:
    """A registry with the real history, and an office of Botswana and the Emirates with one customs officer."""
    from django.db import connections, transaction

    from adamas.ledger.entries import EntryLog
    from adamas.office import founding
    from adamas.office.home import Config
    from adamas.office.log.follow import take_entries
    from adamas.office.log.knowledge import enter
    from adamas.office.log.models import Log
    from adamas.office.registry import actions
    from adamas.office.web import site

    def clock() -> float:
        return NOW

    config = Config("bench.example/registry", "kp:registry/government", kind="registry")
    registry = founding.found_registry(folder / "registry", config, PASSPHRASE, clock=clock, cost=2**10)
    actions.admit_history(registry)

    def entries() -> list[bytes]:
        with connections[registry.alias].cursor() as cursor:
            return EntryLog(1).read(cursor, 0, 100_000)

    config = Config("bench.example/office", "kp:BW/authority", participants=("BW", "AE"))
    founding.found_office(
        folder / "office", config, PASSPHRASE, entries()[0], clock=clock, cost=2**10
    ).close()
    office = site.open_site(folder / "office", passphrase=PASSPHRASE, clock=clock)
    site.use(office)
    holders = [office.authority(code) for code in config.participants]
    actions.enrol_keys(registry, [(holder, office.signer(holder).public_key) for holder in holders])
    with office.changing(), transaction.atomic(using=office.alias):
        enter(
            office.alias,
            Log(number=2, origin=registry.config.origin, role="registry", vkey=registry.log.vkey),
        )
        office.knowledge.refresh()
        take_entries(office, 2, entries(), 0)
    actions.adopt_keys(office)
    registry.close()
    return office


def issue(office: Any, count: int) -> None:
    """Certificates from Botswana to the Emirates; the first ones validated, so that they may arrive."""
    from adamas.office.certification import actions
    from adamas.scheme.statements import IssueCommand, ValidateCommand
    from adamas.scheme.values import Carats, Parcel, UsdCents

    for start in range(0, count, BATCH):
        places = range(start, min(start + BATCH, count))
        commands = [
            IssueCommand(
                number=number(place),
                to="AE",
                origin=("BW",),
                parcels=(Parcel("710231", Carats(1_000 + place), UsdCents(2_000_000 + 700 * place)),),
                issued=DAY,
                expires="2025-05-02",
                exporter="Okavango Stones (synthetic)",
                importer="Deira Trading FZE (synthetic)",
                officer="is-1",
                approver="ap-1",
                seals=(f"S-{place}",),
            )
            for place in places
        ]
        actions.issue(office, commands)
        if start < VALIDATED:
            actions.validate(office, [ValidateCommand(number(place), DAY, "va-1") for place in places])


def number(place: int) -> str:
    return f"BW{1_000_000 + place:07d}"


def measure(office: Any, count: int) -> dict[str, float]:
    """p95 of the desk's answers, through every middleware, and of its empty page beside it."""
    import zxingcpp
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.db import connections
    from PIL import Image

    from adamas.office.certification.models import Certificate

    client, dice = signed_in(), random.Random(1)
    places = [dice.randrange(min(VALIDATED, count)) for _ in range(SCANS)]
    rows = dict(
        Certificate.objects.filter(number__in=[number(p) for p in places]).values_list("number", "idx")
    )
    codes = []
    with connections[office.alias].cursor() as cursor:
        for place in places:
            cursor.execute("SELECT raw FROM adamas_entries WHERE log = 1 AND idx = %s", [rows[number(place)]])
            letters = base64.b32encode(bytes(cursor.fetchone()[0])).decode().rstrip("=")
            codes.append(f"https://office.example/v#{letters}")

    def picture(code: str) -> bytes:
        made = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        out = io.BytesIO()
        Image.fromarray(made.to_image(scale=6)).save(out, "PNG")
        return out.getvalue()

    def answered(**form: Any) -> None:
        page = client.post("/arrival/", form)
        assert page.status_code == 200, page.status_code
        assert b"Good:" in page.content, page.content[-2_000:]

    pictures = [picture(code) for code in codes[:PICTURES]]
    return {
        "code": p95([lambda code=code: answered(text=code) for code in codes]),
        "picture": p95([lambda p=p: answered(file=SimpleUploadedFile("p.png", p)) for p in pictures]),
        "expected": p95([lambda: client.get("/arrival/expected")] * 50),
        "empty": p95([lambda: client.get("/people/")] * 100),
    }


def p95(works: list[Callable[[], object]]) -> float:
    """Milliseconds; the first ones warm up and do not count."""
    times = []
    for work in works:
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1_000)
    times = sorted(times[5:])
    return times[int(len(times) * 0.95)]


def signed_in() -> Any:
    """A browser without script in which a customs officer of the Emirates is signed in."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.test import Client

    from adamas.office.people.models import Membership, Organisation, User

    organisation = Organisation.objects.create(
        slug="customs", name="Customs", kind="customs", participant="AE"
    )
    user = User.objects.create(email="officer@bench.example", name="Officer")
    TOTP.activate(user, generate_totp_secret())
    Membership.objects.create(user=user, organisation=organisation, role="customs", officer="cu-1")
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
    session.save()
    return client


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
