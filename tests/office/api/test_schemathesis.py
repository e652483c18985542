"""Requests made up from the OpenAPI document, right and wrong ones: no 5xx, and no answer that it does not describe.

That rules refuse what a schema allows (another firm's number, an unlawful day) is their purpose, so it is not asked.
"""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from tests.office.api.conftest import program_of
from tests.office.arrival.test_arrival import ship
from tests.office.conftest import command

from adamas.office.certification import actions as certification

pytestmark = pytest.mark.slow
EXAMPLES = 12


MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


@pytest.mark.timeout(1500)
def test_every_operation(shared_site, monkeypatch) -> None:
    from adamas.office.api import limits
    from adamas.office.web.wsgi import application

    monkeypatch.setattr(limits.allow, "__defaults__", (10**9,))
    for serial in range(1, 4):
        ship(shared_site, serial)
    certification.issue(shared_site.office, [command(4)])
    authority = program_of("ae-authority", ("importing", "customs", "issuing")).token
    firm = program_of("okavango", ("exporter",)).token
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    wrong: dict[str, str] = {}
    tried = 0
    for found in described.get_all_operations():
        operation = found.ok()
        exporters = any(part in operation.path for part in ("/applications", "/sheets"))
        bearer = {"Authorization": f"Bearer {firm if exporters else authority}"}
        for mode in MODES:
            cases, said = _hold(
                operation, mode, {**bearer, "Host": "localhost", "Accept-Encoding": "identity"}
            )
            tried += cases
            if said:
                wrong[f"{operation.label} ({mode.value})"] = said
    assert not wrong, "\n\n".join(f"{name}\n{said[:1500]}" for name, said in wrong.items())
    assert tried > 300


def _hold(operation, mode, headers: dict[str, str]) -> tuple[int, str]:
    """How many requests were made, and what was wrong with an answer."""
    tried = [0]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def hold(case) -> None:
        tried[0] += 1
        answer = case.call(headers=headers)
        refused = [negative_data_rejection] if answer.status_code == 412 else []  # it asked for no more
        case.validate_response(answer, headers=headers, excluded_checks=[positive_data_acceptance, *refused])

    try:
        hold()
    except Unsatisfiable:  # nothing of this operation can be wrong
        pass
    except BaseException as error:
        return tried[0], f"{type(error).__name__} {error}"
    return tried[0], ""
