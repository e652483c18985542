"""Tables of the issuing desk: working papers, which are private and in no log.

Times are seconds since 1970 (UTC) by the office's clock; carats are 0.01 ct and values US cents.
"""

# mypy: disable-error-code="var-annotated"
# (a field's type is known to Django's plugin for mypy)

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models

from adamas.office.issuing import lifecycle

if TYPE_CHECKING:
    from adamas.office.people.models import Membership

_USER = settings.AUTH_USER_MODEL
_OFFICERS = frozenset({"issuing", "approving", "auditor"})


class Applications(models.Manager["Application"]):
    """Applications; each membership sees those of its own side."""

    def visible_to(self, membership: Membership) -> models.QuerySet[Application]:
        """An exporter's own; for officers those submitted to their Participant's authority."""
        organisation = membership.organisation
        if membership.role == "exporter":
            return self.filter(organisation=organisation)
        if membership.role in _OFFICERS and organisation.kind == "authority":
            return self.filter(participant=organisation.participant, submitted__isnull=False)
        return self.none()


class Application(models.Model):
    """What an exporter asks for: one certificate. ``cells`` holds what was typed, as it was typed."""

    organisation = models.ForeignKey(
        "people.Organisation", models.PROTECT, related_name="applications", db_index=False
    )
    participant = models.CharField(max_length=2)
    state = models.CharField(max_length=10, default=lifecycle.DRAFT)
    since = models.BigIntegerField()  # in this state
    version = models.IntegerField(
        default=1
    )  # of the cells; a form that was opened on an older one is refused
    cells = models.JSONField(default=dict)
    reference = models.CharField(max_length=60, blank=True)
    to = models.CharField(max_length=2, blank=True)
    parcels = models.IntegerField(default=0)
    carats = models.BigIntegerField(default=0)
    value = models.BigIntegerField(default=0)
    author = models.ForeignKey(_USER, models.PROTECT, related_name="+")  # who began it
    applicant = models.ForeignKey(_USER, models.PROTECT, related_name="+", null=True)  # who submitted it
    made = models.BigIntegerField()
    changed = models.BigIntegerField()
    submitted = models.BigIntegerField(null=True)
    officer = models.ForeignKey(_USER, models.PROTECT, related_name="+", null=True)  # who reviews and signs
    approver = models.ForeignKey(_USER, models.PROTECT, related_name="+", null=True)  # who is to approve
    number = models.CharField(max_length=40, blank=True)
    prepared = models.BinaryField(null=True)  # certification.prepared
    digest = models.BinaryField(null=True)  # of what was prepared; an approval is of this
    approved = models.BinaryField(null=True)  # the digest that was approved
    approved_at = models.BigIntegerField(null=True)
    statement = models.BinaryField(null=True)  # id of the statement that was made

    objects = Applications()

    class Meta:
        """What Django asks about the table."""

        indexes: ClassVar = [
            models.Index(fields=["participant", "state", "since"], name="application_queue"),
            models.Index(fields=["organisation", "id"], name="application_own"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["number"], condition=~models.Q(number=""), name="application_number_once"
            )
        ]

    @property
    def state_name(self) -> str:
        """The state in words."""
        return str(lifecycle.STATES.get(self.state, self.state))

    @property
    def title(self) -> str:
        """What it is called in lists: the exporter's own reference, else its number here."""
        return self.reference or f"#{self.pk}"


class Step(models.Model):
    """The thread of an application: what was done, by whom, and what was said. ``office`` marks officers' words."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="steps")
    at = models.BigIntegerField()
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    office = models.BooleanField()
    act = models.CharField(max_length=12)
    text = models.TextField(blank=True)


class Attachment(models.Model):
    """A paper of an application: an invoice, a licence, a photograph. Its bytes lie under their digest (files)."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=5)
    digest = models.CharField(max_length=64)
    size = models.IntegerField()
    at = models.BigIntegerField()
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")


class Uploads(models.Manager["Upload"]):
    """Sheets that were uploaded."""

    def visible_to(self, membership: Membership) -> models.QuerySet[Upload]:
        """An exporter's own."""
        if membership.role != "exporter":
            return self.none()
        return self.filter(organisation=membership.organisation)


class Upload(models.Model):
    """A sheet as it was uploaded, and what came of its rows. The file is kept, so that nothing is lost."""

    organisation = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.BigIntegerField()
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    rows = models.IntegerField()
    drafts = models.IntegerField()
    problems = models.JSONField(default=list)  # [[row, field, code, sentence, clause], …]

    objects = Uploads()


class Counter(models.Model):
    """The last serial that was given out, of each Participant and length of serial."""

    pk = models.CompositePrimaryKey("participant", "digits")
    participant = models.CharField(max_length=2)
    digits = models.IntegerField()
    last = models.BigIntegerField()


class Reservations(models.Manager["Reservation"]):
    """Ranges set aside."""

    def visible_to(self, membership: Membership) -> models.QuerySet[Reservation]:
        """Those of the membership's Participant."""
        return self.filter(participant=membership.organisation.participant)


