"""Downloads of everything public, with their description. CSV is as of now; Parquet as the worker last made it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import http_date
from django.views.decorators.http import condition, require_safe

from adamas.office.people.access import public
from adamas.office.public import dataset_rows, datasets, state
from adamas.office.public import parquet as files
from adamas.office.public.caching import conditional, shared

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_CHUNK = 1 << 16


@public
@require_safe
@shared(60)
def index(request: HttpRequest) -> HttpResponse:
    """What can be downloaded, and what every column means."""
    context = {
        "datasets": datasets.DATASETS,
        "parquet": files.written(),
        "licence": datasets.LICENCE,
        "licence_path": datasets.LICENCE_PATH,
    }
    return render(request, "public/data.html", context)


@public
@require_safe
@shared(60, page=False)
def csv(request: HttpRequest, name: str) -> HttpResponseBase:
    """One dataset as CSV, as of now, row by row; 304 if no log has grown or was witnessed since."""
    if name not in datasets.BY_NAME:
        raise Http404
    tag = f"{name} {state.stamp()}"  # before the rows are read: they may be newer than it says, never older
    answer = StreamingHttpResponse(
        dataset_rows.csv_of(name), content_type="text/csv; charset=utf-8; header=present"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return conditional(request, answer, tag)


def _etag(request: HttpRequest, name: str) -> str | None:
    try:
        found = files.file(name).stat() if name in datasets.BY_NAME else None
    except OSError:
        return None
    return None if found is None else f'"{found.st_mtime_ns:x}-{found.st_size:x}"'


@public
@require_safe
@condition(etag_func=cast(Any, _etag))
@shared(60, page=False)
def parquet(request: HttpRequest, name: str) -> HttpResponseBase:
    """One dataset as Parquet; a range of bytes too, since readers of columns ask for the end first."""
    if name not in datasets.BY_NAME:
        raise Http404
    try:
        handle = os.open(files.file(name), os.O_RDONLY)
    except OSError:
        raise Http404 from None
    size = os.fstat(handle).st_size
    start, end, status = 0, size, 200
    span = _span(request.headers.get("Range", ""), size)
    if span is not None and request.headers.get("If-Range", _etag(request, name)) == _etag(request, name):
        start, end = span
        status = 206
    if start >= end:
        os.close(handle)
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    answer = StreamingHttpResponse(
        _part(handle, start, end), status=status, content_type="application/vnd.apache.parquet"
    )
    answer.headers["Content-Length"] = str(end - start)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Last-Modified"] = http_date(os.stat(files.file(name)).st_mtime)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.parquet"'
    if status == 206:
        answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return answer


@public
@require_safe
@shared(60, page=False)
def package(request: HttpRequest) -> HttpResponse:
    """datapackage.json."""
    base = request.build_absolute_uri("/").rstrip("/")
    text = datasets.described(base, files.written(), synthetic=settings.DEMO)
    return HttpResponse(text, content_type="application/json")


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """The one range that is asked for, as start and end; None if none is, or several are (then all is given)."""
    match = _RANGE.fullmatch(asked.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if not match[1]:
        return max(size - int(match[2]), 0), size if int(match[2]) else 0
    return int(match[1]), min(int(match[2]) + 1 if match[2] else size, size)


def _part(handle: int, start: int, end: int) -> Iterator[bytes]:
    with os.fdopen(handle, "rb") as file:
        file.seek(start)
        while start < end and (data := file.read(min(_CHUNK, end - start))):
            start += len(data)
            yield data
