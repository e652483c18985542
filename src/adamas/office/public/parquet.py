"""The Parquet files of everything public: made by the worker when the logs have grown, in the office's folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from adamas.office.errors import OfficeError
from adamas.office.public import state
from adamas.office.public.dataset_rows import to_file
from adamas.office.public.datasets import DATASETS, SQL_TYPES
from adamas.office.web import site

FOLDER = "data"
_STAMP = "made-from.json"
_PATIENCE = 600


class DownloadError(OfficeError):
    """A file of public data could not be made (data.*)."""

    exit_code = 70


def folder() -> Path:
    """Where the files are: in the office's folder."""
    return site.office().home.path / FOLDER


def file(name: str) -> Path:
    """The file of a dataset, whether it is there or not."""
    return folder() / f"{name}.parquet"


def written() -> dict[str, int]:
    """The files there are: dataset → bytes."""
    return {one.name: file(one.name).stat().st_size for one in DATASETS if file(one.name).is_file()}


def make() -> list[str]:
    """Makes all files anew if a log has grown or was witnessed since; the datasets made. Raises DownloadError.

    Each file changes at one stroke, so a reader has the old one or the new one.
    """
    state.forget()
    stamp = state.stamp()
    folder().mkdir(mode=0o755, exist_ok=True)
    known = folder() / _STAMP
    if known.is_file() and known.read_text(encoding="utf-8") == stamp and len(written()) == len(DATASETS):
        return []
    with tempfile.TemporaryDirectory(dir=folder(), prefix=".making-") as scratch:
        _convert(Path(scratch))
        for dataset in DATASETS:
            os.replace(Path(scratch) / f"{dataset.name}.parquet", file(dataset.name))
    known.write_text(stamp, encoding="utf-8")
    return [dataset.name for dataset in DATASETS]


def _convert(scratch: Path) -> None:
    tables = {}
    for dataset in DATASETS:
        tables[dataset.name] = {
            column.name: SQL_TYPES.get(column.type, "VARCHAR") for column in dataset.columns
        }
        with (scratch / f"{dataset.name}.csv").open("wb") as out:
            out.writelines(to_file(dataset.name))
    command = [sys.executable, "-m", "adamas.office.public.columnar", str(scratch), json.dumps(tables)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        raise DownloadError("data.parquet", f"The Parquet files could not be made: {last}")
