"""Database tables of the certification desk, as numbered steps."""
