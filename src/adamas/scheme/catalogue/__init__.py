"""The statement types of the scheme: one table from which checks, CDDL, JSON Schema and documentation come.

Field order and names are the published format. A payload also carries ``v``, ``type`` and, by type,
``refs``, ``hidden`` and ``sealed``, which :mod:`adamas.shapes` handles. Nothing that the header says
(issuer, subject) is said again, unless it is about somebody else.
"""

from __future__ import annotations

from adamas.scheme.catalogue.accountability import ACCOUNTABILITY
from adamas.scheme.catalogue.certification import CERTIFICATION
from adamas.scheme.catalogue.registry import REGISTRY
from adamas.scheme.catalogue.statistics import STATISTICS
from adamas.shapes import Catalogue

__all__ = ["SCHEME_TYPES"]

SCHEME_TYPES = Catalogue((*REGISTRY, *CERTIFICATION, *STATISTICS, *ACCOUNTABILITY))
"""Every statement type that the scheme knows now."""
