"""The statement types of the ledger itself: who runs a log, and the life of keys and witnesses
(docs/formats).
"""

from __future__ import annotations

from adamas.shapes import (
    Catalogue,
    Field,
    StatementType,
    digest32,
    list_of,
    octets,
    record_of,
    text,
    timestamp,
    uint,
)

PURPOSES = ("statement", "log", "recovery")
MAX_ROOTS = 40
_HOLDER = text(max=120)
_KID = "the key's short name (kid) in hexadecimal, 16 characters"
_KEY_ACT = (
    "the registry (a root, endorsed by others), or the holder with an earlier valid key or its recovery key"
)

LEDGER_TYPES = Catalogue(
    (
        StatementType(
            "log.genesis",
            "ledger",
            "The first entry of a log: who runs it, the registry's roots, how many of them must agree, and the "
            "witness policy. It refers to the registry's own genesis, unless it is that.",
            issuer="the first root, or the operator with the key given here",
            subject="the log's origin line",
            fields=(
                Field("operator", _HOLDER, "holder who runs the log"),
                Field(
                    "roots",
                    list_of(
                        record_of(
                            Field("key", digest32(), "Ed25519 public key"),
                            Field("pillar", text(max=40), "government, industry or civil"),
                            Field("holder", _HOLDER, "who signs with it: kp:registry/<pillar>"),
                        ),
                        min=1,
                        max=MAX_ROOTS,
                    ),
                    "root keys of the registry, one a holder",
                ),
                Field("threshold", uint(max=MAX_ROOTS), "how many roots an act of the registry needs"),
                Field("policy", text(max=20_000), "witness policy in C2SP tlog-policy form", required=False),
                Field(
                    "key",
                    digest32(),
                    "key of an operator who is no root; good for this statement alone",
                    False,
                ),
            ),
            refs=(Field("registry", digest32(), "genesis of the registry's log", required=False),),
        ),
        StatementType(
            "key.enrolled",
            "ledger",
            "A key speaks for a holder from this place in the log on.",
            issuer=_KEY_ACT,
            subject=_KID,
            fields=(
                Field("key", digest32(), "Ed25519 public key"),
                Field("kid", octets(min=8, max=8), "first 8 bytes of SHA-256(key)"),
                Field("holder", _HOLDER, "who speaks with it"),
                Field("purpose", text(choices=PURPOSES), "what it may sign"),
            ),
        ),
        StatementType(
            "key.retired",
            "ledger",
            "A key signs no more from this place in the log on; what it signed stands.",
            issuer=_KEY_ACT,
            subject=_KID,
            fields=(Field("kid", octets(min=8, max=8), "the key", required=False),),
        ),
        StatementType(
            "key.compromised",
            "ledger",
            "Somebody else may have the key, since the time given. What was witnessed by then stands.",
            issuer=_KEY_ACT,
            subject=_KID,
            fields=(
                Field("since", timestamp(), "when it may have been lost"),
                Field("kid", octets(min=8, max=8), "the key", required=False),
                Field("note", text(max=400), "what is known", required=False),
            ),
        ),
        StatementType(
            "act.endorsed",
            "ledger",
            "A root agrees to an act of the registry, which takes effect where the last one needed is logged.",
            issuer="another root of the registry (kp:registry/<pillar>)",
            subject="the id of the act, as text",
            fields=(),
            refs=(Field("act", digest32(), "the act"),),
        ),
        StatementType(
            "witness.enrolled",
            "ledger",
            "A witness cosigns checkpoints for a pillar.",
            issuer="the registry (a root, endorsed by others)",
            subject="the witness's name",
            fields=(
                Field("pillar", text(max=40), "government, industry or civil"),
                Field("holder", _HOLDER, "who runs it"),
                Field("vkeys", list_of(text(max=4000), min=1, max=4), "verifier keys (C2SP signed-note)"),
                Field("url", text(max=400), "submission prefix (C2SP tlog-witness)", required=False),
            ),
        ),
    )
)
"""The statement types that :mod:`adamas.ledger.keyhistory` and the log itself know."""
