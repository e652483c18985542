"""The certificate on paper: PDF on plain paper, or to be printed onto a numbered blank form."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from adamas.office.issuing.errors import IssuingError
from adamas.office.web import site

LANGUAGES = {"fr": "Français", "pt": "Português", "ru": "Русский", "ar": "العربية", "zh": "中文"}


def languages(participant: str) -> list[tuple[str, str]]:
    """Languages in which a certificate may be printed beside English."""
    return [("en", "English"), *LANGUAGES.items()]


def pdf(number: str, language: str, participant: str, *, form: str = "") -> bytes:
    """The PDF of a certificate. Raises IssuingError ``issuing.no-printing``, or what printing refuses."""
    try:
        printing: Any = import_module("adamas.office.certification.printing")
    except ImportError as error:
        raise IssuingError(
            "issuing.no-printing",
            "This installation cannot make PDFs: a part of it is missing.",
            advice="Install it with the extra “office”.",
        ) from error
    made: bytes = printing.pdf(site.office(), number, language=language or "en", form=form or None)
    return made
