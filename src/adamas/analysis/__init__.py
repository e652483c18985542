"""What the facts add up to: state by replay, verification, audit. Joins scheme and ledger; never the office."""
