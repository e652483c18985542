"""Adamas: certificate transparency for rough diamonds.

Four rooms: :mod:`adamas.scheme` (what the Kimberley Process is), :mod:`adamas.ledger` (how a fact becomes
undeniable), :mod:`adamas.office` (where people work) and :mod:`adamas.analysis` (what the facts add up to).
"""

__version__ = "0.1.0"
