"""Database tables of the statistics desk, as numbered steps."""
