"""Fields judged by the desk's own form, so that a program is told what a person is told."""

from __future__ import annotations

from typing import Any

from django import forms

from adamas.office.api.errors import Invalid
from adamas.scheme.findings import Finding


def read(form: forms.Form) -> dict[str, Any]:
    """The values of a form that is right. Raises Invalid with every reason, by field."""
    if form.is_valid():
        return form.cleaned_data
    raise Invalid(
        [
            Finding("api.value", "", "refuse", str(sentence), "" if name == "__all__" else name, "")
            for name, sentences in form.errors.items()
            for sentence in sentences
        ]
    )
