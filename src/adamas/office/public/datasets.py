"""Everything public as tables to download: what each is, what every column means, and where it comes from.

One description serves the CSV, the Parquet file, the page for people and datapackage.json (Frictionless Data Package).
The rows are in :mod:`adamas.office.public.dataset_rows`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from adamas.office.web import site

LICENCE = "CC0-1.0"
LICENCE_PATH = "https://creativecommons.org/publicdomain/zero/1.0/"
SQL_TYPES = {"integer": "BIGINT", "date": "DATE"}
"""Frictionless type → type in the Parquet file; text for all others."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type in the Frictionless vocabulary, and what it means."""

    name: str
    type: str
    doc: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """One table of the public record; ``is_a`` says whether its rows are signed, or follow from what was signed."""

    name: str
    title: str
    doc: str
    is_a: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.columns)


def _column(name: str, doc: str, kind: str = "string") -> Column:
    return Column(name, kind, doc)


_LOG = _column("log", "origin line of the log that holds the statement")
_INDEX = _column("index", "place in that log, from 0", "integer")
_STATEMENT = _column("statement", "id of the statement, base32: see /statement/ID")
_PROOF = _column("proof", "logged, public or witnessed: how far the statement has come")
_FOLLOWS = "Follows from signed statements: anybody works it out again from the logs."
_SIGNED = "Each row is one signed statement, or what its public fields say."

DATASETS = (
    Dataset(
        "certificates",
        "Certificates",
        "One row for each certificate number that a log known here speaks of, as the logs leave it. A view: it can be"
        " worked out again from the logs.",
        _FOLLOWS,
        (
            _column("number", "Certificate number (Annex I A), alpha-2 and serial"),
            _column(
                "state",
                "issued, validated, shipped, received, refused, returned, seized, lost, stolen, void, replaced",
            ),
            _column("participant", "Participant that issued it"),
            _column("to", "Participant of destination"),
            _column("issuer", "authority that signed"),
            _STATEMENT,
            _column("issued", "day of issue", "date"),
            _column("expires", "day of expiry", "date"),
            _column("hs", "HS codes, a blank between"),
            _column("origin", "countries of mining, a blank between"),
            _column("shares", "per cent of each origin where stated, a blank between"),
            _column("parcels", "number of parcels", "integer"),
            _column("technical", "technical certificate it is, or travels on"),
            _column("validated", "day of validation", "date"),
            _column("dispatched", "day on which it left", "date"),
            _column("received", "day of the import confirmation", "date"),
            _column("agrees", "exact, within tolerance, or discrepancy, as the importing authority found"),
            _column("seals", "intact, broken or missing on arrival"),
            _column("refused", "day of refusal", "date"),
            _column("returned", "day of return", "date"),
            _column("seized", "day of seizure", "date"),
            _column("revoked", "day on which it was declared lost, stolen or void", "date"),
            _column("replaced_by", "number of the certificate that took its place"),
            _column("forgeries", "reports of forged copies", "integer"),
            _column("waiting", "statements about it that refer to one not seen here", "integer"),
            _column(
                "findings", "what the rules say against its statements: above 0 it is contested", "integer"
            ),
            _LOG,
            _INDEX,
            _PROOF,
        ),
    ),
    Dataset(
        "statements",
        "Index of the logs",
        "One row for each entry of each log known here; the bytes are in the published logs.",
        _SIGNED,
        (
            _LOG,
            _INDEX,
            _column("id", "id of the statement"),
            _column("type", "type of the statement (docs/formats)"),
            _column("issuer", "who signed"),
            _column("subject", "what it is about"),
            _column("at", "time that it claims, seconds since 1970 (UTC)", "integer"),
            _column("standing", "valid, doubtful, invalid, pending, newer, unknown or unreadable"),
            _PROOF,
        ),
    ),
    Dataset(
        "findings",
        "Findings",
        "What the rules say against statements. Anybody who has the same logs gets the same.",
        _FOLLOWS,
        (
            _column("scope", "number or entry that it concerns"),
            _column("code", "code of the rule"),
            _column("clause", "clause of the Core Document or decision"),
            _column("severity", "refuse, finding or note"),
            _column("sentence", "in words"),
            _column("field", "field that is to blame"),
            _column("subject", "certificate number or other subject"),
            _column("evidence", "ids of statements, a blank between"),
        ),
    ),
    Dataset(
        "register",
        "Acts of the registry",
        "Admissions, departures, measures, authorities, ranges of numbers, as logged, with sources.",
        _SIGNED,
        (
            _LOG,
            _INDEX,
            _column("type", "type of the act"),
            _column("subject", "Participant, authority or key"),
            _column("day", "day from which it counts", "date"),
            _column("content", "fields of the act, JSON"),
        ),
    ),
    Dataset(
        "confirmations",
        "Import confirmations",
        "One row for each shipment whose arrival the importing authority confirmed, refused or stopped.",
        _SIGNED,
        (
            _column("number", "certificate number"),
            _column("participant", "Participant that issued it"),
            _column("to", "Participant of destination"),
            _column("state", "state of the certificate: received, refused, returned or seized"),
            _column("day", "day on which that happened", "date"),
            _column("agrees", "exact, tolerance or discrepancy, as the importing authority found"),
            _column("seals", "seals on arrival, as the importing authority found them"),
            _STATEMENT,
        ),
    ),
    Dataset(
        "returns",
        "Production returns",
        "National production as filed, amended or transcribed from published statistics; the source is named.",
        _SIGNED,
        (
            _LOG,
            _INDEX,
            _column("country", "Participant"),
            _column("kind", "kind of return"),
            _column("period", "year or half-year"),
            _column("carats", "hundredths of a carat", "integer"),
            _column("value", "US cents", "integer"),
            _column("issuer", "who signed"),
            _column("source", "where the figures were taken from, if transcribed"),
        ),
    ),
    Dataset(
        "forgeries",
        "Known forgeries",
        "Forged papers that authorities reported; the newest 5,000.",
        _SIGNED,
        (
            _column("number", "number on the forged paper"),
            _column("at", "Participant where it was seen"),
            _column("reported", "day of the report", "date"),
            _column("issuer", "authority that reported it"),
            _column("note", "what was seen"),
            _STATEMENT,
        ),
    ),
)
BY_NAME = {dataset.name: dataset for dataset in DATASETS}


