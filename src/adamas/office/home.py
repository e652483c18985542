"""The office's folder: office.toml, policy.txt, keys/, office.db, public/, followed/.

    origin   = "adamas.example/log/BW"     # the log's name, for ever
    operator = "kp:BW/authority"           # who runs it
    kind     = "office"                    # or "registry"
    participants = ["BW"]                  # whom it hosts
    address  = "https://office.example"    # where people reach it (QR codes), optional

    [database]
    url = "sqlite:///office.db"            # beside office.toml; or postgresql://…
    [publish]
    to  = "public"                         # a folder beside office.toml, file:///…, or s3://bucket/prefix
    url = "https://log.example/BW"         # where others fetch it, optional

policy.txt is the witness policy (C2SP tlog-policy): witnesses with their addresses, groups and the quorum.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from adamas.office.errors import HomeError

CONFIG_NAME = "office.toml"
POLICY_NAME = "policy.txt"
ENVIRONMENT = "ADAMAS_HOME"
TIMEOUT = "ADAMAS_DATABASE_TIMEOUT"
DATABASE = "sqlite:///office.db"
PUBLISH_TO = "public"
Kind = Literal["office", "registry"]


@dataclass(frozen=True, slots=True)
class Config:
    """What office.toml says. ``policy`` is the text of policy.txt (empty: no witnesses are asked)."""

    origin: str
    operator: str
    kind: Kind = "office"
    participants: tuple[str, ...] = ()
    database: str = DATABASE
    publish_to: str = PUBLISH_TO
    publish_url: str | None = None
    address: str | None = None
    policy: str = ""

    def toml(self) -> str:
        """The text of office.toml (policy.txt stands beside it)."""
        lines = [
            f"origin = {_quote(self.origin)}",
            f"operator = {_quote(self.operator)}",
            f"kind = {_quote(self.kind)}",
            f"participants = [{', '.join(map(_quote, self.participants))}]",
        ]
        if self.address:
            lines.append(f"address = {_quote(self.address)}")
        lines += ["", "[database]", f"url = {_quote(self.database)}"]
        lines += ["", "[publish]", f"to = {_quote(self.publish_to)}"]
        if self.publish_url:
            lines.append(f"url = {_quote(self.publish_url)}")
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Home:
    """An office's folder and what its office.toml says."""

    path: Path
    config: Config

    @property
    def keys(self) -> Path:
        """The folder of encrypted private keys."""
        return self.path / "keys"

    @property
    def followed(self) -> Path:
        """Verified copies of other offices' logs."""
        return self.path / "followed"

    @property
    def publish_to(self) -> str:
        """Where the log is published: an absolute folder, or the address of a bucket."""
        to = self.config.publish_to
        return to if "://" in to else str((self.path / to).resolve())

    @property
    def database(self) -> dict[str, Any]:
        """The Django settings of the office's database."""
        return database_settings(self.config.database, self.path)


def find(given: str | os.PathLike[str] | None = None) -> Path:
    """The home folder: the one given, else of the environment variable ADAMAS_HOME, else the current folder."""
    if given is not None:
        return Path(given)
    return Path(os.environ.get(ENVIRONMENT) or ".")


def create(path: str | os.PathLike[str], config: Config) -> Home:
    """Makes the folder and its office.toml.

    Raises HomeError ``home.exists`` if there is an office already.
    """
    folder = Path(path).resolve()
    if (folder / CONFIG_NAME).exists():
        raise HomeError(
            "home.exists", f"There is an office in {folder} already.", where=str(folder / CONFIG_NAME)
        )
    if not config.origin or any(c.isspace() or c == "+" for c in config.origin):
        raise HomeError(
            "home.origin", "The origin of a log is one word without blanks and plus signs.", where="origin"
        )
    try:
        for part in (folder, folder / "keys", folder / "followed"):
            part.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / POLICY_NAME).write_text(config.policy, encoding="utf-8")
        (folder / CONFIG_NAME).write_text(config.toml(), encoding="utf-8")
    except OSError as error:
        raise HomeError(
            "home.cannot-write", f"The folder cannot be made: {error.strerror}.", where=str(folder)
        ) from error
    return load(folder)


