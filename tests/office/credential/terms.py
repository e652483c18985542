"""Which words of a JSON-LD document no context defines: the part of expansion (JSON-LD 1.1 API, 5.1) that tells it.

Written for the tests, with contexts given by address and nothing fetched. It follows type-scoped contexts (which end at
the next node), property-scoped ones (which go on), aliases of keywords, @json values and @protected terms.
"""

from __future__ import annotations

from typing import Any

Active = dict[str, Any]


def unknown(document: dict[str, Any], contexts: dict[str, Any]) -> list[str]:
    """Paths of properties and types without a definition, and of protected terms that are defined anew."""
    found: list[str] = []
    active: Active = {}
    for address in document["@context"]:
        active = _merge(active, contexts[address]["@context"], found, address)
    _walk({key: value for key, value in document.items() if key != "@context"}, active, None, "", found)
    return found


def _walk(value: Any, active: Active, before: Active | None, path: str, found: list[str]) -> None:
    if isinstance(value, list):
        for number, item in enumerate(value):
            _walk(item, active, before, f"{path}[{number}]", found)
    if not isinstance(value, dict):
        return
    _node(value, before if before is not None else active, path, found)


def _node(node: dict[str, Any], active: Active, path: str, found: list[str]) -> None:
    outer, before = active, None
    kinds = node.get("type", node.get("@type", []))
    for kind in sorted([kinds] if isinstance(kinds, str) else kinds):
        if _iri(outer, kind) is None:
            found.append(f"{path}.type: {kind}")
            continue
        scoped = outer[kind].get("@context") if isinstance(outer[kind], dict) else None
        if scoped is not None:
            active, before = _merge(active, scoped, found, path), outer
    for key, value in node.items():
        if key.startswith("@") or active.get(key) in ("@id", "@type"):
            continue
        if _iri(active, key) is None:
            found.append(f"{path}.{key}")
            continue
        definition = active[key] if isinstance(active[key], dict) else {}
        if definition.get("@type") == "@json":
            continue
        inner, back = active, before
        if "@context" in definition:  # counts from the context to which the node goes back
            inner = _merge(before or active, definition["@context"], [], path)
            back = None
        _walk(value, inner, back, f"{path}.{key}", found)


def _merge(active: Active, context: dict[str, Any], found: list[str], where: str) -> Active:
    merged = {**active, **{key: value for key, value in context.items() if not key.startswith("@")}}
    for term, definition in active.items():
        protected = not isinstance(definition, dict) or definition.get("@protected", True)
        if protected and term in context and _iri(merged, term) != _iri(active, term):
            found.append(f"{where}: {term} is defined anew")
    return merged


def _iri(active: Active, term: str) -> str | None:
    definition = active.get(term)
    text = definition.get("@id") if isinstance(definition, dict) else definition
    if text is None or text.startswith("@"):
        return text
    prefix, colon, rest = text.partition(":")
    base = active.get(prefix)
    return f"{base}{rest}" if colon and isinstance(base, str) else text
