"""Valid requests that schemathesis makes up from the description, reproducible by a seed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any
from urllib.parse import unquote

import schemathesis
from attrs import frozen
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from trilogue._drift.description import describe

from trilogue_tools.drift.endpoints import Endpoint
from trilogue_tools.drift.known import Known

_SLOWNESS = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
)
"""What hypothesis says of the schemas of a description; it is no reason to make up nothing."""


@frozen(eq=False)
class Cases:
    """Made-up inputs for the operations of a platform, with values that exist in the place of made-up identifiers."""

    platform: str
    known: Known
    seed: int

    @cached_property
    def _operations(self) -> Mapping[str, Any]:
        return _operations(self.platform)

    def inputs(self, endpoint: Endpoint, count: int) -> list[dict[str, Any]]:
        """Return inputs for an operation, at most `count` of them."""
        found: list[Case[Any]] = []

        @seed(self.seed)
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=_SLOWNESS,
        )
        @given(self._operations[endpoint.id].as_strategy(generation_mode=GenerationMode.POSITIVE))
        def collect(case: Case[Any]) -> None:
            found.append(case)

        collect()
        return [self._refer(endpoint, case, number) for number, case in enumerate(found[:count])]

    def _refer(self, endpoint: Endpoint, case: Case[Any], number: int) -> dict[str, Any]:
        """Return the inputs of a case; `number` chooses among the values that exist."""
        body = case.body if isinstance(case.body, dict) else {}
        path = {name: unquote(str(value)) for name, value in (case.path_parameters or {}).items()}
        given_values = {**path, **(case.query or {}), **body}
        page = endpoint.page
        return {
            name: self._value(endpoint, name, value, number)
            for name, value in given_values.items()
            if name in endpoint.inputs and (page is None or name != page.parameter)
        }

    def _value(self, endpoint: Endpoint, name: str, value: Any, number: int) -> Any:
        each = endpoint.inputs[name]
        if "enum" in each.schema:
            return value
        known = self.known.values(endpoint, each)
        return known[number % len(known)] if known else value


@cache
def _operations(platform: str) -> Mapping[str, Any]:
    schema = schemathesis.openapi.from_dict(dict(describe(platform).document))
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return {each.definition.raw["operationId"]: each for each in found}
