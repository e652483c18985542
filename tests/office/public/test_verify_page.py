"""The page /v as a visitor sees it: codes, files, numbers, with and without a line."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.analysis.world import DAY, NOON, PILLARS, World, make_world, signer
from tests.conftest import missing

from adamas.analysis.prove import prove
from adamas.analysis.trust import parse as parse_trust
from adamas.ledger import bundle as bundles
from adamas.ledger import statement as statements
from adamas.office.public import verify_files

if TYPE_CHECKING:
    from tests.office.public.conftest import Door, Visit

NUMBER = "BW0000001"
VOID = "BW0000002"
ARRIVED = "BW0000003"
UNKNOWN = "BW0000099"


@dataclass
class Papers:
    """A world of two certificates, one of which was withdrawn, and what the office publishes of it."""

    world: World
    bundle: bytes
    shown: bytes
    statement: bytes
    withdrawn: bytes
    arrived: bytes
    door: Door

    @property
    def code(self) -> str:
        return text_of(self.statement)

    def link(self, raw: bytes) -> str:
        return f"{self.door.origin}/v#{text_of(raw)}"


def text_of(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")


@pytest.fixture(scope="module")
def papers(door: Door, tmp_path_factory: pytest.TempPathFactory) -> Papers:
    folder = tmp_path_factory.mktemp("papers")
    world = make_world()
    issued = world.issue(NUMBER, "AE")
    world.validate(issued)
    withdrawn = world.issue(VOID, "AE")
    revoked = {
        "type": "certificate.revoked",
        "revoked": "2025-01-03",
        "why": "void",
        "refs": {"certificate": withdrawn.id},
    }
    world.offices["BW"].say(withdrawn.issuer, VOID, revoked, at=NOON + 2 * DAY)
    arrived = world.whole(ARRIVED, "AE", day=-80)
    world.publish(folder, time=NOON + 20 * DAY)
    publish(door, world, folder)
    plain = prove(NUMBER, [folder], world.trust)
    shown = prove(NUMBER, [folder], world.trust, disclosures=world.disclosures[NUMBER])
    return Papers(world, plain, shown, issued.raw, withdrawn.raw, arrived.raw, door)


def publish(door: Door, world: World, folder: Path, *, synthetic: bool = True) -> None:
    """The key list and the states, as the office would answer them."""
    holders = [f"kp:{code}/authority" for code in world.offices]
    keys = [key_row(holder) for holder in holders]
    keys += [key_row(f"kp:registry/{pillar}", "root") for pillar in PILLARS]
    listed: dict[str, Any] = {
        "v": 1,
        "registry": statements.text_id(world.trust.registry),
        "synthetic": synthetic,
        "synced": NOON + 20 * DAY,
        "logs": [],
        "keys": keys,
        "forgeries": [VOID],
    }
    door.publish("keys.json", listed)
    for number, state in ((NUMBER, "validated"), (VOID, "void"), (ARRIVED, "received")):
        data = prove(number, [folder], world.trust)
        said = {
            "v": 1,
            "number": number,
            "state": state,
            "as_of": "2025-01-21",
            "synthetic": synthetic,
            "statement": statements.text_id(statements.leaf_id(bundles.parse(data).entry.raw)),
            "forgeries": [],
            "bundle": base64.b64encode(data).decode(),
        }
        door.publish(f"status/{number}.json", said)


def key_row(holder: str, purpose: str = "statement") -> dict[str, Any]:
    key = signer(holder)
    row = {"kid": key.kid.hex(), "key": key.public_key.hex(), "holder": holder, "purpose": purpose}
    return {**row, "from": NOON - 300 * DAY, "until": None, "compromised_since": None}


def verdict(visit: Visit) -> str:
    """The answer that is on the page, once there is one."""
    return str(visit.page.wait_for_selector("#answer[data-status]").get_attribute("data-status"))


def said(visit: Visit) -> str:
    return visit.page.inner_text("#said")


def given(visit: Visit, name: str, data: bytes, kind: str = "application/octet-stream") -> str:
    """The verdict on a chosen file."""
    visit.page.set_input_files("#file", {"name": name, "mimeType": kind, "buffer": data})
    return verdict(visit)


HELD = """() => new Promise((held) => {
  const worker = navigator.serviceWorker;
  if (worker.controller) held();
  else worker.addEventListener("controllerchange", () => held());
})"""


@pytest.mark.slow
def test_a_bundle_is_checked_in_the_browser(visit: Visit, papers: Papers) -> None:
    assert given(visit, "certificate.adamas", papers.shown) == "valid"
    text = said(visit)
    for words in ("SYNTHETIC", "kp:BW/authority", "12.34", "5,678.90", "SYNTHETIC exporter", "validated"):
        assert words in text
    rows = {
        row.inner_text()
        for row in visit.page.query_selector_all("#said section:has(h3:text('Witnessed by')) tbody tr")
    }
    assert len(rows) == 3
    assert all("yes" in row for row in rows)
    assert not any(request["method"] == "POST" for request in papers.door.requests())


@pytest.mark.slow
def test_what_is_wrong_is_said(visit: Visit, papers: Papers) -> None:
    assert given(visit, "certificate.adamas", papers.bundle[:-9] + bytes(9)) == "not valid"
    assert "bundle.checksum" in said(visit)
    assert "What is proven" not in said(visit)
    assert given(visit, "letter.txt", b"Dear officer") == "cannot tell"
    assert "file.unknown" in said(visit)


@pytest.mark.slow
def test_a_code_on_paper_with_a_line(visit: Visit, papers: Papers) -> None:
    visit.page.goto(papers.link(papers.statement))
    assert verdict(visit) == "valid"
    assert "done" in said(visit)
    visit.page.goto("about:blank")
    visit.page.goto(papers.link(papers.withdrawn))
    assert verdict(visit) == "not valid"
    assert "void" in said(visit)
    assert "forged paper" in said(visit), "the registry of known forgeries is consulted"


@pytest.mark.slow
def test_the_log_knows_better_than_the_date_on_the_paper(visit: Visit, papers: Papers) -> None:
    """A certificate whose last day has passed after its goods had arrived; with no line, only the date is known."""
    visit.page.goto(papers.link(papers.arrived))
    assert verdict(visit) == "valid"
    assert "received" in said(visit)
    visit.page.evaluate(HELD)
    visit.context.set_offline(True)
    visit.page.goto("about:blank")
    visit.page.goto(papers.link(papers.arrived))
    assert verdict(visit) == "not valid"
    assert "expired" in said(visit)


@pytest.mark.slow
def test_an_altered_code_is_not_valid(visit: Visit, papers: Papers) -> None:
    raw = bytearray(papers.statement)
    raw[-1] ^= 1
    visit.page.goto(papers.link(bytes(raw)))
    assert verdict(visit) == "not valid"
    assert "statement.signature" in said(visit)


@pytest.mark.slow
def test_a_code_of_somebody_without_a_key_is_not_valid(visit: Visit, papers: Papers) -> None:
    """A forger's own key: not in the list, and the office's log holds another statement."""
    st = statements.parse(papers.statement)
    forged = statements.sign(
        signer("forger"), issuer=st.issuer, subject=NUMBER, issued_at=st.issued_at, payload=st.payload
    )
    visit.page.goto(papers.link(forged.raw))
    assert verdict(visit) == "not valid"
    assert "paper.other-statement" in said(visit)
    assert "What is proven" not in said(visit)


@pytest.mark.slow
def test_a_number_that_is_typed_and_a_code_from_a_hand_scanner(visit: Visit, papers: Papers) -> None:
    visit.page.fill("#number", "bw 000-0001")
    visit.page.press("#number", "Enter")
    assert verdict(visit) == "valid"
    visit.page.click("#clear")
    visit.page.keyboard.type(f"HTTPS://OFFICE.EXAMPLE/V#{papers.code}")
    visit.page.keyboard.press("Enter")
    assert verdict(visit) == "valid"
    cut = text_of(papers.statement[:-5])  # a scanner that lost the end of it
    for text, code in (
        (UNKNOWN, "paper.unknown-number"),
        ("hello", "paper.input"),
        (cut, "paper.unreadable"),
    ):
        visit.page.click("#clear")
        visit.page.fill("#number", text)
        visit.page.press("#number", "Enter")
        assert verdict(visit) == "cannot tell"
        assert code in said(visit)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "ar"])
def test_offline_after_the_first_visit(visit: Visit, papers: Papers, language: str) -> None:
    visit.page.evaluate(f"localStorage.setItem('adamas-language', '{language}')")
    visit.page.evaluate(HELD)
    visit.context.set_offline(True)
    visit.page.goto("about:blank")
    before = len(papers.door.requests())
    visit.page.goto(papers.link(papers.statement))
    assert verdict(visit) == "cannot tell"
    assert "paper.unlogged" in said(visit)
    assert "kp:BW/authority" in said(visit)
    assert visit.page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
    assert given(visit, "certificate.adamas", papers.shown) == "valid"
    assert len(papers.door.requests()) == before
    raw = bytearray(papers.statement)
    raw[60] ^= 1
    visit.page.goto("about:blank")
    visit.page.goto(papers.link(bytes(raw)))
    assert verdict(visit) == "not valid"


@pytest.mark.slow
def test_nothing_after_the_hash_is_sent(visit: Visit, papers: Papers) -> None:
    visit.page.evaluate(HELD)
    visit.page.goto(papers.link(papers.statement))
    assert verdict(visit) == "valid"
    visit.page.reload()
    assert verdict(visit) == "valid"
    for request in papers.door.requests():
        whole = json.dumps(request).upper()
        assert papers.code[:40] not in whole
        assert papers.code[100:140] not in whole
    assert not any("#" in request["path"] for request in papers.door.requests())


def pdf_with(*attachments: bytes, packed: bool = True) -> bytes:
    pikepdf = pytest.importorskip("pikepdf")
    document = pikepdf.new()
    document.add_blank_page()
    for n, data in enumerate(attachments):
        document.attachments[f"{n}.adamas"] = pikepdf.AttachedFileSpec(document, data, filename=f"{n}.adamas")
    out = io.BytesIO()
    streams = pikepdf.StreamDecodeLevel.generalized
    document.save(
        out,
        compress_streams=packed,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        stream_decode_level=streams,
    )
    return out.getvalue()


@pytest.mark.slow
def test_the_bundle_in_a_pdf_is_found(visit: Visit, papers: Papers) -> None:
    for packed in (True, False):
        assert given(visit, "a.pdf", pdf_with(papers.shown, packed=packed), "application/pdf") == "valid"
        assert "12.34" in said(visit)
        visit.page.click("#clear")
    for name, data, code in (
        ("none", pdf_with(), "pdf.none"),
        ("another", pdf_with(b"a letter"), "pdf.none"),
        ("two", pdf_with(papers.shown, papers.bundle), "pdf.several"),
        ("bomb", pdf_with(papers.shown[:15] + bytes(30_000_000)), "pdf.none"),
    ):
        assert given(visit, f"{name}.pdf", data, "application/pdf") == "cannot tell", name
        assert code in said(visit), name
        visit.page.click("#clear")


def picture_of(text: str, *, turned: int = 0) -> bytes:
    zxingcpp = pytest.importorskip("zxingcpp")
    from PIL import Image

    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image = Image.fromarray(code.to_image(scale=4)).convert("L").rotate(turned, expand=True, fillcolor=255)
    page = Image.new("L", (1_240, 1_754), 255)
    page.paste(image, (300, 500))
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


@pytest.mark.slow
def test_a_picture_of_a_code_is_read(visit: Visit, papers: Papers) -> None:
    """By zxing in its worker: Debian's Chromium has no BarcodeDetector."""
    for turned in (0, 3):
        picture = picture_of(papers.link(papers.statement), turned=turned)
        assert given(visit, "photo.png", picture, "image/png") == "valid"
        visit.page.click("#clear")
    assert given(visit, "photo.png", picture_of("hello"), "image/png") == "cannot tell"
    assert "paper.input" in said(visit)
    assert given(visit, "photo.png", b"no picture", "image/png") == "cannot tell"
    assert "image.none" in said(visit)


