"""Database tables of the registry desk, as numbered steps."""
