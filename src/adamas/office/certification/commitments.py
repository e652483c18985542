"""Sealing and opening quantities in bulk.

libsodium leaves the interpreter free, so two threads use two cores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from adamas.ledger import pedersen
from adamas.ledger.pedersen import Opening

_THREADS = 2
_THREADS_FROM = 8
_pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="pedersen")
_In = TypeVar("_In")
_Out = TypeVar("_Out")


def seal(quantities: Sequence[int]) -> list[tuple[Opening, bytes]]:
    """A fresh opening and its commitment for each quantity."""
    return _spread(quantities, _seal_one)


def hold(pairs: Sequence[tuple[bytes, Opening]]) -> list[bool]:
    """For each commitment whether the opening beside it opens it."""
    return _spread(pairs, lambda pair: pedersen.verify(pair[0], pair[1]))


def _seal_one(quantity: int) -> tuple[Opening, bytes]:
    opening = pedersen.new_opening(quantity)
    return opening, pedersen.commit(opening)


def _spread(items: Sequence[_In], work: Callable[[_In], _Out]) -> list[_Out]:
    if len(items) < _THREADS_FROM:
        return [work(item) for item in items]
    size = -(-len(items) // _THREADS)
    parts = [items[start : start + size] for start in range(0, len(items), size)]
    done = [_pool.submit(lambda part: [work(item) for item in part], part) for part in parts]
    return [result for future in done for result in future.result()]