@pytest.mark.slow
def test_ones_own_trust_file_is_stronger_than_the_office(visit: Visit, papers: Papers) -> None:
    other = make_world(name=".other").trust.to_json().encode()
    assert parse_trust(other).registry != papers.world.trust.registry
    assert given(visit, "trust.json", other, "application/json") == "cannot tell"
    visit.page.click("#clear")
    assert given(visit, "a.adamas", papers.shown) == "not valid"
    assert "verify.trust" in said(visit)
    assert "What is proven" not in said(visit)
    visit.page.click("#forget")
    assert given(visit, "a.adamas", papers.shown) == "valid"


@pytest.mark.slow
@pytest.mark.parametrize("fragment", ["%", "%E0%A4%A", "<script>", "A" * 50_000, "BW0000001%", "#" * 99])
def test_a_strange_fragment_has_an_answer(visit: Visit, papers: Papers, fragment: str) -> None:
    visit.page.goto("about:blank")
    visit.page.goto(f"{papers.door.origin}/v#{fragment}")
    assert verdict(visit) in ("cannot tell", "not valid")
    assert not [one for one in visit.complaints if "Error" in one]


@pytest.mark.slow
def test_hostile_words_stay_words(visit: Visit, papers: Papers, tmp_path: Path) -> None:
    """Markup in a disclosed field is shown as text; a policy violation would fail the fixture."""
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    world = make_world()
    world.issue(NUMBER, "AE", exporter=evil)
    world.publish(tmp_path, time=NOON + 20 * DAY)
    data = prove(NUMBER, [tmp_path], world.trust, disclosures=world.disclosures[NUMBER])
    given(visit, "a.adamas", data)
    assert evil in said(visit)
    assert visit.page.query_selector("#said img, #said script") is None


