"""The memory of an audit does not grow with the logs."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks import bench_audit, made_logs


@pytest.mark.slow
def test_memory_is_bounded(tmp_path: Path) -> None:
    """Four times the statements, in all processes together: less than 500 MB, and hardly more than before."""
    peaks = []
    for count in (8_000, 32_000):
        folder = tmp_path / str(count)
        folder.mkdir()
        (folder / "trust.json").write_text(made_logs.publish(folder, count).to_json())
        peaks.append(bench_audit.audited(folder, ())["peak"])
    assert max(peaks) < 500_000_000
    assert peaks[1] < 1.5 * peaks[0]
