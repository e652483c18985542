"""Random and mutated input against one parser: an answer or an AdamasError, soon and in little memory.

No fuzzer of its own: a few dozen lines of mutation over valid input (bits, bytes, runs, words of the format, two inputs
spliced), seeded, so that a failure names the bytes. Three bounds stand around every call:

- only errors of the tree of ``adamas.errors`` come out, each with a dotted code;
- one input costs at most ``MAX_SECONDS`` of processor time (a timer of the process's own time, so a busy
machine does not
  matter); an endless loop in Python is broken off by it;
- the address space may grow by ``MAX_GROWTH`` at most while a parser runs, and of some inputs Python's own
allocations are
  measured and compared with the input's size.
"""

from __future__ import annotations

import random
import re
import resource
import signal
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import FrameType
from typing import Any

from adamas.errors import AdamasError

MAX_SECONDS = 2.0
MAX_GROWTH = 768 * 1024 * 1024
MEASURED_EVERY = 50
CODE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")

Mutator = Callable[[random.Random, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Target:
    """One parser: how to call it with bytes, valid inputs, words of its format, and what must hold of what it reads.

    ``law(value, data)`` asserts about accepted input (mostly: it is written back the same). ``reshape`` mutates below a
    checksum or a compression, where byte mutations would only ever find the outermost check. ``memory`` is
    what Python may allocate for one input, in bytes, beside sixty times the input.
    """

    name: str
    parse: Callable[[bytes], Any]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()
    law: Callable[[Any, bytes], None] | None = None
    reshape: Mutator | None = None
    memory: int = 4_000_000


class Hang(BaseException):
    """One input took longer than it may."""


class Failure(AssertionError):
    """What came out is none of our errors; says the input."""


def _broken_off(_: int, __: FrameType | None) -> None:
    raise Hang


@contextmanager
def _bounds() -> Iterator[None]:
    """An alarm of the process's own time, and a limit to its address space."""
    alarm = signal.signal(signal.SIGVTALRM, _broken_off)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = _address_space() + MAX_GROWTH
    resource.setrlimit(
        resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard)
    )
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, alarm)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def run(target: Target, *, seconds: float, seed: int) -> int:
    """Feeds ``target`` for so long; gives how many inputs that were. Raises Failure."""
    rng = random.Random(seed)
    count = 0
    with _bounds():
        for measured in (False, True):  # the first call imports what it needs
            for data in target.seeds:
                _one(target, data, measured=measured, valid=True)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for _ in range(20):
                _one(target, fresh(rng, target), measured=count % MEASURED_EVERY == 0)
                count += 1
    return count


def _one(target: Target, data: bytes, *, measured: bool = False, valid: bool = False) -> None:
    if measured:
        tracemalloc.start()
    signal.setitimer(signal.ITIMER_VIRTUAL, MAX_SECONDS)
    try:
        value = target.parse(data)
        if target.law is not None:
            target.law(value, data)
    except AdamasError as error:
        if valid:
            raise Failure(f"{target.name} refused a valid input: {error!r} {_shown(data)}") from error
        if CODE.fullmatch(error.code) is None or not error.sentence:
            raise Failure(
                f"{target.name}: a refusal without code or sentence: {error!r} {_shown(data)}"
            ) from error
    except Hang:
        raise Failure(f"{target.name} took more than {MAX_SECONDS} s for {_shown(data)}") from None
    except (Exception, RecursionError) as error:
        raise Failure(f"{target.name}: {type(error).__name__}: {error} for {_shown(data)}") from error
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if measured:
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
    if measured and peak > target.memory + 60 * len(data):
        raise Failure(f"{target.name} allocated {peak:,} bytes for {_shown(data)}")


def _shown(data: bytes) -> str:
    """The input as one may paste it into ``FOUND``."""
    return (
        f"bytes.fromhex({data.hex()!r})" if len(data) <= 4_000 else f"{len(data)} bytes, {data[:400].hex()}…"
    )


def fresh(rng: random.Random, target: Target) -> bytes:
    """An input: mostly a valid one, changed a little; sometimes random bytes or words of the format in any order."""
    kind = rng.random()
    if kind < 0.06:
        return rng.randbytes(rng.choice((0, 1, 2, 3, 8, 33, 64, 200, 1_000)))
    if kind < 0.12:
        words = target.words or (b"",)
        return b"".join(
            rng.choice((rng.choice(words), rng.randbytes(rng.randrange(6)))) for _ in range(rng.randrange(12))
        )
    data = rng.choice(target.seeds)
    if target.reshape is not None and kind < 0.6:
        return target.reshape(rng, data)
    text = _is_text(target.seeds) and rng.random() < 0.8
    return mutate(rng, data, target.seeds, target.words, text=text)


_EDGES = tuple(bytes([value]) for value in b'\x00\x01\x7f\x80\xff\n 09-=+"\\\xc3\xf4')
_LENGTHS = tuple(
    bytes.fromhex(item)
    for item in (
        "18ff",
        "19ffff",
        "1b" + "ff" * 8,
        "5b7f" + "ff" * 7,
        "9b00000000ffffffff",
        "bf",
        "9f",
        "5f",
        "ffff",
    )
)
_NUMBERS = (
    b"9" * 25,
    b"9" * 5_000,
    b"[" * 2_000,
    b"-1",
    b"1e999",
    b"0.1",
    b"00",
    b"\n",
    b"+",
    b"=",
    b'"',
    b"\\u0000",
)
_PRINTABLE = bytes(range(32, 127)) + b"\n\t"


@cache
def _is_text(seeds: tuple[bytes, ...]) -> bool:
    """Whether the format is text: then most mutations stay text, so that they get past its decoding."""
    try:
        return all(seed.decode("utf-8").replace("\n", "").isprintable() for seed in seeds)
    except UnicodeDecodeError:
        return False


def mutate(
    rng: random.Random,
    data: bytes,
    others: Sequence[bytes] = (),
    words: Sequence[bytes] = (),
    *,
    text: bool = False,
) -> bytes:
    """``data`` after one to six small changes; with ``text`` what comes in is printable."""
    edges, lengths = (_NUMBERS, _NUMBERS) if text else (_EDGES, (*_LENGTHS, *_NUMBERS))
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        place = rng.randrange(len(made) + 1)
        end = min(len(made), place + rng.choice((1, 1, 2, 4, 16, 80)))
        kind = rng.randrange(10)
        if kind == 0 and made:
            made[place % len(made)] ^= 1 << rng.randrange(5 if text else 8)
        elif kind == 1 and made:
            made[place % len(made)] = rng.choice(_PRINTABLE) if text else rng.randrange(256)
        elif kind == 2:
            made[place:place] = rng.choice(edges) * rng.choice((1, 1, 2, 17, 300))
        elif kind == 3:
            del made[place:end]
        elif kind == 4:
            made[place:place] = made[place:end] * rng.choice((1, 2, 40))
        elif kind == 5:
            made[place:end] = rng.choice(lengths)
        elif kind == 6 and words:
            made[place:end] = rng.choice(words)
        elif kind == 7 and others:
            other = rng.choice(others)
            made = made[:place] + other[rng.randrange(len(other) + 1) :]
        elif kind == 8:
            del made[place:]
        else:
            made[place:end] = (
                bytes(rng.choices(_PRINTABLE, k=end - place)) if text else rng.randbytes(end - place)
            )
    return bytes(made[:200_000])
