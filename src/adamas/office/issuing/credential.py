"""The certificate as a verifiable credential, saved from its page; what programs get by the API."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from adamas.errors import AdamasError
from adamas.office.credential import export, securing
from adamas.office.issuing.answers import download, me, told_no
from adamas.office.issuing.lists import issued_here
from adamas.office.people import audit
from adamas.office.people.access import needs
from adamas.office.web import site


@needs("issuing", "approving")
@require_GET
def credential(request: HttpRequest, number: str) -> HttpResponse:
    """Public content secured by COSE; with ``hidden`` an SD-JWT, whose holder shows firms and quantities at will."""
    issued_here(me(request), number)
    kind = securing.SD_JWT if request.GET.get("hidden") else securing.COSE
    try:
        data = export.export(site.office(), number, kind)
    except AdamasError as error:
        told_no(request, error)
        return redirect("issuing:certificate", number)
    audit.record(request, "credential.made", number, kind=kind)
    return download(data, f"{number}.{export.ENDING[kind]}", kind)
