"""A first task for each role of the demonstration: one shipment from its application to its public check.

Steps name pages by their URL names; a page that is not installed is named without a link.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, and the page where."""

    text: Text
    page: str = ""

    @property
    def url(self) -> str:
        """The page's address, or nothing."""
        if self.page.startswith("/"):
            return self.page
        try:
            return reverse(self.page) if self.page else ""
        except NoReverseMatch:
            return ""


@dataclass(frozen=True, slots=True)
class Task:
    """What one person does: whose turn it is (role and organisation), in numbered steps."""

    title: Text
    role: str
    organisation: str
    steps: tuple[Step, ...]


STORY: tuple[Task, ...] = (
    Task(
        _("The exporter applies"),
        "exporter",
        "okavango",
        (
            Step(_("Begin an application for a shipment to the United Arab Emirates."), "issuing:new"),
            Step(
                _(
                    "Destination AE, any importer, origin BW; one parcel: HS code 7102.31, 125.50 carats, "
                    "18700.00 US dollars."
                )
            ),
            Step(_("Declare the origin and submit it. Your list shows that it waits."), "issuing:mine"),
        ),
    ),
    Task(
        _("The issuing officer reviews"),
        "issuing",
        "bw-authority",
        (
            Step(_("Open the work queue: what is overdue stands first."), "issuing:queue"),
            Step(_("Take the new application and read the checklist: each point names its clause.")),
            Step(_("Choose who approves, give the number of a seal, and prepare the certificate.")),
        ),
    ),
    Task(
        _("The approving officer approves"),
        "approving",
        "bw-authority",
        (
            Step(_("Open what waits for approval."), "issuing:queue"),
            Step(
                _("Compare what is shown in words and figures; approve its digest with the code shown here.")
            ),
        ),
    ),
    Task(
        _("The issuing officer issues"),
        "issuing",
        "bw-authority",
        (
            Step(_("Issue the approved certificate: now it is signed and in the log."), "issuing:queue"),
            Step(_("Open it and print it."), "issuing:certificates"),
        ),
    ),
    Task(
        _("Customs validate the export"),
        "customs",
        "bw-customs",
        (Step(_("Validate the shipment; the authority in Dubai gets its notice."), "issuing:validation"),),
    ),
    Task(
        _("The importing officer confirms"),
        "importing",
        "ae-authority",
        (
            Step(_("The shipment is among the expected arrivals."), "arrival:expected"),
            Step(_("Scan or type its number; the answer comes at once."), "arrival:scan"),
            Step(_("Record what was found, with one carat less than declared, and see what that opens.")),
        ),
    ),
    Task(
        _("Anybody checks"),
        "",
        "",
        (
            Step(_("Type the number, or drop the PDF, on the public page."), "/v"),
            Step(_("Look at the log and its three witnesses."), "/log"),
        ),
    ),
)

OTHERS: tuple[Task, ...] = (
    Task(
        _("The administrator looks after people"),
        "administrator",
        "bw-authority",
        (
            Step(_("Invite a colleague, and see who has which role."), "people:members"),
            Step(_("Read who did what in the audit trail."), "people:audit"),
        ),
    ),
    Task(
        _("The auditor reads"),
        "auditor",
        "bw-authority",
        (Step(_("Read the audit trail and the certificates; nothing can be changed here."), "people:audit"),),
    ),
    Task(
        _("An officer accounts for blank forms"),
        "issuing",
        "bw-authority",
        (Step(_("Count the blank forms: received, used, spoiled, missing, left."), "issuing:stock"),),
    ),
    Task(
        _("An importing officer chases what is overdue"),
        "importing",
        "ae-authority",
        (
            Step(_("See which confirmations are due and overdue."), "arrival:due"),
            Step(_("Read an open question about a discrepancy."), "arrival:questions"),
        ),
    ),
)
