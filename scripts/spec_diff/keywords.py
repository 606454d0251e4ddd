"""Keywords of a schema that say which values are allowed, compared one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .documents import Node, is_list
from .effective import are_same, types_of
from .findings import Findings, Level, dashed
from .locations import Location

UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
CONSTRAINTS = (
    *("pattern", "not", "if", "then", "else", "contains", "propertyNames", "contentSchema"),
    *("unevaluatedProperties", "unevaluatedItems"),
)
"""Keywords of which an addition narrows, a removal widens, and any other change may do either."""

FORMAT_WIDTH = {"int32": 1, "int64": 2, "float": 1, "double": 2}


def _format(old: Node, new: Node, location: Location) -> Findings:
    before, after = old.get("format"), new.get("format")
    if before == after or not types_of(old) & types_of(new):
        return
    words = f"has the format {after or 'any'} now, had {before or 'any'}"
    widths = FORMAT_WIDTH.get(str(before), 0), FORMAT_WIDTH.get(str(after), 0)
    if after is None or (before is not None and all(widths) and widths[0] < widths[1]):
        yield location.widened("format-widened", new, words)
    elif before is None or (all(widths) and widths[0] > widths[1]):
        yield location.narrowed("format-narrowed", new, words)
    else:
        yield location.found(location.direction.changed, "format-changed", new, words)


def _enum(old: Node, new: Node, location: Location) -> Findings:
    before, after = _values(old), _values(new)
    if before is None and after is not None:
        yield location.narrowed("became-enum", new, f"is one of {_listed(after)} now")
    elif before is not None and after is None:
        yield location.widened("enum-removed", new, "is no longer an enumeration", response=Level.RISKY)
    elif before is not None and after is not None:
        for value in (value for value in before if value not in after):
            yield location.narrowed("enum-value-removed", new, f"can no longer be {value!r}")
        is_open = new.get("x-extensible") is True
        for value in (value for value in after if value not in before):
            level = Level.COMPATIBLE if is_open else Level.RISKY
            yield location.widened("enum-value-added", new, f"can be {value!r} now", response=level)


def _values(node: Node) -> list[Any] | None:
    values = node.get("enum", node.get("x-extensible-enum"))
    return [value for value in values if value is not None] if is_list(values) else None


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(map(repr, values))


def _const(old: Node, new: Node, location: Location) -> Findings:
    if ("const" in old, old.get("const")) == ("const" in new, new.get("const")):
        return
    if "const" not in old:
        yield location.narrowed("const-added", new, f"must be {new.get('const')!r} now")
    elif "const" not in new:
        yield location.widened("const-removed", new, f"is no longer always {old.get('const')!r}")
    else:
        words = f"is always {new.get('const')!r} now, was {old.get('const')!r}"
        yield location.found(location.direction.changed, "const-changed", new, words)


def _bounds(old: Node, new: Node, location: Location) -> Findings:
    for keyword in (*UPPER_BOUNDS, *LOWER_BOUNDS):
        before, after = old.get(keyword), new.get(keyword)
        if before == after or (keyword in LOWER_BOUNDS and keyword != "minimum" and (before or 0) == (after or 0)):
            continue
        is_upper = keyword in UPPER_BOUNDS
        words = f"has {keyword} {_or_none(after)} now, had {_or_none(before)}"
        rule = dashed(keyword)
        if before is None or (after is not None and (after < before) == is_upper):
            yield location.narrowed(f"{rule}-{'set' if before is None else 'tightened'}", new, words)
        else:
            yield location.widened(f"{rule}-{'removed' if after is None else 'loosened'}", new, words)


def _or_none(value: Any) -> str:
    return "none" if value is None else str(value)


def _multiples(old: Node, new: Node, location: Location) -> Findings:
    before, after = old.get("multipleOf"), new.get("multipleOf")
    if before == after:
        return
    words = f"is a multiple of {after or 'anything'} now, was of {before or 'anything'}"
    if before is None or (after is not None and after % before == 0):
        yield location.narrowed("multiple-of-narrowed", new, words)
    elif after is None or before % after == 0:
        yield location.widened("multiple-of-widened", new, words)
    else:
        yield location.found(location.direction.changed, "multiple-of-changed", new, words)


def _unique(old: Node, new: Node, location: Location) -> Findings:
    if bool(old.get("uniqueItems")) != bool(new.get("uniqueItems")):
        if new.get("uniqueItems"):
            yield location.narrowed("unique-items-set", new, "may no longer repeat items")
        else:
            yield location.widened("unique-items-removed", new, "may repeat items now")


def _constraints(old: Node, new: Node, location: Location) -> Findings:
    for keyword in CONSTRAINTS:
        before, after = old.get(keyword), new.get(keyword)
        if are_same(old.child(keyword), new.child(keyword)):
            continue
        if keyword == "pattern" and location.direction.name == "response":
            yield location.found(Level.COMPATIBLE, "pattern-changed", new, "has another pattern")
        elif before is None or (before is True and after is not True):
            yield location.narrowed(f"{dashed(keyword)}-added", new, f"has a new constraint, {keyword}")
        elif after is None or after is True or (keyword == "pattern" and after in ("", ".*", "^.*$")):
            yield location.widened(f"{dashed(keyword)}-removed", new, f"lost its constraint {keyword}")
        else:
            yield location.found(
                location.direction.changed, f"{dashed(keyword)}-changed", new, f"has another {keyword}"
            )


def _content(old: Node, new: Node, location: Location) -> Findings:
    for keyword in ("contentMediaType", "contentEncoding"):
        if old.get(keyword) != new.get(keyword):
            words = f"has {keyword} {_or_none(new.get(keyword))} now, had {_or_none(old.get(keyword))}"
            yield location.found(location.direction.changed, f"{dashed(keyword)}-changed", new, words)


def _default(old: Node, new: Node, location: Location) -> Findings:
    if ("default" in old, old.get("default")) != ("default" in new, new.get("default")):
        words = f"has the default {_or_none(new.get('default'))} now, had {_or_none(old.get('default'))}"
        level = Level.BREAKING if location.is_text and location.direction.name == "request" else Level.COMPATIBLE
        yield location.found(level, "default-changed", new, words)


def _deprecation(old: Node, new: Node, location: Location) -> Findings:
    if bool(old.get("deprecated")) != bool(new.get("deprecated")):
        words = "is deprecated now" if new.get("deprecated") else "is no longer deprecated"
        yield location.found(Level.COMPATIBLE, "deprecation-changed", new, words)


def _discriminator(old: Node, new: Node, location: Location) -> Findings:
    if old.get("discriminator") != new.get("discriminator"):
        yield location.found(Level.COMPATIBLE, "discriminator-changed", new, "has another discriminator")


KEYWORD_CHECKS: tuple[Callable[[Node, Node, Location], Findings], ...] = (
    *(_format, _enum, _const, _bounds, _multiples, _unique, _constraints, _content, _default, _deprecation),
    _discriminator,
)
