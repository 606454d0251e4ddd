"""The rules about `wait`, `download` and `lookup` in `x-sdk`: that the fields, arguments and states they name exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from x_sdk import SdkMethod, Wait

from .description import Operation
from .methods import methods
from .rule import Faults, Rule
from .walking import Json


def waits_for_states_that_there_are(operation: Operation) -> Faults:
    for method in methods(operation)[:1]:
        if method.wait:
            where = f"{operation.name}.x-sdk.wait"
            yield from ((where, remedy) for remedy in _wrong_wait(operation, method, method.wait))


def _wrong_wait(operation: Operation, method: SdkMethod, wait: Wait) -> Iterator[str]:
    item = item_of(operation, method)
    if item is None:
        yield "the response has no object to wait for"
        return
    for name in (*wait.keys, wait.state, *wait.pending_while.values()):
        if operation.description.field(item, name) is None:
            yield f"what is waited for has no field {name}"
    for argument in wait.keys.values():
        if argument is not None and argument not in operation.arguments:
            yield f"there is no argument {argument}; use the name it has on the wire"
    state = operation.description.field(item, wait.state)
    known: list[Any] = operation.description.target(state).get("enum", []) if state is not None else []
    for name in (*wait.success, *wait.failure, *wait.pending_while):
        if known and name not in known:
            yield f"{wait.state} is never {name}"


def downloads_and_looks_up_fields_that_there_are(operation: Operation) -> Faults:
    for method in methods(operation)[:1]:
        download, lookup = method.download, method.lookup
        named = [download.url, download.size, download.digest] if download else []
        named += [lookup.by, lookup.value] if lookup else []
        item = item_of(operation, method)
        for name in filter(None, named):
            if item is None or operation.description.field(item, name) is None:
                yield f"{operation.name}.x-sdk", f"what is downloaded or looked up has no field {name}"
        if lookup and not method.page:
            yield f"{operation.name}.x-sdk.lookup", "only a list can be looked through"


def item_of(operation: Operation, method: SdkMethod) -> Json | None:
    """Return the schema of what is looked up: the response or a field of it, or the rows of either."""
    description = operation.description
    path = method.page.items if method.page else method.unwrap
    found = [description.field(result, path) if path else result for result in operation.results[:1]]
    if not found or found[0] is None:
        return None
    whole = description.target(found[0])
    rows: Json = whole.get("items", whole)
    return rows


def waits(operation: Operation) -> bool:
    return "wait" in operation.sdk


def downloads_or_looks_up(operation: Operation) -> bool:
    return bool(operation.sdk.keys() & {"download", "lookup"})


WAIT_RULES = (
    Rule(waits_for_states_that_there_are, waits),
    Rule(downloads_and_looks_up_fields_that_there_are, downloads_or_looks_up),
)
