"""A certificate for other ecosystems: a W3C Verifiable Credential 2.0 in the UNTP conformity profile.

An export made from the logged statement, never the source of truth (docs/formats/credential.md). Building, securing and
the status list are plain functions; ``export`` alone looks into the office.
"""
