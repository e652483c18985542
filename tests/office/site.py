"""The office with pages as tests use it: one installation that hosts Botswana and the Emirates, with its people.

`site.client("issuing")` is a browser without script in which that person is signed in with a second factor, just now.
The world is built once a session and copied for each test (`site`), or for each module (`shared_site`).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.test import client as client_module
from django.test.client import ClientHandler
from django.utils import translation
from tests.office.conftest import (
    CODES,
    PASSPHRASE,
    Clock,
    Databases,
    _acts,
    entries,
    feed,
)

from adamas.office import database, founding
from adamas.office.home import Config
from adamas.office.opening import Office
from adamas.office.registry import actions as registry_acts
from adamas.office.web import site as web_site

PASSWORD = "long enough for anyone"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ORGANISATIONS = (
    # slug, name, kind, participant
    ("bw-authority", "Ministry of Minerals of Botswana", "authority", "BW"),
    ("bw-customs", "Customs of Botswana", "customs", "BW"),
    ("okavango", "Okavango Stones (Pty) Ltd", "exporter", "BW"),
    ("chobe", "Chobe Gems (Pty) Ltd", "exporter", "BW"),
    ("ae-authority", "Kimberley Process Office of the Emirates", "authority", "AE"),
    ("ae-customs", "Customs of the Emirates", "customs", "AE"),
    ("deira", "Deira Trading FZE", "importer", "AE"),
)
PEOPLE = (
    # role, organisation, officer id
    ("exporter", "okavango", "ex-1"),
    ("exporter", "chobe", "ex-1"),
    ("issuing", "bw-authority", "is-1"),
    ("issuing", "bw-authority", "is-2"),
    ("approving", "bw-authority", "ap-2"),
    ("customs", "bw-customs", "va-1"),
    ("statistics", "bw-authority", "st-1"),
    ("administrator", "bw-authority", "ad-1"),
    ("auditor", "bw-authority", "au-1"),
    ("chair", "bw-authority", "ch-1"),
    ("working_group", "bw-authority", "wg-1"),
    ("issuing", "ae-authority", "is-1"),
    ("approving", "ae-authority", "ap-1"),
    ("importing", "ae-authority", "im-1"),
    ("importing", "ae-authority", "im-2"),
    ("customs", "ae-customs", "cu-1"),
    ("administrator", "ae-authority", "ad-1"),
    ("auditor", "ae-authority", "au-1"),
    ("exporter", "deira", "ex-1"),
)


@cache
def _door() -> ClientHandler:
    handler = ClientHandler()
    handler.load_middleware()
    return handler


class OneDoor(ClientHandler):
    """All clients come through one door, as at a real server: making one looks at every static file."""

    def __call__(self, environ: Any) -> Any:
        """As of any handler; only the chain of middleware is everybody's."""
        self._middleware_chain = _door()._middleware_chain
        return super().__call__(environ)


client_module.ClientHandler = OneDoor  # type: ignore[misc]


@dataclass
class Site:
    """The installation, open, and its people by role and organisation."""

    folder: Path
    office: Office
    clock: Clock = field(default_factory=Clock)

    def user(self, role: str, organisation: str | None = None, officer: str | None = None):
        """The account of a person: the first of that role, unless an organisation or officer id is named."""
        return self.membership(role, organisation, officer).user

    def membership(self, role: str, organisation: str | None = None, officer: str | None = None):
        from adamas.office.people.models import Membership

        found = Membership.objects.filter(role=role).order_by("pk").select_related("user", "organisation")
        if organisation:
            found = found.filter(organisation__slug=organisation)
        if officer:
            found = found.filter(officer=officer)
        first = found.first()
        assert first is not None, f"nobody is {role} of {organisation}"
        return first

    def client(
        self,
        role: str | None = None,
        organisation: str | None = None,
        *,
        officer: str | None = None,
        stepped_up: bool = True,
        csrf: bool = False,
    ) -> Client:
        """A test client; signed in as that role (None: a visitor)."""
        client = Client(enforce_csrf_checks=csrf, headers={"host": "localhost"})
        if role is not None:
            self.sign_in(client, self.membership(role, organisation, officer), stepped_up=stepped_up)
        return client

    def sign_in(self, client: Client, membership, *, stepped_up: bool = True) -> None:
        """Signs a person in by his password and second factor, as of now (or of an hour ago)."""
        user, at = membership.user, time.time() - (0 if stepped_up else 3_600)
        session = (
            SessionStore()
        )  # as signing in leaves it, without its five writes for each of some hundred people
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session["account_authentication_methods"] = [
            {"method": "password", "at": at, "email": user.email},
            {"method": "mfa", "at": at, "type": "totp"},
        ]
        session["account_authentication_methods_user"] = str(user.pk)
        session["membership"] = membership.pk
        session.create()
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key


