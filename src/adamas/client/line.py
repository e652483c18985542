"""The line to an office: a token when it is needed, a key for every POST, and one more try where that is safe."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import urllib3
from urllib3.filepost import encode_multipart_formdata

from adamas.client.errors import Refused, Unreachable
from adamas.client.reading import take
from adamas.client.types import File, reasons

TRIES = 3
MOST_WAIT = 30.0
MAX_ANSWER = 64 * 1024 * 1024
_AGAIN = frozenset({429, 503})
_T = TypeVar("_T")


class Line:
    """A connection to one office. Safe for one thread at a time."""

    def __init__(
        self,
        address: str,
        client: str,
        secret: str,
        *,
        pool: urllib3.PoolManager | None = None,
        seconds: float = 30.0,
    ) -> None:
        self._address = address.rstrip("/")
        self._client, self._secret = client, secret
        self._pool = pool or urllib3.PoolManager(timeout=urllib3.Timeout(total=seconds))
        self._token, self._until = "", 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._pool.clear()

    def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return _read(self._call(method, path, body))

    def _get(self, kind: type[_T], path: str, **query: Any) -> _T:
        return take(kind, self._json("GET", _with(path, query)))

    def _post(self, kind: type[_T], path: str, body: dict[str, Any] | None = None) -> _T:
        return take(kind, self._json("POST", path, body or {}))

    def _send_files(self, path: str, files: Sequence[tuple[str, File]], **fields: Any) -> Any:
        parts: list[Any] = [
            (name, str(value).lower() if isinstance(value, bool) else str(value))
            for name, value in fields.items()
        ]
        parts += [(name, (file.name, file.data, file.kind)) for name, file in files]
        return _read(self._call("POST", path, form=encode_multipart_formdata(parts)))

    def _pages(self, kind: type[_T], path: str, **query: Any) -> Iterator[_T]:
        cursor: str | None = ""
        while cursor is not None:
            page = self._json("GET", _with(path, {**query, "cursor": cursor}))
            yield from (take(kind, one) for one in page["items"])
            cursor = page["next"]

    def _call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        form: tuple[bytes, str] | None = None,
        accept: str = "application/json",
    ) -> bytes:
        headers = {"Accept": accept}
        raw = None
        if form is not None:
            raw, headers["Content-Type"] = form
        elif body is not None:
            raw, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        if method == "POST":
            headers["Idempotency-Key"] = secrets.token_urlsafe(24)
        fresh = False
        for attempt in range(1, TRIES + 1):
            last = attempt == TRIES
            bearer = {"Authorization": f"Bearer {self._bearer(new=fresh)}"}
            try:
                answer = self._send(method, f"/api/v1/{path}", raw, {**headers, **bearer})
            except Unreachable:
                if last:
                    raise
                continue
            if answer.status == 401 and not fresh:
                fresh = True
            elif answer.status in _AGAIN and not last:
                time.sleep(_wait(answer))
            elif answer.status >= 300:
                raise _refusal(answer)
            else:
                data: bytes = answer.data
                return data
        raise Unreachable("client.again", "The office refused the request again and again.")

    def _bearer(self, *, new: bool) -> str:
        if self._token and not new and time.monotonic() < self._until:
            return self._token
        basic = urllib3.make_headers(basic_auth=f"{self._client}:{self._secret}")
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._send("POST", "/api/oauth/token", b"grant_type=client_credentials", {**basic, **kind})
        if answer.status != 200:
            raise _refusal(answer)
        found = _read(answer.data)
        self._token = str(found["access_token"])
        self._until = time.monotonic() + max(float(found.get("expires_in", 60)) - 60, 0)
        return self._token

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Any:
        try:
            answer = self._pool.request(
                method,
                f"{self._address}{path}",
                body=body,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
            )
            data = answer.read(MAX_ANSWER + 1)
            answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable("client.unreachable", f"{self._address} does not answer: {error}.") from error
        if len(data) > MAX_ANSWER:
            raise Unreachable("client.long", "The answer is longer than any of an office.")
        return _Answer(answer.status, dict(answer.headers), data)


class _Answer:
    def __init__(self, status: int, headers: dict[str, str], data: bytes) -> None:
        self.status, self.data = status, data
        self.headers = {name.lower(): value for name, value in headers.items()}


def _wait(answer: _Answer) -> float:
    text = answer.headers.get("retry-after", "1")
    return min(float(text) if text.isdigit() else 1.0, MOST_WAIT)


def _read(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise Unreachable("client.unreadable", "The answer is not one of an office.") from error


def _refusal(answer: _Answer) -> Refused:
    found = _read(answer.data)
    if not isinstance(found, dict):
        raise Unreachable("client.unreadable", "The answer is not one of an office.")
    if "error" in found:  # the door of tokens speaks RFC 6749
        sentence = str(found.get("error_description", found["error"]))
        return Refused(answer.status, f"oauth.{found['error']}", sentence, "", "", ())
    return Refused(
        answer.status,
        str(found.get("code", "client.status")),
        str(found.get("detail", answer.status)),
        str(found.get("clause", "")),
        str(found.get("advice", "")),
        reasons(found.get("errors", [])),
    )


def part(text: str) -> str:
    """A part of an address."""
    return quote(text, safe="")


def _with(path: str, query: dict[str, Any]) -> str:
    kept = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in query.items()
        if value not in (None, "")
    }
    return f"{path}?{urlencode(kept)}" if kept else path
