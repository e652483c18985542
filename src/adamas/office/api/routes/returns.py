"""Half-yearly production returns (Annex III(c)) that are known here; filing them is the statistics desk's."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query, Router

from adamas.office.api import schemas_desk as d
from adamas.office.api import shown
from adamas.office.api.routes import operation
from adamas.office.statistics.models import Return
from adamas.office.web import site
from adamas.scheme.values import format_hundredths

router = Router()
_LARGEST = 2**62


@operation(router, "GET", "/returns", d.ReturnList, scope="read")
def list_returns(
    request: HttpRequest,
    participant: str = Query("", max_length=2),
    period: str = Query("", max_length=10, description="Such as 2024-H1."),
    cursor: str = Query("", max_length=400),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """Production returns of all Participants in the order of the log."""
    found = Return.objects.using(site.office().alias).order_by("log", "idx")
    for name, value in (("country", participant.upper()), ("period", period)):
        if value:
            found = found.filter(**{name: value.replace("\0", "")})
    if cursor:
        log, idx = (max(min(part, _LARGEST), -1) for part in shown.place(cursor, (int, int)))
        found = found.filter(Q(log__gt=log) | Q(log=log, idx__gt=idx))
    return shown.page(list(found[: limit + 1]), limit, lambda one: shown.cursor(one.log, one.idx), _return)


def _return(one: Return) -> dict[str, Any]:
    return {
        "participant": one.country,
        "period": one.period,
        "kind": one.kind,
        "carats": format_hundredths(one.carats),
        "value": format_hundredths(one.value),
        "nil": bool(one.nil),
        "filed": one.filed or "",
        "issuer": one.issuer,
    }
