"""The scheme's tables for the verifier in the browser: statement types and the life of a certificate, as a module.

``python -m adamas.office.public.verify_tables`` writes ``static/verify/scheme.js``; a test holds the file against
the catalogue, so that no type is added here and forgotten there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adamas import shapes
from adamas.analysis.catalogue import CATALOGUE, CERTIFICATE_TYPES
from adamas.scheme import certificates, lifecycle
from adamas.shapes import Field, StatementType

FILE = Path(__file__).parent / "static" / "verify" / "scheme.js"
_HEAD = """\
// Generated from the catalogue by `python -m adamas.office.public.verify_tables`: do not edit.
//
// A kind of value is [name, limits…], a field [name, kind, required].
"""


def module() -> str:
    """The text of the module."""
    types = {st_type.name: _type(st_type) for st_type in CATALOGUE}
    moves = {
        f"{state} {event}": str(move.to) for (state, event), move in sorted(lifecycle.TRANSITIONS.items())
    }
    tables: dict[str, Any] = {
        "COUNTRIES": " ".join(sorted(shapes.COUNTRIES)),
        "TYPES": types,
        "CERTIFICATE_TYPES": sorted(CERTIFICATE_TYPES),
        "TRANSITIONS": moves,
        "EVENT_OF_TYPE": lifecycle.EVENT_OF_TYPE,
        "EVENT_OF_WHY": lifecycle.EVENT_OF_WHY,
        "WHO": {event: who for event, (who, _) in lifecycle.EVENTS.items()},
        "DAY_FIELD": certificates._DAY_FIELD,
        "FORMER_CODES": certificates.FORMER_CODES,
        "CONFIRMATION_DAYS": lifecycle.CONFIRMATION_DAYS,
        "MAX_HIDDEN": shapes.MAX_HIDDEN,
    }
    return _HEAD + "".join(f"\nexport const {name} = {_written(table)};\n" for name, table in tables.items())


def _written(table: Any) -> str:
    if not isinstance(table, dict):
        return json.dumps(table, ensure_ascii=False)
    rows = (f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in table.items())
    return "{\n" + "\n".join(rows) + "\n}"


def _type(st_type: StatementType) -> dict[str, Any]:
    found: dict[str, Any] = {"fields": [_field(one) for one in st_type.fields]}
    if st_type.sealed:
        found["sealed"] = list(st_type.sealed)
    references = [one.name for one in st_type.references() if one.required]
    if st_type.references():
        found["refs"] = references
    return found


def _field(field: Field) -> list[Any]:
    return [field.name, _kind(field.kind.schema, field.kind.name), field.required]


def _kind(schema: Mapping[str, Any], name: str = "") -> list[Any]:
    """A kind from its JSON Schema, which says all that a check needs."""
    if "enum" in schema:
        return ["choice", schema["enum"]]
    form = schema["type"]
    if form == "array":
        return ["list", _kind(schema["items"]), schema["minItems"], schema["maxItems"]]
    if form == "object" and "properties" in schema:
        fields = schema["properties"].items()
        return ["record", [[key, _kind(one), key in schema["required"]] for key, one in fields]]
    if form == "object":
        return ["map", _kind(schema["additionalProperties"]), schema["maxProperties"]]
    if form == "boolean":
        return ["boolean"]
    if form == "integer":
        timed = schema["maximum"] == shapes.MAX_TIMESTAMP
        return ["timestamp", schema["maximum"]] if timed else ["uint", schema["maximum"]]
    return _text(schema)


def _text(schema: Mapping[str, Any]) -> list[Any]:
    pattern = str(schema.get("pattern", ""))
    if schema.get("format") == "date":
        return ["date"]
    if "maxLength" in schema:
        return ["text", schema["maxLength"], *([pattern] if pattern else [])]
    if pattern == "^[A-Z]{2}$":
        return ["country"]
    low, high = pattern.removeprefix("^(?:[0-9a-f]{2}){").removesuffix("}$").split(",")
    return ["octets", int(low), int(high)]


def main() -> None:
    """Writes the module."""
    FILE.write_text(module())


if __name__ == "__main__":
    main()
