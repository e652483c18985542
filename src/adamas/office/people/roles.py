"""The roles, which organisations have which, and how their officer ids begin."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ROLES: Mapping[str, Promise] = MappingProxyType(
    {
        "exporter": _("Exporter"),
        "issuing": _("Issuing officer"),
        "approving": _("Approving officer"),
        "importing": _("Importing officer"),
        "customs": _("Customs officer"),
        "statistics": _("Statistics officer"),
        "chair": _("Chair"),
        "working_group": _("Working-group member"),
        "auditor": _("Auditor"),
        "administrator": _("Administrator"),
    }
)
"""Role → its name for people."""

KINDS: Mapping[str, Promise] = MappingProxyType(
    {
        "authority": _("Authority"),
        "customs": _("Customs"),
        "exporter": _("Exporter"),
        "importer": _("Importer"),
        "secretariat": _("Secretariat"),
        "observer": _("Observer"),
    }
)
"""Kind of organisation → its name for people."""

_ALWAYS = ("auditor", "administrator")
ROLES_OF_KIND: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "authority": (
            "issuing",
            "approving",
            "importing",
            "customs",
            "statistics",
            "chair",
            "working_group",
            *_ALWAYS,
        ),
        "customs": ("customs", "importing", *_ALWAYS),
        "exporter": ("exporter", *_ALWAYS),
        "importer": ("exporter", *_ALWAYS),
        "secretariat": ("chair", "working_group", "statistics", *_ALWAYS),
        "observer": ("working_group", *_ALWAYS),
    }
)
"""Kind of organisation → the roles that its people may have: the one truth for pages, programs and the command line.

An authority may provide the chair and members of working groups, since those are officials of Participants."""

PREFIX: Mapping[str, str] = MappingProxyType(
    {
        "exporter": "ex",
        "issuing": "is",
        "approving": "ap",
        "importing": "re",
        "customs": "va",
        "statistics": "st",
        "chair": "ch",
        "working_group": "wg",
        "auditor": "au",
        "administrator": "ad",
    }
)
"""Role → the beginning of its officer ids: statements show `is-1`, never a name."""
