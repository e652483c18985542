"""`adamas mirror`: a whole copy of a published log, verified while it is made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adamas.cli import desk, exits, output
from adamas.cli.follow import key_text
from adamas.cli.session import Json
