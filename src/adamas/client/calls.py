"""The client whole: the calls of every desk, certificates, the register and the logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adamas.client import journey_types as j
from adamas.client import types as t
from adamas.client.amending import Amending
from adamas.client.applying import Applying
from adamas.client.arriving import Arriving
from adamas.client.desk import Desk
from adamas.client.hooks import Hooks
from adamas.client.line import part
from adamas.client.reading import several


class Client(Applying, Desk, Arriving, Amending, Hooks):
    """A program's connection to one office. Safe for one thread at a time.

    ``address`` is the office's, such as ``https://office.example``. Calls raise Refused and Unreachable; a POST that
    had no answer is sent again under the same Idempotency-Key, so that nothing is done twice.
    """

    def certificates(
        self,
        side: str = "exporting",
        *,
        state: str = "",
        other: str = "",
        start: str = "",
        end: str = "",
        text: str = "",
    ) -> Iterator[t.Row]:
        """Certificates that the Participant issued (exporting) or that go there (importing), newest first.

        ``other`` is the Participant at the other end, ``start`` and ``end`` are days of issue, ``text`` is in the
        number or in a firm's name.
        """
        return self._pages(
            t.Row, "certificates", side=side, state=state, other=other, start=start, end=end, text=text
        )

    def certificate(self, number: str) -> t.Certificate:
        """One certificate whole."""
        return self._get(t.Certificate, f"certificates/{part(number)}")

    def trail(self, number: str) -> j.Trail:
        """Who did what with it on your side, the forms it was printed on, its dispatch notice."""
        return self._get(j.Trail, f"certificates/{part(number)}/trail")

    def bundle(self, number: str) -> bytes:
        """Its proof. Refused with 409 while it is not published."""
        return self._call("GET", f"certificates/{part(number)}/bundle")

    def pdf(self, number: str, language: str | None = None) -> bytes:
        """Its paper."""
        query = f"?language={part(language)}" if language else ""
        return self._call("GET", f"certificates/{part(number)}/pdf{query}")

    def credential(self, number: str, kind: str = "application/vc+cose") -> bytes:
        """It as a verifiable credential: vc+cose, vc+jwt, vc+sd-jwt (with what is hidden, shown at will) or vc (not
        secured). Refused with 409 while it is not published, or where it does not count any more.
        """
        return self._call("GET", f"certificates/{part(number)}/vc", accept=kind)

    def register(self, on: str | None = None) -> tuple[t.Standing, ...]:
        """Every Participant's standing on a day; today, if none is given."""
        path = f"register?on={part(on)}" if on else "register"
        return several(t.Standing, self._json("GET", path)["participants"])

    def standing(self, code: str, on: str | None = None) -> t.Standing:
        """A Participant's standing on a day."""
        return self._get(t.Standing, f"register/{part(code)}", on=on)

    def returns(self, participant: str = "", period: str = "") -> Iterator[j.Return]:
        """Half-yearly production returns that are known there."""
        return self._pages(j.Return, "returns", participant=participant, period=period)

    def logs(self) -> list[dict[str, Any]]:
        """The state of the logs."""
        found: list[dict[str, Any]] = self._json("GET", "logs")["logs"]
        return found
