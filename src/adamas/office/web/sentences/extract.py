"""Reads the sentences of the program from its source, so that they can be translated where pages show them.

The rooms without Django say everything in English: their sentences stand in logs, files and on the command line. Here
each is found by its syntax tree and written down as a template with named holes. `python -m
adamas.office.web.sentences.extract` writes the modules `said_by_*.py`; a test compares them with the source.

What is taken: in the modules of :data:`SOURCES` every text that has the form of a sentence and is neither a docstring
nor handed to gettext already; titles and sentences of rules; what is refused of a value; descriptions of columns. A
hole that is filled by one of a few texts written in the source (``_STOPS[kind]``, ``"" if open else f" until {day}"``)
gives one template for each, so that no word of ours is left inside a hole.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import adamas
from adamas.office.web.sentences.sources import DESCRIBED, LEFT_OUT, NO_PAGE, OWN, SHOWN, SILENT, SOURCES

ROOT = Path(adamas.__file__).parent
HERE = Path(__file__).parent
_NOT_SAID = re.compile(r"%\(|SELECT |UPDATE |INSERT |CREATE |TRUNCATE |User-agent|\*\*|[\n<|]|default-src")
_ENDS = (".", "?", "}", ".)")
_HOLE = re.compile(r"\{\w+\}")
_MOST = 12
"""So many templates are made of one sentence at most; then its holes stay holes."""

Part = str | ast.expr
"""A piece of a text: written out, or the expression that fills it in."""


def templates(part: str) -> tuple[str, ...]:
    """The templates of one part of the program, each once, in order of the source."""
    found: dict[str, None] = {}
    for pattern in SOURCES[part]:
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            if name not in NO_PAGE:
                left_out = LEFT_OUT.get(name, frozenset())
                found |= dict.fromkeys(of_source(path.read_text(encoding="utf-8"), left_out))
    return tuple(found)


def of_source(source: str, left_out: frozenset[str] = frozenset()) -> Iterator[str]:
    """The templates of one module, but for those of the functions that are left out."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in left_out:
            node.body = []
    tables = _tables(tree)
    for name in SHOWN & tables.keys():
        yield from (
            one.value for one in tables[name] if isinstance(one, ast.Constant) and isinstance(one.value, str)
        )
    yield from _below(tree, tables, {})


def _below(node: ast.AST, tables: Mapping[str, list[ast.expr]], local: dict[str, ast.expr]) -> Iterator[str]:
    """Templates of everything below a node; ``local`` holds what names of the function stand for."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _below(child, tables, _assigned(child))
            continue
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue  # a docstring
        if isinstance(child, (ast.Compare, ast.Assert, ast.Subscript)):
            continue  # asked, not said
        if isinstance(child, ast.keyword) and child.arg == "description":
            continue  # of the API's own documentation
        if isinstance(child, ast.Tuple):
            yield from _column_of(child)
        if isinstance(child, ast.Call):
            called = ast.unparse(child.func).rsplit(".", 1)[-1]
            if called in OWN or called in SILENT:
                continue
            yield from _named(called, child)
        if isinstance(child, ast.expr) and (pieces := _pieces(child)) is not None:
            yield from (text for text in _written(pieces, tables, local) if _is_sentence(text))
            if isinstance(child, ast.BinOp):
                yield from (
                    text for side in (child.left, child.right) for text in _inside(side, tables, local)
                )
            continue
        yield from _below(child, tables, local)


def _inside(
    node: ast.expr, tables: Mapping[str, list[ast.expr]], local: dict[str, ast.expr]
) -> Iterator[str]:
    """Texts within the operands of a sum that are no text themselves."""
    if _pieces(node) is None:
        yield from _below(node, tables, local)


def _named(called: str, call: ast.Call) -> Iterator[str]:
    """Texts that need not look like a sentence, by what they are handed to."""
    if called == "rule":
        title = call.args[2]
        yield ast.literal_eval(title)
        yield from (ast.literal_eval(word.value) for word in call.keywords if word.arg == "sentence")
    elif called in DESCRIBED:
        for one in call.args[DESCRIBED[called]]:
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield one.value
    elif called == "ValueRefused":
        pieces = _pieces(call.args[1]) if len(call.args) > 1 else None
        if pieces:
            yield from _written(pieces, {}, {})


def _column_of(node: ast.Tuple) -> Iterator[str]:
    """``(True, "What stands in the column.")``: whether it must be filled, and what it means."""
    values = [one.value if isinstance(one, ast.Constant) else None for one in node.elts]
    if len(values) == 2 and isinstance(values[0], bool) and isinstance(values[1], str) and " " in values[1]:
        yield values[1]


def _pieces(node: ast.expr) -> list[Part] | None:
    """A text as its pieces; None for what is no text."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return [_piece(one) for one in node.values]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _pieces(node.left), _pieces(node.right)
        if left is None and right is None:
            return None
        return [*([node.left] if left is None else left), *([node.right] if right is None else right)]
    return None


