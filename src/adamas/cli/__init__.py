"""The command line: one word per job, no rule of its own. Every word asks a room and prints what it answers.

One file per word or small family; words.py joins them and app.py turns errors into sentences and exit codes
(exits.py).
"""

from __future__ import annotations


def main() -> None:
    """The program `adamas`."""
    import os
    import sys

    try:
        from adamas.cli.words import everything, first, join

        word = None if "_ADAMAS_COMPLETE" in os.environ else first(sys.argv[1:])
        program = everything() if word is None else join([word])
        program(prog_name="adamas")
    except KeyboardInterrupt:  # pressed while the program was still loading: nothing was begun
        sys.stderr.write("adamas: Stopped by Ctrl-C; nothing is half done.\n")
        sys.exit(130)
