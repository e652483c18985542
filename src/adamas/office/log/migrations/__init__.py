"""Database tables of the log desk, as numbered steps."""
