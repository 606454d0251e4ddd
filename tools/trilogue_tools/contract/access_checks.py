"""Who is let in: nobody without credentials, and nobody to what belongs to another account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trilogue_tools.contract.lists import key_of
from trilogue_tools.drift.endpoints import Endpoint
from trilogue_tools.drift.findings import Finding
from trilogue_tools.drift.server import Server


def check_anonymous(endpoint: Endpoint, server: Server, values: Mapping[str, Any]) -> Iterator[Finding]:
    """Call an operation without credentials, which must not be granted unless it needs none."""
    security = endpoint.node.get("security", endpoint.description.document.get("security", ()))
    if not security or {} in security:
        return
    exchange = server.anonymous().send(endpoint, values)
    if exchange.is_granted:
        yield Finding(endpoint.name, exchange.status or 0, "credentials are not required", "")


def check_isolation(
    endpoint: Endpoint, other: Server, values: Mapping[str, Any], rows: Sequence[Any]
) -> Iterator[Finding]:
    """Call an operation with the inputs of one account as another one, which must not see what belongs to the first."""
    if "public" in endpoint.text or "anyone" in endpoint.text:
        return
    exchange = other.send(endpoint, values)
    if not exchange.is_granted:
        return
    if endpoint.page is None:
        if any(each.required and each.location != "header" for each in endpoint.inputs.values()):
            yield Finding(endpoint.name, exchange.status or 0, "another account's object is shown", "")
        return
    own = {key_of(row, endpoint.page) for row in rows}
    shown = {key_of(row, endpoint.page) for row in endpoint.page.rows(exchange.body)}
    if endpoint.page.primary_key and own & shown:
        yield Finding(endpoint.name, exchange.status or 0, "another account's rows are shown", "")
