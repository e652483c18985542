"""Reading another's published log: over HTTP, from a folder, or through file://.

What is read is not trusted, so every request has three bounds: seconds for each step on the socket, seconds
in all (a server that sends one byte a minute is cut off), and bytes after decompression. Redirects are
followed on the same host only: a log that moves is followed by a person, not by a program. A file that is not
there is None; everything else that goes wrong is a named error.

    fetch.url fetch.failed fetch.timeout fetch.too-large fetch.redirect fetch.status fetch.path
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HostChangedError, HTTPError, MaxRetryError, NewConnectionError, TimeoutError
from urllib3.util import Retry, Timeout

from adamas.ledger.errors import MirrorError

MAX_BYTES = 256 * (2 + 0xFFFF)
"""The largest thing in a log: a bundle of 256 entries of 65,535 bytes."""
USER_AGENT = "adamas"
_CHUNK = 1 << 16
_GONE = frozenset({404, 410})
_BUSY = (429, 500, 502, 503, 504)


class Deadline:
    """Seconds that the network operations of this thread may take in all, as a context.

    A timeout on a socket starts anew with every byte, and so does not bound a server that drips; this one
    shuts the socket when the time is over. ``expired`` tells afterwards that it did.
    """

    _of_thread = threading.local()

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self._end = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    @property
    def left(self) -> float:
        """Seconds left, not below zero."""
        return max(self._end - time.monotonic(), 0.0)

    def __enter__(self) -> Deadline:
        self._of_thread.current = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._of_thread.current = None
        self._timer.cancel()
        with self._lock:
            self._socket = None

    @classmethod
    def watch(cls, sock: socket.socket | None) -> None:
        """Puts a socket under this thread's deadline, if it has one."""
        current: Deadline | None = getattr(cls._of_thread, "current", None)
        if current is None or sock is None:
            return
        with current._lock:
            current._socket = sock
            if current.expired:
                current._shut()

    def _expire(self) -> None:
        with self._lock:
            self.expired = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # The plain socket's method: on a TLS socket the other would tear down state that is in use.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Connection(HTTPConnection):
    def request(self, *args: object, **kwargs: object) -> None:
        if self.sock is None:
            self.connect()
        Deadline.watch(self.sock)
        super().request(*args, **kwargs)  # type: ignore[arg-type]


