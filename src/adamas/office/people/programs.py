"""Accounts of programs: nobody signs in to them, and what needs a person they never do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamas.office.people.models import User

DOMAIN = "clients.invalid"
"""What the addresses of programs' accounts end with; no mail goes there, and nobody can be invited there."""


def is_program(user: User | None) -> bool:
    """Whether an account is a program's."""
    return user is not None and user.email.endswith(f"@{DOMAIN}")
