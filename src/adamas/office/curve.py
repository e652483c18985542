"""Curve arithmetic in bulk: sealing quantities and verifying signatures beside the work of the main process.

Rules and encoding keep one core busy in Python; the curve is most of what remains. A thread would have to
fight for the interpreter between two multiplications, so a large batch goes to a helper process over a pipe
(this module run as a program), whose answers are read as they are needed. Small batches, and any machine where the
helper cannot be started, are worked out here: the results are the same.

    to the helper    N count(4), then so many frames     from it
                     S m(8) r(32)                                  commitment(32)
                     V key(32) signature(64) n(4) message(n)       1 or 0 (1)
"""

from __future__ import annotations

import atexit
import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from adamas.ledger import ed25519, pedersen
from adamas.ledger.pedersen import Opening

HELPER_FROM = 400
"""Operations in a batch from which the helper is worth its start (about a tenth of a second, once)."""
_FLUSH_EVERY = 64

Check = tuple[bytes, bytes, bytes]
"""Public key, signature, message."""


class _Helper:
    """The one helper of this process; used by one batch at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.parent = 0

    def ask(self, frames: Sequence[bytes]) -> BinaryIO | None:
        """Starts sending; the answers are read from what this returns. None if there is no helper."""
        try:
            if self.process is None or self.process.poll() is not None or self.parent != os.getpid():
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "adamas.office.curve"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    start_new_session=True,  # Ctrl-C is for the main process; the helper ends with its input
                )
                self.parent = os.getpid()
                atexit.register(self.process.kill)
        except OSError:
            return None
        sink, source = self.process.stdin, self.process.stdout
        if not isinstance(sink, io.BufferedWriter) or not isinstance(source, io.BufferedReader):
            return None
        data = b"N" + len(frames).to_bytes(4, "little") + b"".join(frames)
        threading.Thread(target=_send, args=(sink, data), daemon=True).start()
        return source

    def end(self) -> None:
        """Ends the helper: what it still says would be taken for the next batch's answers."""
        if self.process is not None:
            self.process.kill()
            self.process = None


_helper = _Helper()


class Sealed:
    """Fresh openings and commitments of some quantities, taken in ascending order of their number (gaps are fine)."""

    def __init__(self, quantities: Sequence[int]) -> None:
        self._openings = [pedersen.new_opening(quantity) for quantity in quantities]
        frames = [b"S" + o.m.to_bytes(8, "little") + o.r for o in self._openings]
        self._answers = _answers(frames, 32, lambda n: pedersen.commit(self._openings[n]))
        self._next = 0

    def take(self, n: int) -> tuple[Opening, bytes]:
        """The ``n``-th opening with its commitment; ``n`` is above all taken before."""
        answer = b""
        while self._next <= n:
            answer = next(self._answers)
            self._next += 1
        return self._openings[n], answer


def seal(quantities: Sequence[int]) -> list[tuple[Opening, bytes]]:
    """A fresh opening and its commitment for each quantity. Raises StatementError for a bad quantity."""
    sealed = Sealed(quantities)
    return [sealed.take(n) for n in range(len(quantities))]


def open_all(pairs: Sequence[tuple[bytes, Opening]]) -> list[bool]:
    """For each commitment whether the opening beside it opens it."""
    frames = [b"S" + o.m.to_bytes(8, "little") + o.r for _, o in pairs]
    answers = _answers(frames, 32, lambda n: pedersen.commit(pairs[n][1]))
    return [answer == commitment for (commitment, _), answer in zip(pairs, answers, strict=True)]


def verify(checks: Sequence[Check]) -> Iterator[bool]:
    """For each signature whether it holds, in order, by the one verdict of the ledger."""
    frames = [b"V" + key + signature + len(m).to_bytes(4, "little") + m for key, signature, m in checks]
    answers = _answers(
        frames, 1, lambda n: b"\1" if ed25519.verify(checks[n][0], checks[n][2], checks[n][1]) else b"\0"
    )
    return (answer == b"\1" for answer in answers)


def _answers(frames: Sequence[bytes], size: int, here: Callable[[int], bytes]) -> Iterator[bytes]:
    """The helper's answers, or ours where there is none: for a small batch, a busy helper, one that died.

    Sending begins at once, not when the first answer is asked for.
    """
    if len(frames) < HELPER_FROM or not _helper.lock.acquire(blocking=False):
        return (here(n) for n in range(len(frames)))
    source = _helper.ask(frames)
    if source is None:
        _helper.lock.release()
        return (here(n) for n in range(len(frames)))
    return _Stream(source, len(frames), size, here)


class _Stream:
    """Answers as they come. Gives the helper back after the last one, or when it is thrown away before."""

    def __init__(self, source: BinaryIO, count: int, size: int, here: Callable[[int], bytes]) -> None:
        self._source: BinaryIO | None = source
        self._count, self._size, self._here = count, size, here
        self._done = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        n = self._done
        if n == self._count:
            raise StopIteration
        answer = self._source.read(self._size) if self._source is not None else b""
        if len(answer) < self._size:
            self.close()
            answer = self._here(n)
        self._done = n + 1
        if self._done == self._count:
            self.close()
        return answer

    def close(self) -> None:
        """Gives the helper back."""
        if self._source is not None:
            self._source = None
            if self._done < self._count:
                _helper.end()
            _helper.lock.release()

    def __del__(self) -> None:
        self.close()


def _send(sink: BinaryIO, frames: bytes) -> None:
    try:
        sink.write(frames)
        sink.flush()
    except (OSError, ValueError):
        pass  # it died: the reader sees the end of the stream and works out the rest


def _serve(source: BinaryIO, sink: BinaryIO) -> None:
    """The helper: answers batches (N, their number, the frames) until its input ends."""
    while source.read(1) == b"N":
        count = int.from_bytes(source.read(4), "little")
        for n in range(1, count + 1):
            if source.read(1) == b"S":
                m, r = int.from_bytes(source.read(8), "little"), source.read(32)
                sink.write(pedersen.commit(Opening(m, r)))
            else:
                key, signature = source.read(32), source.read(64)
                message = source.read(int.from_bytes(source.read(4), "little"))
                sink.write(b"\1" if ed25519.verify(key, message, signature) else b"\0")
            if n % _FLUSH_EVERY == 0 or n == count:
                sink.flush()


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
