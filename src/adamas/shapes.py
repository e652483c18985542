"""A small language for statement payloads: one table from which checking, CDDL (RFC 8610) and JSON Schema
come.

A payload is what CBOR gave: text, integers, byte strings, booleans, lists, maps. ``v``, ``type``, ``refs``,
``hidden`` and ``sealed`` belong to every type and are handled here. Fields that a type does not know are
kept and ignored. A check tells all problems at once, each with the field, a code and a sentence.

    shape.missing shape.kind shape.long shape.short shape.pattern shape.choice shape.range shape.date
    shape.country shape.size shape.count shape.type shape.version shape.sealed shape.hidden

Worked example: ``check(StatementType("x", "desk", "…", "…", "…", (Field("n", uint(max=9), "…"),)), {"v": 1,
"type": "x", "n": 10})`` gives one problem, ``shape.range`` at ``n``.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

VERSION = 1
MAX_UINT = 2**63 - 1
MAX_TIMESTAMP = 2**40 - 1
MAX_TEXT = 10_000
MAX_ITEMS = 10_000
MAX_HIDDEN = 64
DIGEST_SIZE = 32
# ISO 3166-1 alpha-2, officially assigned (2026), and EU, which takes part as one.
_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR
HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR
LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG
NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE
SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA
UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

# What a check gives for a value that does not fit: code and the rest of the sentence "It …"; None for a
# good one.
Complaint = tuple[str, str]
Test = Callable[[Any], Complaint | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value may be: a test, how CDDL (RFC 8610) writes it, and its JSON Schema (2020-12).

    In the JSON form byte strings are written in hexadecimal.
    """

    name: str
    test: Test = field(repr=False, compare=False)
    cddl: str
    schema: Mapping[str, Any] = field(repr=False)


def text(*, max: int = MAX_TEXT, pattern: str | None = None, choices: tuple[str, ...] | None = None) -> Kind:
    """Text of 1 to ``max`` characters, of a pattern (matched whole, ASCII digits), or one of ``choices``."""
    if choices is not None:
        allowed = frozenset(choices)

        def chosen(value: Any) -> Complaint | None:
            if type(value) is str and value in allowed:
                return None
            return "shape.choice", "is none of " + ", ".join(choices)

        return Kind("text", chosen, " / ".join(f'"{c}"' for c in choices), {"enum": list(choices)})
    compiled = None if pattern is None else re.compile(pattern, re.ASCII)

    def written(value: Any) -> Complaint | None:
        if type(value) is not str:
            return "shape.kind", "is not text"
        if not 0 < len(value) <= max:
            return ("shape.long", f"has more than {max} characters") if value else ("shape.short", "is empty")
        if compiled is not None and compiled.fullmatch(value) is None:
            return "shape.pattern", f"is not of the form {pattern}"
        return None

    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": max}
    if pattern is None:
        return Kind("text", written, f'tstr .regexp "(.|[\\n\\r]){{1,{max}}}"', schema)
    schema["pattern"] = f"^(?:{pattern})$"
    return Kind(
        "text", written, 'tstr .regexp "{}"'.format(pattern.replace("\\", "\\\\").replace('"', '\\"')), schema
    )


def uint(*, max: int = MAX_UINT) -> Kind:
    """A whole number from 0 to ``max`` (carats in 0.01 ct, money in US cents, counts)."""

    def counted(value: Any) -> Complaint | None:
        if type(value) is not int:
            return "shape.kind", "is not a whole number"
        if not 0 <= value <= max:
            return "shape.range", f"is not between 0 and {max}"
        return None

    return Kind("uint", counted, f"0..{max}", {"type": "integer", "minimum": 0, "maximum": max})


def boolean() -> Kind:
    """True or false."""

    def said(value: Any) -> Complaint | None:
        return None if type(value) is bool else ("shape.kind", "is neither true nor false")

    return Kind("boolean", said, "bool", {"type": "boolean"})


