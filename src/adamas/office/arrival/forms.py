"""Forms of the arrival desk. They read what was typed; what it means is judged by the scheme's parsers and rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from adamas.office.arrival.actions import Found
from adamas.office.arrival.models import SEALS, Inspection
from adamas.office.arrival.scanning import MAX_TEXT
from adamas.office.web import uploads
from adamas.office.web.sentences import said
from adamas.office.web.uploads import Upload, UploadError
from adamas.scheme.errors import ValueRefused
from adamas.scheme.values import format_hundredths, parse_carats, parse_usd

REASONS = (
    ("expired", _("The certificate has expired")),
    ("void", _("The certificate no longer counts")),
    ("mismatch", _("The goods are not those declared")),
    ("seals", _("The seals are not as they should be")),
    ("no-certificate", _("There is no certificate with the goods")),
    ("standing", _("A Participant may not trade on this day")),
    ("forged", _("The paper is forged")),
    ("other", _("Another reason")),
)
"""Why a shipment is not admitted, as the statement ``shipment.refused`` names it."""
PICTURES = ("png", "jpg")
PAPERS = ("pdf", "png", "jpg")
MAX_NOTE = 400
AT_ONCE = 4
"""Pictures in one go: they are unpacked in memory, and an old computer has little."""


class ManyFiles(forms.ClearableFileInput):
    """A field for several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploads, each of a kind that its content shows and of bounded size."""

    def __init__(self, *, kinds: tuple[str, ...], most: int, **kwargs: Any) -> None:
        self.kinds, self.most = kinds, most
        accept = ",".join(
            {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}[k] for k in kinds
        )
        super().__init__(widget=ManyFiles(attrs={"accept": accept}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        """The uploads; a refusal becomes an error beside the field."""
        given = data if isinstance(data, (list, tuple)) else [data] if data else []
        if not given and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(given) > self.most:
            raise forms.ValidationError(_now("At most %(n)d files at once.") % {"n": self.most})
        try:
            return [uploads.read(super(FilesField, self).clean(item), kinds=self.kinds) for item in given]
        except UploadError as error:
            where = f"{error.where}: " if error.where else ""
            raise forms.ValidationError(f"{where}{said(error.sentence)}") from error


class HundredthsField(forms.CharField):
    """Carats or dollars with at most two decimals, kept as an integer of 0.01."""

    def __init__(self, *, money: bool = False, **kwargs: Any) -> None:
        self.money = money
        super().__init__(
            max_length=24,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            **kwargs,
        )

    def clean(self, value: Any) -> int | None:
        """The number; errors say how to write it."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return int(parse_usd(text) if self.money else parse_carats(text))
        except ValueRefused as error:
            raise forms.ValidationError(
                " ".join(filter(None, (error.sentence + ".", error.advice)))
            ) from error

    def prepare_value(self, value: Any) -> Any:
        """An integer is shown as people write it."""
        return format_hundredths(value) if isinstance(value, int) else value


class ScanForm(forms.Form):
    """What a hand scanner types, or a person; or a file."""

    text = forms.CharField(
        label=_("Code or number"),
        help_text=_(
            "Scan the code with a hand scanner, or type the certificate's number, such as BW0001234."
        ),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("The certificate's PDF, its .adamas file, or a picture of its code; at most 10 MB."),
        required=False,
    )


class FoundForm(forms.Form):
    """What was found in a shipment."""

    parcels = forms.IntegerField(label=_("Parcels"), min_value=0, max_value=9_999)
    carats = HundredthsField(label=_("Carats"), help_text=_("Weight found, such as 1234.56."))
    value = HundredthsField(label=_("Value in US dollars"), help_text=_("As you assess it."), money=True)
    seals = forms.ChoiceField(label=_("Seals"), choices=[("", "—"), *SEALS.items()])
    note = forms.CharField(
        label=_("Note"),
        help_text=_("For the two authorities; it is in no log."),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    photos = FilesField(
        label=_("Photographs"),
        help_text=_("PNG or JPEG; place and camera are removed from them."),
        required=False,
        kinds=PICTURES,
        most=AT_ONCE,
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @property
    def found(self) -> Found:
        """What was typed, of a valid form."""
        data = self.cleaned_data
        return Found(data["parcels"], data["carats"], data["value"], data["seals"], data["note"])

    @classmethod
    def of(cls, inspection: Inspection) -> FoundForm:
        """A form that shows what was recorded."""
        names = ("parcels", "carats", "value", "seals", "note", "version")
        return cls(initial={name: getattr(inspection, name) for name in names})


class PhotosForm(forms.Form):
    """More photographs for an inspection."""

    photos = FilesField(label=_("Photographs"), kinds=PICTURES, most=AT_ONCE)


class DecideForm(forms.Form):
    """The decision on an inspected shipment; which fields it has depends on the verdict."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    why = forms.ChoiceField(label=_("Why"), choices=[("", "—"), *REASONS])
    note = forms.CharField(
        label=_("In words"),
        help_text=_("This is published in the log: name no firm and no person."),
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, verdict: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if verdict != "refused":
            del self.fields["why"]
        if verdict == "received":
            del self.fields["note"]
        if verdict == "refused":
            self.fields["note"].required = False


class AskForm(forms.Form):
    """A question to the exporting authority."""

    about = forms.ChoiceField(label=_("About"), choices=[("paper", _("The paper")), ("other", _("Other"))])
    text = forms.CharField(label=_("Question"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 4}))
    attachments = FilesField(
        label=_("Attachments"), help_text=_("PDF, PNG or JPEG."), required=False, kinds=PAPERS, most=5
    )


class MessageForm(forms.Form):
    """A message of a question's thread."""

    text = forms.CharField(
        label=_("Message"), max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    attachments = FilesField(
        label=_("Attachments"), help_text=_("PDF, PNG or JPEG."), required=False, kinds=PAPERS, most=5
    )

    theirs = forms.BooleanField(
        label=_("This is what the other authority answered, entered by me"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """A message says something, or brings something."""
        data = super().clean() or {}
        if not data.get("text", "").strip() and not data.get("attachments") and not self.errors:
            self.add_error("text", _now("Write something, or attach a file."))
        return data


class ExpectedForm(forms.Form):
    """What the list of expected arrivals is narrowed to."""

    sender = forms.CharField(label=_("From"), max_length=2, required=False)
    text = forms.CharField(label=_("Number begins with"), max_length=12, required=False)
    announced = forms.BooleanField(label=_("Also those not validated yet"), required=False)
