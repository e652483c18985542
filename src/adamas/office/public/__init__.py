"""The public door: verification, log, register, status, downloads, feeds."""