def date() -> Kind:
    """A day as ISO 8601 text, ``2025-03-04``, that exists in the calendar."""

    def dated(value: Any) -> Complaint | None:
        if type(value) is not str or _DAY.fullmatch(value) is None:
            return "shape.date", "is not a date written YYYY-MM-DD"
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            return "shape.date", "is a day that does not exist"
        return None

    return Kind(
        "date", dated, "day", {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    )


def timestamp() -> Kind:
    """Seconds since 1970 (UTC)."""

    def timed(value: Any) -> Complaint | None:
        if type(value) is int and 0 <= value <= MAX_TIMESTAMP:
            return None
        return "shape.range", "is not a number of seconds since 1970"

    return Kind("timestamp", timed, "timestamp", {"type": "integer", "minimum": 0, "maximum": MAX_TIMESTAMP})


def country() -> Kind:
    """ISO 3166-1 alpha-2 in capitals, or EU (the European Union takes part as one)."""

    def placed(value: Any) -> Complaint | None:
        return None if type(value) is str and value in COUNTRIES else ("shape.country", "is no country code")

    return Kind("country", placed, "country", {"type": "string", "pattern": "^[A-Z]{2}$"})


def octets(*, min: int = 0, max: int = MAX_TEXT) -> Kind:
    """A byte string of ``min`` to ``max`` bytes (hexadecimal in JSON)."""

    def sized(value: Any) -> Complaint | None:
        if type(value) is not bytes:
            return "shape.kind", "is not a byte string"
        if not min <= len(value) <= max:
            return "shape.size", f"has {len(value)} bytes" + (
                f", not {min}" if min == max else f", not {min} to {max}"
            )
        return None

    size = str(min) if min == max else f"({min}..{max})"
    schema = {"type": "string", "pattern": f"^(?:[0-9a-f]{{2}}){{{min},{max}}}$"}
    return Kind("octets", sized, f"bstr .size {size}", schema)


def digest32() -> Kind:
    """32 bytes: the id of a statement, a SHA-256, or a point of edwards25519."""
    plain = octets(min=DIGEST_SIZE, max=DIGEST_SIZE)
    return Kind("digest32", plain.test, "digest", plain.schema)


def _grouped(kind: Kind) -> str:
    """How CDDL writes a kind inside another: a choice in brackets."""
    return f"({kind.cddl})" if kind.name == "text" and " / " in kind.cddl else kind.cddl


def list_of(kind: Kind, *, min: int = 0, max: int = MAX_ITEMS) -> Kind:
    """A list of ``min`` to ``max`` values of one kind."""
    test = kind.test

    def each(value: Any) -> Complaint | None:
        if type(value) is not list:
            return "shape.kind", "is not a list"
        if not min <= len(value) <= max:
            return "shape.count", f"has {len(value)} items, not {min} to {max}"
        for number, item in enumerate(value):
            complaint = test(item)
            if complaint is not None:
                return complaint[0], f"holds at place {number} a value that {complaint[1]}"
        return None

    inner = _grouped(kind)
    schema = {"type": "array", "items": dict(kind.schema), "minItems": min, "maxItems": max}
    return Kind("list", each, f"[{min}*{max} {inner}]", schema)


def map_of(kind: Kind, *, max: int = MAX_ITEMS) -> Kind:
    """A map from text to values of one kind."""
    test = kind.test

    def each(value: Any) -> Complaint | None:
        if type(value) is not dict:
            return "shape.kind", "is not a map"
        if len(value) > max:
            return "shape.count", f"has {len(value)} items, not at most {max}"
        for key, item in value.items():
            if type(key) is not str:
                return "shape.kind", "has a key that is not text"
            complaint = test(item)
            if complaint is not None:
                return complaint[0], f"holds under {key!r} a value that {complaint[1]}"
        return None

    inner = _grouped(kind)
    schema = {"type": "object", "additionalProperties": dict(kind.schema), "maxProperties": max}
    return Kind("map", each, f"{{0*{max} tstr => {inner}}}", schema)


def record_of(*fields: Field) -> Kind:
    """A map with named fields of its own (others are kept and ignored, as in the payload itself)."""

    def filled(value: Any) -> Complaint | None:
        if type(value) is not dict:
            return "shape.kind", "is not a map"
        for one in fields:
            if one.name in value:
                complaint = one.kind.test(value[one.name])
                if complaint is not None:
                    return complaint[0], f"has a field {one.name!r} that {complaint[1]}"
            elif one.required:
                return "shape.missing", f"has no field {one.name!r}"
        return None

    inner = ", ".join(f'{"" if one.required else "? "}"{one.name}": {_grouped(one.kind)}' for one in fields)
    schema = {
        "type": "object",
        "properties": {one.name: dict(one.kind.schema) for one in fields},
        "required": [one.name for one in fields if one.required],
    }
    return Kind("record", filled, f"{{{inner}, * tstr => any}}", schema)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a payload, of the hidden part, or one reference: its name, kind, and meaning in words."""

    name: str
    kind: Kind
    doc: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class StatementType:
    """A type of statement. ``issuer`` and ``subject`` say in words who signs and what ``sub`` is.

    ``hidden`` names what the disclosures may hold, ``sealed`` the quantities that are commitments, ``refs``
    the statements referred to (a plain name is an optional reference).
    """

    name: str
    desk: str
    doc: str
    issuer: str
    subject: str
    fields: tuple[Field, ...]
    hidden: tuple[Field, ...] = ()
    sealed: tuple[str, ...] = ()
    refs: tuple[Field | str, ...] = ()
    _plan: tuple[tuple[str, Test, bool], ...] = field(init=False, repr=False, compare=False)
    _refs: tuple[tuple[str, bool], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        plan = tuple((one.name, one.kind.test, one.required) for one in self.fields)
        object.__setattr__(self, "_plan", plan)
        object.__setattr__(self, "_refs", tuple((one.name, one.required) for one in self.references()))

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("Statement types are tables of the program: import them, do not pickle them.")

    def references(self) -> tuple[Field, ...]:
        """The references, each as a field."""
        return tuple(
            Field(one, digest32(), "a statement", required=False) if isinstance(one, str) else one
            for one in self.refs
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a payload: the field, a stable code, and a sentence."""

    field: str
    code: str
    sentence: str


def check(st_type: StatementType, payload: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with ``payload`` as a statement of this type; an empty list if nothing is."""
    problems: list[Problem] = []
    for name, test, required in st_type._plan:
        if name in payload:
            complaint = test(payload[name])
            if complaint is not None:
                problems.append(Problem(name, complaint[0], f"{name} {complaint[1]}."))
        elif required:
            problems.append(Problem(name, "shape.missing", f"{name} is missing."))
    if payload.get("type") != st_type.name:
        problems.append(Problem("type", "shape.type", f"type is not {st_type.name}."))
    version = payload.get("v", VERSION)  # left out before signing, when the writer has yet to add it
    if type(version) is not int or version < 1:
        problems.append(Problem("v", "shape.version", "v is not the number of an edition."))
    refs = payload.get("refs")
    if refs is not None or st_type._refs:
        _check_refs(st_type, {} if refs is None else refs, problems)
    sealed = payload.get("sealed")
    if sealed is not None or st_type.sealed:
        _check_sealed(st_type, {} if sealed is None else sealed, problems)
    hidden = payload.get("hidden")
    if hidden is not None and not _are_digests(hidden):
        problems.append(
            Problem("hidden", "shape.hidden", "hidden is not a sorted list of digests, each once.")
        )
    return problems


def _check_refs(st_type: StatementType, refs: Any, problems: list[Problem]) -> None:
    if type(refs) is not dict:
        problems.append(Problem("refs", "shape.kind", "refs is not a map of names and statement ids."))
        return
    for name, required in st_type._refs:
        if required and name not in refs:
            problems.append(Problem(f"refs.{name}", "shape.missing", f"refs.{name} is missing."))
    for name, value in refs.items():
        if type(value) is not bytes or len(value) != DIGEST_SIZE:
            problems.append(
                Problem(f"refs.{name}", "shape.size", f"refs.{name} is not a statement id of 32 bytes.")
            )


def _check_sealed(st_type: StatementType, sealed: Any, problems: list[Problem]) -> None:
    if type(sealed) is not dict:
        problems.append(Problem("sealed", "shape.kind", "sealed is not a map of names and commitments."))
        return
    for name in st_type.sealed:
        if name not in sealed:
            problems.append(Problem(f"sealed.{name}", "shape.sealed", f"sealed.{name} is missing."))
    for name, value in sealed.items():
        if type(value) is not bytes or len(value) != DIGEST_SIZE:
            problems.append(
                Problem(f"sealed.{name}", "shape.sealed", f"sealed.{name} is not a point of 32 bytes.")
            )


def _are_digests(hidden: Any) -> bool:
    if type(hidden) is not list or len(hidden) > MAX_HIDDEN:
        return False
    previous = b""
    for value in hidden:
        if type(value) is not bytes or len(value) != DIGEST_SIZE or value <= previous:
            return False
        previous = value
    return True


class Catalogue:
    """Statement types by name, in the order of the published documentation."""

    def __init__(self, types: Iterable[StatementType]) -> None:
        self._types: dict[str, StatementType] = {}
        for st_type in types:
            if st_type.name in self._types:
                raise ValueError(f"The statement type {st_type.name} is declared twice.")
            self._types[st_type.name] = st_type

    def get(self, name: str) -> StatementType | None:
        """The type of that name, or None for one that this edition does not know."""
        return self._types.get(name)

    def merged(self, other: Catalogue) -> Catalogue:
        """Both catalogues as one. Raises ValueError if a name is in both."""
        return Catalogue((*self, *other))

    def __iter__(self) -> Iterator[StatementType]:
        return iter(self._types.values())

    def __len__(self) -> int:
        return len(self._types)

    def __contains__(self, name: object) -> bool:
        return name in self._types


_CDDL_HEAD = """\
; Adamas statements, edition 1. Generated from the catalogue: do not edit.
; RFC 8610 (CDDL), RFC 9052 (COSE), RFC 9597 (CWT claims in headers).

statement = #6.18([
  protected: bstr .cbor header,
  unprotected: {},
  payload: bstr .cbor payload,
  signature: bstr .size 64,
])

