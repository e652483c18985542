"""The statistics desk: production and trade returns as they were filed, or transcribed."""
