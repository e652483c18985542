"""Marks a text for translation without translating it, and without Django's settings, which not every program has."""

from __future__ import annotations


def gettext_noop(text: str) -> str:
    """The text itself; `makemessages` finds it by the name of this function."""
    return text
