"""Where sentences are that a reader of pages meets, and which texts there are none."""

from __future__ import annotations

SOURCES: dict[str, tuple[str, ...]] = {
    "scheme": (
        "scheme/admission/*.py",
        "scheme/arrival.py",
        "scheme/certificates.py",
        "scheme/errors.py",
        "scheme/participants.py",
        "scheme/returns.py",
        "scheme/rows.py",
        "scheme/values.py",
    ),
    "proofs": (
        "ledger/bundle.py",
        "ledger/hidden.py",
        "ledger/keyhistory.py",
        "analysis/evidence.py",
        "analysis/state.py",
        "analysis/verification.py",
        "analysis/verify.py",
    ),
    "desks": (
        "office/aftercare/*.py",
        "office/arrival/*.py",
        "office/batch.py",
        "office/certification/*.py",
        "office/errors.py",
        "office/log/fold.py",
        "office/people/[!a]*.py",
        "office/people/a[!p]*.py",
        "office/people/approval.py",
        "office/issuing/[!n]*.py",
        "office/issuing/numbers.py",
    ),
    "doors": (
        "office/api/clients.py",
        "office/api/conf.py",
        "office/api/door.py",
        "office/api/errors.py",
        "office/api/outside.py",
        "office/api/problems.py",
        "office/api/routes/*.py",
        "office/api/shown.py",
        "office/api/tokens.py",
        "office/api/views.py",
        "office/api/webhooks.py",
        "office/document/attached.py",
        "office/document/certificate.py",
        "office/document/qr.py",
        "office/intake.py",
        "office/public/[!f]*.py",
        "office/serving/faults.py",
        "office/web/*.py",
    ),
}
"""Part → the modules whose sentences pages and programs are told, below the package."""

OWN = {"gettext", "gettext_lazy", "gettext_noop", "pgettext", "pgettext_lazy", "ngettext", "_"}
LEFT_OUT: dict[str, frozenset[str]] = {
    "ledger/bundle.py": frozenset(
        {"_decode", "_body", "_log", "_keys", "receipt_of", "tlog_proof_of", "_chosen"}
    ),
    "ledger/keyhistory.py": frozenset({"_begin", "_act", "_endorse", "_change", "_enrol"}),
    "analysis/verification.py": frozenset({"sentences", "_witnessed", "_result"}),
    "office/intake.py": frozenset({"_json_lines", "_json", "_whole", "_yaml", "_plain", "_listed"}),
    "office/public/datasets.py": frozenset({"description"}),
    "office/public/parquet.py": frozenset({"_convert"}),
    "office/arrival/chasing.py": frozenset({"mail"}),
}
"""Functions that speak on the command line, in letters or of files that no page takes, not to a reader of pages."""
NO_PAGE = frozenset({"office/people/house.py", "office/web/smtp.py"})
"""Modules that only the command line asks."""
DESCRIBED = {"Column": slice(2, 3), "_column": slice(1, 2), "Dataset": slice(1, 4)}
"""Calls → their arguments that say what a column or a table holds."""
SHOWN = {"HS_CODES"}
"""Tables whose texts are shown beside their codes."""
SILENT = {"record", "warning", "error", "info", "exception", "debug", "execute", "write_text", "setdefault"}
"""Calls whose texts are for the log of the program, for the database or for nobody."""
