"""What the desk after issue tells others in the same transaction. Receivers only put work aside (web.jobs.later)."""

from __future__ import annotations

from django.dispatch import Signal

signed = Signal()
"""Acts were signed: ``numbers``, a list; ``kind``, a key of aftercare.kinds.KINDS."""
