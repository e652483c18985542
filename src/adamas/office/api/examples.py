"""Requests as people would type them: by curl, made from the document, and by the client in Python.

Tests send every body through its schema, and run every line of Python against a client that calls nothing.
"""

from __future__ import annotations

import json
import shlex
from typing import Any

PYTHON: dict[str, str] = {
    # certificates
    "list_certificates": 'for row in office.certificates(state="issued"):\n    print(row.number, row.to, row.expires)',
    "get_certificate": 'found = office.certificate("BW0001234")',
    "get_trail": 'trail = office.trail("BW0001234")',
    "get_bundle": 'proof = office.bundle("BW0001234")',
    "get_pdf": 'paper = office.pdf("BW0001234", language="fr")',
    "get_credential": 'credential = office.credential("BW0001234")',
    "check_certificate": 'answer = office.check("BW0001234")\nprint(answer.verdict, answer.headline)',
    "check_file": 'answer = office.check_file(File("paper.pdf", data))',
    # export
    "validate": 'done = office.validate("BW0001234", "BW0001235")\nprint(done.accepted, done.refused)',
    "dispatch": 'done = office.dispatch("BW0001234", day="2025-12-31")',
    # arrival and inspection
    "list_arrivals": "for row in office.arrivals(announced=True):\n    print(row.number, row.participant)",
    "list_confirmations": "for row in office.confirmations():\n    print(row.number, row.days_late)",
    "receive": 'done = office.receive("BW0001234", Found(1, "12.50", "5600.00", "intact"))\nprint(done.agrees)',
    "refuse": 'done = office.refuse("BW0001234", Found(1, "9.00", "5600.00", "broken"), why="seals")',
    "return_": 'done = office.send_back("BW0001234", Found(1, "12.50", "5600.00", "intact"), "No importer here.")',
    "seize": 'done = office.seize("BW0001234", Found(2, "30.00", "9000.00", "broken"), "Another parcel in it.")',
    "get_inspection": 'found = office.inspection("BW0001234")',
    "inspect": 'kept = office.inspect("BW0001234", Found(1, "12.49", "5600.00", "intact"), version=1)',
    "photograph": 'kept = office.photograph("BW0001234", File("seal.jpg", data))',
    "get_photograph": "picture = office.photo(7)",
    "remove_photograph": "kept = office.remove_photograph(7)",
    # questions
    "list_questions": 'for one in office.questions(state="open"):\n    print(one.number, one.about)',
    "ask": 'question = office.ask("BW0001234", "Which scale was used?")',
    "get_question": "question = office.question(7)",
    "get_question_file": "data = office.question_file(7)",
    "get_question_paper": "paper = office.question_paper(7)",
    "answer_question": 'question = office.answer(7, "The scale of the mine.")',
    "send_question_papers": 'question = office.answer(7, "See the protocol.", papers=[File("protocol.pdf", data)])',
    "close_question": 'question = office.close_question(7, "Cleared up.")',
    # after issue
    "get_after_issue": "waiting = office.after_issue()",
    "get_possible": 'print(office.possible("BW0001234").possible)',
    "revoke": 'done = office.revoke("BW0001234", "lost", "Lost by the courier.")',
    "correct": 'done = office.correct("BW0001234", "Typing error.", Right(parcels=2))',
    "confirm_correction": 'done = office.confirm_correction("BW0001234", waiting.to_confirm[0].correction)',
    "replace": 'done = office.replace("BW0001234", "BW0001240", "lost")',
    "return_technical": 'done = office.return_technical("BW0001234", "Not sold.", technical="BW0001241")',
    "list_forgeries": "for one in office.forgeries():\n    print(one.number, one.reported)",
    "report_forgery": 'done = office.report_forgery("BW0009999", "Wrong paper.")',
    "report_forgery_pictured": 'done = office.report_forgery("BW0009999", pictures=[File("front.jpg", data)])',
    "get_picture": "picture = office.picture(7)",
    "list_amendments": 'for one in office.amendments(state="written"):\n    print(one.number, one.kind)',
    "get_amendment": "act = office.amendment(7)",
    "sign_amendment": "done = office.sign_amendment(7)",
    "drop_amendment": "done = office.drop_amendment(7)",
    # applications and sheets
    "list_applications": 'for one in office.applications(state="asked"):\n    print(one.id, one.reference)',
    "make_application": (
        'stones = (Parcel("710231", "12.50", "5600.00"),)\n'
        'draft = office.apply(Application("AE", "Deira Trading FZE, Dubai", ("BW",), stones))'
    ),
    "get_application": "draft = office.application(7)",
    "change_application": 'draft = office.change(7, Application(to="AE"), version=1)',
    "submit_application": "office.submit(7, no_conflict_diamonds=True)",
    "withdraw_application": 'office.withdraw(7, "Sold elsewhere.")',
    "say": 'office.say(7, "The parcels are ready.")',
    "attach": 'office.attach(7, File("invoice.pdf", data))',
    "get_attachment": "paper = office.attachment(7, 1)",
    "detach": "office.detach(7, 1)",
    "get_template": "workbook = office.sheet_template()",
    "list_sheets": "for sheet in office.sheets():\n    print(sheet.name, sheet.drafts, sheet.bad)",
    "send_sheet": 'sheet = office.send_sheet(File("parcels.xlsx", data))',
    "get_sheet": "sheet = office.sheet(7)\nprint(sheet.problems)",
    "get_rejected": "rows = office.rejected(7)",
    # the issuing desk
    "get_review": "review = office.review(7)\nprint(review.worst)",
    "get_prepared": "ready = office.prepared(7)\nprint(ready.digest, ready.approved, ready.confirmed)",
    "take_application": "review = office.take(7)",
    "ask_exporter": 'review = office.ask_exporter(7, "Please attach the invoice.")',
    "tell_exporter": 'review = office.tell_exporter(7, "It is ready tomorrow.")',
    "refuse_application": 'review = office.refuse_application(7, "No licence.")',
    "prepare_certificate": (
        "ready = office.prepare(\n"
        '    7, approver="ap-2", issued="2025-12-31", expires="2026-03-01", seals=["S-1"]\n'
        ")"
    ),
    "take_back": "review = office.take_back(7)",
    "issue_certificate": "issued = office.issue(7, digest=office.prepared(7).digest)",
    # forms, numbers, notices
    "get_stock": "stock = office.stock()\nprint(stock.left)",
    "list_form_uses": "for use in office.form_uses():\n    print(use.form, use.end)",
    "receive_forms": 'stock = office.receive_forms("B0001000", "B0001999")',
    "write_off_form": 'use = office.write_off("B0001000", "spoiled", "Torn in the printer.")',
    "print_on_form": 'paper = office.print_on("BW0001234", "B0001000")',
    "get_numbers": "numbers = office.numbers()",
    "reserve_numbers": 'held = office.reserve(100, "Desk at the airport")',
    "list_notices": "for notice in office.notices(waiting=True):\n    print(notice.number, notice.to)",
    "list_addresses": "for address in office.addresses():\n    print(address.to, address.mail)",
    "set_address": 'office.set_address("AE", "desk@authority.example")',
    "get_notice_file": 'notice = office.notice_file("AE")',
    "take_notice": 'taken = office.take_notice(File("notice.json", data))',
    # the register and logs; production returns
    "get_register": 'for one in office.register(on="2025-12-31"):\n    print(one.code, one.good)',
    "get_standing": 'print(office.standing("BW").why)',
    "get_logs": "for log in office.logs():\n    print(log)",
    "list_returns": 'for one in office.returns(participant="BW"):\n    print(one.period, one.carats)',
    # webhooks
    "list_webhooks": "for hook in office.webhooks():\n    print(hook.url, hook.events)",
    "make_webhook": (
        'hook = office.make_webhook("https://window.example/adamas", "shipment.decided")\nkeep(hook.secret)'
    ),
    "get_webhook": "hook = office.webhook(7)",
    "end_webhook": "office.end_webhook(7)",
    "rotate_webhook": "hook = office.rotate_webhook(7)\nkeep(hook.secret)",
    "list_deliveries": 'for one in office.deliveries(7, state="failed"):\n    print(one.message, one.trouble)',
    "send_again": "office.send_again(12)",
}
"""Operation → lines of Python; ``office`` is an :class:`adamas.client.Client`, ``data`` the bytes of a file."""
_VALUES: dict[str, Any] = {
    "number": "BW0001234",
    "numbers": ["BW0001234"],
    "to": "AE",
    "by": "BW0001240",
    "carats": "12.50",
    "value": "5600.00",
    "parcels": 1,
    "origin": ["BW"],
    "hs": ["710231"],
    "issued": "2025-12-31",
    "expires": "2026-03-01",
    "day": "2025-12-31",
    "seals": ["S-1"],
    "approver": "ap-2",
    "digest": "0" * 64,
    "first": "B0001000",
    "last": "B0001999",
    "form": "B0001000",
    "count": 100,
    "purpose": "Desk at the airport",
    "mail": "desk@authority.example",
    "url": "https://window.example/adamas",
    "events": ["shipment.decided"],
    "correction": "…",
    "text": "BW0001234",
    "why": "Typing error.",
    "published": "No importer here.",
    "version": 1,
    "declared": True,
    "code": "BW",
    "id": 7,
    "paper": 1,
}


