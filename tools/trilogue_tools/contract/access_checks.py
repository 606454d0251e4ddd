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
    if not endpoint.security or {} in endpoint.node.get("security", ()):
        return
    exchange = server.anonymous().send(endpoint, values)
    if exchange.is_granted:
        yield Finding(endpoint.name, exchange.status or 0, "credentials are not required", "")


def check_schemes(endpoint: Endpoint, server: Server, values: Mapping[str, Any]) -> Iterator[Finding]:
    """Call an operation with credentials that only operations with another security scheme take."""
    for name in endpoint.other_schemes:
        if server.with_scheme(name).send(endpoint, values).is_granted:
            yield Finding(endpoint.name, 200, "credentials of another scheme are accepted", name)


def check_limited(endpoint: Endpoint, caller: Server, values: Mapping[str, Any], header: str) -> Iterator[Finding]:
    """Call an operation as an account that may only call those with a header, such as the key of a bot."""
    if header not in endpoint.inputs:
        yield from check_refused(endpoint, caller, values)


def check_refused(endpoint: Endpoint, caller: Server, values: Mapping[str, Any]) -> Iterator[Finding]:
    """Call an operation with credentials that must not be accepted."""
    if caller.send(endpoint, values).is_granted:
        yield Finding(endpoint.name, 200, "refused credentials are accepted", "")


def check_isolation(
    endpoint: Endpoint, other: Server, values: Mapping[str, Any], rows: Sequence[Any], private: set[str]
) -> Iterator[Finding]:
    """Call an operation with the inputs of one account as another one, which must not see what belongs to the first.

    What takes the context of the first account, such as the id of its bot, must not be granted at all.
    `private` are the resources whose lists show nothing in common; only their objects are asked for one by one.
    """
    exchange = other.send(endpoint, values)
    context = [name for name in other.context if name in endpoint.inputs and endpoint.inputs[name].required]
    if exchange.is_granted and context:
        yield Finding(endpoint.name, exchange.status or 0, "another account's context is accepted", context[0])
        return
    if endpoint.page is None:
        if exchange.is_granted and endpoint.resource in private and endpoint.method_names[0] == "get":
            yield Finding(endpoint.name, exchange.status or 0, "another account's object is shown", "")
        return
    shown = {key_of(row, endpoint.page) for row in endpoint.page.rows(exchange.body)} if exchange.is_granted else set()
    own = {key_of(row, endpoint.page) for row in rows}
    if not own & shown:
        private.update({endpoint.resource} if own else ())
    elif _is_of_one_account(endpoint):
        yield Finding(endpoint.name, exchange.status or 0, "another account's rows are shown", "")


def _is_of_one_account(endpoint: Endpoint) -> bool:
    """Whether the rows of a list have identifiers of their own, and are not there for everybody."""
    properties = endpoint.row_schema.get("properties", {})
    is_public = any(word in endpoint.text for word in ("public", "anyone", "anybody", "install"))
    return not is_public and ("uuid" in properties or "id" in properties)
