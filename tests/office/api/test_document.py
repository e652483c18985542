"""The document of the API and its pages: valid, whole, and true, down to the last line of its examples."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.office.api.test_every_act import Recording

import adamas.client
from adamas.client import Client
from adamas.office.api import codes, describing, examples, problems
from adamas.office.people import acts


@pytest.fixture(scope="module")
def document(shared_site) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared_site.client().get("/api/v1/openapi.json").content)
    return found


def operations(document: dict[str, Any]):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


@pytest.mark.slow
def test_it_is_valid(document) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_it_says_what_every_operation_needs_and_answers(document) -> None:
    assert document["openapi"].startswith("3.1")
    parts = document["components"]
    for status in (429, 503):
        assert "Retry-After" in parts["responses"][f"E{status}"]["headers"]
    for path, method, operation in operations(document):
        assert operation["security"][0]["oauth2"], path
        answers = operation["responses"]
        assert {"401", "403", "404", "422", "429", "503"} <= set(answers), path
        for status, answer in answers.items():
            if int(status) >= 400:
                told = parts["responses"][answer["$ref"].rpartition("/")[2]]
                assert list(told["content"]) == [problems.KIND], path
        refs = {one["$ref"].rpartition("/")[2] for one in operation["parameters"] if "$ref" in one}
        assert ("Idempotency-Key" in refs) == (method == "post")
        assert ("If-None-Match" in refs) == ("304" in answers) == (method == "get")
        assert ("If-Match" in refs) == ("412" in answers)
        assert ("If-Match" in refs) or method not in ("put", "delete")
    inspection = document["paths"]["/api/v1/arrivals/{number}/inspection"]["post"]
    assert "412" in inspection["responses"]


def test_nothing_goes_without_a_meaning(document) -> None:
    dumb = []
    for name, schema in document["components"]["schemas"].items():
        for field, said in schema.get("properties", {}).items():
            if not said.get("description"):
                dumb.append(f"{name}.{field}")
    for _, _, operation in operations(document):
        name = operation["operationId"]
        assert operation["summary"], name
        assert len(operation["description"]) > 10, name
        assert operation["tags"][0] in describing.DESKS, name
        for one in operation["parameters"]:
            if "$ref" not in one and not one.get("description"):
                dumb.append(f"{name}.{one['name']}")
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for field, said in content["schema"].get("properties", {}).items():
                if not said.get("description"):
                    dumb.append(f"{name}.{field}")
    assert not dumb, f"say in api/glossary.py what these mean: {', '.join(dumb)}"


def test_codes_are_all_those_that_the_door_tells(document) -> None:
    said: set[str] = set()
    for file in Path(codes.__file__).parent.rglob("*.py"):
        if file.name not in ("events.py", "codes.py") and file.parent.name != "migrations":
            said |= set(re.findall(r'"((?:api|webhook)\.[a-z-]+)"', file.read_text(encoding="utf-8")))
    said -= set(acts.WORDS)
    assert said | {"api.value"} == set(codes.CODES) | codes.OF_PAGES
    assert {one["code"] for one in document["x-problem-codes"]} == set(codes.CODES)
    assert all(status in problems.TITLES for status, _ in codes.CODES.values())


def test_every_example_in_python_makes_just_its_call(document) -> None:
    space = {name: getattr(adamas.client, name) for name in adamas.client.__all__}
    for path, method, operation in operations(document):
        name = operation["operationId"]
        lines = {one["lang"]: one["source"] for one in operation["x-codeSamples"]}["Python"]
        assert lines, f"api/examples.py has no line for {name}"
        office = Recording()
        names = {**space, "office": office, "data": b"x", "keep": print, "waiting": Waiting(), "print": len}
        with pytest.raises((StopIteration, RuntimeError)):
            exec(lines.replace("office.prepared(7).digest", '"0" * 64'), names)
        ((called, where),) = office.called
        shape = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path.removeprefix("/api/v1/")))
        assert called == method.upper(), name
        assert re.fullmatch(shape, where), f"{name} calls {where}"
    assert set(examples.PYTHON) == {operation["operationId"] for _, _, operation in operations(document)}
    assert issubclass(Recording, Client)


class Waiting:
    """What `office.after_issue()` gave before."""

    class _One:
        correction = "x"

    to_confirm = (_One(),)


def test_every_body_of_an_example_is_one_that_is_taken(document) -> None:
    for _, _, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        shown = next(one["source"] for one in operation["x-codeSamples"] if one["lang"] == "Shell")
        assert "{" not in shown.partition('"')[2].partition('"')[0], shown
        if "application/json" in content:
            schema = {**content["application/json"]["schema"], "components": document["components"]}
            sent = examples.body(operation, document["components"]["schemas"])
            Draft202012Validator(schema).validate(sent)
            assert "-d '" in shown


def test_the_pages_say_all_of_it_without_a_script(shared_site, document) -> None:
    visitor = shared_site.client()
    index = visitor.get("/api/")
    assert index.status_code == 200
    for scope in document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["scopes"]:
        assert f">{scope}</th>" in index.text
    assert "api.key-reused" in index.text
    seen = index.text
    for slug in set(re.findall(r'href="/api/reference/([a-z-]+)"', index.text)):
        page = visitor.get(f"/api/reference/{slug}")
        assert page.status_code == 200
        assert len(page.content) < 100_000, slug
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|<[^>]*\s(?:on\w+|style)=", page.text)
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text), "nothing from elsewhere"
        seen += page.text
    for path, _, operation in operations(document):
        assert f'id="{operation["operationId"]}"' in seen
        assert path in seen
    for field in ("parcels[].carats", "history[].statement", "Mass in carats", "If-None-Match"):
        assert field in seen, field
    assert visitor.get("/api/reference/nowhere").status_code == 404
    again = visitor.get("/api/", headers={"If-None-Match": index["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
