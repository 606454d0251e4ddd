"""The rule about `reconcile` in `x-sdk`: that the look-up, and what it is narrowed and compared by, exist."""

from __future__ import annotations

from collections.abc import Iterator

from x_sdk import Reconcile, SdkMethod

from .description import Operation
from .methods import methods
from .rule import Faults, Rule
from .waits import item_of


def looks_for_effects_where_they_are_listed(operation: Operation) -> Faults:
    for method in methods(operation):
        if method.reconcile:
            where = f"{operation.name}.x-sdk.{method.name}.reconcile"
            yield from ((where, remedy) for remedy in _wrong_look(operation, method, method.reconcile))


def _wrong_look(operation: Operation, method: SdkMethod, reconcile: Reconcile) -> Iterator[str]:
    for name in reconcile.probe:
        if name not in operation.arguments:
            yield f"nothing named {name} is sent"
    if reconcile.probe:
        return
    found = _lookup(operation, method.resource, reconcile.method)
    row = found and item_of(*found)
    if not found or not row:
        yield f"{method.resource} has no method {reconcile.method} that lists objects"
        return
    shown = [reconcile.created] if reconcile.created else []
    shown += [path for paths in (*reconcile.match.values(), *reconcile.hints.values()) for path in paths]
    for name in (*shown, *reconcile.where):
        if operation.description.field(row, name) is None:
            yield f"the rows that are listed have no field {name}"
    for name in sorted(reconcile.by.keys() - found[0].arguments.keys()):
        yield f"{reconcile.method} has no argument {name}; use the name it has on the wire"
    sent = {path.split(".")[0] for path in reconcile.by.values()}
    for name in sorted((sent | {*reconcile.match, *reconcile.hints, *reconcile.unseen}) - operation.arguments.keys()):
        yield f"nothing named {name} is sent"


def _lookup(operation: Operation, resource: str, name: str) -> tuple[Operation, SdkMethod] | None:
    listed = ((other, method) for other in operation.description.operations for method in methods(other))
    return next(
        ((other, method) for other, method in listed if (method.resource, method.name) == (resource, name)), None
    )


def reconciles(operation: Operation) -> bool:
    return any(method.reconcile for method in methods(operation))


EFFECT_RULES = (Rule(looks_for_effects_where_they_are_listed, reconciles),)
