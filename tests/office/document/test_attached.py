"""Bundles are read from other people's PDFs too, and no PDF makes the reader unfold gigabytes."""

from __future__ import annotations

import io
import zlib

import pikepdf
import pytest
from tests.office.document.conftest import Proven

from adamas.ledger.bundle import MAX_SIZE
from adamas.office.document.attached import bundle_in
from adamas.office.errors import DocumentError


def made(*files: tuple[str, bytes], **stream: object) -> bytes:
    """A PDF by another program, with files attached; ``stream`` are entries of the files' streams."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    names = pikepdf.Array()
    for name, data in files:
        held = pdf.make_stream(data)
        for key, value in stream.items():
            held[f"/{key}"] = pikepdf.Name(f"/{value}")
        spec = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Filespec, UF=name, F=name, EF=pikepdf.Dictionary(F=held, UF=held)
            )
        )
        names.append(pikepdf.String(name))
        names.append(spec)
    pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=names))
    out = io.BytesIO()
    pdf.save(out, compress_streams=False)
    return out.getvalue()


def code_of(pdf: bytes) -> str:
    with pytest.raises(DocumentError) as told:
        bundle_in(pdf)
    return told.value.code


def test_a_pdf_that_another_program_wrote_again_still_holds_its_bundle(sealed: bytes, proven: Proven) -> None:
    with pikepdf.open(io.BytesIO(sealed)) as opened:
        out = io.BytesIO()
        opened.save(
            out, object_stream_mode=pikepdf.ObjectStreamMode.generate, recompress_flate=True, linearize=True
        )
    assert bundle_in(out.getvalue()) == proven.bundle


def test_plain_attachments_are_found(proven: Proven) -> None:
    pdf = made(("photo.jpg", b"x"), ("a.ADAMAS", proven.bundle))
    assert bundle_in(pdf) == proven.bundle
    packed = made(("a.adamas", zlib.compress(proven.bundle)), Filter="FlateDecode")
    assert bundle_in(packed) == proven.bundle


def test_two_different_bundles_are_refused_and_twice_the_same_is_one(proven: Proven) -> None:
    assert code_of(made(("a.adamas", b"one"), ("b.adamas", b"two"))) == "document.bundles"
    assert bundle_in(made(("a.adamas", b"one"), ("b.adamas", b"one"))) == b"one"


def test_no_bundle_no_pdf_damaged_pdf(proven: Proven) -> None:
    assert code_of(made(("readme.txt", b"x"))) == "document.no-bundle"
    assert code_of(b"%PDF-1.7 nothing") == "document.pdf"
    assert code_of(b"") == "document.pdf"
    assert code_of(made(("a.adamas", b"not packed"), Filter="FlateDecode")) == "document.pdf"
    assert code_of(made(("a.adamas", b"x"), Filter="LZWDecode")) == "document.pdf"


def test_a_stream_that_unfolds_without_end_is_cut_off() -> None:
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(10_000_000)) for _ in range(6)) + packer.flush()
    assert len(bomb) < 100_000  # 60 MB unfolded
    assert len(bundle_in(made(("a.adamas", bomb), Filter="FlateDecode"))) == MAX_SIZE + 1
