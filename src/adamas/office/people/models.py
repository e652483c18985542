"""Tables of people: none of this is ever in a log. Officers appear in statements by their officer id alone."""

# mypy: disable-error-code="var-annotated"

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a membership lets a person do."""

    EXPORTER = "exporter", _("Exporter")
    ISSUING = "issuing", _("Issuing officer")
    APPROVING = "approving", _("Approving officer")
    IMPORTING = "importing", _("Importing officer")
    CUSTOMS = "customs", _("Customs officer")
    STATISTICS = "statistics", _("Statistics officer")
    CHAIR = "chair", _("Chair")
    WORKING_GROUP = "working_group", _("Working-group member")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


class Kind(models.TextChoices):
    """What an organisation is."""

    AUTHORITY = "authority", _("Authority")
    CUSTOMS = "customs", _("Customs")
    EXPORTER = "exporter", _("Exporter")
    IMPORTER = "importer", _("Importer")
    SECRETARIAT = "secretariat", _("Secretariat")
    OBSERVER = "observer", _("Observer")


class UserManager(BaseUserManager["User"]):
    """Makes accounts by their address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A new account; without a password nobody can sign in until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Signs in with an address, a password or passkey, and a second factor."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)
    joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    @property
    def is_staff(self) -> bool:
        """Nobody: there is no administration site."""
        return False

    def __str__(self) -> str:
        return self.name or self.email


class Organisation(models.Model):
    """An authority, customs, or a firm, of one Participant."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    participant = models.CharField(max_length=2, db_index=True)
    licence = models.CharField(max_length=60, blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in an organisation. ``officer`` is what statements say of him, such as ``is-1``."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    officer = models.CharField(max_length=20)
    active = models.BooleanField(default=True)

    class Meta:
        """An officer id is one person's, for ever."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "officer"], name="one_officer_id"),
            models.UniqueConstraint(fields=["user", "organisation", "role"], name="one_role_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.organisation}"


class AuditEvent(models.Model):
    """Who did what, when; written in the transaction of the act and never changed."""

    at = models.BigIntegerField(db_index=True)  # seconds since 1970 by the office's clock
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    role = models.CharField(max_length=16, blank=True)
    act = models.CharField(max_length=60, db_index=True)
    subject = models.CharField(max_length=200, blank=True, db_index=True)
    details = models.JSONField(default=dict)
