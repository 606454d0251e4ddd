"""What is read one by one is what a list shows, and what does not exist is not found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trilogue_tools.contract.lists import GrantedList
from trilogue_tools.drift.endpoints import Endpoint
from trilogue_tools.drift.findings import Finding


def check_objects(found: GrantedList, endpoints: Mapping[str, Endpoint], tries: int) -> Iterator[Finding]:
    """Read rows of a list one by one, the first and the last, and compare them."""
    for endpoint in endpoints.values():
        name = _key_input(found, endpoint)
        if name is None:
            continue
        rows = [row for row in found.rows if isinstance(row, dict) and name[1] in row]
        for row in [*rows[:1], *rows[:0:-1]][:tries]:
            exchange = found.server.send(endpoint, {**found.values, name[0]: row[name[1]]})
            if exchange.is_granted:
                yield from _compare(endpoint, row, endpoint.result(exchange.body), name[1])
            else:
                problem = "a listed object is not found" if exchange.status == 404 else "a listed object cannot be read"
                yield Finding(endpoint.name, exchange.status or 0, problem, name[0])


def _key_input(found: GrantedList, endpoint: Endpoint) -> tuple[str, str] | None:
    """Return the input by which an operation reads a row of the list, and the property; None if it does not."""
    if not endpoint.reads or endpoint.page is not None or endpoint.method_names[0] != "get":
        return None
    if endpoint.resource != found.endpoint.resource or found.endpoint.method_names[0] != "list":
        return None
    wanted = [each.name for each in endpoint.inputs.values() if each.required and each.location != "header"]
    given = [name for name in wanted if name in found.values]
    left = [name for name in wanted if name not in given]
    key = found.page.primary_key or ("id",)
    return (left[0], key[0]) if len(left) == 1 and len(key) == 1 else None


def _compare(endpoint: Endpoint, row: Mapping[str, Any], shown: Any, key: str) -> Iterator[Finding]:
    if not isinstance(shown, dict) or key not in shown:
        return
    if shown[key] != row[key]:
        yield Finding(endpoint.name, 200, "another object is returned", key)
        return
    for name in row.keys() & shown.keys():
        if isinstance(row[name], (str, int, bool)) and "url" not in name.lower() and row[name] != shown[name]:
            yield Finding(endpoint.name, 200, "the list shows another value", name)
