"""Scopes of the API and the settings of its OAuth 2 door. No Django here: the settings module imports it."""

from __future__ import annotations

from typing import Any

SCOPES: dict[str, str] = {
    "read": "Look at certificates, applications, arrivals, logs and the register.",
    "apply": "Make, submit and withdraw applications for certificates.",
    "review": "Take applications into review, ask and refuse.",
    "issue": "Prepare certificates, and sign what two persons confirmed.",
    "stock": "Keep the account of blank forms, and set numbers aside.",
    "notify": "Send dispatch notices, and keep the addresses they go to.",
    "validate": "Validate shipments for export, and record that they left.",
    "arrive": "Record what was found in a shipment, and decide on it.",
    "amend": "Correct, replace, revoke certificates, and report forgeries.",
    "webhooks": "Enter addresses that are told what happens, change their secrets, end them.",
}
"""Scope → what it allows, in one sentence."""
ROLES_OF_SCOPE: dict[str, tuple[str, ...]] = {
    "read": ("exporter", "issuing", "importing", "customs", "auditor"),
    "apply": ("exporter",),
    "review": ("issuing",),
    "issue": ("issuing",),
    "stock": ("issuing",),
    "notify": ("issuing",),
    "validate": ("customs", "issuing"),
    "arrive": ("importing", "customs"),
    "amend": ("issuing", "importing", "customs"),
    "webhooks": ("exporter", "issuing", "importing", "customs", "auditor"),
}
"""Scope → roles in which it may be used. Approving is no role of a program: persons do that at the desk."""
TOKEN_SECONDS = 900
"""A token counts for a quarter of an hour; a program gets the next by its secret."""
OAUTH2: dict[str, Any] = {
    "SCOPES_BACKEND_CLASS": "adamas.office.api.scopes.ScopesOfClient",
    "ACCESS_TOKEN_EXPIRE_SECONDS": TOKEN_SECONDS,
    "REFRESH_TOKEN_EXPIRE_SECONDS": TOKEN_SECONDS,
    "CLIENT_SECRET_HASHER": "pbkdf2_sha256_program",
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "OAUTH2_VALIDATOR_CLASS": "adamas.office.api.validator.Programs",
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,  # only SHA-256 of a token is kept
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
}
"""Client credentials only: no page of the office lets a person give a program a token."""
