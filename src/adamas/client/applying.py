"""Calls of an exporter: applications, their papers, sheets."""

from __future__ import annotations

from collections.abc import Iterator

from adamas.client import desk_types as d
from adamas.client import types as t
from adamas.client.line import Line
from adamas.client.reading import take


class Applying(Line):
    """Applications for certificates."""

    def applications(self, state: str = "") -> Iterator[t.ApplicationRow]:
        """Own applications (for an authority: those submitted to it), newest first."""
        return self._pages(t.ApplicationRow, "applications", state=state)

    def apply(self, application: t.Application) -> t.ApplicationState:
        """Makes a draft."""
        return self._post(t.ApplicationState, "applications", application.body())

    def application(self, id: int) -> t.ApplicationState:
        """One application with its thread and papers."""
        return self._get(t.ApplicationState, f"applications/{id}")

    def change(self, id: int, application: t.Application, version: int) -> t.ApplicationState:
        """Changes a draft, or one that was sent back."""
        body = {**application.body(), "version": version}
        return take(t.ApplicationState, self._json("PUT", f"applications/{id}", body))

    def submit(self, id: int, *, no_conflict_diamonds: bool) -> t.ApplicationState:
        """Hands it to the authority, with the exporter's declaration (Annex II, 18)."""
        return self._post(t.ApplicationState, f"applications/{id}/submit", {"declared": no_conflict_diamonds})

    def withdraw(self, id: int, why: str = "") -> t.ApplicationState:
        """Takes it back."""
        return self._post(t.ApplicationState, f"applications/{id}/withdraw", {"why": why})

    def say(self, id: int, text: str) -> t.ApplicationState:
        """Adds a message to the thread."""
        return self._post(t.ApplicationState, f"applications/{id}/messages", {"text": text})

    def attach(self, id: int, paper: t.File) -> t.ApplicationState:
        """Attaches a paper: PDF, PNG or JPEG, at most 10 MB."""
        return take(t.ApplicationState, self._send_files(f"applications/{id}/attachments", [("file", paper)]))

    def attachment(self, id: int, paper: int) -> bytes:
        """The bytes of a paper."""
        return self._call("GET", f"applications/{id}/attachments/{paper}")

    def detach(self, id: int, paper: int) -> t.ApplicationState:
        """Takes a paper off."""
        return take(t.ApplicationState, self._json("DELETE", f"applications/{id}/attachments/{paper}"))

    def sheet_template(self) -> bytes:
        """The workbook to fill in."""
        return self._call("GET", "sheets/template")

    def send_sheet(self, sheet: t.File, *, again: bool = False) -> d.Sheet:
        """Takes a sheet: good rows become drafts, every error is told."""
        return take(d.Sheet, self._send_files("sheets", [("file", sheet)], again=again))

    def sheets(self) -> Iterator[d.Sheet]:
        """Sheets that were taken, newest first, without their problems."""
        return self._pages(d.Sheet, "sheets")

    def sheet(self, id: int) -> d.Sheet:
        """One sheet with its problems."""
        return self._get(d.Sheet, f"sheets/{id}")

    def rejected(self, id: int) -> bytes:
        """The bad rows with their reasons, as CSV."""
        return self._call("GET", f"sheets/{id}/rejected")
