"""The API's description as pages: the OpenAPI document, and nothing beside it, set for reading.

They are made of the document on the server, so they need no script, and they cannot say anything else than it does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from adamas.office.api import service
from adamas.office.people.access import public
from adamas.office.public.caching import shared

_DEEP = 4
_MARKS = ((r"`([^`]+)`", "code"), (r"\*\*([^*]+)\*\*", "strong"), (r"\*([^*]+)\*", "em"))
_KINDS = {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "object"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field or parameter: its name (``[]`` marks a list), what it holds, whether it must be there, its meaning."""

    name: str
    kind: str
    required: bool
    says: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as it is shown. ``as_in`` is key and title of the one before it that answers with the same."""

    key: str
    method: str
    path: str
    title: str
    says: str
    scope: str
    roles: tuple[str, ...]
    parameters: tuple[Field, ...]
    sent_as: str
    sent: tuple[Field, ...]
    status: str
    given_as: tuple[str, ...]
    given: tuple[Field, ...]
    as_in: tuple[str, str] | None
    refusals: tuple[tuple[str, str], ...]
    samples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """Operations of one desk."""

    slug: str
    name: str
    says: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """The document, in the order of reading."""

    title: str
    version: str
    openapi: str
    says: tuple[str, ...]
    desks: tuple[Desk, ...]
    scopes: tuple[tuple[str, str, tuple[str, ...]], ...]
    codes: tuple[tuple[str, int, str], ...]


@public
@require_safe
@shared(300)
def index(request: HttpRequest) -> HttpResponse:
    """All operations by desk; scopes; codes of problems."""
    context = {"reference": reference(), "paragraphs": [marked(one) for one in reference().says]}
    return render(request, "apiweb/reference.html", context)


@public
@require_safe
@shared(300)
def desk(request: HttpRequest, desk: str) -> HttpResponse:
    """The operations of one desk, with everything that is sent and answered."""
    found = next((one for one in reference().desks if one.slug == desk), None)
    if found is None:
        raise Http404
    return render(request, "apiweb/desk.html", {"desk": found, "reference": reference()})


@lru_cache(maxsize=1)
def reference() -> Reference:
    """The document read."""
    return read(json.loads(service.document()))


def read(document: dict[str, Any]) -> Reference:
    """An OpenAPI document as it is shown."""
    by_desk: dict[str, list[Operation]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_desk[operation["tags"][0]].append(_operation(document, path, method, operation))
    flow = document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    return Reference(
        document["info"]["title"],
        document["info"]["version"],
        document["openapi"],
        tuple(re.split(r"\n\n+", document["info"]["description"].strip())),
        tuple(
            Desk(slugify(tag["name"]), tag["name"], tag["description"], _once(by_desk[tag["name"]]))
            for tag in document["tags"]
        ),
        tuple(
            (scope, says, tuple(document["x-roles-of-scope"][scope]))
            for scope, says in flow["scopes"].items()
        ),
        tuple((one["code"], one["status"], one["says"]) for one in document["x-problem-codes"]),
    )


def marked(text: str) -> SafeString:
    """Text with the few marks of Markdown that the document uses, as HTML."""
    shown = str(escape(text))
    for pattern, name in _MARKS:
        shown = re.sub(pattern, rf"<{name}>\1</{name}>", shown)
    return mark_safe(shown)  # noqa: S308 — escaped above


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Operation:
    parts = document["components"]
    content = operation.get("requestBody", {}).get("content", {})
    status, answer = next((s, a) for s, a in operation["responses"].items() if s.startswith("2"))
    given = answer.get("content", {})
    refusals = (
        (one, parts["responses"][told["$ref"].rpartition("/")[2]]["description"])
        for one, told in sorted(operation["responses"].items())
        if "$ref" in told
    )
    return Operation(
        operation["operationId"],
        method.upper(),
        path,
        operation["summary"],
        operation["description"],
        operation["security"][0]["oauth2"][0],
        tuple(operation["x-roles"]),
        tuple(_parameter(parts, one) for one in operation["parameters"]),
        next(iter(content), ""),
        tuple(_fields(parts, next(iter(content.values()))["schema"])) if content else (),
        status,
        tuple(given),
        tuple(_fields(parts, given["application/json"].get("schema", {})))
        if "application/json" in given
        else (),
        None,
        tuple(refusals),
        tuple((one["label"], one["source"]) for one in operation["x-codeSamples"] if one["source"]),
    )


def _once(operations: list[Operation]) -> tuple[Operation, ...]:
    """The fields of an answer are shown where it comes first; a slow line is not asked to carry them again."""
    first: dict[tuple[Field, ...], tuple[str, str]] = {}
    shown = []
    for one in operations:
        before = first.setdefault(one.given, (one.key, one.title)) if one.given else (one.key, "")
        shown.append(one if before[0] == one.key else replace(one, given=(), as_in=before))
    return tuple(shown)


def _parameter(parts: dict[str, Any], one: dict[str, Any]) -> Field:
    if "$ref" in one:
        one = parts["parameters"][one["$ref"].rpartition("/")[2]]
    where = "" if one["in"] == "query" else f" ({one['in']})"
    return Field(
        one["name"] + where,
        _kind(parts, one["schema"]),
        bool(one.get("required")),
        one.get("description", ""),
    )


def _fields(
    parts: dict[str, Any], schema: dict[str, Any], before: str = "", deep: int = 0
) -> Iterator[Field]:
    """Fields one below the other, those of parts under the name of the part."""
    schema = _resolved(parts, schema)
    if schema.get("type") == "array":
        yield from _fields(parts, schema["items"], f"{before}[]", deep)
        return
    needed = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        whole = f"{before}.{name}" if before else name
        yield Field(whole, _kind(parts, field), name in needed, field.get("description", ""))
        inner = _resolved(parts, _without_null(field))
        if inner.get("type") in ("array", "object") and deep < _DEEP:
            yield from _fields(parts, inner, whole, deep + 1)


def _kind(parts: dict[str, Any], schema: dict[str, Any]) -> str:
    """What a value may be, in words."""
    null = any(one.get("type") == "null" for one in schema.get("anyOf", []))
    found = _resolved(parts, _without_null(schema))
    if "enum" in found or "const" in found:
        said = " | ".join(str(one) or "(empty)" for one in found.get("enum", [found.get("const")]))
    elif found.get("type") == "array":
        said = f"list: {_kind(parts, found['items'])}"
    else:
        said = _KINDS.get(str(found.get("type")), "any value")
        if found.get("format") == "date":
            said = "day"
        elif found.get("format") == "binary" or "contentMediaType" in found:
            said = "file"
        for key, words in (("pattern", "{}"), ("maxLength", "at most {} letters"), ("minimum", "from {}")):
            if key in found:
                said += ", " + words.format(found[key])
        if "maximum" in found:
            said += f" to {found['maximum']}"
    return f"{said}, or null" if null else said


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    kinds = [one for one in schema.get("anyOf", schema.get("allOf", [])) if one.get("type") != "null"]
    return kinds[0] if kinds else schema


def _resolved(parts: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = parts["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema
