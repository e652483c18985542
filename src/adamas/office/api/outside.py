"""The way out to addresses that people typed: only to the public network, and to the very address that was judged.

A name is resolved once; if any of its addresses is private, loopback, link-local (metadata services are), or a public
form of such a one (IPv4 in IPv6, 6to4, Teredo, NAT64), nothing is sent. The connection goes to the address that was
judged, so that a name that changes its mind between two look-ups gains nothing. Redirects are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection

from adamas.office.api.errors import ApiError

SECONDS = 10.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_METADATA = frozenset(map(ipaddress.ip_address, ("168.63.129.16", "192.0.0.8")))
"""Public in form, and answered by a cloud's own machine."""
_PORTS = frozenset({443, 8443})
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes: the name for certificate and Host, and the address that was judged."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def target(url: str) -> Target:
    """Judges an address and resolves it. Raises ApiError ``webhook.*``."""
    scheme, host, port, path = _parts(url)
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _refused("webhook.name", f"The name {host} is not known.") from None
    addresses = list(dict.fromkeys(str(info[4][0]).partition("%")[0] for info in infos))
    if not addresses:
        raise _refused("webhook.name", f"The name {host} has no address.")
    for text in addresses:
        if not _allowed(ipaddress.ip_address(text)):
            raise _refused(
                "webhook.private", f"The name {host} leads into a private network; nothing is sent there."
            )
    if scheme == "http" and not all(ipaddress.ip_address(text).is_loopback for text in addresses):
        raise _refused("webhook.https", "The address must begin with https://.")
    return Target(scheme, host, port, path, addresses[0])


def send(to: Target, body: bytes, headers: dict[str, str]) -> int:
    """Posts to the judged address and gives the HTTP status; the answer's body is not read.

    All of it has ``SECONDS``: a receiver that answers a letter at a time is cut off. Raises ApiError
    ``webhook.unreachable``.
    """
    connection: HTTPConnection
    if to.scheme == "https":
        connection = HTTPSConnection(
            to.address, to.port, timeout=SECONDS, server_hostname=to.host, assert_hostname=to.host
        )
    else:
        connection = HTTPConnection(to.address, to.port, timeout=SECONDS)
    named = to.host if to.port in (80, 443) else f"{to.host}:{to.port}"

    def cut() -> None:
        if connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    limit = threading.Timer(SECONDS, cut)
    limit.start()
    try:
        connection.request(
            "POST", to.path, body=body, headers={**headers, "Host": named}, preload_content=False
        )
        return int(connection.getresponse().status)
    except (urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
        raise _refused("webhook.unreachable", f"{type(error).__name__}: no answer.") from None
    finally:
        limit.cancel()
        connection.close()


def _parts(url: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused("webhook.address", "This is not an address.") from None
    if any(ord(letter) <= 32 or ord(letter) > 126 for letter in url) or "\\" in url or not host:
        raise _refused("webhook.address", "This is not an address that can be called.")
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.DEMO):
        raise _refused("webhook.https", "The address must begin with https://.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused("webhook.address", "The address must hold no name, password or fragment.")
    if port is None:
        port = 443 if parts.scheme == "https" else 80
    if port not in _PORTS and not settings.DEMO:
        raise _refused("webhook.port", "Only the ports 443 and 8443 are called.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port, path


def _allowed(address: _Address) -> bool:
    if settings.DEMO and address.is_loopback:
        return True
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _allowed(inner) and address.ipv4_mapped is None
    if address in _METADATA or (isinstance(address, ipaddress.IPv6Address) and address.is_site_local):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _refused(code: str, sentence: str) -> ApiError:
    return ApiError(code, sentence, where="url")
