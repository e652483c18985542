"""What every test may use: the shared vectors and facts, and one Hypothesis profile for laptop and one for CI."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from hypothesis import HealthCheck, settings

# One process runs the tests of the offices and of their pages, so it knows the tables of both.
os.environ["DJANGO_SETTINGS_MODULE"] = "adamas.office.web.settings"
assert django_settings.INSTALLED_APPS  # read now, and for good
del os.environ["DJANGO_SETTINGS_MODULE"]  # programs that tests start choose their own
# A stored password says how often it was hashed; half a second each is a guard of real ones.
PBKDF2PasswordHasher.iterations = 1_000
# A browser that is driven from a test has an event loop in its thread, where Django would refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

settings.register_profile(
    "laptop", deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "ci", deadline=None, max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
IN_CI = os.environ.get("CI") == "true"
settings.load_profile("ci" if IN_CI else "laptop")

REPOSITORY = Path(__file__).resolve().parent.parent


MEMORY = Path("/dev/shm")


def pytest_configure(config: pytest.Config) -> None:
    """Quick tests write into memory where Linux gives some: thousands of small databases wait for the disk else.

    What is said about a disk is tested by the slow ones, on the disk.
    """
    quick = "not slow" in config.option.markexpr
    if quick and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 2**30:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What was loaded stays until the end: it is not searched for garbage, neither while it loads nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def missing(what: str, how: str) -> None:
    """A missing tool or folder is a failure in CI and a visible skip on a laptop."""
    message = f"{what} is not here: {how}"
    if IN_CI:
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Other people's test vectors and the collected facts, which live beside the repository, never in it."""
    folder = Path(os.environ.get("ADAMAS_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "vectors").is_dir():
        missing("the shared folder", "set ADAMAS_SHARED to a folder that holds vectors/, kp/ and data/")
    return folder
