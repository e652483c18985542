"""Tables of people: accounts, organisations, roles, invitations, approvals and the audit trail. All private.

Times are seconds since 1970 (UTC) by the office's clock. Nobody is ever deleted: a person who left is inactive, so that
the trail still says who did what.
"""

# mypy: disable-error-code="var-annotated"
# (a field's type is known to Django's plugin for mypy)

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from adamas.office.people import roles

OVERSEERS = frozenset({"administrator", "auditor"})
"""The roles that read their organisation's audit trail and list of people."""


class Users(BaseUserManager["User"]):
    """Accounts, found by their e-mail address in small letters."""

    def get_by_natural_key(self, username: str | None) -> User:
        """The account of an address, whatever the case it was typed in."""
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """Makes an account; without a password nobody can sign in to it by one."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in. What the person may do stands in memberships, never here."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    joined = models.BigIntegerField(default=0)
    generation = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects = Users()

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """As pages greet the person."""
        return str(self)

    def get_session_auth_hash(self) -> str:
        """What a session must know to go on; another ``generation`` ends every session of the person at once."""
        known = super().get_session_auth_hash()
        return f"{known}.{self.generation}" if self.generation else known


class Organisations(models.Manager["Organisation"]):
    """Organisations of this installation."""

    def visible_to(self, membership: Membership) -> models.QuerySet[Organisation]:
        """One's own; for officers of an authority also the exporters, importers and customs of its Participant."""
        own = Q(pk=membership.organisation_id)
        if membership.organisation.kind == "authority":
            own |= Q(participant=membership.organisation.participant) & ~Q(participant="")
        return self.filter(own)


class Organisation(models.Model):
    """An authority, a customs service, a company: the tenant to which people and working papers belong."""

    kind = models.CharField(max_length=12, choices=[(k, v) for k, v in roles.KINDS.items()])
    participant = models.CharField(max_length=2, blank=True, db_index=True)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    licence = models.CharField(max_length=60, blank=True)
    active = models.BooleanField(default=True)

    objects = Organisations()

    def __str__(self) -> str:
        return self.name


class Memberships(models.Manager["Membership"]):
    """Who works where, as what."""

    def visible_to(self, membership: Membership) -> models.QuerySet[Membership]:
        """Those of one's own organisation, for those who oversee it; else only one's own."""
        mine = self.filter(organisation=membership.organisation_id)
        return mine if membership.role in OVERSEERS else mine.filter(user=membership.user_id)

    def working(self) -> models.QuerySet[Membership]:
        """Those that count today: nothing about person, role and organisation was ended."""
        return self.filter(active=True, user__is_active=True, organisation__active=True)


class Membership(models.Model):
    """One role of one person in one organisation. ``officer`` (`is-1`) is what statements show instead of a name."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=[(k, v) for k, v in roles.ROLES.items()])
    officer = models.CharField(max_length=20, blank=True)
    active = models.BooleanField(default=True)
    since = models.BigIntegerField(default=0)

    objects = Memberships()

    class Meta:
        """What Django asks about the table."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "organisation", "role"], name="membership_once"),
            models.UniqueConstraint(
                fields=["organisation", "officer"], condition=~Q(officer=""), name="officer_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role_name}, {self.organisation.name}"

    @property
    def role_name(self) -> str:
        """The role in words."""
        return str(roles.ROLES.get(self.role, self.role))


class Invitations(models.Manager["Invitation"]):
    """Invitations sent."""

    def waiting(self) -> models.QuerySet[Invitation]:
        """Those that were neither used nor withdrawn; they may be too old."""
        return self.filter(used=None, withdrawn=None)

    def visible_to(self, membership: Membership) -> models.QuerySet[Invitation]:
        """Those to one's own organisation, for administrators."""
        if membership.role != "administrator":
            return self.none()
        return self.filter(organisation=membership.organisation_id)


class Invitation(models.Model):
    """An invitation to join an organisation. Only the hash of the secret in its link is kept.

    ``person`` is set where it is a way back for somebody who lost the second factor: then ``roles`` is empty. ``by`` is
    None where the house itself invited (`adamas people`). Times are seconds since 1970.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations")
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=10, blank=True)
    roles = models.JSONField(default=list)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    secret = models.CharField(max_length=64, db_index=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made = models.BigIntegerField()
    expires = models.BigIntegerField()
    used = models.BigIntegerField(null=True)
    withdrawn = models.BigIntegerField(null=True)

    objects = Invitations()


class Challenge(models.Model):
    """A question put to one person about one digest: answered once, within minutes, or never."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    digest = models.BinaryField()
    nonce = models.BinaryField(unique=True)
    made = models.BigIntegerField()
    used = models.BigIntegerField(null=True)


class Evidence(models.Model):
    """That a person approved a digest: the passkey's signature over it, or that a code was typed beside it.

    ``client_data``, ``authenticator_data`` and ``signature`` are those of the WebAuthn assertion, whose challenge is
    SHA-256("adamas approval" ‖ 0 ‖ nonce ‖ digest); ``key`` is the COSE key that checks it. Empty for a typed code.
    """

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    digest = models.BinaryField()
    nonce = models.BinaryField(unique=True)
    method = models.CharField(max_length=8)  # passkey, totp
    at = models.BigIntegerField()
    credential = models.BinaryField(default=b"")
    key = models.BinaryField(default=b"")
    client_data = models.BinaryField(default=b"")
    authenticator_data = models.BinaryField(default=b"")
    signature = models.BinaryField(default=b"")


class Acts(models.Manager["Act"]):
    """The audit trail."""

    def visible_to(self, membership: Membership) -> models.QuerySet[Act]:
        """That of one's own organisation, for administrators and auditors; for others, their own acts there. An
        exporter also sees what authorities did with the papers of the company."""
        trail = self.filter(organisation=membership.organisation_id)
        if membership.role in OVERSEERS:
            return trail
        if membership.role == "exporter":
            return trail.filter(Q(user=membership.user_id) | Q(source__isnull=False))
        return trail.filter(user=membership.user_id)


class Act(models.Model):
    """One line of the audit trail: who did what to what, when. The database refuses to change or delete a line.

    ``organisation`` is that in whose trail the line stands. ``source`` is set where the officer of another organisation
    did it: what an authority does with an exporter's papers stands in the exporter's trail too, without the name.
    """

    at = models.BigIntegerField()
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", db_index=False
    )
    source = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=16, blank=True)
    officer = models.CharField(max_length=20, blank=True)
    act = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict)

    objects = Acts()

    class Meta:
        """What Django asks about the table. A trail is read by time, which is not the order of ``id``: what a desk did
        while the line was down is added when it joins."""

        indexes: ClassVar = [
            models.Index(fields=["organisation", "at", "id"], name="act_trail"),
            models.Index(fields=["organisation", "act", "at", "id"], name="act_kind"),
            models.Index(fields=["organisation", "user", "at", "id"], name="act_person"),
            models.Index(fields=["organisation", "user", "act", "at", "id"], name="act_person_kind"),
            models.Index(fields=["organisation", "subject", "at", "id"], name="act_about"),
            models.Index(fields=["subject", "id"], name="act_subject"),
        ]
