"""Operations of the API by group. They hold no rules: the desks' actions do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from ninja import Router

from adamas.office.api import conf
from adamas.office.api.problems import Problem
from adamas.office.api.tokens import Needs

_View = TypeVar("_View", bound=Callable[..., Any])
_ALWAYS = (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)


def operation(
    router: Router,
    method: str,
    path: str,
    answer: Any,
    *,
    scope: str,
    roles: tuple[str, ...] = (),
    status: int = 200,
    file: str | tuple[str, ...] = "",
    also: tuple[int, ...] = (),
) -> Callable[[_View], _View]:
    """Declares an operation with its scope, its roles and every status that it may answer with.

    ``file`` is the media type (or several) of an answer that is no JSON, ``also`` further statuses of refusals.
    """
    answers = {status: answer, **dict.fromkeys((*_ALWAYS, *also), Problem)}
    extra: dict[str, Any] = {"x-scope": scope, "x-roles": list(roles or conf.ROLES_OF_SCOPE[scope])}
    if file:
        kinds = (file,) if isinstance(file, str) else file
        content = {kind: {"schema": {"type": "string", "contentMediaType": kind}} for kind in kinds}
        extra["responses"] = {status: {"description": "The file", "content": content}}

    def declare(view: _View) -> _View:
        name = getattr(view, "__name__", "")
        words = (view.__doc__ or "").strip()
        made: _View = router.api_operation(
            [method],
            path,
            auth=Needs(scope, *roles),
            response=answers,
            operation_id=name,
            summary=re.split(r"\.(?=\s|$)", words, maxsplit=1)[0],
            description=words,
            openapi_extra=extra,
        )(view)
        return made

    return declare
