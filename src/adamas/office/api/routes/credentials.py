"""A certificate as a verifiable credential, for wallets and for systems that speak UNTP."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from adamas.office.api import visible
from adamas.office.api.errors import ApiError
from adamas.office.api.routes import operation
from adamas.office.api.tokens import me
from adamas.office.credential import export
from adamas.office.issuing.answers import download
from adamas.office.people import audit
from adamas.office.web import site

router = Router()


@operation(router, "GET", "/certificates/{number}/vc", None, scope="read", file=export.KINDS, also=(406,))
def get_credential(request: HttpRequest, number: str) -> HttpResponse:
    """The certificate as a W3C Verifiable Credential 2.0 in the UNTP conformity profile.

    `Accept` chooses: secured by COSE (vc+cose, also where nothing is asked for) or JOSE (vc+jwt), or not secured (vc);
    these hold public content only. In vc+sd-jwt firms, carats, value and seals can be shown one by one. 404 for those
    that another authority issued, 409 while it is not published or where the certificate does not count any more.
    """
    who = me(request)
    visible.record(who, number)
    kind = request.get_preferred_type(list(export.KINDS))
    if kind is None:
        raise _not_acceptable()
    made = export.export(site.office(), number, kind)
    audit.record(who, "credential.made", number, kind=kind)
    answer = download(made, f"{number}.{export.ENDING[kind]}", kind)
    answer["Vary"] = "Accept"
    return answer


def _not_acceptable() -> ApiError:
    error = ApiError(
        "api.not-acceptable",
        "A credential is not to be had in any of the media types that you accept.",
        where="Accept",
        clause="RFC 9110, section 12.5.1",
        advice=f"Accept one of {', '.join(export.KINDS)}.",
    )
    error.status = 406
    return error