header = {
  1 => -8 / -19,                        ; EdDSA, or Ed25519 (RFC 9864)
  3 => "application/vnd.adamas+cbor",
  4 => bstr .size 8,                    ; first 8 bytes of SHA-256(public key)
  15 => { 1 => name, 2 => name, 6 => timestamp },  ; issuer, subject, issued at
}

disclosure = [ salt: bstr .size 16, name: tstr, value: any ]

name = tstr .regexp ".{1,120}"
digest = bstr .size 32
country = tstr .regexp "[A-Z]{2}"
day = tstr .regexp "[0-9]{4}-[0-9]{2}-[0-9]{2}"
timestamp = 0..1099511627775            ; seconds since 1970, UTC
"""


def cddl(catalogue: Catalogue) -> str:
    """The catalogue as CDDL (RFC 8610), envelope included."""
    names = " /\n  ".join(_rule_name(st_type) for st_type in catalogue)
    return "\n".join((_CDDL_HEAD, f"payload =\n  {names}\n", *(_cddl_rule(st_type) for st_type in catalogue)))


def _rule_name(st_type: StatementType) -> str:
    return st_type.name.replace(".", "-").replace("_", "-")


def _cddl_rule(st_type: StatementType) -> str:
    lines = [f"; {st_type.doc}", f"; issuer: {st_type.issuer}", f"; subject: {st_type.subject}"]
    lines += [f"{_rule_name(st_type)} = {{", '  "v": 1,', f'  "type": "{st_type.name}",']
    for one in st_type.fields:
        lines.append(f'  {"" if one.required else "? "}"{one.name}": {one.kind.cddl},  ; {one.doc}')
    references = st_type.references()
    if references:
        inside = ", ".join(f'{"" if one.required else "? "}"{one.name}": digest' for one in references)
        optional = "" if any(one.required for one in references) else "? "
        lines.append(f'  {optional}"refs": {{ {inside}, * tstr => digest }},')
    else:
        lines.append('  ? "refs": { * tstr => digest },')
    said = f"  ; disclosures: {', '.join(one.name for one in st_type.hidden)}" if st_type.hidden else ""
    lines.append(f'  ? "hidden": [* digest],{said}')
    if st_type.sealed:
        inside = ", ".join(f'"{name}": digest' for name in st_type.sealed)
        lines.append(f'  "sealed": {{ {inside}, * tstr => digest }},')
    else:
        lines.append('  ? "sealed": { * tstr => digest },')
    return "\n".join((*lines, "  * tstr => any,", "}", ""))


def json_schema(st_type: StatementType) -> dict[str, Any]:
    """JSON Schema (2020-12) of a payload written in JSON, byte strings in hexadecimal."""
    digest = dict(digest32().schema)
    references = st_type.references()
    properties: dict[str, Any] = {"v": {"type": "integer", "minimum": 1}, "type": {"const": st_type.name}}
    for one in st_type.fields:
        properties[one.name] = {**one.kind.schema, "description": one.doc}
    properties["refs"] = {
        "type": "object",
        "properties": {one.name: {**digest, "description": one.doc} for one in references},
        "required": [one.name for one in references if one.required],
        "additionalProperties": digest,
    }
    properties["hidden"] = {"type": "array", "items": digest, "uniqueItems": True, "maxItems": MAX_HIDDEN}
    properties["sealed"] = {
        "type": "object",
        "required": list(st_type.sealed),
        "additionalProperties": digest,
    }
    required = ["v", "type", *(one.name for one in st_type.fields if one.required)]
    required += ["refs"] if properties["refs"]["required"] else []
    required += ["sealed"] if st_type.sealed else []
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": st_type.name,
        "description": f"{st_type.doc} Issuer: {st_type.issuer}. Subject: {st_type.subject}.",
        "type": "object",
        "properties": properties,
        "required": required,
    }
