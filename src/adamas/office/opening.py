"""An open office: its folder, database, keys, own log and what it knows. Everything a door needs comes from
here.

    office = open_office("~/bw", passphrase="…")
    certification.issue(office, [command])
    office.publish()

Acts of one process take turns (a lock); acts of several processes take turns in the database.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from adamas.office import database, home
from adamas.office.errors import HomeError
from adamas.office.home import Config, Home

if TYPE_CHECKING:
    from adamas.ledger.keys import Signer
    from adamas.ledger.keystore import KeyStore
    from adamas.office.log.follow import Followed
    from adamas.office.log.knowledge import Knowledge
    from adamas.office.log.models import Log
    from adamas.office.log.projection import Projector
    from adamas.office.log.publishing import Published
    from adamas.office.reservation import Bounds
    from adamas.scheme.certificates import CertificateRecord

Passphrase = str | Callable[[], str] | None
PASSPHRASE = "ADAMAS_PASSPHRASE"  # noqa: S105 — the name of an environment variable
LOG_KEY = "log"


class Office:
    """One office, open. ``clock`` gives seconds since 1970 (UTC) and may be replaced (tests, the demo's past
    year).
    """

    def __init__(self, place: Home, alias: str, passphrase: Passphrase, clock: Callable[[], float]) -> None:
        from adamas.office.log.knowledge import Knowledge
        from adamas.office.log.projection import Projector
        from adamas.office.reservation import Bounds

        self.home = place
        self.bounds: Bounds = Bounds(place.path)
        self.alias = alias
        self.clock = clock
        self.knowledge: Knowledge = Knowledge(alias)
        self.projector: Projector = Projector(self.knowledge)
        self._passphrase = passphrase
        self._keystore: KeyStore | None = None
        self._signers: dict[str, Signer | None] = {}
        self._turn = threading.RLock()

    @property
    def config(self) -> Config:
        """What office.toml says."""
        return self.home.config

    @property
    def keystore(self) -> KeyStore:
        """The private keys. Opened at first use: reading needs no passphrase."""
        if self._keystore is None:
            from adamas.ledger.keystore import KeyStore

            given = self._passphrase() if callable(self._passphrase) else self._passphrase
            passphrase = given if given is not None else os.environ.get(PASSPHRASE)
            if passphrase is None:
                raise HomeError(
                    "home.passphrase",
                    "The passphrase of the keys is needed and was not given.",
                    advice=f"Set {PASSPHRASE}, or type it when asked.",
                )
            self._keystore = KeyStore.open(self.home.keys, passphrase)
        return self._keystore

    def forget_passphrase(self) -> None:
        """Drops the passphrase: what was opened stays open, and nothing can be opened with it any more."""
        self._passphrase = None

    @property
    def log(self) -> Log:
        """This office's own log."""
        from adamas.office.log.knowledge import OWN
        from adamas.office.log.models import Log

        return Log.objects.using(self.alias).get(number=OWN)

    def now(self) -> int:
        """The time, in seconds since 1970 (UTC)."""
        return int(self.clock())

    def authority(self, code: str) -> str:
        """Who signs for a Participant: its authority, ``kp:XX/authority`` (the operator, if it is that
        Participant's).
        """
        if self.config.operator.startswith(f"kp:{code}/"):
            return self.config.operator
        return f"kp:{code}/authority"

    def find_signer(self, holder: str) -> Signer | None:
        """The newest usable key of a holder, or None if this office has none."""
        if holder not in self._signers:
            base = key_name(holder)
            names = [n for n in self.keystore.names() if n == base or n.rpartition(".")[0] == base]
            names.sort(key=lambda name: int(name.rpartition(".")[2]) if name != base else 1)
            self._signers[holder] = self.keystore.load(names[-1]) if names else None
        return self._signers[holder]

    def signer(self, holder: str) -> Signer:
        """As :meth:`find_signer`; raises HomeError ``home.no-key``."""
        found = self.find_signer(holder)
        if found is None:
            raise HomeError(
                "home.no-key", f"This office holds no key of {holder}.", where=str(self.home.keys)
            )
        return found

    def make_key(self, holder: str, *, use: bool = True) -> Signer:
        """A new key for a holder, kept encrypted; it counts once it is enrolled. An older one is kept beside it.

        With ``use=False`` this process goes on signing with the older one, until :meth:`use_newest`.
        """
        if not use:
            self.find_signer(holder)
        base = key_name(holder)
        known = base in self.keystore.names()
        signer = self.keystore.rotate(base)[1] if known else self.keystore.make(base)
        if use:
            self.use_newest(holder)
        return signer

    def use_newest(self, holder: str) -> None:
        """From now on this process signs for a holder with the newest key that is kept."""
        self._signers.pop(holder, None)

    def log_signer(self) -> Signer:
        """The key that signs this log's checkpoints."""
        return self.keystore.load(LOG_KEY)

    def publish(self, *, witnesses: bool = True) -> Published:
        """Publishes what is durable: tiles, checkpoint, cosignatures (log.publishing)."""
        from adamas.office.log.publishing import publish

        return publish(self, witnesses=witnesses)

    def follow(self, url: str, vkey: str, *, role: str = "office", policy: str = "") -> Followed:
        """Follows another office's log, or catches up with it (log.follow)."""
        from adamas.office.log.follow import follow

        return follow(self, url, vkey, role=role, policy=policy)

    def records(self, numbers: Iterable[str]) -> dict[str, CertificateRecord]:
        """The records of those certificate numbers about which anything is known here."""
        from adamas.office.log import reading
        from adamas.scheme.certificates import record_of

        with (
            self._turn,
            database.failures(),
        ):  # two threads must not read the same new entries into one knowledge
            self.knowledge.refresh()
            facts = reading.certificate_facts(self.alias, dict.fromkeys(numbers), self.knowledge.origins)
        return {number: record_of(about) for number, about in facts.items()}

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Around an act: one at a time in this process, and nothing kept in memory of one that failed."""
        with self._turn:
            try:
                yield
            except BaseException:
                self.knowledge.forget()
                raise

    def close(self) -> None:
        """Closes the database connection of this thread."""
        database.forget(self.alias)

    def __enter__(self) -> Office:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_office(
    path: str | os.PathLike[str] | None = None,
    *,
    passphrase: Passphrase = None,
    clock: Callable[[], float] = time.time,
) -> Office:
    """The office of a folder (or of ADAMAS_HOME), its tables up to date. Raises HomeError, DatabaseError.

    ``passphrase`` may be a function that asks for it; it is called when a key is first needed.
    """
    place = home.load(path)
    return Office(place, database.connect(place), passphrase, clock)


def key_name(holder: str) -> str:
    """The file name of a holder's key: ``kp:BW/authority`` → ``kp.BW.authority``-like, safe on every file
    system.
    """
    return holder.replace(":", "-").replace("/", "-")
