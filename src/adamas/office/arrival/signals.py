"""What the arrival desk tells others in the same transaction. Receivers only put work aside (web.jobs.later)."""

from __future__ import annotations

from django.dispatch import Signal

decided = Signal()
"""The importing side decided on shipments: ``numbers``, a list; ``verdict``: received, refused, returned, seized."""
overdue = Signal()
"""Confirmations are due or overdue: ``numbers``, a list; ``level``, 0 (soon due) to 3."""
asked = Signal()
"""A question between two authorities was opened, answered or closed: ``question``, ``act``."""
