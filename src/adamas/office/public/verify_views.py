"""`/v`: the page on which anyone checks a certificate, in the browser; its files, and its service worker.

Nothing is verified here. The page has a policy of its own: WebAssembly for reading codes, the camera, a worker.
"""

from __future__ import annotations

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import NoReverseMatch, path, reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from adamas.office.people.access import public
from adamas.office.public import verify_files

_SITE_FILES = ("adamas/adamas.css", "adamas/icon.svg")
_PAGE_POLICY = {
    "script-src": ["'self'", "'wasm-unsafe-eval'"],
    "worker-src": ["'self'"],
    "img-src": ["'self'", "blob:"],
    "media-src": ["'self'", "blob:"],
}
# A worker has the policy of its own file, not that of the page. A header that is set is left alone.
_WORKER_POLICY = "default-src 'none'; connect-src 'self'"
_FILE_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"


@public
@require_safe
@csp_replace(_PAGE_POLICY)
def page(request: HttpRequest) -> HttpResponse:
    """The page. The form is sent to the server only by a browser without script."""
    try:
        fallback = reverse("verify-check")
    except NoReverseMatch:
        fallback = request.path
    context = {
        "modules": verify_files.modules(),
        "page_module": verify_files.address("page.js"),
        "style": verify_files.address("verify.css"),
        "fallback": fallback,
    }
    answer = render(request, "public/verify.html", context)
    answer.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=(), payment=()"
    return answer


@public
@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, allowed to answer for `/v` and what is below it."""
    text = verify_files.worker([static(name) for name in _SITE_FILES])
    answer = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    answer.headers["Service-Worker-Allowed"] = "/v"
    answer.headers["Content-Security-Policy"] = _WORKER_POLICY
    return answer


@public
@require_safe
def file(request: HttpRequest, version: str, name: str) -> HttpResponse:
    """One of the page's files. Of a version that is no more the present one is given, and not kept."""
    found = verify_files.files().get(name)
    if found is None:
        raise Http404
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    answer = HttpResponse(found.packed if packed else found.plain, content_type=found.type)
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    fresh = version == verify_files.version()
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fresh else "no-cache"
    answer.headers["Content-Security-Policy"] = _FILE_POLICY
    return answer


urlpatterns = [
    path("v", page, name="verify"),
    path("v/sw.js", worker, name="verify-worker"),
    path("v/app/<slug:version>/<path:name>", file, name="verify-file"),
]
