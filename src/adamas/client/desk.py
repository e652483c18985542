"""Calls of the issuing desk: review, preparing, signing what two persons confirmed, accounts, notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adamas.client import desk_types as d
from adamas.client import types as t
from adamas.client.line import Line, part
from adamas.client.reading import several, take
from adamas.client.types import reasons


class Desk(Line):
    """The issuing desk, validation for export, and what it keeps account of. Nothing here approves."""

    def review(self, id: int) -> d.Review:
        """An application as the desk sees it, with its checklist."""
        return self._get(d.Review, f"review/{id}")

    def take(self, id: int) -> d.Review:
        """Takes an application into review."""
        return self._post(d.Review, f"review/{id}/take")

    def ask_exporter(self, id: int, text: str) -> d.Review:
        """Sends it back with a question."""
        return self._post(d.Review, f"review/{id}/ask", {"text": text})

    def tell_exporter(self, id: int, text: str) -> d.Review:
        """Adds a message to the thread."""
        return self._post(d.Review, f"review/{id}/messages", {"text": text})

    def refuse_application(self, id: int, why: str) -> d.Review:
        """Refuses it for good."""
        return self._post(d.Review, f"review/{id}/refuse", {"text": why})

    def prepare(
        self, id: int, *, approver: str, issued: str, expires: str, seals: Sequence[str], number: str = ""
    ) -> d.Prepared:
        """Makes the certificate ready; ``approver`` is an officer id such as ``ap-2``."""
        body = {
            "approver": approver,
            "issued": issued,
            "expires": expires,
            "seals": list(seals),
            "number": number,
        }
        return self._post(d.Prepared, f"review/{id}/prepare", body)

    def prepared(self, id: int) -> d.Prepared:
        """What was prepared, its digest, and whether two persons confirmed it."""
        return self._get(d.Prepared, f"review/{id}/prepared")

    def take_back(self, id: int) -> d.Review:
        """Takes back what was prepared."""
        return self._post(d.Review, f"review/{id}/take-back")

    def issue(self, id: int, digest: str) -> d.Issued:
        """Signs and logs what two persons confirmed, if it is that of ``digest``."""
        return self._post(d.Issued, f"review/{id}/issue", {"digest": digest})

    def print_on(self, number: str, form: str, language: str = "") -> bytes:
        """Books a blank form, and gives the PDF that is printed onto it."""
        body = {"form": form, "language": language}
        return self._call("POST", f"certificates/{part(number)}/print", body)

    def validate(self, *numbers: str, day: str | None = None) -> t.Batch:
        """Validates shipments for export."""
        return self._batch("validations", numbers, day)

    def dispatch(self, *numbers: str, day: str | None = None) -> t.Batch:
        """Records that shipments left."""
        return self._batch("dispatches", numbers, day)

    def stock(self) -> d.Stock:
        """The account of blank forms."""
        return self._get(d.Stock, "forms")

    def form_uses(self) -> Iterator[d.FormUse]:
        """What became of forms, newest first."""
        return self._pages(d.FormUse, "forms/uses")

    def receive_forms(self, first: str, last: str, *, day: str | None = None, note: str = "") -> d.Stock:
        """Enters blank forms that came in."""
        body = {"first": first, "last": last, "day": day, "note": note}
        return self._post(d.Stock, "forms/receipts", body)

    def write_off(self, form: str, end: str, why: str) -> d.FormUse:
        """Writes a form off as spoiled or missing."""
        return self._post(d.FormUse, "forms/write-offs", {"form": form, "end": end, "why": why})

    def numbers(self) -> d.Numbers:
        """The next number, and what is set aside."""
        return self._get(d.Numbers, "numbers")

    def reserve(self, count: int, purpose: str) -> d.Range:
        """Sets numbers aside."""
        return self._post(d.Range, "numbers", {"count": count, "purpose": purpose})

    def notices(self, *, waiting: bool = False) -> Iterator[d.Notice]:
        """Dispatch notices by number."""
        return self._pages(d.Notice, "notices", waiting=waiting)

    def addresses(self) -> tuple[d.Address, ...]:
        """Where notices go."""
        return several(d.Address, self._json("GET", "notices/addresses")["items"])

    def set_address(self, to: str, mail: str) -> d.Address:
        """Keeps where notices to an authority are mailed; empty stops mailing."""
        return take(d.Address, self._json("PUT", f"notices/addresses/{part(to)}", {"mail": mail}))

    def notice_file(self, to: str, *numbers: str) -> bytes:
        """The notice file for an authority: of these certificates, or of all that wait."""
        return self._call("POST", f"notices/{part(to)}/file", {"numbers": list(numbers)})

    def _batch(self, path: str, numbers: tuple[str, ...], day: str | None) -> t.Batch:
        found = self._json("POST", path, {"numbers": list(numbers), "day": day})
        return t.Batch(
            {one["number"]: one["statement"] for one in found["accepted"]},
            {one["number"]: reasons(one["findings"]) for one in found["refused"]},
        )
