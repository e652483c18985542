"""A typed client of the office's API, for programs in Python: no more than urllib3 and dataclasses.

with Client("https://office.example", "adamas-…", secret) as office:
    draft = office.apply(Application(to="AE", importer="…", origin=("BW",), parcels=(Parcel("710231", "1.00", "90"),)))
    office.submit(draft.id)
    for certificate in office.certificates():
        print(certificate.number, certificate.state)
"""

from __future__ import annotations

from adamas.client.calls import Client
from adamas.client.errors import ClientError, Refused, Unreachable
from adamas.client.types import (
    Application,
    ApplicationState,
    Batch,
    Certificate,
    Check,
    Decision,
    Declared,
    Found,
    Parcel,
    Reason,
    Row,
    Signed,
    Standing,
    Step,
)

__all__ = [
    "Application",
    "ApplicationState",
    "Batch",
    "Certificate",
    "Check",
    "Client",
    "ClientError",
    "Decision",
    "Declared",
    "Found",
    "Parcel",
    "Reason",
    "Refused",
    "Row",
    "Signed",
    "Standing",
    "Step",
    "Unreachable",
]
