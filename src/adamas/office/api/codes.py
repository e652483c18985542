"""Codes of problems that the door itself tells, with their status. Those of the desks stand in docs/errors.md."""

from __future__ import annotations

CODES: dict[str, tuple[int, str]] = {
    "api.unreadable": (400, "The body is no JSON, or no form."),
    "api.token": (401, "There is no token, it ran out or was ended, or its client has no access any more."),
    "api.scope": (403, "The token does not have the scope."),
    "api.role": (403, "The client has none of the roles that may do this."),
    "api.forbidden": (403, "The client may not do this."),
    "api.not-found": (404, "It does not exist, or it is not yours to see."),
    "api.method": (405, "This is not done at this address; Allow says what is."),
    "api.not-acceptable": (406, "A credential is not made in any of the media types that you accept."),
    "api.not-published": (409, "The statements are not published yet, so there is no proof."),
    "api.changed": (412, "If-Match names another state than that of now: read again."),
    "api.long": (413, "The body is longer than is taken."),
    "api.cut-off": (413, "The body was cut off on its way."),
    "api.invalid": (
        422,
        "Fields do not say what they should; errors lists each, with codes such as api.missing.",
    ),
    "api.value": (422, "A field does not say what it should."),
    "api.cursor": (422, "The cursor was not given out here."),
    "api.key": (422, "The Idempotency-Key is no text of 1 to 200 visible ASCII characters."),
    "api.key-reused": (422, "The Idempotency-Key came with another request before."),
    "webhook.address": (422, "The address of the webhook cannot be called."),
    "webhook.https": (422, "The address of the webhook does not begin with https://."),
    "webhook.port": (422, "The address of the webhook has another port than 443 and 8443."),
    "webhook.name": (422, "The name in the address of the webhook is not known."),
    "webhook.private": (422, "The name in the address of the webhook leads into a private network."),
    "webhook.events": (422, "The webhook has no event, or one that does not exist."),
    "webhook.many": (422, "The organisation has as many webhooks as are kept."),
    "api.too-many": (429, "The client or the address asks too often; Retry-After says how long to wait."),
    "api.fault": (500, "Something failed here. Nothing was half done."),
}
"""Code → status, and what it says."""
OF_PAGES = frozenset({"api.client-many", "api.client-role", "api.client-scope", "webhook.unreachable"})
"""Codes of the same rooms that no operation answers with: pages of administrators, and the list of deliveries."""
