"""Forms of the pages about people, organisations and one's own account."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from adamas.office.people import mail
from adamas.office.people.models import Organisation, User
from adamas.office.people.organisations import FOUNDED
from adamas.office.people.roles import KINDS, ROLES, ROLES_OF_KIND
from adamas.office.web.jobs import later

LANGUAGES = [("", _("As the browser asks")), *settings.LANGUAGES]


class InviteForm(forms.Form):
    """Whom to invite, and to what."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)
    language = forms.ChoiceField(label=_("Language of the letter"), choices=settings.LANGUAGES)

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = ROLES_OF_KIND.get(organisation.kind, ())
        self.fields["roles"].choices = [(role, ROLES[role]) for role in allowed]  # type: ignore[attr-defined]


class FirstForm(forms.Form):
    """The first administrator of an organisation that an authority founded."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    language = forms.ChoiceField(label=_("Language of the letter"), choices=settings.LANGUAGES)


class OrganisationForm(forms.Form):
    """What an organisation is called, and the number of its licence."""

    name = forms.CharField(label=_("Name"), max_length=200)
    licence = forms.CharField(
        label=_("Licence"),
        max_length=60,
        required=False,
        help_text=_("Number of its export or trading licence, if it has one."),
    )


class NewOrganisationForm(OrganisationForm):
    """An organisation to be made."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind, KINDS[kind]) for kind in FOUNDED])


class PasswordForm(forms.Form):
    """A password, twice; ``person`` is whose it will be, for the rule that it must not resemble the name."""

    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; three or four words that only you would put together are good."),
    )
    password2 = forms.CharField(
        label=_("Password, again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        """Both passwords are the same, and good enough."""
        data = super().clean() or {}
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords are not the same."))
        elif first:
            self.person.name = data.get("name", self.person.name)
            try:
                validate_password(first, self.person)
            except ValidationError as error:
                self.add_error("password1", error)
        return data


class NameForm(forms.Form):
    """What a new person sets who will sign in with a passkey and no password."""

    name = forms.CharField(label=_("Your name"), max_length=120)


class AcceptForm(PasswordForm):
    """What a new person sets."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("name", "password1", "password2")


class AccountForm(forms.Form):
    """One's own name and language."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=LANGUAGES,
        required=False,
        help_text=_("Of these pages, and of the letters that you get."),
    )


class AddPasskeyForm(AddWebAuthnForm):
    """Adds a passkey: one that signs in by itself, unless the person unticks that; who has no password cannot."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alone = self.fields["passwordless"]
        alone.label = _("It signs in by itself")
        alone.help_text = _(
            "Then no password is asked for beside it; the passkey itself asks for a fingerprint, a face or a PIN."
        )
        alone.initial = True
        alone.disabled = not self.user.has_usable_password()


class ResetForm(ResetPasswordForm):
    """Asks for a link that sets a new password. Known and unknown addresses cost and answer the same: a job looks."""

    @property
    def mails(self) -> bool:
        """Whether this office can send the letter."""
        return mail.is_set()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Has the letter sent, if mail goes out at all."""
        email: str = self.cleaned_data["email"]
        if self.mails:
            later(mail.reset, email.lower(), get_language() or "", mail.base(request))
        return email
