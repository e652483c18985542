"""Every statement type that this program knows, as one catalogue, and the groups that the folds need."""

from __future__ import annotations

from adamas.ledger.types import LEDGER_TYPES
from adamas.scheme.catalogue import SCHEME_TYPES

CATALOGUE = LEDGER_TYPES.merged(SCHEME_TYPES)
LEDGER_NAMES = frozenset(st_type.name for st_type in LEDGER_TYPES)
_DESK = {st_type.name: st_type.desk for st_type in SCHEME_TYPES}
REGISTER_TYPES = frozenset(name for name, desk in _DESK.items() if desk in ("registry", "accountability"))
HISTORY_TYPES = LEDGER_NAMES | REGISTER_TYPES
"""What a key history must see: changes of keys, and acts of the registry, which need endorsement."""
CERTIFICATE_TYPES = frozenset(name for name, desk in _DESK.items() if desk == "certification")
