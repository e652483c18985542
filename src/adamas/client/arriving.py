"""Calls of the arrival desk: what comes, what was found, the decision, questions between authorities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from adamas.client import journey_types as j
from adamas.client import types as t
from adamas.client.line import Line, part
from adamas.client.reading import take


class Arriving(Line):
    """Shipments that come here."""

    def arrivals(self, *, announced: bool = False, sender: str = "", begins: str = "") -> Iterator[t.Row]:
        """What is on its way here, first to expire first."""
        return self._pages(t.Row, "arrivals", announced=announced, sender=sender, begins=begins)

    def confirmations(self) -> Iterator[j.Due]:
        """Import confirmations that are still to come, first due first."""
        return self._pages(j.Due, "confirmations")

    def check(self, text: str) -> t.Check:
        """Checks a code or a number as the arrival desk does."""
        return self._post(t.Check, "check", {"text": text})

    def check_file(self, file: t.File) -> t.Check:
        """Checks a certificate's PDF, its .adamas file, or a picture of its code."""
        return take(t.Check, self._send_files("check/file", [("file", file)]))

    def inspection(self, number: str) -> j.Inspection:
        """What was found: the open record, or the last that was decided."""
        return self._get(j.Inspection, f"arrivals/{part(number)}/inspection")

    def inspect(self, number: str, found: t.Found, *, version: int | None = None) -> j.Inspection:
        """Records what was found, before anybody decides. ``version`` of the open record, to mend it."""
        body = {**found.body(), "version": version}
        return self._post(j.Inspection, f"arrivals/{part(number)}/inspection", body)

    def photograph(self, number: str, picture: t.File) -> j.Inspection:
        """Adds a photograph to the open record."""
        path = f"arrivals/{part(number)}/photographs"
        return take(j.Inspection, self._send_files(path, [("file", picture)]))

    def photo(self, id: int) -> bytes:
        """The bytes of a photograph."""
        return self._call("GET", f"photographs/{id}")

    def remove_photograph(self, id: int) -> j.Inspection:
        """Takes a photograph away, while nothing is decided."""
        return take(j.Inspection, self._json("DELETE", f"photographs/{id}"))

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

    def questions(self, state: str = "") -> Iterator[j.Question]:
        """Questions between your authority and others, newest first, without their messages."""
        return self._pages(j.Question, "questions", state=state)

    def question(self, id: int) -> j.Question:
        """One question with its messages."""
        return self._get(j.Question, f"questions/{id}")

    def ask(self, number: str, text: str, about: str = "other") -> j.Question:
        """Asks the exporting authority; ``about`` is paper or other."""
        return self._post(j.Question, "questions", {"number": number, "about": about, "text": text})

    def answer(
        self, id: int, text: str, *, papers: Sequence[t.File] = (), theirs: bool = False
    ) -> j.Question:
        """Adds a message, with papers if there are some. ``theirs`` enters what the other authority wrote."""
        if not papers:
            return self._post(j.Question, f"questions/{id}/messages", {"text": text, "theirs": theirs})
        files = [("files", paper) for paper in papers]
        return take(j.Question, self._send_files(f"questions/{id}/papers", files, text=text, theirs=theirs))

    def close_question(self, id: int, why: str = "") -> j.Question:
        """Says that it is cleared up."""
        return self._post(j.Question, f"questions/{id}/close", {"why": why})

    def question_file(self, id: int) -> bytes:
        """The whole thread with its papers, as JSON."""
        return self._call("GET", f"questions/{id}/file")

    def question_paper(self, id: int) -> bytes:
        """The bytes of a paper of a message."""
        return self._call("GET", f"questions/papers/{id}")

    def take_notice(self, notice: t.File) -> j.NoticeTaken:
        """Takes a notice file of another authority."""
        return take(j.NoticeTaken, self._send_files("notices/import", [("file", notice)]))

    def _decide(self, number: str, act: str, found: t.Found, **more: Any) -> t.Decision:
        return self._post(t.Decision, f"arrivals/{part(number)}/{act}", {**found.body(), **more})
