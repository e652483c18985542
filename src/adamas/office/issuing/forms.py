"""Forms of the issuing desk. They only carry text: what it means is judged by the scheme's parsers and rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from adamas.office.issuing import applying, lifecycle, sheets, stock
from adamas.office.web.templatetags.adamas import state_label
from adamas.scheme.findings import Finding
from adamas.scheme.lifecycle import State
from adamas.scheme.values import HS_CODES

_label = lazy(state_label, str)
SPARE = 3
"""Empty rows for parcels on a new form."""
MORE = 5
FORM_ROWS = 150
"""More parcels are not edited in a form but in a sheet: the page would be too heavy for a slow line."""
HS_WRITTEN = tuple((f"{code[:4]}.{code[4:]}", meaning) for code, meaning in HS_CODES.items())


def _text(
    label: Any, help_text: Any = "", *, long: bool = False, required: bool = False, **attrs: Any
) -> forms.CharField:
    widget: forms.Widget = (
        forms.Textarea(attrs={"rows": 2, **attrs}) if long else forms.TextInput(attrs=attrs)
    )
    return forms.CharField(label=label, help_text=help_text, required=required, widget=widget, strip=True)


class ApplicationForm(forms.Form):
    """The fields of an application beside its parcels; nothing is required here, so that any draft can be kept."""

    to = _text(
        _("Destination"),
        _("Participant, two letters, such as AE; EU for its states."),
        maxlength=40,
        list="participants",
    )
    importer = _text(_("Importer"), _("Name and address; hidden in the public log."), long=True)
    origin = _text(
        _("Country of origin"),
        _("Two letters; several for mixed origin, parted by semicolons."),
        maxlength=400,
    )
    shares = _text(_("Shares"), _("Mixed origin only: per cent of carats by origin, sum 100."), maxlength=200)
    seals = _text(_("Seal numbers"), _("Parted by semicolons; the officer may enter them later."))
    exporter = _text(_("Exporter"), _("Only if not as registered: name and address."), long=True)
    reference = _text(_("Your reference"), maxlength=60)
    wanted = _text(_("Needed by"), _("As 2025-12-31."), maxlength=10)
    technical = _text(_("Technical certificate"), _("Only for one: why, in a few words."), maxlength=80)
    replaces = _text(_("Replaces"), _("Number of the certificate whose place it takes."), maxlength=40)
    note = _text(_("Note to the officer"), long=True)

    def show(self, errors: Iterable[Finding]) -> None:
        """Puts errors beside their fields."""
        self.is_valid()
        for error in errors:
            if error.field in self.fields:
                self.add_error(error.field, error.sentence)


def application_form(cells: Mapping[str, Any]) -> ApplicationForm:
    """A form that shows cells as they were typed."""
    return ApplicationForm({name: cells.get(name, "") for name in applying.TEXTS})


def cells_of(data: QueryDict) -> dict[str, Any]:
    """The cells that a form sent, parcels by their row; rows that were left empty at the end fall away later."""
    cells: dict[str, Any] = {name: data.get(name, "") for name in applying.TEXTS}
    rows: dict[int, dict[str, str]] = {}
    for name, value in data.items():
        part = name.split("-")
        if len(part) == 3 and part[0] == "parcels" and part[1].isascii() and part[1].isdigit():
            place = int(part[1][:6])
            if part[2] in applying.PARCEL and place <= applying.MAX_PARCELS:
                rows.setdefault(place, {})[part[2]] = str(value)
    cells["parcels"] = [rows[place] for place in sorted(rows)]
    return cells


def parcel_rows(
    parcels: Sequence[Mapping[str, str]], errors: Iterable[Finding], *, spare: int = SPARE
) -> list[dict[str, Any]]:
    """Rows for the page: what was typed, and the errors of each row by cell; some empty ones at the end."""
    wrong: dict[tuple[str, str], str] = {}
    for error in errors:
        part = error.field.split("-")
        if len(part) == 3:
            wrong[part[1], part[2]] = error.sentence
    rows = []
    for place, parcel in enumerate([*parcels, *[{}] * spare], 1):
        sentences = [wrong[str(place), name] for name in applying.PARCEL if (str(place), name) in wrong]
        bad = {name for name in applying.PARCEL if (str(place), name) in wrong}
        rows.append(
            {
                "place": place,
                **{n: parcel.get(n, "") for n in applying.PARCEL},
                "bad": bad,
                "errors": sentences,
            }
        )
    return rows


class AttachForm(forms.Form):
    """One paper."""

    file = forms.FileField(label=_("Paper"), help_text=_("PDF, PNG or JPEG, at most 10 MB."))


class SheetForm(forms.Form):
    """A sheet of parcels."""

    file = forms.FileField(
        label=_("Sheet"), help_text=_("The filled template (.xlsx), or CSV UTF-8; at most 10 MB.")
    )
    again = forms.BooleanField(
        label=_("Take it again, though this very file was uploaded before"), required=False
    )


class TextForm(forms.Form):
    """One message or reason."""

    text = _text(_("Message"), long=True, required=True)


class PrepareForm(forms.Form):
    """What an officer adds to an application: number, days, seals, and who is to approve."""

    number = _text(
        _("Number"), _("The next of your range; change it only for a pre-numbered form."), maxlength=40
    )
    issued = _text(_("Date of issuance"), maxlength=10, required=True)
    expires = _text(_("Date of expiry"), _("The last day of validity."), maxlength=10, required=True)
    seals = forms.CharField(label=_("Seal numbers"), help_text=_("Parted by semicolons."), max_length=1_000)
    approver = forms.ChoiceField(label=_("Approving officer"), choices=[])

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["approver"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(choices)


class FilterForm(forms.Form):
    """What the list of certificates is narrowed to."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("all")),
            *((str(state), _label(str(state))) for state in State if state not in ("absent", "expired")),
        ],
    )
    start = _text(_("Issued from"), maxlength=10)
    end = _text(_("Issued to"), maxlength=10)
    origin = _text(_("From"), maxlength=2, size=2)
    to = _text(_("To"), maxlength=2, size=2)
    text = _text(_("Number or firm"), maxlength=80)


