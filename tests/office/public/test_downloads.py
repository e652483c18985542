"""Other people's programs read what is public: a mirror, feed readers, DuckDB, a CSV reader, a range request."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import duckdb
import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.db.models import BigIntegerField, IntegerField
from tests.office.conftest import arrival, command, validation
from tests.office.site import Site

from adamas.ledger.mirror import mirror
from adamas.office.certification import actions
from adamas.office.certification.models import Certificate
from adamas.office.log.models import Fact, Finding
from adamas.office.public import data_views, dataset_rows, datasets, feeds, parquet, state
from adamas.office.registry.models import Act
from adamas.office.statistics.models import Return

pytestmark = pytest.mark.database
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def record(shared_site: Site) -> Site:
    office = shared_site.office
    actions.issue(office, [command(serial) for serial in (1, 2)])
    actions.validate(office, [validation(1)])
    actions.receive(office, [arrival(1)])
    office.publish(witnesses=False)
    Finding.objects.create(
        scope="number:BW0000002", n=7, code="admission.example", clause="III(b)", severity="finding",
        sentence="=HYPERLINK(1)", field="", subject="BW0000002", evidence="",
    )  # fmt: skip
    state.forget()
    return shared_site


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def served() -> Iterator[str]:
    """The office on a port, as a plain WSGI server gives it."""

    def application(environ, start_response):
        try:
            yield from get_wsgi_application()(environ, start_response)
        finally:
            connections.close_all()

    with make_server("127.0.0.1", 0, application, _Threaded, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.slow
def test_a_mirror_is_made_from_the_office_itself_and_catches_up(site: Site, tmp_path: Path) -> None:
    actions.issue(site.office, [command(1)])
    site.office.publish(witnesses=False)
    with served() as address:
        first = mirror(f"{address}/log/tiles", tmp_path / "copy", site.office.log.vkey)
        assert first.checkpoint.size == site.office.knowledge.logs[1].size
        actions.issue(site.office, [command(2)])
        site.office.publish(witnesses=False)
        again = mirror(f"{address}/log/tiles", tmp_path / "copy", site.office.log.vkey)
    assert again.checkpoint.size == first.checkpoint.size + 1
    assert (tmp_path / "copy" / "checkpoint.cose").is_file()


def test_published_files_are_kept_for_ever_and_the_checkpoint_is_asked_for(record: Site) -> None:
    visitor = record.client()
    public = Path(record.office.home.publish_to)
    names = [
        f.relative_to(public).as_posix()
        for f in public.rglob("*")
        if f.is_file() and "/." not in f"/{f.relative_to(public)}"
    ]
    assert len(names) > 2
    for name in names:
        answer = visitor.get(f"/log/tiles/{name}")
        assert (answer.status_code, answer.content) == (200, (public / name).read_bytes()), name
        moves = name.startswith("checkpoint")
        assert answer.headers["Cache-Control"] == (
            "no-cache" if moves else "public, max-age=31536000, immutable"
        )
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    tag = visitor.get("/log/tiles/checkpoint").headers["ETag"]
    assert visitor.get("/log/tiles/checkpoint", headers={"If-None-Match": tag}).status_code == 304
    assert visitor.get("/log/tiles/vkey").text.strip() == record.office.log.vkey
    for wrong in (
        "../office.toml",
        "tile/../../office.toml",
        ".lock",
        "office.db",
        "tile/0/x",
        "keys",
        "%2e%2e/office.db",
    ):
        assert visitor.get(f"/log/tiles/{wrong}").status_code == 404, wrong


@pytest.mark.parametrize("name", sorted(feeds.FEEDS))
def test_feeds_keep_the_rules_of_atom(record: Site, name: str) -> None:
    answer = record.client().get(f"/feeds/{name}.atom")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    assert entries or name == "forgeries"
    for part in (feed, *entries):  # RFC 4287, 4.1.1 and 4.1.2
        for once in ("id", "title", "updated"):
            assert len(part.findall(ATOM + once)) == 1
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", part.findtext(f"{ATOM}updated", ""))
        assert part.findtext(f"{ATOM}id", "").startswith("tag:test.example,2026:log/hosted/")
        assert part.findtext(f"{ATOM}author/{ATOM}name")
        assert [link for link in part.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(ids) == len(set(ids))
    newest = max((entry.findtext(f"{ATOM}updated", "") for entry in entries), default=None)
    assert newest is None or feed.findtext(f"{ATOM}updated") == newest
    again = record.client().get(f"/feeds/{name}.atom", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_feed_leads_to_the_entry_and_keeps_its_ids_elsewhere(record: Site) -> None:
    here, there = (
        record.client().get("/feeds/log.atom", headers={"host": host}).content
        for host in ("localhost", "127.0.0.1")
    )
    one, two = (ET.fromstring(text).findall(f"{ATOM}entry") for text in (here, there))
    assert [e.findtext(f"{ATOM}id") for e in one] == [e.findtext(f"{ATOM}id") for e in two]
    link = one[0].find(f"{ATOM}link")
    assert link is not None
    page = record.client().get((link.get("href") or "").removeprefix("http://localhost")).text
    assert one[0].findtext(f"{ATOM}title", "").split()[0] in page
    assert record.client().get("/feeds/nothing.atom").status_code == 404


def test_csv_and_parquet_hold_the_same_rows(record: Site) -> None:
    visitor = record.client()
    assert set(parquet.make()) == set(datasets.BY_NAME)
    assert parquet.make() == []  # nothing was logged since
    for dataset in datasets.DATASETS:
        text = b"".join(visitor.get(f"/data/{dataset.name}.csv").streaming_content).decode()
        header, *lines = csv.reader(io.StringIO(text))
        assert tuple(header) == dataset.names
        with duckdb.connect() as db:
            found = db.read_parquet(str(parquet.file(dataset.name)))
            kinds = dict(zip(found.columns, map(str, found.types), strict=True))
            assert kinds == {c.name: datasets.SQL_TYPES.get(c.type, "VARCHAR") for c in dataset.columns}
            rows = [["" if cell is None else str(cell) for cell in row] for row in found.fetchall()]
        assert rows == [[cell.removeprefix("'") for cell in line] for line in lines], dataset.name


def test_the_table_of_certificates_says_what_is_signed_confirmed_and_contested(record: Site) -> None:
    text = b"".join(dataset_rows.csv_of("certificates")).decode()
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["number"], first["state"], first["received"], first["agrees"]) == (
        "BW0000001",
        "received",
        "2025-03-03",
        "exact",
    )
    assert (second["number"], second["state"], second["received"]) == ("BW0000002", "issued", "")
    assert first["proof"] == "public"
    assert len(first["statement"]) == 52


def test_no_cell_is_run_by_a_spreadsheet(record: Site) -> None:
    text = b"".join(record.client().get("/data/findings.csv").streaming_content).decode()
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_reader_of_columns_may_ask_for_a_part(record: Site) -> None:
    parquet.make()
    visitor = record.client()
    whole = parquet.file("certificates").read_bytes()

    def part(span: str, **more: str):
        return visitor.get("/data/certificates.parquet", headers={"Range": span, **more})

    end = part("bytes=-8")
    assert (end.status_code, b"".join(end.streaming_content)) == (206, whole[-8:])
    assert end.headers["Content-Range"] == f"bytes {len(whole) - 8}-{len(whole) - 1}/{len(whole)}"
    assert b"".join(part("bytes=0-3").streaming_content) == b"PAR1"
    assert part(f"bytes={len(whole)}-").status_code == 416
    assert part("bytes=0-1,4-5").status_code == 200
    tag = end.headers["ETag"]
    assert part("bytes=0-3", **{"If-Range": '"other"'}).status_code == 200
    assert visitor.get("/data/certificates.parquet", headers={"If-None-Match": tag}).status_code == 304
    assert visitor.get("/data/other.parquet").status_code == 404


def test_the_description_names_every_column_licence_and_source(record: Site) -> None:
    parquet.make()
    package = json.loads(record.client().get("/data/datapackage.json").text)
    assert package["licenses"][0]["name"] == "CC0-1.0"
    assert package["sources"]
    tables = {r["name"]: r for r in package["resources"] if r["format"] == "csv"}
    assert set(tables) == set(datasets.BY_NAME)
    names = [r["name"] for r in package["resources"]]
    assert len(names) == len(set(names)) == 2 * len(tables)
    for name, resource in tables.items():
        assert [field["name"] for field in resource["schema"]["fields"]] == list(datasets.BY_NAME[name].names)
        assert all(field["description"] for field in resource["schema"]["fields"])
        path = resource["path"].removeprefix("http://localhost")
        assert record.client().get(path).status_code == 200


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("certificates", Certificate),
        ("statements", Fact),
        ("findings", Finding),
        ("register", Act),
        ("returns", Return),
    ],
)
def test_columns_are_those_of_the_models(name: str, model: type) -> None:
    """What a model holds as a number is said to be one."""
    fields = {field.name: field for field in model._meta.get_fields()}
    for column in datasets.BY_NAME[name].columns:
        field = fields.get(column.name)
        if field is not None and column.name != "log":  # there the origin stands for the number
            assert (column.type == "integer") == isinstance(field, (BigIntegerField, IntegerField)), (
                column.name
            )


def test_spans_of_bytes() -> None:
    assert data_views._span("bytes=2-", 10) == (2, 10)
    assert data_views._span("bytes=2-99", 10) == (2, 10)
    assert data_views._span("bytes=-", 10) is None
    assert data_views._span("lines=1-2", 10) is None
    assert data_views._span("bytes=-99", 10) == (0, 10)
