"""The mail server that letters go through, from the environment: ADAMAS_SMTP and ADAMAS_MAIL_FROM.

    ADAMAS_SMTP = "smtp://name:password@mail.example:587"      # STARTTLS, as most servers want it
                  "smtps://name:password@mail.example:465"     # TLS from the beginning
                  "smtp+plain://localhost:25"                  # neither: only on this computer

Without it no mail is sent, and pages show links to be handed over instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from adamas.office.errors import HomeError

VARIABLE = "ADAMAS_SMTP"
_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


@dataclass(frozen=True, slots=True)
class Server:
    """What Django wants to know of a mail server."""

    backend: str = "django.core.mail.backends.dummy.EmailBackend"
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False


def of(environment: Mapping[str, str]) -> Server:
    """The server that the environment names. Raises HomeError ``home.smtp``."""
    text = environment.get(VARIABLE, "").strip()
    if not text:
        return Server()
    try:
        url = urlsplit(text)
        port = url.port or _PORTS[url.scheme]
    except (ValueError, KeyError):
        url, port = urlsplit(""), 0
    if not url.hostname:
        raise HomeError(
            "home.smtp",
            "The mail server cannot be read.",
            where=VARIABLE,
            advice="Write it as smtp://name:password@mail.example:587, or smtps:// for TLS from the beginning.",
        )
    return Server(
        "django.core.mail.backends.smtp.EmailBackend",
        url.hostname,
        port,
        unquote(url.username or ""),
        unquote(url.password or ""),
        starttls=url.scheme == "smtp",
        tls=url.scheme == "smtps",
    )