def curl(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    """The request as a command of a shell in which ``OFFICE`` and ``TOKEN`` are set."""
    for name, value in _VALUES.items():
        path = path.replace(f"{{{name}}}", str(value))
    parts = [f'curl "$OFFICE{path}"', '-H "Authorization: Bearer $TOKEN"']
    if method != "get":
        parts[0] = f'curl -X {method.upper()} "$OFFICE{path}"'
    if method == "post":
        parts.append('-H "Idempotency-Key: $(uuidgen)"')
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        sent = json.dumps(body(operation, schemas), ensure_ascii=False)
        parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(sent)}"]
    elif content:
        schema = _resolved(next(iter(content.values()))["schema"], schemas)
        for name in schema.get("required", []):
            field = schema["properties"][name]
            file = name in ("file", "files", "pictures")
            value = f"@{name}" if file else _value(name, field, schemas)
            parts.append(f"-F {shlex.quote(f'{name}={value}')}")
    return " \\\n  ".join(parts)


def body(operation: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """A body of JSON that the operation takes: the fields that it must have."""
    return _value("", operation["requestBody"]["content"]["application/json"]["schema"], schemas)


def _value(name: str, schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    schema = _resolved(schema, schemas)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        wanted = schema.get("required", [])
        return {
            one: _value(one, field, schemas) for one, field in schema["properties"].items() if one in wanted
        }
    if name in _VALUES:
        return _VALUES[name]
    kinds: dict[str, Any] = {"integer": 1, "boolean": True, "array": []}
    return kinds.get(str(schema.get("type")), "…")


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    for one in schema.get("anyOf", schema.get("allOf", [])):
        return _resolved(one, schemas)
    if "$ref" in schema:
        found: dict[str, Any] = schemas[schema["$ref"].rpartition("/")[2]]
        return found
    return schema
