"""Addresses of the public door. `/v` and what belongs to it have plain names, all others are ``public:…``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from adamas.office.public import (
    check_views,
    credential_views,
    data_views,
    feeds,
    home_views,
    log_views,
    register_views,
    tiles_views,
    verify_views,
)

_pages = [
    path("", home_views.home, name="home"),
    path("status", home_views.status, name="status"),
    path("robots.txt", home_views.robots, name="robots"),
    path(".well-known/security.txt", home_views.security, name="security"),
    path(".well-known/did.json", credential_views.office, name="did"),
    path("authority/<str:code>/did.json", credential_views.authority, name="authority-did"),
    path("vc/context/v1", credential_views.context, name="vc-context"),
    path("vc/status/<str:name>", credential_views.status, name="vc-status"),
    path("log", log_views.log, name="log"),
    path("log/<int:log>/<int:index>", log_views.entry, name="entry"),
    path("log/<int:log>/<int:index>.cose", log_views.raw, name="raw"),
    path("log/<int:log>/<int:index>.proof", log_views.proof, name="proof"),
    path("log/tiles/<path:path>", tiles_views.tile, name="tile"),
    path("statement/<slug:identity>", log_views.statement, name="statement"),
    path("register", register_views.index, name="register"),
    path("register/<slug:code>", register_views.participant, name="participant"),
    path("findings", register_views.findings, name="findings"),
    path("forgeries", register_views.forgeries, name="forgeries"),
    path("data", data_views.index, name="data"),
    path("data/datapackage.json", data_views.package, name="package"),
    path("data/<slug:name>.csv", data_views.csv, name="csv"),
    path("data/<slug:name>.parquet", data_views.parquet, name="parquet"),
    path("feeds/<slug:name>.atom", feeds.feed, name="feed"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    *verify_views.urlpatterns,
    path("v/check", check_views.check, name="verify-check"),
    path("v/keys.json", check_views.keys, name="verify-keys"),
    path("v/status/<str:number>.json", check_views.status, name="verify-status"),
    path("", include((_pages, "public"))),
]
