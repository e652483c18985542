"""Django's settings. What differs between offices stands in office.toml; the rest is fixed here.

Under ADAMAS_HOME (``python -m django migrate --settings adamas.office.settings``) the default database is
that office's. The command line opens offices by :mod:`adamas.office.opening`, which gives each its own
database alias, since one process may hold several.
"""

from __future__ import annotations

import os
from typing import Any

from adamas.office import home

INSTALLED_APPS = [
    "adamas.office.log",
    "adamas.office.registry",
    "adamas.office.certification",
    "adamas.office.statistics",
]
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# No page, session or form exists yet, so nothing is signed with it; doors will bring their own.
SECRET_KEY = os.environ.get("ADAMAS_SECRET_KEY", "unused: this project has no pages yet")
DEBUG = False
DATABASES: dict[str, dict[str, Any]] = {
    "default": home.load().database
    if (home.find() / home.CONFIG_NAME).exists()
    else {"ENGINE": "django.db.backends.dummy"}
}