def _piece(node: ast.expr) -> Part:
    if isinstance(node, ast.FormattedValue):
        return node.value
    return str(ast.literal_eval(node))


def _is_sentence(text: str) -> bool:
    """Whether a text is said to a person: blanks between words, a capital or a value first, a full stop last."""
    plain = _HOLE.sub("", text).strip()
    return (
        " " in plain
        and len(plain) > 8
        and (text[0].isupper() or text[0].isdigit() or text[0] in "“{(")
        and text.endswith(_ENDS)
        and _NOT_SAID.search(text) is None
    )


def _written(
    pieces: list[Part], tables: Mapping[str, list[ast.expr]], local: Mapping[str, ast.expr], depth: int = 0
) -> Iterator[str]:
    """The templates of a text: its holes get names, and those with a few known fillings are filled."""
    choices: list[list[list[Part]]] = []
    for one in pieces:
        fillings = [] if isinstance(one, str) or depth > 2 else _fillings(one, tables, local)
        choices.append(fillings or [[one]])
    combined = list(itertools.islice(itertools.product(*choices), _MOST + 1))
    if len(combined) > _MOST:
        combined = [tuple([one] for one in pieces)]
    for way in combined:
        flat = [piece for filling in way for piece in filling]
        if len(flat) != len(pieces) and depth < 2 and any(not isinstance(one, str) for one in flat):
            yield from _written(flat, tables, local, depth + 1)
        else:
            yield _named_holes(flat)


def _fillings(
    node: ast.expr, tables: Mapping[str, list[ast.expr]], local: Mapping[str, ast.expr]
) -> list[list[Part]]:
    """The few texts that may stand in a hole, if the source names them all; else none."""
    options: list[ast.expr] = []
    if isinstance(node, ast.Name) and node.id in local:
        given = local[node.id]
        options = [given.body, given.orelse] if isinstance(given, ast.IfExp) else _values(given)
    elif isinstance(node, ast.IfExp):
        options = [node.body, node.orelse]
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        options = tables.get(node.value.id, [])
    found = [_pieces(option) for option in options]
    # A lone text is a name or a code that the function reads; words of ours come as a choice.
    return (
        []
        if any(one is None for one in found) or len(found) < 2
        else [one for one in found if one is not None]
    )


def _values(node: ast.expr) -> list[ast.expr]:
    """The texts of ``{…}.get(key, default)``."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Dict(values=values), attr="get"), args=[_, *others]):
            return [*values, *others]
    return []


def _tables(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """Dictionaries of texts at the top of a module."""
    found: dict[str, list[ast.expr]] = {}
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Dict):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: node.value.values for target in targets if isinstance(target, ast.Name)}
    return found


def _assigned(function: ast.AST) -> dict[str, ast.expr]:
    """What names of a function stand for, where they are given once."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _named_holes(pieces: list[Part]) -> str:
    """Pieces as a template; a name that comes twice gets a number."""
    said, names = "", set[str]()
    for one in pieces:
        if isinstance(one, str):
            said += one.replace("{", "(").replace("}", ")") if re.search(r"\{\W", one) else one
            continue
        name = base = _name(one)
        for number in itertools.count(2):
            if name not in names:
                break
            name = f"{base}{number}"
        names.add(name)
        said += "{" + name + "}"
    return said


def _name(node: ast.expr) -> str:
    """What a hole is called: the last name of the expression that fills it."""
    if isinstance(node, ast.Name):
        return node.id.strip("_").lower()
    if isinstance(node, ast.Attribute):
        return node.attr.strip("_").lower()
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.Call) and node.args:
        return _name(node.args[0])
    if isinstance(node, ast.Call):
        return _name(node.func)
    if isinstance(node, ast.BinOp):
        return _name(node.left)
    if isinstance(node, ast.BoolOp):
        return _name(node.values[0])
    if isinstance(node, ast.IfExp):
        return _name(node.test)
    return "value"


def module(part: str) -> str:
    """The text of a generated module."""
    lines = "".join(f"    gettext_noop({_quoted(text)}),\n" for text in templates(part))
    return (
        f'"""Sentences said in {part}. Made by ``python -m adamas.office.web.sentences.extract``: do not edit."""\n\n'
        "from __future__ import annotations\n\n"
        "from adamas.office.web.sentences.marking import gettext_noop\n\n"
        "# ruff: noqa: E501\n# fmt: off\n"
        f"TEMPLATES: tuple[str, ...] = (\n{lines})\n"
    )


def _quoted(text: str) -> str:
    """A Python text in double quotes, as the formatter of this project writes it."""
    plain = text.replace("\\", "\\\\").replace("\n", "\\n")
    return f"'{plain}'" if '"' in text and "'" not in text else '"' + plain.replace('"', '\\"') + '"'


def main() -> None:
    """Writes the generated modules."""
    for part in SOURCES:
        (HERE / f"said_by_{part}.py").write_text(module(part), encoding="utf-8")


if __name__ == "__main__":
    main()
