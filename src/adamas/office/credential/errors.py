"""What the export refuses."""

from __future__ import annotations

from adamas.office.errors import OfficeError


class CredentialError(OfficeError):
    """A certificate that no credential is made of, or an office that cannot make one (credential.*)."""


class CredentialAway(CredentialError):  # noqa: N818 — what is missing
    """Not now: something that the credential rests on is not there yet."""

    exit_code = 2
