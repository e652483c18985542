"""The same certificate checked by somebody else's program: a shell script that needs nothing but OpenSSL.

The bundle is taken apart into plain files (what was signed, signatures, keys, the path of hashes), and the script
verifies the authority's signature, the log's, each witness's Ed25519 cosignature, and the inclusion of the statement.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

_HEAD = """#!/bin/sh
# Checks one certificate with OpenSSL (3.0 or newer) alone. Written by adamas demo; read it, it is short.
set -eu
cd "$(dirname "$0")"
signed() {
  printf '%-44s ' "$1"
  openssl pkeyutl -verify -pubin -inkey "$2" -rawin -in "$3" -sigfile "$4"
}
"""


def unpack(bundle_file: Path, folder: Path) -> Path:
    """Writes the parts of a bundle and the script; the script's path."""
    from adamas.ledger import bundle as bundles
    from adamas.ledger import note as notes
    from adamas.ledger import statement as statements
    from adamas.ledger.checkpoint import parse_body
    from adamas.ledger.cosignature import ed25519_message
    from adamas.ledger.policy import Policy

    folder.mkdir(parents=True, exist_ok=True)
    bundle = bundles.parse(bundle_file.read_bytes())
    log, entry = bundle.logs[0], bundle.entry
    st = statements.parse(entry.raw)
    parts = [statements.parse(one.raw) for one in log.entries]
    key = next(p.payload["key"] for p in parts if p.type == "key.enrolled" and p.payload["kid"] == st.kid)
    note = notes.parse(log.checkpoint)
    checkpoint = parse_body(note.text)
    lines = [_HEAD]

    def signed(name: str, public_key: bytes, message: bytes, signature: bytes) -> None:
        stem = name.replace(" ", "-")
        (folder / f"{stem}.pem").write_bytes(_pem(public_key))
        (folder / f"{stem}.signed").write_bytes(message)
        (folder / f"{stem}.signature").write_bytes(signature)
        lines.append(f'signed "{name}:" {stem}.pem {stem}.signed {stem}.signature\n')

    signed("authority", key, st.to_be_signed(), st.signature)
    log_key = notes.parse_key(log.vkey)
    by_log = next(s for s in note.signatures if (s.name, s.key_id) == (log_key.name, log_key.id))
    signed("log", log_key.public_key, note.text.encode(), by_log.signature)
    for witness in Policy.parse(bundle.policy).witnesses.values():
        found = witness.key.find(note)
        if found is not None and len(found.signature) == 64:
            message = ed25519_message(found.time, note.text)
            signed(witness.key.name.replace("/", " "), witness.key.key.public_key, message, found.signature)
    lines += _inclusion(folder, entry, checkpoint.size)
    script = folder / "check.sh"
    script.write_text("".join(lines), encoding="utf-8")
    script.chmod(0o755)
    return script


def _inclusion(folder: Path, entry: Any, size: int) -> list[str]:
    """The path of hashes as files, and the lines of the script that walk it (RFC 9162, section 2.1.3.2)."""
    (folder / "statement.cbor").write_bytes(entry.raw)
    (folder / "path.bin").write_bytes(b"".join(entry.path))
    lines = [
        "# The leaf is SHA-256(00, statement); each step is SHA-256(01, left, right).\n",
        'node=$(mktemp); next=$(mktemp); trap \'rm -f "$node" "$next"\' EXIT\n',
        'step() { dd if=path.bin bs=32 skip="$1" count=1 2>/dev/null; }\n',
        "{ printf '\\000'; cat statement.cbor; } | openssl dgst -sha256 -binary > \"$node\"\n",
    ]
    here, last = entry.index, size - 1
    for number in range(len(entry.path)):
        left = here & 1 or here == last
        pair = f'step {number}; cat "$node"' if left else f'cat "$node"; step {number}'
        lines.append(
            f'{{ printf \'\\001\'; {pair}; }} | openssl dgst -sha256 -binary > "$next"; cp "$next" "$node"\n'
        )
        if left:
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        here, last = here >> 1, last >> 1
    lines += [
        f"printf '%-44s ' 'statement is entry {entry.index} of {size}:'\n",
        'if [ "$(openssl base64 -A -in "$node")" = "$(sed -n 3p log.signed)" ]; then\n',
        "  echo 'Included Under The Signed Root'\nelse\n  echo 'NOT included'; exit 1\nfi\n",
    ]
    return lines


def _pem(public_key: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PublicKey.from_public_bytes(public_key)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def check(bundle_file: Path, folder: Path, fence: list[str]) -> dict[str, Any]:
    """Unpacks a bundle and runs the script without a network. ``ran`` is False where there is no OpenSSL 3."""
    script = unpack(bundle_file, folder)
    version = ""
    if shutil.which("openssl"):
        said = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=False).stdout
        version = said.partition("(")[0].strip()
    if not version.startswith("OpenSSL 3") and not version.startswith("OpenSSL 4"):
        return {
            "ran": False,
            "script": str(script),
            "program": version or "no OpenSSL here",
            "good": None,
            "text": "",
        }
    done = subprocess.run([*fence, "sh", str(script)], capture_output=True, text=True, check=False)
    return {
        "ran": True,
        "script": str(script),
        "program": version,
        "good": done.returncode == 0,
        "text": done.stdout + done.stderr,
    }