class Reservation(models.Model):
    """Serials set aside, for instance for a desk that works while the line is down."""

    participant = models.CharField(max_length=2, db_index=True)
    digits = models.IntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    purpose = models.CharField(max_length=120)
    at = models.BigIntegerField()
    by = models.CharField(max_length=254, blank=True)

    objects = Reservations()


class Taken(models.Model):
    """A number that was given out: its key makes it impossible to give it out twice."""

    number = models.CharField(max_length=40, primary_key=True)
    at = models.BigIntegerField()


class Receipts(models.Manager["FormReceipt"]):
    """Receipts of blank forms."""

    def visible_to(self, membership: Membership) -> models.QuerySet[FormReceipt]:
        """Those of the membership's Participant."""
        return self.filter(participant=membership.organisation.participant)


class FormReceipt(models.Model):
    """Numbered blank forms that came in: ``first`` to ``last`` with a prefix and a length of digits."""

    participant = models.CharField(max_length=2)
    prefix = models.CharField(max_length=12, blank=True)
    digits = models.IntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    day = models.CharField(max_length=10)
    note = models.CharField(max_length=200, blank=True)
    at = models.BigIntegerField()
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")

    objects = Receipts()

    class Meta:
        """What Django asks about the table."""

        indexes: ClassVar = [models.Index(fields=["participant", "prefix", "first"], name="form_receipt")]

    @property
    def count(self) -> int:
        """How many forms."""
        return self.last - self.first + 1

    @property
    def first_form(self) -> str:
        """The first form's number as it is printed."""
        return f"{self.prefix}{self.first:0{self.digits}d}"

    @property
    def last_form(self) -> str:
        """The last form's number as it is printed."""
        return f"{self.prefix}{self.last:0{self.digits}d}"


class FormUses(models.Manager["FormUse"]):
    """What became of forms."""

    def visible_to(self, membership: Membership) -> models.QuerySet[FormUse]:
        """Those of the membership's Participant."""
        return self.filter(participant=membership.organisation.participant)


class FormUse(models.Model):
    """What became of one form: used for a certificate, spoiled, or missing. A form has one end and no second."""

    participant = models.CharField(max_length=2)
    form = models.CharField(max_length=40)
    end = models.CharField(max_length=8)  # used, spoiled, missing
    certificate = models.CharField(max_length=40, blank=True)
    why = models.CharField(max_length=200, blank=True)
    at = models.BigIntegerField()
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")

    objects = FormUses()

    class Meta:
        """What Django asks about the table."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["participant", "form"], name="form_used_once")
        ]
        indexes: ClassVar = [models.Index(fields=["certificate"], name="form_certificate")]


class Known(models.Model):
    """Private summary of a certificate whose hidden fields are known here: parties and totals, for search and lists."""

    number = models.CharField(max_length=40, primary_key=True)
    participant = models.CharField(max_length=2)
    to = models.CharField(max_length=2)
    exporter = models.CharField(max_length=400)
    importer = models.CharField(max_length=400)
    carats = models.BigIntegerField()
    value = models.BigIntegerField()


class Price(models.Model):
    """Private: value and carats of one HS code on one certificate of one origin, for the usual price per carat."""

    participant = models.CharField(max_length=2)
    hs = models.CharField(max_length=6)
    origin = models.CharField(max_length=2)
    number = models.CharField(max_length=40)
    carats = models.BigIntegerField()
    value = models.BigIntegerField()

    class Meta:
        """What Django asks about the table."""

        indexes: ClassVar = [models.Index(fields=["participant", "hs", "origin", "-id"], name="price_usual")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number", "hs", "origin"], name="price_once")
        ]


class Notices(models.Manager["Notice"]):
    """Dispatch notices."""

    def visible_to(self, membership: Membership) -> models.QuerySet[Notice]:
        """Those that the membership's Participant sent."""
        return self.filter(participant=membership.organisation.participant)


class Notice(models.Model):
    """The message to the importing authority about one certificate (Annex II, 19): how it went, and when."""

    number = models.CharField(max_length=40, primary_key=True)
    participant = models.CharField(max_length=2)
    to = models.CharField(max_length=2)
    at = models.BigIntegerField()
    way = models.CharField(max_length=8)  # hosted, mail, file
    sent = models.BigIntegerField(null=True)  # handed over, mailed, or downloaded

    objects = Notices()

    class Meta:
        """What Django asks about the table."""

        indexes: ClassVar = [models.Index(fields=["participant", "to", "sent"], name="notice_open")]


class NoticeAddress(models.Model):
    """Where the notices of a Participant's authority to another one are mailed."""

    participant = models.CharField(max_length=2)
    to = models.CharField(max_length=2)
    mail = models.EmailField()

    class Meta:
        """What Django asks about the table."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["participant", "to"], name="notice_address_once")
        ]
