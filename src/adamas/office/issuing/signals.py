"""What the issuing desk tells others in the same transaction. Receivers only put work aside (web.jobs.later)."""

from __future__ import annotations

from django.dispatch import Signal

issued = Signal()
"""Certificates were issued: ``numbers``, a list."""
validated = Signal()
"""Shipments were validated for export: ``numbers``, a list."""
dispatched = Signal()
"""Shipments left: ``numbers``, a list."""
moved = Signal()
"""An application changed its state: ``application``, ``act``."""
