"""Fewer garbage collections while thousands of statements are worked on.

A batch makes millions of objects that are freed by counting, and keeps hundreds of thousands; Python's collector would
walk them again and again for cycles that are not there (a sixth of the time of a batch). It is made rarer, not stopped,
so memory stays bounded.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_RARELY = (200_000, 20, 100)


@contextmanager
def rarer_collections() -> Iterator[None]:
    """Collects rarely inside. May be nested."""
    before = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
