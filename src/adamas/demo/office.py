"""`adamas serve --demo`: founds the demo office if it is missing, then serves it with its witnesses."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from adamas.cli import exits, output
from adamas.demo.office_places import MARK, OfficePlaces, policy, witnesses
from adamas.demo.places import PASSPHRASE
from adamas.office.serving import opened

REGISTRY_SECONDS = 300.0
_BUSY = "founding"


def serve_demo(folder: Path, *, host: str, port: int, check: bool = False) -> int:
    """Serves the demo of a folder until Ctrl-C. Raises UsageError if the folder is something else."""
    places = OfficePlaces(folder.resolve())
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise exits.UsageError(
            "usage.demo", "The demonstration is for this computer alone: anybody signs in there by one click."
        )
    if not (places.root / MARK).exists():
        _found(places)
    if check:
        from adamas.office.serving.check import check as look
        from adamas.office.serving.check import stops

        found = look(places.office, host, port, passphrase=lambda: PASSPHRASE)
        for point in found:
            output.line(f"{point.level:<5} {point.name:<10} {point.sentence}")
        return exits.NOT_VALID if stops(found) else exits.OK
    _ports(places)
    from adamas.office.serving.master import Part
    from adamas.office.serving.serve import Wish, serve

    def told(url: str) -> None:
        output.line(f"Start here: {url}demo (a person for each role, and a first task for each)")
        output.line("Everything in it is SYNTHETIC. Ctrl-C ends it; the folder keeps what you did.")

    wish = Wish(
        places.office,
        PASSPHRASE,
        host,
        port,
        demo=True,
        extra=[Part("witnesses", lambda: run_witnesses(places), last=2)],
        told=told,
    )
    return serve(wish)


def run_witnesses(places: OfficePlaces) -> None:
    """The process of the three witnesses, which also keeps the registry's log fresh; until SIGTERM."""
    from adamas.office.opening import open_office
    from adamas.office.serving.loops import Loop, wait_for
    from adamas.office.serving.publishing import Publishing

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with witnesses(places, time.time), open_office(places.registry, passphrase=PASSPHRASE) as registry:
        loop = Loop("registry", REGISTRY_SECONDS, Publishing(registry).turn, stop)
        loop.start()
        stop.wait()
        wait_for([loop], 5)


def _found(places: OfficePlaces) -> None:
    """Founds it in a process of its own, so that nothing of that stays in the memory of the one that serves."""
    if places.root.exists() and any(places.root.iterdir()):
        if not (places.root / _BUSY).exists():
            raise exits.UsageError(
                "usage.exists",
                "The folder is there already, and is not of an earlier demo office.",
                where=str(places.root),
                advice="Name another folder: adamas serve --demo DIR.",
            )
        from adamas.demo.office_world import remove

        remove(places.root)
    places.root.mkdir(parents=True, exist_ok=True)
    (places.root / _BUSY).touch()
    output.line(f"Founding a demonstration in {places.root} (some ten seconds) …")
    sys.stdout.flush()
    words = [sys.executable, "-m", "adamas.demo.office", str(places.root)]
    done = subprocess.run(words, check=False, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise exits.UsageError("usage.demo", "The demonstration could not be founded; see above.")
    (places.root / _BUSY).unlink()


def _ports(places: OfficePlaces) -> None:
    """Witnesses whose port is in use by now have got another one: the office is told where they are."""
    text = policy(places)
    for home in (places.office, places.registry):
        file = home / "policy.txt"
        with suppress(OSError):
            if file.read_text(encoding="utf-8") != text:
                file.write_text(text, encoding="utf-8")


def main(folder: str) -> None:
    """Founds the demo of a folder and prints what is in it."""
    places = OfficePlaces(Path(folder))
    places.office.parent.mkdir(parents=True, exist_ok=True)
    os.environ["ADAMAS_EMAIL_BACKEND"] = "django.core.mail.backends.dummy.EmailBackend"
    os.environ["ADAMAS_SECRET_KEY"] = secrets.token_urlsafe(48)  # put into the folder when there is one
    opened.configure(places.office, demo=True)
    from adamas.office.database import ensure_django

    ensure_django()
    from adamas.demo.office_world import found

    figures = found(places)
    output.line(
        f"Founded: {figures['certificates']} certificates, {figures['people']} people,"
        f" three witnesses; {figures['seconds']} s."
    )


if __name__ == "__main__":
    main(sys.argv[1])
