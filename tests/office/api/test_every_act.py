"""Everything that the desks' pages do is done by an operation too, and every operation by the client.

From Django's table of addresses and the OpenAPI document, so that neither a new page nor a new operation is forgotten.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from typing import Any, get_type_hints

import pytest
from django.urls import URLPattern, get_resolver

from adamas.client import Client
from adamas.client.types import Application, File, Found

OPERATION_OF = {
    # the exporter
    "issuing:mine": "list_applications",
    "issuing:new": "make_application",
    "issuing:submit_many": "submit_application",  # one call for each
    "issuing:application": "change_application",
    "issuing:withdraw": "withdraw_application",
    "issuing:say": ("say", "tell_exporter"),
    "issuing:attach": "attach",
    "issuing:attachment": "get_attachment",
    "issuing:detach": "detach",
    "issuing:sheet": ("send_sheet", "list_sheets"),
    "issuing:template": "get_template",
    "issuing:upload": "get_sheet",
    "issuing:rejected": "get_rejected",
    # the issuing desk
    "issuing:queue": "list_applications",
    "issuing:review": "get_review",
    "issuing:take": "take_application",
    "issuing:ask": "ask_exporter",
    "issuing:refuse": "refuse_application",
    "issuing:prepare": "prepare_certificate",
    "issuing:take_back": "take_back",
    "issuing:issue": ("issue_certificate", "get_prepared"),
    "issuing:certificates": "list_certificates",
    "issuing:certificate": ("get_certificate", "get_trail"),
    "issuing:pdf": "get_pdf",
    "issuing:credential": "get_credential",
    "issuing:print": "print_on_form",
    "issuing:validation": ("validate", "dispatch"),
    "issuing:stock": ("get_stock", "list_form_uses", "receive_forms", "write_off_form"),
    "issuing:numbers": ("get_numbers", "reserve_numbers"),
    "issuing:notices": ("list_notices", "list_addresses", "set_address"),
    "issuing:notice_file": "get_notice_file",
    # the arrival desk
    "arrival:scan": ("check_certificate", "check_file"),
    "arrival:certificate": ("check_certificate", "get_certificate"),
    "arrival:expected": "list_arrivals",
    "arrival:due": "list_confirmations",
    "arrival:questions": "list_questions",
    "arrival:question": ("get_question", "answer_question", "send_question_papers"),
    "arrival:close": "close_question",
    "arrival:question-file": "get_question_file",
    "arrival:attachment": "get_question_paper",
    "arrival:inspect": "inspect",
    "arrival:ask": "ask",
    "arrival:inspection": "get_inspection",
    "arrival:photograph": "photograph",
    "arrival:photo": "get_photograph",
    "arrival:remove-photograph": "remove_photograph",
    "arrival:decide": ("receive", "refuse", "return_", "seize"),
    # after issue
    "aftercare:index": ("get_after_issue", "list_amendments"),
    "aftercare:certificate": "get_possible",
    "aftercare:begin": ("report_forgery", "report_forgery_pictured"),
    "aftercare:new": (
        "revoke",
        "correct",
        "confirm_correction",
        "replace",
        "return_technical",
        "report_forgery",
    ),
    "aftercare:paper": "get_amendment",
    "aftercare:sign": "sign_amendment",
    "aftercare:drop": "drop_amendment",
    "aftercare:forgeries": "list_forgeries",
    "aftercare:picture": "get_picture",
}
"""Page → the operations that do what it does."""
FOR_PEOPLE = {
    "issuing:approve": "a person approves, by a second factor over the digest",
    "issuing:reject": "the approving officer's other answer on the same page",
    "issuing:confirm": "the second person of what a program signs, by a second factor over the digest",
    "arrival:offline": "a page that a browser keeps; a program keeps what it read",
    "arrival:offline-manifest": "what that page keeps: list_certificates gives a program more",
    "arrival:offline-worker": "a browser's",
}
"""Page → why a program does not do what it does."""


def pages() -> dict[str, Any]:
    """Every page of the desks by name."""
    found: dict[str, Any] = {}
    for one in get_resolver().url_patterns:
        space = getattr(one, "namespace", None)
        if space in ("issuing", "arrival", "aftercare"):
            for page in one.url_patterns:
                assert isinstance(page, URLPattern)
                found[f"{space}:{page.name}"] = page.callback
    return found


@pytest.fixture(scope="module")
def operations() -> dict[str, tuple[str, str]]:
    """Operation → method and path."""
    from adamas.office.api import service

    document = json.loads(service.document())
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_page_of_the_desks_has_its_operations(operations) -> None:
    known = set(OPERATION_OF) | set(FOR_PEOPLE)
    assert set(pages()) == known, "a new page needs a line in OPERATION_OF, or a reason in FOR_PEOPLE"
    assert not set(OPERATION_OF) & set(FOR_PEOPLE)
    for page, names in OPERATION_OF.items():
        for name in (names,) if isinstance(names, str) else names:
            assert name in operations, f"{page}: there is no operation {name}"


def test_no_program_approves(operations) -> None:
    from adamas.office.api import conf

    assert not any("approv" in name or "approv" in path for name, (_, path) in operations.items())
    assert not any("approving" in roles for roles in conf.ROLES_OF_SCOPE.values())


class Recording(Client):
    """Notes which addresses are called, and calls nothing."""

    def __init__(self) -> None:
        super().__init__("https://office.example", "c", "s")
        self.called: set[tuple[str, str]] = set()

    def _call(self, method, path, body=None, **_):
        self.called.add((method, path.partition("?")[0]))
        raise StopIteration


SAMPLES: dict[Any, Any] = {str: "x", int: 1, bool: True, File: File("a.pdf", b"%PDF-")}


def sample(hint: Any) -> Any:
    if hint in SAMPLES:
        return SAMPLES[hint]
    if hint is Found:
        return Found(1, "1.00", "1.00", "intact")
    if dataclasses.is_dataclass(hint):
        return Application() if hint is Application else hint()
    raise AssertionError(f"no sample for {hint}")


def test_the_client_has_a_method_for_every_operation(operations) -> None:
    client = Recording()
    for name, method in inspect.getmembers(client, inspect.ismethod):
        if name.startswith("_") or name == "close":
            continue
        hints, given = get_type_hints(method), inspect.signature(method).parameters
        needed = [
            one for one in given.values() if one.default is one.empty and one.kind != one.VAR_POSITIONAL
        ]
        places = [
            sample(hints[one.name]) if one.name not in ("seals",) else ["S-1"]
            for one in needed
            if one.kind != one.KEYWORD_ONLY
        ]
        named = {
            one.name: ["S-1"] if one.name == "seals" else sample(hints[one.name])
            for one in needed
            if one.kind == one.KEYWORD_ONLY
        }
        tries = [named]
        tries += [{**named, one: [SAMPLES[File]]} for one in ("papers", "pictures") if one in given]
        for more in tries:
            with pytest.raises((StopIteration, RuntimeError)):
                next(method(*places, **more))
    unknown = set(client.called)
    for name, (method, path) in operations.items():
        shape = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path.removeprefix("/api/v1/"))))
        mine = {one for one in client.called if one[0] == method and shape.fullmatch(one[1])}
        assert mine, f"the client has no method for {name}: {method} {path}"
        unknown -= mine
    assert not unknown, f"no operation is called so: {unknown}"
