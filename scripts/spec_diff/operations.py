"""Operations compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from .closures import is_unchanged
from .contents import compare_bodies, compare_responses
from .directions import REQUEST, RESPONSE
from .documents import METHODS, Node, pairs
from .findings import Finding, Findings, Level
from .operation import Key, Operation
from .parameters import compare_parameters
from .security import compare_requirements
from .vendor import compare_sdk


def operations_of(paths: Node) -> dict[Key, Operation]:
    """Return the operations by method and path, the names of path parameters left out."""
    return {
        (method, re.sub(r"\{[^{}]*\}", "{}", path)): Operation(method, path, item.child(method), item)
        for path, item in paths.children()
        for method in METHODS
        if method in item
    }


def compare_operations(old: Node, new: Node, noun: str = "operation") -> Findings:
    """Yield what differs between the operations of two `paths`, or of two `webhooks`."""
    before, after = operations_of(old), operations_of(new)
    moved = _moved(before, after)
    for key, operation in before.items():
        successor = after.get(key) or moved.get(key)
        if successor is None:
            yield _gone(operation, noun)
            continue
        if key in moved:
            words = f"{operation.label} moved to {successor.method.upper()} {successor.path}"
            yield Finding(Level.BREAKING, f"{noun}-moved", operation.node.pointer, words, operation.python)
        if not _is_unchanged(operation, successor):
            yield from _compare(operation, successor, noun)
    arrived = {(each.method, each.path) for each in moved.values()}
    for key, added in after.items():
        if key not in before and (added.method, added.path) not in arrived:
            yield Finding(Level.COMPATIBLE, f"{noun}-added", added.node.pointer, f"{added.label} is new", added.python)


def _moved(before: Mapping[Key, Operation], after: Mapping[Key, Operation]) -> dict[Key, Operation]:
    """Return where operations went that are no longer where they were, by their operationId."""
    arrived = {each.node.get("operationId"): each for key, each in after.items() if key not in before}
    arrived.pop(None, None)
    left = {key: each.node.get("operationId") for key, each in before.items() if key not in after}
    return {key: arrived[operation_id] for key, operation_id in left.items() if operation_id in arrived}


def _is_unchanged(old: Operation, new: Operation) -> bool:
    """Whether an operation, what it refers to and what it has from the whole document are the same."""
    top = (Node.of({key: each.node.document.get(key) for key in ("security", "servers")}) for each in (old, new))
    return old.path == new.path and is_unchanged(*top) and is_unchanged(old.item, new.item)


def _gone(old: Operation, noun: str) -> Finding:
    level = Level.RISKY if old.node.get("deprecated") and _is_past(old.node.get("x-sunset")) else Level.BREAKING
    return Finding(level, f"{noun}-removed", old.node.pointer, f"{old.label} is gone", old.python)


def _is_past(sunset: Any) -> bool:
    try:
        return date.fromisoformat(str(sunset)[:10]) <= datetime.now(UTC).date()
    except ValueError:
        return False


def _compare(old: Operation, new: Operation, noun: str) -> Findings:
    sent, received = (RESPONSE, REQUEST) if noun == "webhook" else (REQUEST, RESPONSE)
    yield from _facts(old, new)
    yield from compare_parameters(old, new, sent)
    yield from compare_bodies(old, new, sent)
    yield from compare_responses(old, new, received)
    yield from compare_requirements(old.node, new.node, new.label, new.python)
    yield from compare_sdk(old.node, new.node, new.label)
    for name, callbacks in pairs(old.node.child("callbacks"), new.node.child("callbacks")):
        before, after = callbacks
        if not after:
            yield new.found(Level.BREAKING, "callback-removed", before, f"no longer calls back, {name}")
        elif not before:
            yield new.found(Level.COMPATIBLE, "callback-added", after, f"calls back now, {name}")
        else:
            yield from compare_operations(before, after, "webhook")


def _facts(old: Operation, new: Operation) -> Findings:
    if old.node.get("operationId") != new.node.get("operationId"):
        words = f"has another operationId, was {old.node.get('operationId')}"
        yield new.found(Level.COMPATIBLE, "operation-id-changed", new.node, words)
    if bool(old.node.get("deprecated")) != bool(new.node.get("deprecated")):
        words = "is deprecated now" if new.node.get("deprecated") else "is no longer deprecated"
        yield new.found(Level.COMPATIBLE, "operation-deprecation-changed", new.node, words)
    if old.node.get("tags") != new.node.get("tags"):
        yield new.found(Level.COMPATIBLE, "operation-tags-changed", new.node, "has other tags")
    before, after = old.node.get("x-sunset"), new.node.get("x-sunset")
    if before is not None and (after is None or str(after) < str(before)):
        yield new.found(
            Level.BREAKING, "sunset-earlier", new.node, f"ends at {after or 'no stated date'}, was {before}"
        )
    if "servers" in old.node and old.node.get("servers") != new.node.get("servers"):
        yield new.found(Level.RISKY, "operation-servers-changed", new.node, "is served elsewhere")
