"""Answers read into dataclasses by the types of their fields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import is_dataclass
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

_T = TypeVar("_T")


def take(kind: type[_T], given: dict[str, Any]) -> _T:
    """A dataclass of the fields that it knows; an office of a later version may say more."""
    known: Any = kind
    return kind(**{name: _read(hint, given[name]) for name, hint in _hints(known).items() if name in given})


def several(kind: type[_T], given: Iterable[dict[str, Any]]) -> tuple[_T, ...]:
    """Several of them."""
    return tuple(take(kind, one) for one in given)


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if is_dataclass(hint) and isinstance(hint, type):
        return take(hint, value)
    if get_origin(hint) is tuple:
        return tuple(_read(get_args(hint)[0], one) for one in value)
    inner = [part for part in get_args(hint) if part is not NoneType]
    if len(inner) == 1 and NoneType in get_args(hint):
        return _read(inner[0], value)
    return value
