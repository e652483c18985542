"""Sentences of the rooms without Django in the reader's language: found again, complete, and harmless."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.office.site import Site
from tests.office.web.test_languages import CODES, COMPLETE, PLACE, catalogue, po

from adamas import shapes
from adamas.office.web import countries, sentences
from adamas.office.web.sentences import extract, said
from adamas.office.web.sentences.matching import fill
from adamas.scheme import history
from adamas.scheme.admission import RULES
from adamas.scheme.findings import Finding
from adamas.scheme.rows import parse_issue_row

TEMPLATES = sorted(sentences.CATALOGUE, key=lambda one: one.msgid)
ATTACK = "<script>alert(1)</script>"
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), max_size=30)


@pytest.mark.parametrize("part", extract.SOURCES)
def test_the_templates_are_those_of_the_source(part: str) -> None:
    made = (extract.HERE / f"said_by_{part}.py").read_text(encoding="utf-8")
    assert made == extract.module(part), (
        "Sentences have changed: python -m adamas.office.web.sentences.extract, then CONTRIBUTING, “Add a language”"
    )


def test_the_reader_of_the_source_takes_sentences_and_nothing_else() -> None:
    source = '''
"""A docstring is not said."""
WAYS = {"up": "goes up", "down": "goes down"}

def look(number, day, way, error, open_):
    """Nor is this one."""
    until = "" if open_ else f" until {day}"
    log.warning("This is for the log alone.")
    if number == "This is only compared.":
        raise ValueError(_("This is in gettext already."))
    wrong("a.code", f"{number.text} {WAYS[way]} since {day}{until}.")
    raise Refused("b.code", "It was refused. " + error.sentence, advice="Try another one.")
'''
    assert list(extract.of_source(source)) == [
        "{text} goes up since {day}.",
        "{text} goes up since {day} until {day2}.",
        "{text} goes down since {day}.",
        "{text} goes down since {day} until {day2}.",
        "It was refused. {sentence}",
        "Try another one.",
    ]


@pytest.mark.parametrize("code", CODES)
def test_every_template_has_a_translation_with_its_holes(code: str) -> None:
    known = catalogue(po(code).with_suffix(".mo"))
    lacking, wrong = [], []
    for template in TEMPLATES:
        text = known.gettext(template.msgid)
        if template.msgid not in vars(known)["_catalog"]:
            lacking.append(template.msgid)
        elif Counter(PLACE.findall(text)) != Counter(PLACE.findall(template.msgid)):
            wrong.append(template.msgid)
    assert not wrong
    assert code not in COMPLETE or not lacking


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_sentence_is_found_again_and_its_values_survive(data: st.DataObject) -> None:
    template = data.draw(st.sampled_from(TEMPLATES))
    values = {name: data.draw(VALUES) for name in template.names}
    text = fill(template.msgid, values)
    found = sentences.CATALOGUE.find(text)
    assert found is not None
    assert fill(found[0].msgid, found[1]) == text, "nothing of it is lost, however it was taken apart"
    for language in ("fr", "ar"):
        with override(language):
            shown = said(text)
        if found[0] == template and found[1] == values:
            assert all(value in shown for value in values.values()), shown


def test_what_is_no_sentence_of_ours_stays_as_it_is() -> None:
    long = "The file is empty. " * 1_000
    with override("fr"):
        for text in ("", "Nobody says this.", "Bad. Worse.", long, ATTACK, "A {hole} and %(another)s."):
            assert said(text) == text
        assert said(None) == ""
    assert said("The file is empty.") == "The file is empty."


def test_text_made_to_be_slow_is_answered() -> None:
    """A regular expression with five holes would need longer than the universe for these."""
    with override("ru"):
        for piece in ("“", " is ", " may not ", ". ", "Parcel : ", " certificate : only the authority of "):
            assert said((piece * 2_000)[: sentences.LONGEST])


def test_words_and_sentences_inside_are_translated_and_values_are_not() -> None:
    inner = "Angola is suspended from trade under the scheme since 2003-01-01."
    with override("fr"):
        assert said(f"The destination may not trade: {inner}") == (
            "La destination ne peut pas faire commerce\u00a0: Angola fait l’objet d’une suspension de commerce au titre du "
            "système depuis le 2003-01-01."
        )
        assert "est annulé" in said("Certificate BW0000001 is void: no shipment may travel on it.")
        assert "«\u00a0void\u00a0»" in said("“void” is not a day of the calendar."), (
            "typed by a person: it stays"
        )
        assert said("The file is empty. Make it smaller, or split it.") == (
            "Le fichier est vide. Réduisez-le, ou divisez-le."
        )
    with override("ar"):
        assert "\u2068BW0000001\u2069" in said("Certificate BW0000001 is void: no shipment may travel on it.")
        turned = said("“\u202e1\u2069 is void” is not a day of the calendar.")
        assert "\u202e" not in turned
        assert turned.count("\u2068") == turned.count("\u2069") == 1


@pytest.mark.parametrize("language", ["en", *CODES])
def test_values_are_escaped_on_the_page(language: str) -> None:
    refused = Finding("a.b", "II(a)", "refuse", f"“{ATTACK}” is not a day of the calendar.", "day", ATTACK)
    with override(language):
        page = render_to_string("includes/findings.html", {"findings": [refused]})
    assert ATTACK not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_every_rule_and_column_speaks_french() -> None:
    with override("fr"):
        for rule, _check in RULES:
            assert said(rule.title) != rule.title
        _, errors = parse_issue_row({"number": "x", "carats": "1,5", "origin": "QQ"})
        assert len(errors) > 8
        assert not [error for error in errors if said(error.sentence) == error.sentence]


@pytest.mark.parametrize("language", CODES)
def test_every_country_has_a_name(language: str) -> None:
    with override(language):
        names = {code: countries.country_name(code) for code in shapes.COUNTRIES}
        assert not [code for code, name in names.items() if name == code]
        for code, english in history.names().items():
            assert countries.of_english_name(english) == names[code]
        assert countries.country_name("BW") == countries.of_english_name("Botswana")
    with override("en"):
        assert countries.country_name("CD") == history.names()["CD"]


@pytest.mark.database
@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        (
            "fr",
            [
                "nomme son propre Participant comme destination",
                "n’est pas un code SH",
                "numéro de certificat",
            ],
        ),
        ("ar", ["تسمّي", "ليس رمز ماس خام", "ليس رقم شهادة"]),
    ],
)
def test_a_refusal_is_read_in_the_language_of_the_page(
    shared_site: Site, language: str, wanted: list[str]
) -> None:
    exporter = shared_site.client("exporter")
    exporter.post("/language", {"language": language, "next": "/"})
    typed = {"to": "BW", "origin": "BW", "importer": "Firm & Sons", "parcels-1-hs": "710231"}
    typed |= {"parcels-1-carats": "10", "parcels-1-value": "20", "act": "submit", "declared": "1"}
    ruled = exporter.post("/issuing/new", typed)
    misread = exporter.post("/issuing/new", {**typed, "replaces": ATTACK, "parcels-1-hs": ATTACK})
    pages = ruled.text + misread.text
    assert (ruled.status_code, misread.status_code) == (422, 422)
    assert not [text for text in wanted if text not in pages]
    assert "names its own Participant" not in pages
    assert ATTACK not in pages
    assert "&lt;script&gt;" in pages


@pytest.mark.database
def test_the_sheet_explains_itself_in_the_language_of_the_page(shared_site: Site) -> None:
    exporter = shared_site.client("exporter")
    exporter.post("/language", {"language": "fr", "next": "/"})
    with zipfile.ZipFile(io.BytesIO(exporter.get("/issuing/sheet/template.xlsx").content)) as book:
        texts = book.read("xl/sharedStrings.xml").decode()
        notes = book.read("xl/comments1.xml").decode()
    assert "Rien n’est soumis par le téléversement" in texts
    assert "<t>consignment</t>" in texts, "what is read keeps its name"
    assert "Nom et adresse de l’importateur" in notes


@pytest.mark.database
def test_pages_of_data_and_of_numbers_are_in_the_language(shared_site: Site) -> None:
    visitor = shared_site.client()
    visitor.post("/language", {"language": "ru", "next": "/"})
    data = visitor.get("/data").text
    assert "день выдачи" in data
    assert "day of issue" not in data
    bad = visitor.post("/v/check", {"number": "no number"}).text
    assert not re.search(r"This is (not|longer)|Scan the code", bad)


@pytest.mark.database
def test_a_program_is_refused_in_the_language_it_asks_for(shared_site: Site) -> None:
    visitor = shared_site.client()
    answers = [
        visitor.get("/api/v1/certificates", headers={"Accept-Language": code}) for code in ("en", "fr", "zz")
    ]
    english, french, unknown = (answer.json() for answer in answers)
    assert english["code"] == french["code"] == unknown["code"] == "api.token"
    assert english["detail"] == unknown["detail"] == "A bearer token is needed."
    assert french["detail"] == "Un jeton porteur est nécessaire."
    assert answers[1]["Content-Language"] == "fr"
    assert "Accept-Language" in answers[1]["Vary"]