class _SecureConnection(HTTPSConnection):
    def request(self, *args: object, **kwargs: object) -> None:
        if self.sock is None:
            self.connect()
        Deadline.watch(self.sock)
        super().request(*args, **kwargs)  # type: ignore[arg-type]


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: status, its media type without parameters, and the body."""

    status: int
    media_type: str
    body: bytes


class Client:
    """HTTP to one host, for several threads at once, with the bounds of the module docstring."""

    def __init__(
        self, url: str, *, connections: int = 8, step_timeout: float = 10.0, retries: int = 3
    ) -> None:
        try:
            parts = urlsplit(url)
        except ValueError:  # brackets that hold no address
            parts = urlsplit("")
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise MirrorError(
                "fetch.url",
                f"“{url[:200]}” is no address of a log or witness.",
                advice="Give http://…, https://…, file://… or a folder, without ? or #.",
            )
        kind = _SecurePool if parts.scheme == "https" else _Pool
        try:
            self._pool = kind(parts.hostname, parts.port, maxsize=connections)
        except ValueError:
            raise MirrorError("fetch.url", f"“{url[:200]}” has no valid port.") from None
        self._prefix = parts.path.rstrip("/")
        self._timeout = step_timeout
        self._retries = retries
        self.url = url.rstrip("/")

    def close(self) -> None:
        """Closes idle connections."""
        self._pool.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        limit: int = MAX_BYTES,
        seconds: float = 60.0,
    ) -> Answer:
        """One request with retries for GET; any status is an answer. Raises MirrorError ``fetch.*``."""
        where = f"{self.url}/{path}"
        retry = Retry(
            total=self._retries if method == "GET" else 0,
            redirect=2,
            status_forcelist=_BUSY if method == "GET" else (),
            backoff_factor=0.2,
            retry_after_max=5,
            raise_on_status=False,
        )
        step = min(self._timeout, seconds)
        with Deadline(seconds) as deadline:
            try:
                response = self._pool.urlopen(
                    method,
                    f"{self._prefix}/{path}",
                    body=body,
                    headers={
                        "User-Agent": USER_AGENT,
                        "Accept-Encoding": "gzip, identity",
                        **(headers or {}),
                    },
                    retries=retry,
                    timeout=Timeout(connect=step, read=step),
                    assert_same_host=True,
                    redirect=method == "GET",
                    preload_content=False,
                )
                try:
                    data = _read(response, limit, where)
                    if deadline.expired:
                        # Without a stated length, a body that we cut off ourselves looks like a whole one.
                        raise TimeoutError
                except BaseException:
                    response.close()
                    raise
                response.release_conn()
            except HostChangedError:
                raise MirrorError(
                    "fetch.redirect",
                    "The server sends us to another host.",
                    where=where,
                    advice="If the log has moved, give the new address yourself.",
                ) from None
            except (HTTPError, OSError) as error:
                raise _explain(error, where, seconds if deadline.expired else None) from None
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Answer(response.status, media_type, data)


def _read(response: urllib3.BaseHTTPResponse, limit: int, where: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        chunk = response.read(min(_CHUNK, limit + 1 - size))
        if not chunk:
            return b"".join(parts)
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            raise MirrorError(
                "fetch.too-large",
                f"The server sends more than the {limit:,} bytes that this can have.",
                where=where,
            )


def _explain(error: Exception, where: str, expired: float | None) -> MirrorError:
    if isinstance(error, MaxRetryError) and error.reason is not None:
        error = error.reason
    if expired is not None:
        return MirrorError("fetch.timeout", f"No whole answer within {expired:g} seconds.", where=where)
    # urllib3 counts a refused connection among the timeouts.
    if isinstance(error, TimeoutError) and not isinstance(error, NewConnectionError):
        return MirrorError("fetch.timeout", "The server does not answer.", where=where)
    return MirrorError(
        "fetch.failed",
        f"The server cannot be reached, or broke off ({type(error).__name__}).",
        where=where,
        advice="Look at the address and the line, then try again.",
    )


class Fetcher:
    """The published files of one log: ``get(path)`` gives bytes or None.

    ``url`` is http(s)://, file:// or the path of a folder. Safe for several threads.
    """

    def __init__(self, url: str | Path, *, seconds: float = 60.0, connections: int = 8) -> None:
        text = str(url)
        self.url = text
        self._seconds = seconds
        self._client: Client | None = None
        self._folder: Path | None = None
        if text.startswith("file://"):
            parts = urlsplit(text)
            if parts.netloc not in {"", "localhost"}:
                raise MirrorError(
                    "fetch.url", f"“{text[:200]}” names another machine; file:// is for this one."
                )
            self._folder = Path(unquote(parts.path))
        elif "://" in text:
            self._client = Client(text, connections=connections)
        else:
            self._folder = Path(text)
        if self._folder is not None and not self._folder.is_dir():
            raise MirrorError("fetch.url", f"There is no folder {self._folder}.", where=text)

    @property
    def local(self) -> bool:
        """Whether reading costs no network."""
        return self._folder is not None

    def get(self, path: str, *, limit: int = MAX_BYTES) -> bytes | None:
        """The bytes at ``path`` below the log's address; None if there is nothing. Raises MirrorError."""
        parts = PurePosixPath(path).parts
        if not parts or ".." in parts or path.startswith("/") or str(PurePosixPath(path)) != path:
            raise MirrorError("fetch.path", f"“{path[:100]}” is no path inside a log.")
        if self._folder is not None:
            return _from_folder(self._folder.joinpath(*parts), limit)
        assert self._client is not None
        answer = self._client.request("GET", path, limit=limit, seconds=self._seconds)
        if answer.status == 200:
            return answer.body
        if answer.status in _GONE:
            return None
        raise MirrorError(
            "fetch.status",
            f"The server answered {answer.status}.",
            where=f"{self.url}/{path}",
            advice="Try again later; tell the operator if it stays so.",
        )

    def __call__(self, path: str) -> bytes | None:
        """The same as ``get``, so that a fetcher is what TileReader takes."""
        return self.get(path)

    def close(self) -> None:
        """Closes idle connections."""
        if self._client is not None:
            self._client.close()

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _from_folder(place: Path, limit: int) -> bytes | None:
    try:
        with place.open("rb") as file:
            data = file.read(limit + 1)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    except OSError as error:
        raise MirrorError(
            "fetch.failed", f"The file cannot be read: {error.strerror}.", where=str(place)
        ) from None
    if len(data) > limit:
        raise MirrorError(
            "fetch.too-large",
            f"The file has more than the {limit:,} bytes that it can have.",
            where=str(place),
        )
    return data