class MineForm(forms.Form):
    """What the exporter's list is narrowed to."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("all")), *((k, v) for k, v in lifecycle.STATES.items())],
    )


class ReceiptForm(forms.Form):
    """Blank forms that came in."""

    first = _text(_("First form"), _("As printed, such as B0001000."), maxlength=24, required=True)
    last = _text(_("Last form"), maxlength=24, required=True)
    day = _text(_("Received on"), maxlength=10, required=True)
    note = _text(_("Note"), maxlength=200)


class WriteOffForm(forms.Form):
    """A form that is spoiled or missing."""

    form = _text(_("Form"), maxlength=24, required=True)
    end = forms.ChoiceField(
        label=_("What became of it"), choices=[(stock.SPOILED, _("spoiled")), (stock.MISSING, _("missing"))]
    )
    why = _text(_("Why"), maxlength=200, required=True)
    sure = forms.BooleanField(
        label=_("I am sure: a form that was written off is never used again."),
        error_messages={"required": _("Tick that you are sure: it cannot be taken back.")},
    )


class AddressForm(forms.Form):
    """Where notices to a Participant's authority are mailed; an empty address stops it."""

    to = _text(_("Participant"), maxlength=2, size=2, required=True)
    mail = forms.EmailField(label=_("Mail address of its authority"), required=False)


class ReserveForm(forms.Form):
    """Numbers to be set aside."""

    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=10_000)
    purpose = _text(_("What for"), maxlength=120, required=True)


TEMPLATE_COLUMNS = tuple((name, required, text) for name, (required, text) in sheets.COLUMNS.items())
