"""Style sheets, scripts and pictures, made ready beside the office: each as it is and compressed.

There is no build step: what the installed apps bring is copied once into ``<home>/web/static-<digest>`` and served from
there by WhiteNoise, which sends the compressed file to a browser that takes it. Another edition of the program has
another digest, so pages never mix the two.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from pathlib import Path

_SMALL = (".woff2", ".png", ".jpg", ".gz", ".br", ".webp")
"""Compressed already."""


def prepare(folder: Path) -> Path:
    """The folder of static files, made if it is not there; older ones are taken away. Needs Django's settings."""
    from django.contrib.staticfiles.finders import get_finders

    files: dict[str, Path] = {}
    for finder in get_finders():
        for path, storage in finder.list([]):
            files.setdefault(path, Path(storage.path(path)))
    described = []
    for name, source in sorted(files.items()):
        seen = source.stat()
        described.append(f"{name} {seen.st_size} {seen.st_mtime_ns}")
    place = folder / f"static-{hashlib.sha256(chr(10).join(described).encode()).hexdigest()[:12]}"
    if not place.is_dir():
        _make(place, files)
    for old in folder.glob("static-*"):
        if old != place:
            shutil.rmtree(old, ignore_errors=True)
    return place


def _make(place: Path, files: dict[str, Path]) -> None:
    """Complete or not there at all: written beside its place, then renamed."""
    fresh = place.with_name(f"new-{os.getpid()}-{place.name}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, source in files.items():
        target = fresh / name
        target.parent.mkdir(parents=True, exist_ok=True)
        data = source.read_bytes()
        target.write_bytes(data)
        if not name.endswith(_SMALL) and len(data) > 500:
            packed = gzip.compress(data, 9, mtime=0)
            if len(packed) < 0.95 * len(data):
                Path(f"{target}.gz").write_bytes(packed)
    try:
        fresh.rename(place)
    except OSError:  # another process was first
        shutil.rmtree(fresh, ignore_errors=True)
