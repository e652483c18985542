"""A door for the browser's tests: /v as the site serves it, with a key list and states read from a folder.

    python door.py PORT FOLDER

FOLDER holds ``keys.json`` and ``status/<NUMBER>.json``; every request is written to ``requests.jsonl`` there. No
office and no database: what is under test is the page.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

if __name__ == "__main__":
    os.environ["ADAMAS_HOME"] = tempfile.mkdtemp()
    os.environ["DJANGO_SETTINGS_MODULE"] = "adamas.office.web.settings"
    import django
    from django.conf import settings

    settings.ROOT_URLCONF = "__main__"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    engine = settings.TEMPLATES[0]["OPTIONS"]
    engine["context_processors"] = [one for one in engine["context_processors"] if "auth" not in one]
    django.setup()
    kept = ("security", "whitenoise", "csp", "Headers", "locale", "common", "csrf")
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if any(word in one for word in kept)]

    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import FileResponse, HttpRequest, HttpResponse
    from django.urls import path

    from adamas.office.public import verify_views

    folder = Path(sys.argv[2])

    def listed(request: HttpRequest, name: str) -> HttpResponse:
        place = folder / name
        if not place.is_file():
            return HttpResponse('{"v": 1, "state": "absent"}', status=404, content_type="application/json")
        answer = FileResponse(place.open("rb"), content_type="application/json")
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    def elsewhere(request: HttpRequest) -> HttpResponse:
        return HttpResponse("")

    urlpatterns = [
        *verify_views.urlpatterns,
        path("v/keys.json", lambda request: listed(request, "keys.json")),
        path("v/status/<str:name>", lambda request, name: listed(request, f"status/{name}")),
        path("v/check", elsewhere, name="verify-check"),
        path("account/login", elsewhere, name="account_login"),
        path("language", elsewhere, name="language"),
    ]

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Handler(WSGIRequestHandler):
        def log_request(self, code: object = "-", size: object = "-") -> None:
            line = {"method": self.command, "path": self.path, "headers": str(self.headers)}
            with (folder / "requests.jsonl").open("a") as out:
                out.write(json.dumps(line) + "\n")

    with make_server(
        "localhost", int(sys.argv[1]), StaticFilesHandler(WSGIHandler()), Server, Handler
    ) as server:
        server.serve_forever()
