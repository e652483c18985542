"""What is refused about people, organisations and invitations.

PeopleError
├── LinkRefused     a link that opens nothing: unknown, used, withdrawn or too old; which of these is not said
└── LastOne         an organisation would be left without an administrator
"""

from __future__ import annotations

from adamas.office.errors import OfficeError


class PeopleError(OfficeError):
    """Anything that is refused about people and organisations (people.*); nothing was done."""


class LinkRefused(PeopleError):  # noqa: N818 — what happened
    """The link opens nothing. The same sentence for all reasons, so that nobody learns which links there were."""


class LastOne(PeopleError):  # noqa: N818 — what would happen
    """The organisation's last administrator would be gone, and nobody could invite another."""
