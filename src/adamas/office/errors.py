"""What an office refuses or cannot do, as a tree.

OfficeError
├── HomeError        the office's folder: missing, half made, or its office.toml is wrong (home.*)
├── DatabaseError    the database is locked, full, or cannot be reached; nothing was half done (database.*)
├── IntakeError      a file of rows that cannot be read as a whole (intake.*; in office.intake)
├── BatchRefused     an act whose rows break rules; nothing of it was logged (batch.*); it holds every finding
├── PreparedError    a prepared certificate that is not what was approved, or is damaged (prepared.*)
├── DocumentError    a certificate that cannot be printed, sealed or read from paper (document.*, qr.*, seal.*, …)
├── NoticeError      a notice of disclosures that does not fit the certificates it speaks of (notice.*)
├── FollowError      another office's log cannot be followed (follow.*)
└── ReplayDiffers    the views are not what the log says (replay.*)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamas.errors import AdamasError

if TYPE_CHECKING:
    from adamas.office.batch import Refusal


class OfficeError(AdamasError):
    """Anything that an office refuses or cannot do."""


class HomeError(OfficeError):
    """The home folder or its office.toml does not serve."""

    exit_code = 64


class DatabaseError(OfficeError):
    """The database cannot take the act now. The transaction was rolled back: nothing is half done."""

    exit_code = 75


class BatchRefused(OfficeError):  # noqa: N818 — what happened
    """An act of one or many rows was refused whole. ``refused`` lists each bad row with its findings."""

    def __init__(self, refused: list[Refusal], total: int) -> None:
        first = refused[0].findings[0]
        sentence = first.sentence
        if total > 1:
            row = refused[0].row + 1
            sentence = (
                f"{len(refused)} of {total} rows are refused, so nothing was logged. Row {row}: {sentence}"
            )
        super().__init__(
            first.code if total == 1 else "batch.refused",
            sentence,
            where=first.field,
            clause=first.clause,
            advice=None if total == 1 else "Mend the rows, or ask for the bad ones to be skipped.",
        )
        self.refused = refused


class PreparedError(OfficeError):
    """What is to be signed is not what was approved; nothing was signed."""


class DocumentError(OfficeError):
    """A certificate cannot be printed or sealed, or what stands on a paper or in its file cannot be read."""


class NoticeError(OfficeError):
    """Disclosures that do not belong to the certificate they are said to open."""


class FollowError(OfficeError):
    """Another office's log cannot be followed, or answers for another origin."""


class ReplayDiffers(OfficeError):  # noqa: N818 — what happened
    """Replaying the log gives other views than the live ones."""
