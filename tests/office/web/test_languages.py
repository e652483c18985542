"""The catalogues of the pages' texts: complete, faithful to their placeholders, compiled, and seen on the pages."""

from __future__ import annotations

import gettext
import re
import shutil
import subprocess
from ast import literal_eval
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import to_locale
from tests.conftest import REPOSITORY, missing
from tests.office.site import Site

LOCALE = REPOSITORY / "src/adamas/office/web/locale"
CODES = [code for code, _ in settings.LANGUAGES if code != "en"]
COMPLETE = ["fr", "ar"]
PLACE = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}|</?\w+[^>]*>")
COUNTS = {"%(n)s", "%(n)d"}
PAGES = ["/", "/v", "/log", "/register", "/status", "/data", "/findings", "/nothing-here"]


@dataclass
class Text:
    """One entry of a catalogue; `forms` has one text, or as many as the language has plural forms."""

    msgid: str = ""
    plural: str = ""
    fuzzy: bool = False
    forms: list[str] = field(default_factory=list)


def po(code: str) -> Path:
    return LOCALE / to_locale(code) / "LC_MESSAGES" / "django.po"


def texts(path: Path) -> Iterator[Text]:
    """The entries of a .po file, its header left out."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        text, last = Text(), ""
        for line in block.splitlines():
            if line.startswith("#"):
                text.fuzzy = text.fuzzy or (line.startswith("#,") and "fuzzy" in line)
                continue
            word, _, quoted = line.partition('"')
            last = word.strip() or last
            said = literal_eval('"' + quoted)
            if last == "msgctxt":
                continue
            if last == "msgid":
                text.msgid += said
            elif last == "msgid_plural":
                text.plural += said
            elif word.strip():
                text.forms.append(said)
            else:
                text.forms[-1] += said
        if text.msgid:
            yield text


def catalogue(path: Path) -> gettext.GNUTranslations:
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)


@pytest.mark.parametrize("code", CODES)
def test_the_compiled_catalogue_is_made_of_the_texts(code: str, tmp_path: Path) -> None:
    if shutil.which("msgfmt") is None:
        missing("msgfmt", "apt-get install gettext")
    made = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "--check-format", "-o", made, po(code)], check=True, timeout=60)
    assert vars(catalogue(made))["_catalog"] == vars(catalogue(po(code).with_suffix(".mo")))["_catalog"]


@pytest.mark.parametrize("code", CODES)
def test_every_placeholder_is_kept(code: str) -> None:
    """The count alone may be written in words, in a plural form that stands for one count only ("two certificates")."""
    form_of = vars(catalogue(po(code).with_suffix(".mo")))["plural"]
    counts = [form_of(n) for n in range(300)]
    wrong = []
    for text in texts(po(code)):
        asked = sorted(PLACE.findall(text.plural or text.msgid))
        for form, said in enumerate(text.forms):
            given = sorted(PLACE.findall(said))
            in_words = bool(text.plural) and counts.count(form) == 1
            kept = [place for place in asked if not (in_words and place in COUNTS)]
            if said and given not in (asked, kept):
                wrong.append((text.msgid, said))
    assert not wrong


@pytest.mark.parametrize("code", CODES)
def test_no_text_is_a_guess_and_no_header_is_noise(code: str) -> None:
    assert not [text.msgid for text in texts(po(code)) if text.fuzzy]
    head = po(code).read_text(encoding="utf-8").split("\n\n", 1)[0]
    assert not re.search("Date|Translator|@", head)


@pytest.mark.parametrize("code", COMPLETE)
def test_a_complete_language_lacks_nothing(code: str) -> None:
    forms = {"fr": 2, "ar": 6}[code]
    all_texts = list(texts(po(code)))
    assert len(all_texts) > 900
    assert not [t.msgid for t in all_texts if not all(t.forms) or len(t.forms) != (forms if t.plural else 1)]


@pytest.mark.database
@pytest.mark.parametrize("code", ["en", *CODES])
def test_the_pages_speak_the_language(code: str, shared_site: Site) -> None:
    visitor, officer = shared_site.client(), shared_site.client("issuing")
    skip = {"en": "Skip to the content", "fr": "Aller au contenu", "ar": "انتقل إلى المحتوى"}
    for client, pages in (
        (visitor, PAGES),
        (officer, ["/issuing/queue", "/issuing/certificates", "/issuing/stock", "/issuing/numbers"]),
    ):
        client.post("/language", {"language": code, "next": "/"})
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == (404 if page == "/nothing-here" else 200), page
            assert f'<html lang="{code}" dir="{"rtl" if code == "ar" else "ltr"}">' in answer.text, page
            assert skip.get(code, "") in answer.text, page
