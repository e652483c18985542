"""Forms of the desk after issue, one for each kind of act. `cells()` of a valid one is what the paper keeps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from adamas.office.aftercare import kinds
from adamas.office.aftercare.queries import Waiting
from adamas.office.arrival.forms import AT_ONCE, PICTURES, FilesField
from adamas.scheme.errors import ValueRefused
from adamas.scheme.values import parse_country, parse_day, parse_hs, parse_number

MAX_NOTE = 400
PUBLISHED = _("This is published in the log: name no firm and no person.")


def _note(label: Any, *, required: bool) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=PUBLISHED,
        required=required,
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ActForm(forms.Form):
    """An act that has fields."""

    def cells(self) -> dict[str, Any]:
        """The plain values of a valid form, without pictures."""
        return {name: value for name, value in self.cleaned_data.items() if name != "pictures"}

    def uploads(self) -> list[Any]:
        """Uploads of a valid form."""
        found: list[Any] = self.cleaned_data.get("pictures") or []
        return found

    def split(self, name: str) -> list[str]:
        """The parts of a list that was typed with blanks, commas or semicolons between them."""
        text = self.cleaned_data.get(name) or ""
        return [part for part in text.replace(",", " ").replace(";", " ").split() if part]


class CorrectForm(ActForm):
    """The right data; what is left empty stays as it was."""

    why = _note(_("What was wrong"), required=True)
    hs = forms.CharField(
        label=_("HS codes"),
        help_text=_("All of them, such as 7102.10 7102.31."),
        required=False,
        max_length=60,
    )
    origin = forms.CharField(
        label=_("Countries of origin"),
        help_text=_("All of them, two letters each."),
        required=False,
        max_length=200,
    )
    shares = forms.CharField(
        label=_("Shares"),
        help_text=_("Mixed origin only: per cent of carats by origin, sum 100."),
        required=False,
        max_length=200,
    )
    parcels = forms.IntegerField(label=_("Number of parcels"), required=False, min_value=1, max_value=9_999)
    expires = forms.CharField(
        label=_("Date of expiry"), help_text=_("As 2025-12-31."), required=False, max_length=10
    )

    def clean_hs(self) -> list[str]:
        """HS codes, ascending, each once."""
        return sorted({_read(parse_hs, part) for part in self.split("hs")})

    def clean_origin(self) -> list[str]:
        """Countries, in the order given."""
        return list(dict.fromkeys(_read(parse_country, part) for part in self.split("origin")))

    def clean_shares(self) -> list[int]:
        """Per cent figures whose sum is 100."""
        try:
            found = [int(part) for part in self.split("shares")]
        except ValueError as error:
            raise forms.ValidationError(_now("Write whole per cent figures.")) from error
        if found and (sum(found) != 100 or min(found) < 0):
            raise forms.ValidationError(_now("The shares do not add up to 100."))
        return found

    def clean_expires(self) -> str | None:
        """A day of the calendar."""
        text = self.cleaned_data["expires"]
        return _read(parse_day, text) if text else None

    def clean(self) -> dict[str, Any]:
        """A correction corrects something; shares belong to their origins."""
        data = super().clean() or {}
        named = ("hs", "origin", "shares", "parcels", "expires")
        if not self.errors and not any(data.get(name) for name in named):
            self.add_error(None, _now("Say which data are to be corrected."))
        if data.get("shares") and len(data["shares"]) != len(data.get("origin") or ()):
            self.add_error("shares", _now("Give the origins too, and one share for each."))
        return data


class ConfirmForm(ActForm):
    """Which correction is put on record."""

    correction = forms.ChoiceField(label=_("Correction"), choices=[])

    def __init__(self, *args: Any, waiting: list[Waiting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["correction"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (item.text_id, f"{item.corrected}: {_changes(item)} ({item.why})") for item in waiting
        ]
        if len(waiting) == 1:
            field.initial = waiting[0].text_id


class NoteForm(ActForm):
    """A reason in words, which may be left out."""

    note = _note(_("In words"), required=False)


class ReplaceForm(ActForm):
    """The certificate that takes its place, and why."""

    by = forms.CharField(
        label=_("New certificate"),
        help_text=_("Its number; it was issued with this one's number under “Replaces”."),
        max_length=40,
    )
    why = forms.ChoiceField(
        label=_("Why"),
        choices=[
            ("", "—"),
            ("lost", _("Lost")),
            ("stolen", _("Stolen")),
            ("damaged", _("Damaged")),
            ("error", _("An error in it")),
            ("expired", _("Expired")),
        ],
    )

    def clean_by(self) -> str:
        """A certificate number."""
        return str(_read(parse_number, self.cleaned_data["by"]))


class ReturnForm(ActForm):
    """The technical certificate that the shipment travels back on."""

    technical = forms.CharField(
        label=_("Technical certificate"),
        help_text=_("Its number; leave it empty if the goods go back under the old seals and papers."),
        max_length=40,
        required=False,
    )
    why = _note(_("Why"), required=True)

    def clean_technical(self) -> str:
        """A certificate number, or nothing."""
        text = self.cleaned_data["technical"]
        return str(_read(parse_number, text)) if text else ""


class ForgeryForm(ActForm):
    """A forged paper that was seen."""

    number = forms.CharField(label=_("Number on the paper"), max_length=40)
    note = _note(_("How it was known"), required=False)
    pictures = FilesField(
        label=_("Pictures"),
        help_text=_("PNG or JPEG. They stay private; place and camera are removed from them."),
        required=False,
        kinds=PICTURES,
        most=AT_ONCE,
    )

    def clean_number(self) -> str:
        """A certificate number: a forged paper carries one too."""
        return str(_read(parse_number, self.cleaned_data["number"]))

    def cells(self) -> dict[str, Any]:
        """What is published: the note."""
        return {"note": self.cleaned_data["note"]}


FORMS: dict[str, type[ActForm]] = {
    kinds.CORRECT: CorrectForm,
    kinds.CONFIRM: ConfirmForm,
    kinds.LOSE: NoteForm,
    kinds.STEAL: NoteForm,
    kinds.VOID: NoteForm,
    kinds.REPLACE: ReplaceForm,
    kinds.RETURN: ReturnForm,
    kinds.FORGERY: ForgeryForm,
}


def _read(parse: Any, text: str) -> Any:
    """What a parser of the scheme makes of a text; its refusal becomes an error beside the field."""
    try:
        return parse(text)
    except ValueRefused as error:
        raise forms.ValidationError(" ".join(filter(None, (error.sentence, error.advice)))) from error


def _changes(item: Waiting) -> str:
    return "; ".join(
        f"{name} {' '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in item.changes
    )
