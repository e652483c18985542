"""CSV files into Parquet files, in a process of its own: what DuckDB takes of memory is given back when it ends.

    python -m adamas.office.public.columnar FOLDER '{"certificates": {"number": "VARCHAR", …}, …}'

For each name there is NAME.csv in the folder, and NAME.parquet is made beside it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

MEMORY = "128MB"


def convert(folder: Path, tables: dict[str, dict[str, str]]) -> None:
    """Makes the files; every column has the type that its table names, in that order."""
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "threads": "1",
        "temp_directory": str(folder),
    }
    with duckdb.connect(config=config) as database:
        for name, columns in tables.items():
            source = folder / f"{name}.csv"
            table = database.read_csv(
                str(source), header=True, columns=columns, quotechar='"', escapechar='"', delimiter=","
            )
            table.write_parquet(str(folder / f"{name}.parquet"), compression="zstd")


if __name__ == "__main__":
    convert(Path(sys.argv[1]), json.loads(sys.argv[2]))
