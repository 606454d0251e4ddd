"""`x-sdk` compared: what a caller in Python calls a method, and how it behaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .documents import Node, is_mapping
from .findings import Finding, Findings, Level

KEY = "x-sdk"

_RETURN = ("page", "unwrap", "response")
_DEMANDS = ("require", "exactly_one", "at_least_one", "at_most_one")


def python_name(operation: Node) -> str:
    """Return the first method of the client that an operation is: `contacts.list`."""
    return next(iter(_methods(operation)), "")


def compare_sdk(old: Node, new: Node, label: str) -> Findings:
    """Yield what a caller of the generated client notices."""
    before, after = _methods(old), _methods(new)
    node = new.child(KEY) if KEY in new else new
    for name in before.keys() - after.keys():
        yield Finding(Level.BREAKING, "method-removed", node.pointer, f"{label} is no longer `client.{name}`", name)
    for name in after.keys() - before.keys():
        yield Finding(Level.COMPATIBLE, "method-added", node.pointer, f"{label} is `client.{name}` now", name)
    for name in before.keys() & after.keys():
        yield from _method(name, before[name], after[name], node)


def _methods(operation: Node) -> dict[str, dict[str, Any]]:
    sdk = operation.get(KEY)
    if not is_mapping(sdk):
        return {}
    shared = {key: value for key, value in sdk.items() if key != "methods"}
    entries: Iterable[Mapping[str, Any]] = sdk.get("methods") or [{"name": shared.get("method")}]
    return {f"{shared.get('resource')}.{entry.get('name')}": _merged(shared, entry) for entry in entries}


def _merged(shared: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an entry says, its lists added to those of all entries."""
    lists = {key: [*shared.get(key, ()), *entry.get(key, ())] for key in ("omit", "retry_unless", *_DEMANDS)}
    return {**shared, **entry, **{key: value for key, value in lists.items() if value}}


def _method(name: str, old: Mapping[str, Any], new: Mapping[str, Any], node: Node) -> Findings:
    def found(level: Level, rule: str, words: str) -> Finding:
        return Finding(level, rule, node.pointer, f"`client.{name}` {words}", name)

    if old.get("retry") != new.get("retry") or old.get("retry_unless") != new.get("retry_unless"):
        level = Level.COMPATIBLE if new.get("retry") == "idempotent" and not new.get("retry_unless") else Level.RISKY
        yield found(level, "method-retry-changed", f"is retried as {new.get('retry')}, was {old.get('retry')}")
    for key in _RETURN:
        if old.get(key) != new.get(key):
            yield found(Level.BREAKING, "method-result-changed", f"returns something else: {key} changed")
    for argument in [each for each in new.get("omit", ()) if each not in old.get("omit", ())]:
        yield found(Level.BREAKING, "method-argument-removed", f"no longer takes {argument}")
    for argument in [each for each in old.get("omit", ()) if each not in new.get("omit", ())]:
        yield found(Level.COMPATIBLE, "method-argument-added", f"takes {argument} now")
    for key in _DEMANDS:
        for demand in [each for each in new.get(key, ()) if each not in old.get(key, ())]:
            yield found(Level.BREAKING, "method-demand-added", f"demands {key} {demand}")
        for demand in [each for each in old.get(key, ()) if each not in new.get(key, ())]:
            yield found(Level.COMPATIBLE, "method-demand-removed", f"no longer demands {key} {demand}")
    if old.get("set") != new.get("set"):
        yield found(Level.RISKY, "method-set-changed", "always sends other values")
