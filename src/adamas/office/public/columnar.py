"""One CSV into one Parquet file, in a process of its own: what DuckDB takes of memory is given back when it ends.

python -m adamas.office.public.columnar rows.csv out.parquet '{"number": "VARCHAR", …}'
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

MEMORY = "128MB"


def convert(source: Path, target: Path, kinds: dict[str, str]) -> None:
    """Writes ``target``; every column has the type that ``kinds`` names, in that order."""
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "threads": "1",
        "temp_directory": str(source.parent),
    }
    with duckdb.connect(config=config) as database:
        table = database.read_csv(
            str(source), header=True, columns=kinds, quotechar='"', escapechar='"', delimiter=","
        )
        table.write_parquet(str(target), compression="zstd")


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
