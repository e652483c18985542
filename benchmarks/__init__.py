"""Every speed that we claim, measured here beside what a user would pick instead. Run: ``make bench``."""
