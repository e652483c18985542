"""The certificate on paper: PDF on plain paper, or printed onto a numbered blank form (certification.printing)."""

from __future__ import annotations

from adamas.office.web import site

LANGUAGES = {
    "en": "English",
    "fr": "Français",
    "pt": "Português",
    "ru": "Русский",
    "ar": "العربية",
    "zh": "中文",
}
FORM = "form.toml"
"""Where the fields of the pre-printed form are: ``form-BW.toml``, or this file, in the office's folder."""


def languages() -> list[tuple[str, str]]:
    """Languages in which a certificate may be printed: English alone, or another one beside it."""
    return list(LANGUAGES.items())


def pdf(number: str, language: str, participant: str, *, onto_form: bool = False) -> bytes:
    """The PDF of a certificate, sealed where the office has a key for it. Raises DocumentError.

    ``onto_form`` prints the data alone, at the places that the office's form.toml says; without such a file the blank
    form is taken for plain paper.
    """
    from adamas.office.certification import printing
    from adamas.office.document.form import load

    office = site.office()
    places = [office.home.path / name for name in (f"form-{participant}.toml", FORM)]
    layout = next((load(place) for place in places if onto_form and place.exists()), None)
    chosen = language if language in LANGUAGES else None
    made = printing.print_certificate(
        office, number, language=chosen, form=layout, sealer=printing.sealer_of(office)
    )
    return made.pdf