def description(base: str, written: dict[str, int], *, synthetic: bool) -> dict[str, Any]:
    """The Data Package of an office at ``base``; ``written`` are the Parquet files there are, with their bytes."""
    source = {
        "title": f"The log {site.office().config.origin} and those that it follows",
        "path": f"{base}/log",
    }
    resources: list[dict[str, Any]] = []
    for dataset in DATASETS:
        common = {"title": dataset.title, "description": f"{dataset.doc} {dataset.is_a}"}
        resources.append(
            {
                "name": dataset.name,
                **common,
                "profile": "tabular-data-resource",
                "path": f"{base}/data/{dataset.name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "header": True},
                "schema": {
                    "fields": [
                        {"name": c.name, "type": c.type, "description": c.doc} for c in dataset.columns
                    ],
                    "missingValues": [""],
                },
            }
        )
        if dataset.name in written:
            resources.append(
                {
                    "name": f"{dataset.name}-parquet",
                    **common,
                    "path": f"{base}/data/{dataset.name}.parquet",
                    "format": "parquet",
                    "mediatype": "application/vnd.apache.parquet",
                    "bytes": written[dataset.name],
                }
            )
    return {
        "name": "adamas-public-record",
        "title": "Public record of rough-diamond certificates",
        "description": ("SYNTHETIC: certificates were invented for a demonstration. " if synthetic else "")
        + "What was signed, and what follows from it. The logs prove who said what and when, not that it is true.",
        "licenses": [{"name": LICENCE, "path": LICENCE_PATH, "title": "CC0 1.0 Universal"}],
        "sources": [source],
        "resources": resources,
    }


def described(base: str, written: dict[str, int], *, synthetic: bool) -> str:
    """datapackage.json."""
    return json.dumps(description(base, written, synthetic=synthetic), indent=1, ensure_ascii=False) + "\n"
