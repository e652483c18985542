"""From an office's record to the paper, and back through `adamas verify`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.office.conftest import PASSPHRASE, World, arrival, command, feed, validation
from tests.office.document.conftest import pdftotext, run, tool
from tests.program import Runner

from adamas.cli.words import app
from adamas.office.certification import actions as desk
from adamas.office.certification import notice, printing
from adamas.office.errors import DocumentError
from adamas.office.opening import Office
from adamas.scheme.statements import CorrectCommand, RevokeCommand
from adamas.scheme.values import Carats, Parcel, UsdCents

NUMBER = "BW0000001"


def adamas(world: World, *words: str | Path) -> tuple[int, dict[str, Any]]:
    line = ["--home", str(world.bw.home.path), *map(str, words), "--json"]
    answer = Runner().invoke(app, line, env={"ADAMAS_PASSPHRASE": PASSPHRASE, "ADAMAS_TRUST": None})
    return answer.exit_code, json.loads(answer.stdout)


def refusal(office: Office, number: str = NUMBER) -> str:
    with pytest.raises(DocumentError) as told:
        printing.content_of(office, number)
    return told.value.code


def test_a_certificate_is_printed_sealed_and_verified(world: World, tmp_path: Path) -> None:
    """Before it is published the paper says that its proof is missing; after, it carries it."""
    many = tuple(Parcel("710231", Carats(100 + n), UsdCents(1_000 + n)) for n in range(12))
    desk.issue(world.bw, [command(1, parcels=many, exporter="Société « Étoile » & Fils <BW>")])
    early, late = tmp_path / "early.pdf", tmp_path / "late.pdf"
    code, told = adamas(world, "print", NUMBER.lower(), "--out", early)
    assert (code, told["attached"], told["sealed"], told["language"]) == (0, False, None, "en")
    assert adamas(world, "verify", early)[0] == 2
    assert adamas(world, "print", NUMBER, "--out", early)[0] == 64  # nothing is written over

    assert adamas(world, "publish")[0] == 0
    code, made = adamas(world, "seal", "make")
    assert code == 0
    code, told = adamas(world, "print", NUMBER, "--out", late, "--language", "fr")
    assert (code, told["attached"], told["sealed"]) == (0, True, "PAdES-B-B")
    assert late.stat().st_mode & 0o077 == 0  # names and quantities are in it
    shown = pdftotext(late.read_bytes(), tmp_path)
    assert "Société « Étoile » & Fils <BW>" in shown
    assert "Importing and exporting authority of BW · Botswana (BW)" in shown
    assert "12" in shown

    code, told = adamas(world, "verify", late)
    assert code == 2  # no trust file, no witnesses
    assert told["disclosed"]["parties"]["exporter"] == "Société « Étoile » & Fils <BW>"
    assert told["lifecycle"]["state"] == "issued"
    (seal,) = told["seals"]
    assert (seal["intact"], seal["fingerprint"]) == (True, made["fingerprint"])

    changed = tmp_path / "changed.pdf"
    changed.write_bytes(late.read_bytes().replace(b"/ByteRange [", b"/ByteRange (", 1))
    code, told = adamas(world, "verify", changed)
    assert (code, told["missing"][-1]["code"]) == (2, "verify.seal")  # the seal cannot be read
    changed.write_bytes(late.read_bytes().replace(b"/Title", b"/Tatle", 1))
    code, told = adamas(world, "verify", changed)
    assert (code, told["status"], told["problems"][-1]["code"]) == (1, "not valid", "verify.seal")


@pytest.mark.slow
def test_a_picture_shows_the_statement_and_proves_nothing(world: World, tmp_path: Path) -> None:
    desk.issue(world.bw, [command(1)])
    file = tmp_path / "c.pdf"
    file.write_bytes(printing.print_certificate(world.bw, NUMBER).pdf)
    run(tool("pdftoppm", "poppler-utils"), "-r", "150", "-png", file, tmp_path / "p")
    (page,) = tmp_path.glob("p-*.png")
    code, told = adamas(world, "verify", page)
    assert (code, told["status"]) == (2, "cannot tell")
    assert told["signed"]["subject"] == NUMBER
    assert told["says"]["to"] == "AE"
    assert [r["code"] for r in told["missing"]] == ["verify.proof"]
    blank = tmp_path / "blank.png"
    blank.write_bytes(page.read_bytes()[:200])
    code, told = adamas(world, "verify", blank)
    assert (code, told["problems"][0]["code"]) == (1, "qr.image")


@pytest.mark.database
def test_who_may_print_what(world: World) -> None:
    desk.issue(world.bw, [command(1), command(2), command(3)])
    content = printing.content_of(world.bw, NUMBER)
    assert (content.count, content.validated, content.synthetic) == (1, None, False)
    desk.validate(world.bw, [validation(1)])
    assert printing.content_of(world.bw, NUMBER).validated == "2025-03-03"
    desk.revoke(world.bw, [RevokeCommand("BW0000002", "2025-03-03", "void")])
    assert refusal(world.bw, "BW0000002") == "printing.state"
    assert refusal(world.bw, "BW0000099") == "printing.unknown"

    feed(world.ae, world.bw)
    notice.take_in(world.ae, notice.export(world.bw, to="AE", numbers=[NUMBER]))
    assert refusal(world.ae) == "printing.not-ours"
    desk.receive(world.ae, [arrival(1)])
    feed(world.bw, world.ae)
    assert printing.content_of(world.bw, NUMBER).exporter  # a copy for the file
    from adamas.office.certification.models import Disclosure

    Disclosure.objects.using(world.bw.alias).filter(subject="BW0000003", name="goods").delete()
    assert refusal(world.bw, "BW0000003") == "printing.not-held"


def test_a_confirmed_correction_is_printed_as_corrected(world: World) -> None:
    desk.issue(world.bw, [command(1)])
    feed(world.ae, world.bw)
    change = CorrectCommand(NUMBER, "2025-03-03", "a wrong day was typed", expires="2025-05-30")
    desk.correct(world.bw, [change])
    assert printing.content_of(world.bw, NUMBER).corrected is False
    feed(world.ae, world.bw)
    desk.confirm_correction(world.ae, NUMBER, "2025-03-03")
    feed(world.bw, world.ae)
    content = printing.content_of(world.bw, NUMBER)
    assert (content.corrected, content.expires) == (True, "2025-05-30")


def test_synthetic_trade_is_labelled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = [
        command(2, exporter="SYNTHETIC exporter 7, BW"),
        command(3, importer="Deira Trading FZE (synthetic)"),
    ]
    desk.issue(world.bw, [command(1), *made_up])
    assert printing.content_of(world.bw, "BW0000002").synthetic
    assert printing.content_of(world.bw, "BW0000003").synthetic
    assert not printing.content_of(world.bw, NUMBER).synthetic
    monkeypatch.setenv("ADAMAS_DEMO", "1")
    assert printing.content_of(world.bw, NUMBER).synthetic


@pytest.mark.slow
def test_a_form_and_its_calibration_from_the_command_line(world: World, tmp_path: Path) -> None:
    desk.issue(world.bw, [command(1)])
    form = tmp_path / "form.toml"
    form.write_text("[fields.number]\nat = [20, 20]\nsize = [60, 10]\n")
    code, _ = adamas(world, "print", "--calibration", "--form", form, "--out", tmp_path / "sheet.pdf")
    assert code == 0
    code, _ = adamas(world, "print", NUMBER, "--form", form, "--no-seal", "--out", tmp_path / "f.pdf")
    assert code == 0
    assert pdftotext((tmp_path / "f.pdf").read_bytes(), tmp_path).split() == [NUMBER]
    assert adamas(world, "print")[0] == 64
    assert adamas(world, "print", "--calibration")[0] == 64