def test_other_peoples_files_are_those_of_the_readme() -> None:
    folder = verify_files.FOLDER / "vendor"
    listed = dict(re.findall(r"^([0-9a-f]{64})  (\S+)$", (folder / "README.md").read_text(), re.MULTILINE))
    found = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path.name
        for path in folder.iterdir()
        if path.suffix != ".md"
    }
    assert found == listed
    assert len(found) == 4


def test_files_are_kept_as_long_as_they_are_the_same(door: Door) -> None:
    with urllib.request.urlopen(door.origin + verify_files.address("verify.js")) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.read() == (verify_files.FOLDER / "verify.js").read_bytes()
    with urllib.request.urlopen(f"{door.origin}/v/app/0123456789abcdef/verify.js") as answer:
        assert answer.headers["Cache-Control"] == "no-cache", "a version that has gone"
    for name in ("sw.js", "vendor/README.md", "../../../verify_views.py", "%2e%2e/verify_views.py"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{door.origin}/v/app/{verify_files.version()}/{name}")
    with urllib.request.urlopen(f"{door.origin}/v/sw.js") as answer:
        assert answer.headers["Service-Worker-Allowed"] == "/v"
        assert verify_files.address("page.js") in answer.read().decode()


@pytest.mark.parametrize("language", ["fr", "pt", "ru", "ar", "zh"])
def test_every_language_has_every_text(language: str) -> None:
    folder = verify_files.FOLDER / "texts"
    english, other = (json.loads((folder / f"{name}.json").read_text()) for name in ("en", language))
    assert list(other) == list(english)
    for key, text in english.items():
        assert places(other[key]) == places(text), key
        assert other[key].strip()


def places(text: str) -> list[str]:
    return sorted(part.partition("}")[0] for part in text.split("{")[1:])


@pytest.mark.slow
def test_a_page_in_arabic_reads_from_the_right(chromium: Any, door: Door, papers: Papers) -> None:
    context = chromium.new_context(locale="ar")
    page = context.new_page()
    page.goto(papers.link(papers.statement))
    assert page.wait_for_selector("#answer[data-status]").get_attribute("data-status") == "valid"
    assert page.get_attribute("html", "dir") == "rtl"
    assert "صالحة" in page.inner_text("#verdict")
    context.close()


@pytest.mark.slow
def test_the_page_is_light_and_needs_no_pointer(chromium: Any, door: Door, papers: Papers) -> None:
    """Below 100 kB in all before anybody scans; every control is reached by the keyboard; axe finds nothing."""
    context = chromium.new_context(service_workers="block")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(f"{door.origin}/v")
    page.wait_for_selector("#form[data-ready]")
    page.wait_for_load_state("networkidle")
    assert 20_000 < sum(sizes) < 100_000
    page.focus("#number")
    page.keyboard.type(NUMBER)
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "submit":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#answer[data-status=valid]")
    assert page.evaluate("document.activeElement.id") == "verdict", "the answer is read out"
    axe(page)
    context.close()


def axe(page: Any) -> None:
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        missing("axe", "install the test dependencies")
    context = page.context.browser.new_context(bypass_csp=True, service_workers="block")
    free = context.new_page()
    free.goto(page.url)
    free.wait_for_selector("#form[data-ready]")
    free.fill("#number", NUMBER)
    free.press("#number", "Enter")
    free.wait_for_selector("#answer[data-status]")
    found = Axe().run(free)
    context.close()
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.slow
def test_without_script_the_form_goes_to_the_server(chromium: Any, door: Door, papers: Papers) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{door.origin}/v")
    assert page.is_visible("noscript p") or "no scripts" in page.content()
    form = page.query_selector("#form")
    assert (form.get_attribute("method"), form.get_attribute("action")) == ("post", "/v/check")
    context.close()


@pytest.mark.slow
def test_the_camera_reads_a_code(chromium: Any, papers: Papers, tmp_path: Path) -> None:
    """Chromium's make-believe camera shows a film of one frame."""
    from PIL import Image
    from tests.office.public.conftest import CHROMIUM

    film = tmp_path / "code.mjpeg"
    frame = Image.open(io.BytesIO(picture_of(papers.link(papers.statement)))).crop((250, 450, 1_150, 1_150))
    frame.convert("RGB").save(film, "JPEG", quality=95)
    flags = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags.append(f"--use-file-for-fake-video-capture={film}")
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=flags)
    page = browser.new_page()
    page.goto(f"{papers.door.origin}/v")
    page.wait_for_selector("#form[data-ready]")
    page.click("#scan")
    page.wait_for_selector("#answer[data-status=valid]", timeout=20_000)
    assert page.is_hidden("#camera")
    browser.close()
