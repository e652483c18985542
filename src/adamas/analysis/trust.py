"""What a verifier trusts: one short text that fixes the registry, and if one likes the logs and the witnesses.

    { "format": "adamas-trust", "v": 1,
      "registry": "<52 letters: id of the registry's genesis>",
      "logs": ["<vkey>", …],        optional: only these keys may speak for their origins
      "policy": "<tlog-policy>" }   optional: these witnesses, whatever the registry's genesis says

The id is the hash of the registry's first entry, and that entry names the root keys of the three pillars, so 52
letters on paper are enough (docs/decisions/2026-11-25-trust-anchors.md). Codes: trust.missing trust.malformed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from adamas.analysis.errors import TrustError
from adamas.errors import AdamasError
from adamas.ledger.statement import parse_id, text_id

FORMAT = "adamas-trust"
MAX_SIZE = 1_000_000


@dataclass(frozen=True, slots=True)
class Trust:
    """``registry`` is the id of the registry's genesis (32 bytes); ``logs`` are vkeys; ``policy`` a tlog-policy."""

    registry: bytes
    logs: tuple[str, ...] = ()
    policy: str | None = None

    def to_json(self) -> str:
        """The text of a trust file."""
        document: dict[str, object] = {"format": FORMAT, "v": 1, "registry": text_id(self.registry)}
        if self.logs:
            document["logs"] = list(self.logs)
        if self.policy is not None:
            document["policy"] = self.policy
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"

    @property
    def fingerprint(self) -> str:
        """The registry's id in groups of four letters, as one reads it aloud."""
        return fingerprint(self.registry)


def fingerprint(registry: bytes) -> str:
    """A registry's id in groups of four letters."""
    text = text_id(registry)
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def parse(text: str | bytes) -> Trust:
    """Reads a trust file, or the bare id (blanks allowed). Raises TrustError ``trust.malformed``."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    try:
        if not text.lstrip().startswith("{"):
            return Trust(parse_id("".join(text.split())))
        document = json.loads(text)
        logs, policy = document.get("logs", []), document.get("policy")
        if document.get("format") != FORMAT or document.get("v") != 1:
            raise TrustError("trust.malformed", "The file is not an adamas-trust of edition 1.")
        if not isinstance(logs, list) or not all(isinstance(key, str) for key in logs):
            raise TrustError("trust.malformed", "“logs” is not a list of verifier keys.")
        if policy is not None and not isinstance(policy, str):
            raise TrustError("trust.malformed", "“policy” is not text.")
        return Trust(parse_id(document.get("registry")), tuple(logs), policy)
    except TrustError:
        raise
    except (AdamasError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise TrustError(
            "trust.malformed",
            "The trust file does not give the id of a registry.",
            advice="It is a JSON file with “format”, “v” and “registry”, or the 52 letters alone.",
        ) from error


def load(path: Path | str) -> Trust:
    """Reads a trust file. Raises TrustError."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_SIZE + 1)
    except OSError as error:
        raise TrustError(
            "trust.missing", f"The trust file cannot be read: {error.strerror}.", where=str(path)
        ) from None
    if len(data) > MAX_SIZE:
        raise TrustError("trust.malformed", "The file is too large for a trust file.", where=str(path))
    return parse(data)
