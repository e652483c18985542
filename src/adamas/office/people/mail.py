"""Letters about accounts: invitations, ways back, and new passwords.

They go out by the job queue. A job is told which invitation or account it is about and makes the secret of its link
itself, so that no secret ever stands in the queue; sent twice, only the newer link counts.
"""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django_tasks import task

from adamas.office.people import programs
from adamas.office.people.models import Invitation, User
from adamas.office.web import site

DUMMY = "django.core.mail.backends.dummy.EmailBackend"


def is_set() -> bool:
    """Whether this office can send mail."""
    return settings.EMAIL_BACKEND != DUMMY


def base(request: HttpRequest | None = None) -> str:
    """Where people reach the office, for links: as office.toml says; as the request came in if it came to that host (it
    knows the port) or if office.toml says nothing."""
    told = site.office().config.address
    if request is None:
        return told or "http://localhost:8000"
    came = request.build_absolute_uri("/")
    return told if told and urlsplit(told).hostname != urlsplit(came).hostname else came


@task()
def invitation(pk: int, address: str) -> None:
    """Job: mails the link of an invitation, made now; nothing if it was withdrawn or used meanwhile."""
    from adamas.office.people import invitations

    asked = Invitation.objects.select_related("organisation", "by", "person").get(pk=pk)
    token = invitations.new_link(asked)
    if token is None:
        return
    path = reverse("people:invitation", kwargs={"token": token})
    context = {"invitation": asked, "link": urljoin(address, path), "days": invitations.DAYS}
    send(asked.email, asked.language, "way_back" if asked.person_id else "invitation", context)


@task()
def reset(email: str, language: str, address: str) -> None:
    """Job: mails a link that sets a new password, if there is such an account; the second factor stays."""
    user = User.objects.filter(email=email.lower(), is_active=True).first()
    if user is None or programs.is_program(user):
        return
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    path = reverse("account_reset_password_from_key", kwargs=key)
    context = {"person": user, "link": urljoin(address, path)}
    send(user.email, user.language or language, "reset", context)


def send(email: str, language: str, name: str, context: dict[str, object]) -> None:
    """One letter, from templates/people/mail/NAME.txt, whose first line is its subject."""
    with translation.override(language or settings.LANGUAGE_CODE):
        text = render_to_string(f"people/mail/{name}.txt", {**context, "office": site.office().config.origin})
    subject, _, body = text.strip().partition("\n")
    EmailMessage(subject.strip(), body.strip() + "\n", to=[email]).send()
