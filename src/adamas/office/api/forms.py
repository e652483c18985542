"""Forms of the administrator's pages about programs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from adamas.office.api import clients, conf
from adamas.office.api.events import EVENTS
from adamas.office.people.models import Organisation
from adamas.office.people.roles import ROLES
from adamas.office.web.sentences import said


class ClientForm(forms.Form):
    """A new client."""

    name = forms.CharField(label=_("Name"), help_text=_("Which system it is."), max_length=120)
    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = [(name, f"{name}: {said(says)}") for name, says in conf.SCOPES.items()]
        self.fields["scopes"].choices = scopes  # type: ignore[attr-defined]
        allowed = clients.roles_for(organisation.kind)
        self.fields["roles"].choices = [(role, ROLES[role]) for role in allowed]  # type: ignore[attr-defined]


class WebhookForm(forms.Form):
    """A new webhook."""

    url = forms.CharField(
        label=_("Address"),
        help_text=_("Begins with https:// and is reached from the internet."),
        max_length=500,
    )
    events = forms.MultipleChoiceField(
        label=_("Events"), choices=list(EVENTS.items()), widget=forms.CheckboxSelectMultiple
    )