@pytest.fixture(scope="session")
def site_template(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Path:
    """The installation as it begins, closed."""
    folder = tmp_path_factory.mktemp("site")
    clock = Clock()
    registry = founding.found_registry(
        folder / "registry",
        Config("test.example/registry", "kp:registry/government", kind="registry"),
        PASSPHRASE,
        clock=clock,
        cost=2**4,
    )
    registry_acts.act(registry, _acts())
    config = Config(
        "test.example/log/hosted", "kp:BW/authority", participants=("BW", "AE"), database=databases.url()
    )
    hosted = founding.found_office(
        folder / "hosted", config, PASSPHRASE, entries(registry)[0], clock=clock, cost=2**4
    )
    holders = ("kp:BW/authority", "kp:AE/authority")
    registry_acts.enrol_keys(registry, [(holder, hosted.signer(holder).public_key) for holder in holders])
    feed(hosted, registry, role="registry")
    registry_acts.adopt_keys(hosted)
    hosted.close()
    registry.close()
    opened = web_site.open_site(folder / "hosted", passphrase=PASSPHRASE, clock=clock)
    web_site.use(opened)
    _people()
    web_site.use(None)
    _close()
    return folder


def _people() -> None:
    from allauth.mfa.totp.internal.auth import TOTP

    from adamas.office.people.models import Membership, Organisation, User

    organisations = {
        slug: Organisation.objects.create(
            slug=slug, name=name, kind=kind, participant=code, licence=f"L-{slug}"
        )
        for slug, name, kind, code in ORGANISATIONS
    }
    first: User | None = None
    for role, slug, officer in PEOPLE:
        user = User(email=f"{officer}.{role}@{slug}.example", name=f"{role.title()} {officer} of {slug}")
        if first is None:
            user.set_password(PASSWORD)
            first = user
        user.password = first.password  # one hash for all: making it is slow on purpose
        user.save()
        TOTP.activate(user, SECRET)
        Membership.objects.create(user=user, organisation=organisations[slug], role=role, officer=officer)


def _close() -> None:
    from django.db import connections

    connections[database.DEFAULT].close()


def _open(template: Path, folder: Path, databases: Databases) -> Site:
    shutil.copytree(template, folder)
    home = folder / "hosted"
    databases.copy(home)
    clock = Clock()
    opened = web_site.open_site(home, passphrase=PASSPHRASE, clock=clock, migrate=False)
    web_site.use(opened)
    return Site(folder, opened, clock)


@pytest.fixture
def site(site_template: Path, tmp_path: Path, databases: Databases) -> Iterator[Site]:
    """An installation of this test's own."""
    yield from _served(_open(site_template, tmp_path / "site", databases))


@pytest.fixture(scope="module")
def shared_site(
    site_template: Path, tmp_path_factory: pytest.TempPathFactory, databases: Databases
) -> Iterator[Site]:
    """An installation that the tests of a module share; for those that only look."""
    yield from _served(_open(site_template, tmp_path_factory.mktemp("shared") / "site", databases))


def _served(site: Site) -> Iterator[Site]:
    yield site
    translation.deactivate()  # the last page's language is not the next test's
    web_site.use(None)
    _close()
    shutil.rmtree(site.folder, ignore_errors=True)  # it may lie in memory


assert set(CODES) >= {"BW", "AE"}
