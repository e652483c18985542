"""Django's settings for the office with pages. What differs between offices stands in office.toml.

The command line uses :mod:`adamas.office.settings`, which knows only the tables of statements and views: it
starts faster, and works on the same database.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.conf.global_settings import PASSWORD_HASHERS
from django.utils.translation import gettext_lazy as _

from adamas.office import home
from adamas.office.api import conf as api
from adamas.office.settings import *  # noqa: F403
from adamas.office.settings import INSTALLED_APPS as SPINE
from adamas.office.web import secret, smtp

_HERE = Path(__file__).resolve().parent
_FOUND = (home.find() / home.CONFIG_NAME).exists()

INSTALLED_APPS = [
    *SPINE,
    "adamas.office.web",
    "adamas.office.people",
    "adamas.office.issuing",
    "adamas.office.arrival",
    "adamas.office.aftercare",
    "adamas.office.public",
    "adamas.office.api",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "oauth2_provider",
    "csp",
    "django_tasks",
    "django_tasks_db",
]
SPINE_APPS = frozenset(name.rpartition(".")[2] for name in SPINE)
DATABASE_ROUTERS = ["adamas.office.web.routing.Router"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "adamas.office.web.packing.Packed",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "adamas.office.web.middleware.Headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "adamas.office.web.middleware.Bounded",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "adamas.office.web.activity.Activity",
    "adamas.office.people.middleware.Acting",
    "adamas.office.web.middleware.Explained",
]
ROOT_URLCONF = "adamas.office.web.urls"
WSGI_APPLICATION = "adamas.office.web.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "adamas.office.web.context.everywhere",
            ],
            "builtins": ["adamas.office.web.templatetags.adamas"],
        },
    }
]

SECRET_KEY = os.environ.get("ADAMAS_SECRET_KEY") or secret.of(home.find() if _FOUND else None)
DEBUG = False
DEMO = os.environ.get("ADAMAS_DEMO") == "1"
"""Whether this is a demonstration: everything is labelled synthetic and its people sign in by one click."""
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *secret.hosts(home.find() if _FOUND else None)]
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("ADAMAS_BEHIND_PROXY") else None
)
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if os.environ.get("ADAMAS_BEHIND_PROXY") else 0
_TLS = any(host not in ("localhost", "127.0.0.1", "[::1]") for host in ALLOWED_HOSTS)

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [*PASSWORD_HASHERS, "adamas.office.api.secrets.ProgramSecret"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/people/"
ACCOUNT_ADAPTER = "adamas.office.people.adapter.ByInvitation"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation was sent to the address already
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_FORMS = {"reset_password": "adamas.office.people.forms.ResetForm"}
MFA_FORMS = {"add_webauthn": "adamas.office.people.forms.AddPasskeyForm"}
MFA_ADAPTER = "adamas.office.people.adapter.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False  # http://localhost is taken all the same
MFA_TOTP_ISSUER = "Adamas"
USERSESSIONS_TRACK_ACTIVITY = True
USERSESSIONS_ADAPTER = "adamas.office.people.signs.Sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _TLS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "adamas.office.web.views.expired"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _TLS else 0
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "web_cache",
        "OPTIONS": {
            "MAX_ENTRIES": 20_000
        },  # counters of limits are in it: with the usual 300 a crowd would push them out
    }
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
_SMTP = smtp.of(os.environ)
EMAIL_BACKEND = os.environ.get("ADAMAS_EMAIL_BACKEND") or _SMTP.backend
EMAIL_HOST, EMAIL_PORT = _SMTP.host, _SMTP.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _SMTP.user, _SMTP.password
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_TIMEOUT = _SMTP.starttls, _SMTP.tls, 30
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("ADAMAS_MAIL_FROM") or "adamas@localhost"

OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER: dict[str, Any] = api.OAUTH2

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("fr", _("French")),
    ("pt", _("Portuguese")),
    ("ru", _("Russian")),
    ("ar", _("Arabic")),
    ("zh-hans", _("Chinese")),
]
LOCALE_PATHS = [_HERE / "locale"]
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("ADAMAS_STATIC_ROOT") or None
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]
