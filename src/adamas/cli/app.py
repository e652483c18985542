"""The program `adamas`: its words, and the one place where errors become sentences and exit codes."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
import typer.core
import typer.exceptions

from adamas import __version__
from adamas.cli import exits, output
from adamas.cli.session import Home, Json, PassphraseFile, session
from adamas.errors import AdamasError


class Program(typer.core.TyperGroup):
    """Typer's group, with our ends: no traceback ever, and exit code 64 for wrong usage (2 means "cannot
    tell").
    """

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        """Runs one command line and leaves the process by SystemExit with a code of exits.MEANINGS."""
        session.reset()
        words = list(sys.argv[1:] if args is None else args)
        session.words = [word for word in words if not word.startswith("-")]
        # Also when reading the options themselves fails, a program that asked for JSON gets JSON.
        session.json = "--json" in words
        extra["standalone_mode"] = False
        try:
            code = self._run(words, more, extra)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader (head, less) has gone; nothing to say, and Python must not complain while closing.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            code = exits.OK
        sys.exit(code)

    def _run(self, words: list[str], more: tuple[Any, ...], extra: dict[str, Any]) -> int:
        try:
            result = super().main(words, *more, **extra)
        except typer.exceptions.TyperException as error:
            return self._usage(error)
        except AdamasError as error:
            return output.fail(error)
        except (KeyboardInterrupt, typer.exceptions.Abort):
            result = exits.INTERRUPTED
        except BrokenPipeError:
            raise
        except OSError as error:
            return output.fail(_io_error(error))
        except MemoryError:
            return output.fail(_out_of_memory())
        except Exception as error:
            known = _foreign(error)
            return output.fail(known) if known is not None else output.crash(error)
        if result == exits.INTERRUPTED:
            output.complain("Stopped by Ctrl-C; nothing is half done.")
        return result if isinstance(result, int) else exits.OK

    def _usage(self, error: typer.exceptions.TyperException) -> int:
        context = getattr(error, "ctx", None)
        sentence = error.format_message()
        if "\n" in sentence and context is not None:
            # No word was given at all: the help is the answer.
            sys.stderr.write(sentence + "\n")
            return exits.USAGE
        path = context.command_path if context is not None else "adamas"
        return output.fail(
            exits.UsageError("usage", sentence.rstrip(".") + ".", advice=f"`{path} --help` shows the way.")
        )


def _io_error(error: OSError) -> AdamasError:
    reasons = {errno.ENOSPC: "The disk is full", errno.EROFS: "The disk is read-only"}
    reason = reasons.get(error.errno or 0, error.strerror or type(error).__name__)
    fault = AdamasError(
        "io",
        f"{reason}.",
        where=os.fsdecode(error.filename) if error.filename else None,
        advice="Nothing is half done.",
    )
    fault.exit_code = exits.IO
    return fault


def _out_of_memory() -> AdamasError:
    fault = AdamasError("io.memory", "There is not enough memory for this. Nothing is half done.")
    fault.exit_code = exits.IO
    return fault


def _foreign(error: Exception) -> AdamasError | None:
    """Errors of libraries that an officer can do something about; None for a fault of ours."""
    name = type(error).__name__
    module = type(error).__module__
    if isinstance(error, ModuleNotFoundError):
        return not_installed(error.name or "")
    if name == "OperationalError" and module.split(".")[0] in {"django", "sqlite3", "psycopg"}:
        busy = any(word in str(error) for word in ("locked", "timeout", "connect", "busy"))
        fault = AdamasError(
            "database",
            f"The database does not answer as it should: {error}."
            if not busy
            else "The database is busy or not there.",
            advice="Nothing is half done; try again, or ask `adamas doctor`.",
        )
        fault.exit_code = exits.TRY_LATER if busy else exits.IO
        return fault
    return None


EXTRAS = {
    "django": "office",
    "psycopg": "office",
    "psycopg_pool": "office",
    "obstore": "office",
    "yaml": "office",
    "python_calamine": "office",
    "keyring": "office",
    "typst": "office",
    "zxingcpp": "office",
    "pikepdf": "office",
    "pyhanko": "office",
    "pyhanko_certvalidator": "office",
    "asn1crypto": "office",
    "PIL": "office",
    "pkcs11": "pkcs11",
}


def not_installed(module: str) -> AdamasError | None:
    """The sentence for a library that the base install leaves out; None if it is none of those."""
    extra = EXTRAS.get(module.split(".", maxsplit=1)[0])
    if extra is None:
        return None
    return exits.NotInstalledError(
        "not-installed",
        f"This command needs a part that is not installed ({module.split('.', maxsplit=1)[0]}).",
        advice=f'Install it with: pip install "adamas[{extra}]"',
    )


app = typer.Typer(
    name="adamas",
    cls=Program,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(asked: bool) -> None:
    if asked:
        output.line(f"adamas {__version__}")
        raise typer.Exit


@app.callback()
def adamas(
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Kimberley Process certificates in a public log that governments, industry and civil society co-sign.

    Checking needs no account and no network: `adamas verify FILE`. To see a year of it: `adamas demo`.
    Exit codes: 0 valid or done, 1 not valid or refused, 2 cannot tell, 64 usage, 65 bad input, 70 a fault
    of ours, 74 disk or network, 75 try later, 130 Ctrl-C.
    """
