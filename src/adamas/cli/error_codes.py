"""docs/errors.md: every code that a refusal, a finding or a remark of this program can have, read from its source.

Codes are stable and dotted, so programs switch on them; sentences may be reworded. A code is found where it stands
beside its sentence: as an argument of an error or finding, or in a table of symptoms.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path

import adamas
from adamas.analysis.catalogue import CATALOGUE
from adamas.cli import exits
from adamas.errors import AdamasError

_QUOTED = re.compile(r"[\"']([a-z][a-z0-9.-]*)[\"']")
_CODE = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")
_FILE = re.compile(r".*\.(toml|json|db|txt|cose|py|md|csv)")
_NOT_OURS = frozenset({"adamas", "django", "docs", "wsgi"})
_ELSEWHERE = frozenset({"admission"})  # docs/scheme/rules.md says them with their clauses
_LEFT_OUT = (
    "demo/",
    "cli/words.py",
)  # the demo plants faults under the names of others; words.py names functions
_TYPES = frozenset(st_type.name for st_type in CATALOGUE)
_SOURCE = Path(adamas.__file__).parent
_CLASS = re.compile(r"^class \w+\(\w*(Error|Refused|Moved|Fault)\w*\)", re.MULTILINE)
_HEAD = """# Codes

Made from the program by `make docs`: do not edit.

Every refusal has a stable code, a sentence, and where they help a place, a clause and an advice. Programs switch on the
code; sentences may be reworded. With `--json` a command that fails prints `{"error": {"code", "sentence", "where",
"clause", "advice", "exit"}}`. “…” stands for what the case at hand fills in. Admission rules, whose findings begin with
`admission.`, are explained in [scheme/rules.md](scheme/rules.md).

## Exit codes

| exit | meaning |
|---|---|
"""


@dataclass(frozen=True, slots=True)
class Code:
    """A code, one of its sentences, the exit code of the command line, and the room that says it."""

    code: str
    sentence: str
    exit_code: int
    room: str


@cache
def codes() -> tuple[Code, ...]:
    """All codes, sorted; for a code that is said in several places, the first sentence found."""
    exit_codes = _exit_codes()
    found: dict[str, Code] = {}
    in_table: set[str] = set()
    alone: dict[str, str] = {}
    for path in sorted(_SOURCE.rglob("*.py")):
        module = str(path.relative_to(_SOURCE))
        if module.startswith(_LEFT_OUT):
            continue
        source = path.read_text(encoding="utf-8")
        if not any(_is_code(text) for text in _QUOTED.findall(source)):
            continue
        nodes = list(ast.walk(ast.parse(source)))
        alone |= dict.fromkeys(_alone(nodes), module)
        for code, sentence, said_by in _said(nodes):
            own = exit_codes.get(said_by, exits.NOT_VALID)
            if own == exits.NOT_VALID:
                own = exits.BY_CODE.get(_area(code), own)
            known = found.get(code)
            if known is None or (code in in_table and said_by):
                found[code] = Code(code, sentence, own, module.split("/", maxsplit=1)[0].removesuffix(".py"))
                (in_table.discard if said_by else in_table.add)(code)
    areas = {_area(code) for code in found}
    for code, module in alone.items():  # the sentence is made elsewhere, from what the case at hand is
        if code not in found and _area(code) in areas:
            found[code] = Code(code, "…", exits.NOT_VALID, module.split("/")[0].removesuffix(".py"))
            in_table.add(code)
    for code in in_table:  # a table of symptoms does not say which class is raised: that of its neighbours
        one = found[code]
        near = [
            o.exit_code for o in found.values() if o.code not in in_table and _area(o.code) == _area(code)
        ]
        found[code] = replace(one, exit_code=max(near, key=near.count, default=one.exit_code))
    return tuple(found[code] for code in sorted(found))


def markdown() -> str:
    """The page."""
    parts = [_HEAD + "".join(f"| {code} | {meaning} |\n" for code, meaning in exits.MEANINGS.items())]
    area = ""
    for code in codes():
        if _area(code.code) != area:
            area = _area(code.code)
            parts.append(f"\n## {area}\n\n| code | says | exit | in |\n|---|---|---|---|\n")
        sentence = code.sentence.replace("|", "\\|").replace("\n", " ")
        parts.append(f"| `{code.code}` | {sentence} | {code.exit_code} | {code.room} |\n")
    return "".join(parts)


def _area(code: str) -> str:
    return code.split(".", 1)[0]


def _exit_codes() -> dict[str, int]:
    """Name of an error class → its exit code."""
    from adamas.office.database import ensure_django

    # With the settings of pages, so that the desks' modules can be loaded wherever this page is made.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adamas.office.web.settings")
    ensure_django()
    for module in _with_classes():
        import_module(module)
    found: dict[tuple[str, str], int] = {}
    waiting: list[type[AdamasError]] = [AdamasError]
    while waiting:
        one = waiting.pop()
        if one.__module__.startswith("adamas."):
            found[one.__module__, one.__name__] = one.exit_code
        waiting += one.__subclasses__()
    # Of two classes of one name that of the later module counts, whichever was loaded first.
    return {name: found[module, name] for module, name in sorted(found)}


def _with_classes() -> Iterator[str]:
    """The modules of the package that define a kind of error."""
    for file in sorted(_SOURCE.rglob("*.py")):
        if _CLASS.search(file.read_text(encoding="utf-8")):
            yield ".".join(("adamas", *file.relative_to(_SOURCE).with_suffix("").parts))


def _said(nodes: list[ast.AST]) -> Iterator[tuple[str, str, str]]:
    """Code, sentence and the name of what is called, wherever a code stands beside other things."""
    for node in nodes:
        if not isinstance(node, (ast.Call, ast.Tuple)):
            continue
        beside = node.args if isinstance(node, ast.Call) else node.elts
        for place, item in enumerate(beside):
            if isinstance(item, ast.Constant) and isinstance(item.value, str) and _is_code(item.value):
                rest = [text for one in beside[place + 1 :] if " " in (text := _text(one))]
                if rest:
                    called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
                    # a finding names its clause before its sentence
                    sentence = next((text for text in rest if text.endswith(".")), rest[0])
                    yield item.value, sentence, called.rsplit(".", 1)[-1]


def _alone(nodes: list[ast.AST]) -> Iterator[str]:
    """Codes that are handed on to a function, or chosen, apart from their sentence."""
    for node in nodes:
        if isinstance(node, (ast.Call, ast.Tuple, ast.IfExp, ast.Assign)):
            codes = [
                item.value
                for item in ast.iter_child_nodes(node)
                if isinstance(item, ast.Constant) and isinstance(item.value, str) and _is_code(item.value)
            ]
            # the trail's own names of acts are no codes
            if codes and not (isinstance(node, ast.Call) and ast.unparse(node.func).startswith("audit.re")):
                yield from codes


def _is_code(text: str) -> bool:
    return (
        _CODE.fullmatch(text) is not None
        and text not in _TYPES
        and _area(text) not in _NOT_OURS | _ELSEWHERE
        and _FILE.fullmatch(text) is None
    )


def _text(node: ast.expr) -> str:
    """A text as it stands in the source, with an ellipsis for each part that is filled in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    if isinstance(node, ast.IfExp):
        return _text(node.body)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):  # a translated sentence with its values
        return _text(node.left)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_" and node.args:
        return re.sub(r"%\(\w+\)[sd]", "…", _text(node.args[0]))
    return ""
