"""Kinds and fields that several types share."""

from __future__ import annotations

from adamas.shapes import Field, digest32, text

HS = text(max=6, pattern="7102(10|21|31)")
NUMBER = text(max=12, pattern="[A-Z]{2}[0-9]{5,10}")
ROLE = text(max=40, pattern="[a-z0-9][a-z0-9._-]*")
SLUG = text(max=80, pattern="[A-Za-z0-9][A-Za-z0-9._/-]*")
NOTE = text(max=400)
WHO = text(max=120)
SOURCE = (
    Field("source", text(max=400), "where the fact was read", required=False),
    Field(
        "confidence",
        text(choices=("text", "recalled")),
        "text: its source was read; recalled: it was not",
        False,
    ),
    Field("note", NOTE, "a remark", required=False),
)
PRECISION = Field(
    "precision",
    text(choices=("day", "month", "year", "by")),
    "how much of the date counts; day if left out",
    False,
)

AUTHORITY = "an authority of a Participant (kp:XX/authority…, kp:XX/customs…)"
EXPORTING = "the exporting authority: kp:XX/authority…, XX being the number's code"
IMPORTING = "the importing authority: kp:YY/authority… or kp:YY/customs…, YY being the destination"
ROOTS = "a root of the registry (kp:registry/<pillar>), endorsed by others"
GROUP = "a root of the registry, or an observer's or authority's key on behalf of a working group"
CERTIFICATE = "the certificate's number"
OF = Field("certificate", digest32(), "the certificate.issued statement that is meant")
