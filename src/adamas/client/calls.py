"""The calls of the client: a token when it is needed, a key for every POST, and one more try where that is safe."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from adamas.client import types as t
from adamas.client.errors import Refused, Unreachable

TRIES = 3
MOST_WAIT = 30.0
MAX_ANSWER = 64 * 1024 * 1024
_AGAIN = frozenset({429, 503})


class Client:
    """A program's connection to one office. Safe for one thread at a time.

    ``address`` is the office's, such as ``https://office.example``. Calls raise Refused and Unreachable; a POST that
    had no answer is sent again under the same Idempotency-Key, so that nothing is done twice.
    """

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

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._pool.clear()

    def certificates(self, side: str = "exporting", **narrow: str) -> Iterator[t.Row]:
        """Certificates that the Participant issued (exporting) or that go there (importing), newest first."""
        return self._rows("certificates", {"side": side, **narrow})

    def arrivals(self, *, announced: bool = False) -> Iterator[t.Row]:
        """What is on its way here, first to expire first."""
        return self._rows("arrivals", {"announced": str(announced).lower()})

    def certificate(self, number: str) -> t.Certificate:
        """One certificate whole."""
        found = self._json("GET", f"certificates/{quote(number, safe='')}")
        return t.take(
            t.Certificate,
            found,
            history=tuple(t.take(t.Step, one) for one in found["history"]),
            findings=t.reasons(found["findings"]),
            declared=t.declared(found["declared"]),
        )

    def bundle(self, number: str) -> bytes:
        """Its proof. Refused with 409 while it is not published."""
        return self._call("GET", f"certificates/{quote(number, safe='')}/bundle")

    def pdf(self, number: str, language: str | None = None) -> bytes:
        """Its paper."""
        query = f"?language={quote(language)}" if language else ""
        return self._call("GET", f"certificates/{quote(number, safe='')}/pdf{query}")

    def check(self, text: str) -> t.Check:
        """Checks a code or a number as the arrival desk does."""
        found = self._json("POST", "check", {"text": text})
        return t.take(t.Check, found, declared=t.declared(found["declared"]))

    def apply(self, application: t.Application) -> t.ApplicationState:
        """Makes a draft."""
        return self._application(self._json("POST", "applications", application.body()))

    def change(self, id: int, application: t.Application, version: int) -> t.ApplicationState:
        """Changes a draft, or one that was sent back."""
        return self._application(
            self._json("PUT", f"applications/{id}", {**application.body(), "version": version})
        )

    def application(self, id: int) -> t.ApplicationState:
        """One application."""
        return self._application(self._json("GET", f"applications/{id}"))

    def submit(self, id: int, *, no_conflict_diamonds: bool) -> t.ApplicationState:
        """Hands it to the authority, with the exporter's declaration (Annex II, 18)."""
        body = {"declared": no_conflict_diamonds}
        return self._application(self._json("POST", f"applications/{id}/submit", body))

    def withdraw(self, id: int, why: str = "") -> t.ApplicationState:
        """Takes it back."""
        return self._application(self._json("POST", f"applications/{id}/withdraw", {"why": why}))

    def validate(self, *numbers: str, day: str | None = None) -> t.Batch:
        """Validates shipments for export."""
        return self._batch("validations", numbers, day)

    def dispatch(self, *numbers: str, day: str | None = None) -> t.Batch:
        """Records that shipments left."""
        return self._batch("dispatches", numbers, day)

    def receive(self, number: str, found: t.Found) -> t.Decision:
        """Confirms an import."""
        return self._decide(number, "receive", found)

    def refuse(self, number: str, found: t.Found, why: str, published: str = "") -> t.Decision:
        """Does not admit a shipment."""
        return self._decide(number, "refuse", found, why=why, published=published)

    def send_back(self, number: str, found: t.Found, published: str) -> t.Decision:
        """Returns a shipment."""
        return self._decide(number, "return", found, published=published)

    def seize(self, number: str, found: t.Found, published: str) -> t.Decision:
        """Takes a shipment."""
        return self._decide(number, "seize", found, published=published)

    def revoke(self, number: str, why: str, note: str = "") -> t.Signed:
        """Declares a certificate lost, stolen or void."""
        path = f"certificates/{quote(number, safe='')}/revoke"
        return t.take(t.Signed, self._json("POST", path, {"why": why, "note": note}))

    def report_forgery(self, number: str, note: str = "") -> t.Signed:
        """Reports a forged paper."""
        return t.take(t.Signed, self._json("POST", "forgeries", {"number": number, "note": note}))

    def standing(self, code: str, on: str | None = None) -> t.Standing:
        """A Participant's standing on a day."""
        query = f"?on={quote(on)}" if on else ""
        return t.take(t.Standing, self._json("GET", f"register/{quote(code, safe='')}{query}"))

    def logs(self) -> list[dict[str, Any]]:
        """The state of the logs."""
        found: list[dict[str, Any]] = self._json("GET", "logs")["logs"]
        return found

    def _rows(self, path: str, query: dict[str, str]) -> Iterator[t.Row]:
        cursor: str | None = ""
        while cursor is not None:
            page = self._json("GET", f"{path}?{urlencode({**query, 'cursor': cursor})}")
            yield from (t.take(t.Row, one) for one in page["items"])
            cursor = page["next"]

    def _application(self, found: dict[str, Any]) -> t.ApplicationState:
        return t.take(t.ApplicationState, found, against=t.reasons(found["against"]))

    def _batch(self, path: str, numbers: tuple[str, ...], day: str | None) -> t.Batch:
        found = self._json("POST", path, {"numbers": list(numbers), "day": day})
        return t.Batch(
            {one["number"]: one["statement"] for one in found["accepted"]},
            {one["number"]: t.reasons(one["findings"]) for one in found["refused"]},
        )

    def _decide(self, number: str, act: str, found: t.Found, **more: str) -> t.Decision:
        body = {name: getattr(found, name) for name in ("parcels", "carats", "value", "seals", "note")}
        return t.take(
            t.Decision, self._json("POST", f"arrivals/{quote(number, safe='')}/{act}", {**body, **more})
        )

    def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return _read(self._call(method, path, body))

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        headers = {"Accept": "application/json"}
        raw = None
        if body is not None:
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
        t.reasons(found.get("errors", [])),
    )
