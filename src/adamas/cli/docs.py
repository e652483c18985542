"""The pages that are made from the program: ``python -m adamas.cli.docs`` (``make docs``) writes them anew.

    docs/cli.md                       every word and option
    docs/errors.md                    every code that a refusal can have
    docs/formats/statements.cddl      every statement type in CDDL (RFC 8610), envelope included
    docs/formats/schemas/*.json       the same as JSON Schema, a file for each type
    docs/formats/statements.md        the same for reading
    docs/rulebook/*.md                every clause with what the code does about it, and every duty
    docs/scheme/*.md                  the life of a certificate, the admission rules, the columns of files

tests/formats/test_published.py compares them with the program, so that no page says what the code does not.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from adamas.analysis.catalogue import CATALOGUE
from adamas.cli import error_codes, reference
from adamas.scheme.coverage import clauses_markdown, duties_markdown
from adamas.scheme.lifecycle import lifecycle_markdown
from adamas.scheme.rows import columns_markdown
from adamas.scheme.rulebook import rules_markdown
from adamas.shapes import StatementType, cddl, json_schema

SCHEMAS = "formats/schemas"
MADE = "Made from the program by `make docs`: do not edit."


def pages() -> Iterator[tuple[str, str]]:
    """Path below docs/ and text of every page that is made from the program."""
    yield "cli.md", reference.markdown()
    yield "errors.md", error_codes.markdown()
    yield "formats/statements.cddl", cddl(CATALOGUE)
    yield "formats/statements.md", statements_markdown()
    for st_type in CATALOGUE:
        text = json.dumps(json_schema(st_type), indent=1, ensure_ascii=False)
        yield f"{SCHEMAS}/{st_type.name}.json", text + "\n"
    for name, title, made in (
        ("lifecycle.md", "The life of a certificate", lifecycle_markdown),
        ("rules.md", "Admission rules", rules_markdown),
        ("columns.md", "Columns of files", columns_markdown),
    ):
        head = "Generated from the code: `ADAMAS_WRITE_DOCS=1 pytest tests/scheme/test_catalogue.py` writes it anew."
        yield f"scheme/{name}", f"# {title}\n\n{head}\n\n{made()}"
    for name, title, made in (
        ("README.md", "The rulebook: every clause, and what the code does about it", clauses_markdown),
        ("duties.md", "Duties: what named parties must state, and by when", duties_markdown),
    ):
        yield f"rulebook/{name}", f"# {title}\n\n{MADE}\n\n{made()}"


def statements_markdown() -> str:
    """docs/formats/statements.md: every type with its fields, in the order of the desks."""
    parts = [
        f"# Statement types\n\n{MADE} `v`, `type`, `refs`, `hidden` and `sealed` belong to every type"
        " ([statement.md](statement.md)); fields that a type does not know are kept and ignored. The kinds are written"
        " as in [statements.cddl](statements.cddl); each type has a JSON Schema in [schemas/](schemas/).\n"
    ]
    desk = ""
    for st_type in CATALOGUE:
        if st_type.desk != desk:
            desk = st_type.desk
            parts.append(f"## {desk}\n")
        parts.append(_type(st_type))
    return "\n".join(parts)


def _type(st_type: StatementType) -> str:
    lines = [f"### {st_type.name}\n", f"{st_type.doc}\n"]
    lines += [f"- issuer (`iss`): {st_type.issuer}", f"- subject (`sub`): {st_type.subject}"]
    lines += [f"- sealed: {', '.join(f'`{name}`' for name in st_type.sealed)}"] if st_type.sealed else []
    lines += (
        [f"- hidden: {', '.join(f'`{one.name}` ({one.doc})' for one in st_type.hidden)}"]
        if st_type.hidden
        else []
    )
    for one in st_type.references():
        lines.append(f"- refers to `{one.name}`{'' if one.required else ' (optional)'}: {one.doc}")
    if st_type.fields:
        lines += ["", "| field | kind | | meaning |", "|---|---|---|---|"]
        for one in st_type.fields:
            kind = one.kind.cddl.replace("|", "\\|")
            lines.append(f"| `{one.name}` | `{kind}` | {'' if one.required else 'optional'} | {one.doc} |")
    return "\n".join((*lines, ""))


def write(folder: Path) -> list[str]:
    """Writes every page that differs, takes away schemas of types that are gone, and gives what was changed."""
    changed = []
    made = dict(pages())
    for path in (folder / SCHEMAS).glob("*.json"):
        if f"{SCHEMAS}/{path.name}" not in made:
            path.unlink()
            changed.append(f"{SCHEMAS}/{path.name}")
    for name, text in made.items():
        page = folder / name
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, encoding="utf-8")
            changed.append(name)
    return changed


def main() -> None:
    """Writes docs/ of the repository in which this file stands (or of the folder given)."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[3] / "docs"
    for name in write(folder):
        print(name)


if __name__ == "__main__":
    main()