def load(path: str | os.PathLike[str] | None = None) -> Home:
    """The office of a folder. Raises HomeError ``home.missing``, ``home.toml``, ``home.field``."""
    folder = find(path).resolve()
    file = folder / CONFIG_NAME
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise HomeError(
            "home.missing",
            f"There is no office in {folder}.",
            where=str(file),
            advice=f"Make one with `adamas init`, or name its folder with --home or {ENVIRONMENT}.",
        ) from None
    except (
        OSError,
        ValueError,
        RecursionError,
    ) as error:  # not TOML, not UTF-8, numbers or nesting without end
        raise HomeError("home.toml", f"{CONFIG_NAME} cannot be read: {error}.", where=str(file)) from error
    policy_file = folder / POLICY_NAME
    try:
        policy = policy_file.read_text(encoding="utf-8") if policy_file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise HomeError(
            "home.toml", f"{POLICY_NAME} cannot be read: {error}.", where=str(policy_file)
        ) from error
    return Home(folder, _config(table, policy, file))


def _config(table: dict[str, Any], policy: str, file: Path) -> Config:
    def text(section: dict[str, Any], name: str, default: str | None = None) -> str:
        value = section.get(name, default)
        if not isinstance(value, str) or not value:
            raise HomeError(
                "home.field", f"{CONFIG_NAME} does not say its {name}, a text.", where=f"{file}: {name}"
            )
        return value

    def section(name: str) -> dict[str, Any]:
        value = table.get(name, {})
        if not isinstance(value, dict):
            raise HomeError(
                "home.field", f"{CONFIG_NAME}: [{name}] is not a section.", where=f"{file}: {name}"
            )
        return value

    kind = table.get("kind", "office")
    if kind not in ("office", "registry"):
        raise HomeError("home.field", f"{CONFIG_NAME}: kind is office or registry.", where=f"{file}: kind")
    participants = table.get("participants", [])
    if not isinstance(participants, list) or not all(
        isinstance(p, str) and len(p) == 2 for p in participants
    ):
        raise HomeError(
            "home.field", f"{CONFIG_NAME}: participants is a list of two-letter codes.", where=str(file)
        )
    database, publish = section("database"), section("publish")
    return Config(
        origin=text(table, "origin"),
        operator=text(table, "operator"),
        kind=kind,
        participants=tuple(participants),
        database=text(database, "url", DATABASE),
        publish_to=text(publish, "to", PUBLISH_TO),
        publish_url=publish.get("url"),
        address=table.get("address"),
        policy=policy,
    )


def wait_seconds() -> float:
    """How long a writer waits for another one: 20 seconds, or what ADAMAS_DATABASE_TIMEOUT says."""
    return float(os.environ.get(TIMEOUT, "20"))


def sqlite_settings(file: Path, *, durable: bool = True) -> dict[str, Any]:
    """Django's settings for an SQLite file. ``durable=False`` is for scratch files that are thrown away.

    Durable means synchronous at each commit (WAL with synchronous=FULL). The write lock is taken at the
    beginning of a transaction: a deferred one that reads first fails at once when another writes, whatever
    the timeout. Writers wait 20 seconds, since an act of ten thousand rows holds the lock for some of them.
    """
    journal = (
        "journal_mode=WAL; PRAGMA synchronous=FULL" if durable else "journal_mode=OFF; PRAGMA synchronous=OFF"
    )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": wait_seconds(),
            "init_command": f"PRAGMA {journal}; PRAGMA foreign_keys=ON; PRAGMA cache_size=-64000;"
            " PRAGMA wal_autocheckpoint=8000;"
            " PRAGMA temp_store=MEMORY;",
        },
    }


def database_settings(url: str, beside: Path) -> dict[str, Any]:
    """Django's settings for ``sqlite:///file`` (relative to ``beside``, or absolute) or ``postgresql://…``."""
    if url.startswith("sqlite:///") and url.isprintable():
        return sqlite_settings((beside / url.removeprefix("sqlite:///")).resolve())
    if url.startswith(("postgresql://", "postgres://")):
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict

        try:
            parts = conninfo_to_dict(url)
        except (ProgrammingError, ValueError) as error:
            raise HomeError(
                "home.database-url",
                f"The address of the database cannot be read: {str(error).strip()}.",
                where="database.url",
                advice="Write sqlite:///office.db or postgresql://user@host/name.",
            ) from None
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": str(parts.pop("dbname", "") or "adamas"),
            "USER": str(parts.pop("user", "") or ""),
            "PASSWORD": str(parts.pop("password", "") or ""),
            "HOST": str(parts.pop("host", "") or ""),
            "PORT": str(parts.pop("port", "") or ""),
            "OPTIONS": parts,
        }
    raise HomeError(
        "home.database-url",
        f"{url!r} is not the address of a database.",
        where="database.url",
        advice="Write sqlite:///office.db or postgresql://user@host/name.",
    )


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
