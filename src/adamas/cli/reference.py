"""docs/cli.md, made from the program itself: `python -m adamas.cli.reference > docs/cli.md`. A test
compares.
"""

from __future__ import annotations

from typing import Any

import typer.main

from adamas.cli import exits

_HEAD = """# The command line

`adamas` has one word per job. This page is made from the program (`python -m adamas.cli.reference`), so it is
complete; a test compares the two.

- Facts go to standard output, remarks and errors to standard error. With `--json` standard output is one JSON
  document and nothing else, also when the command fails: then it is `{"error": {"code", "sentence", "where",
  "clause", "advice", "exit"}}`. Keys are stable; new ones may be added.
- Times are UTC, ISO 8601. Carats and dollars in JSON are integers of 0.01.
- An office lives in a folder: `--home DIR`, else `ADAMAS_HOME`, else the current folder.
- Its keys are sealed by a passphrase: `ADAMAS_PASSPHRASE`, else `--passphrase-file` (or `ADAMAS_PASSPHRASE_FILE`),
  else the operating system's keyring, else a question. It is never printed.
- `ADAMAS_CLOCK=2023-06-30T18:00:00Z` sets the clock of one call, for rehearsals and for entering a past year.
  Statements then *claim* that time, and a remark says so; witnesses, mirrors and other offices keep their clocks.
- Words with `--from FILE` read CSV, XLSX, JSON, JSON lines or YAML ([columns](scheme/columns.md)). Every error is told
  at once; one bad row keeps the whole file out, unless `--skip-bad` is given, which sets the bad rows aside in a file
  with reasons. The same file twice gives every statement once.
- Ctrl-C is always safe: what was acknowledged is on disk, and nothing else is.
- Completion: `adamas --install-completion`.
- `verify`, `mirror`, `audit` and `witness` are in the base install. The other words need `pip install
  "adamas[office]"` and say so.
"""


def markdown() -> str:
    """The whole page."""
    from adamas.cli.words import app

    root: Any = typer.main.get_command(app)
    parts = [_HEAD, "## Exit codes\n", "| code | meaning |", "|---|---|"]
    parts += [f"| {code} | {meaning} |" for code, meaning in exits.MEANINGS.items()]
    parts.append("")
    parts += ["## Options before any word\n", *_options(root)]
    for name in sorted(root.commands):
        parts += _command(f"adamas {name}", root.commands[name])
    return "\n".join(parts).rstrip() + "\n"


def _command(path: str, command: Any) -> list[str]:
    if command.hidden:
        return []
    parts = [f"## {path}\n" if path.count(" ") == 1 else f"### {path}\n", (command.help or "").strip(), ""]
    children = getattr(command, "commands", None)
    if children:
        for name in sorted(children):
            parts += _command(f"{path} {name}", children[name])
        return parts
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join([path, "[OPTIONS]", *(_usage(p) for p in arguments)])
    parts += [f"    {usage}", ""]
    if arguments:
        parts += [f"- `{(p.metavar or p.name).upper()}` {p.help or ''}".rstrip() for p in arguments] + [""]
    return parts + _options(command)


def _usage(parameter: Any) -> str:
    name = (parameter.metavar or parameter.name).upper()
    return (name if parameter.required else f"[{name}]") + ("..." if parameter.nargs == -1 else "")


def _options(command: Any) -> list[str]:
    rows = []
    for parameter in command.params:
        if parameter.param_type_name != "option" or parameter.hidden or "help" in parameter.name:
            continue
        names = ", ".join(f"`{n}`" for n in (*parameter.opts, *parameter.secondary_opts))
        rows.append(f"| {names} | {(parameter.help or '').replace('|', '/')} |")
    return ["| option | |", "|---|---|", *rows, ""] if rows else []


if __name__ == "__main__":
    print(markdown(), end="")
