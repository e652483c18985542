"""Calls of the desk after issue. Each signs at once, or only writes down (``sign=False``) for an officer to sign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from adamas.client import journey_types as j
from adamas.client import types as t
from adamas.client.line import Line, part
from adamas.client.reading import several, take


class Amending(Line):
    """Certificates after issue."""

    def after_issue(self) -> j.AfterIssue:
        """What waits: corrections, lost certificates, technical ones."""
        return self._get(j.AfterIssue, "after-issue")

    def possible(self, number: str) -> j.Possible:
        """What may be done with a certificate now."""
        return self._get(j.Possible, f"certificates/{part(number)}/possible")

    def revoke(self, number: str, why: str, note: str = "", *, sign: bool = True) -> t.Signed:
        """Declares a certificate lost, stolen or void."""
        return self._act(number, "revoke", why=why, note=note, sign=sign)

    def correct(self, number: str, why: str, right: j.Right, *, sign: bool = True) -> t.Signed:
        """States the right data; what is left out stays."""
        return self._act(number, "correct", why=why, sign=sign, **right.body())

    def confirm_correction(self, number: str, correction: str, *, sign: bool = True) -> t.Signed:
        """Puts a correction (its statement id) on record at the importing authority."""
        return self._act(number, "confirm-correction", correction=correction, sign=sign)

    def replace(self, number: str, by: str, why: str, *, sign: bool = True) -> t.Signed:
        """Names the certificate that takes its place; ``why`` is lost, stolen, damaged, error or expired."""
        return self._act(number, "replace", by=by, why=why, sign=sign)

    def return_technical(self, number: str, why: str, technical: str = "", *, sign: bool = True) -> t.Signed:
        """Sends a shipment back on a technical certificate."""
        return self._act(number, "return-technical", why=why, technical=technical, sign=sign)

    def report_forgery(
        self, number: str, note: str = "", *, pictures: Sequence[t.File] = (), sign: bool = True
    ) -> t.Signed:
        """Reports a forged paper, with pictures if there are some."""
        if not pictures:
            body = {"number": number, "note": note, "sign": sign}
            return self._post(t.Signed, "forgeries", body)
        files = [("pictures", picture) for picture in pictures]
        return take(
            t.Signed, self._send_files("forgeries/pictured", files, number=number, note=note, sign=sign)
        )

    def forgeries(self, number: str = "") -> tuple[j.Forgery, ...]:
        """Known forgeries, newest first: all, or those of a number."""
        path = f"forgeries?number={part(number)}" if number else "forgeries"
        return several(j.Forgery, self._json("GET", path)["items"])

    def picture(self, id: int) -> bytes:
        """The bytes of a picture of a forged paper."""
        return self._call("GET", f"pictures/{id}")

    def amendments(self, state: str = "", number: str = "") -> Iterator[j.Amendment]:
        """Acts after issue of your authority, newest first; ``state`` is written, signed or dropped."""
        return self._pages(j.Amendment, "amendments", state=state, number=number)

    def amendment(self, id: int) -> j.Amendment:
        """One act."""
        return self._get(j.Amendment, f"amendments/{id}")

    def sign_amendment(self, id: int) -> t.Signed:
        """Signs an act that was written down."""
        return self._post(t.Signed, f"amendments/{id}/sign")

    def drop_amendment(self, id: int) -> t.Signed:
        """Lays an act aside."""
        return self._post(t.Signed, f"amendments/{id}/drop")

    def _act(self, number: str, word: str, **body: Any) -> t.Signed:
        return self._post(t.Signed, f"certificates/{part(number)}/{word}", body)
