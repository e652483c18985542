"""`python -m adamas.cli` is `adamas`."""

from adamas.cli import main

main()
