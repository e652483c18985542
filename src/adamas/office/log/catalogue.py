"""All statement types that an office knows: those of the ledger and those of the scheme, as one catalogue."""

from __future__ import annotations

from adamas.ledger.types import LEDGER_TYPES
from adamas.scheme.catalogue import SCHEME_TYPES

CATALOGUE = LEDGER_TYPES.merged(SCHEME_TYPES)
DESK_OF = {st_type.name: st_type.desk for st_type in CATALOGUE}
LEDGER_NAMES = frozenset(st_type.name for st_type in LEDGER_TYPES)
REGISTER_TYPES = (
    frozenset(n for n, desk in DESK_OF.items() if desk in ("registry", "accountability")) - LEDGER_NAMES
)
# What the key history must see: changes of keys, and the registry's acts, which need endorsement.
HISTORY_TYPES = LEDGER_NAMES | REGISTER_TYPES
# Authorities give licences; every other act on the register is the registry's, signed by a root.
ROOT_TYPES = (REGISTER_TYPES | {"witness.enrolled"}) - {
    "organisation.licensed",
    "licence.ended",
    "site.registered",
}
CERTIFICATE_TYPES = frozenset(n for n, desk in DESK_OF.items() if desk == "certification")
RETURN_TYPES = frozenset({"return.filed", "return.amended"})
