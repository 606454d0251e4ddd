"""Schemas compared: whether the new one allows fewer values, more, or others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from attrs import evolve

from .documents import Node, is_list, is_mapping
from .effective import are_same, effective, members, types_of
from .findings import Finding, Findings, Level, dashed
from .keywords import KEYWORD_CHECKS
from .locations import Location


def compare(old: Node, new: Node, location: Location) -> Findings:
    """Yield what differs between two schemas; those that contain themselves are compared once."""
    key = (old.pointer, new.pointer, location.direction.name)
    if key in location.seen:
        return
    location.seen.add(key)
    old, new = effective(old), effective(new)
    if (name := _component(new)) is not None and name == _component(old):
        location = evolve(location, label=name, python=name)
    if isinstance(old.value, bool) or isinstance(new.value, bool):
        yield from _truth(old, new, location)
        return
    for check in CHECKS:
        yield from check(old, new, location)


def _component(node: Node) -> str | None:
    head, _, name = node.pointer.rpartition("/")
    return name if head == "/components/schemas" else None


def _truth(old: Node, new: Node, location: Location) -> Findings:
    if old.value == new.value:
        return
    if new.value is False or old.value is True:
        yield location.narrowed("schema-narrowed", new, "allows fewer values than before")
    else:
        yield location.widened("schema-widened", new, "allows more values than before")


def _types(old: Node, new: Node, location: Location) -> Findings:
    before, after = types_of(old), types_of(new)
    if before == after:
        return
    yield from _null(before, after, new, location)
    if any(keyword in node for node in (old, new) for keyword in ("oneOf", "anyOf")):
        return
    before, after = before - {"null"}, after - {"null"}
    lost, gained = _not_within(before, after, location), _not_within(after, before, location)
    if not before and not after:
        return
    words = f"is {_types_in_words(after)} now, was {_types_in_words(before)}"
    if lost and gained and before and after:
        if not (location.direction.name == "request" and _becomes_list(old, new, location)):
            yield location.found(location.direction.changed, "type-changed", new, words)
    elif (lost and after) or (not before and after):
        yield location.narrowed("type-narrowed", new, words)
    elif gained or not after:
        yield location.widened("type-widened", new, words)
    elif before != after:
        yield location.found(Level.COMPATIBLE, "type-equivalent", new, words)


def _null(before: set[str], after: set[str], node: Node, location: Location) -> Findings:
    if not before or not after:
        return
    if "null" in after - before:
        yield location.widened("became-nullable", node, "may be null now")
    elif "null" in before - after:
        yield location.narrowed("became-not-nullable", node, "may no longer be null")


def _not_within(types: set[str], others: set[str], location: Location) -> set[str]:
    """Return the types that none of the others includes."""
    if not others:
        return set()
    scalars = {"integer", "number", "boolean"} if location.is_text and "string" in others else set[str]()
    included = {*others, *scalars, *(("integer",) if "number" in others else ())}
    return types - included


def _becomes_list(old: Node, new: Node, location: Location) -> bool:
    """Whether a parameter takes a list where it took one value, which as text is a list of one."""
    if not location.is_repeatable or types_of(new) != {"array"} or new.get("minItems", 0) > 1:
        return False
    items = effective(new.child("items")) if "items" in new else None
    return items is None or not any(
        finding.level is Level.BREAKING
        for finding in compare(old, items, evolve(location, seen=set[tuple[str, str, str]]()))
    )


def _types_in_words(types: set[str]) -> str:
    return " or ".join(sorted(types)) or "of any type"


def _dependent(old: Node, new: Node, location: Location) -> Findings:
    for keyword in ("dependentRequired", "dependentSchemas", "patternProperties"):
        before: dict[str, Any] = old.get(keyword) or {}
        after: dict[str, Any] = new.get(keyword) or {}
        for name in sorted({*before, *after}):
            node = new.child(keyword)
            if name not in before:
                yield location.narrowed(f"{dashed(keyword)}-added", node, f"has {keyword} for {name!r} now")
            elif name not in after:
                yield location.widened(f"{dashed(keyword)}-removed", node, f"has no {keyword} for {name!r} any more")
            elif keyword == "dependentRequired" and before[name] != after[name]:
                yield location.found(
                    location.direction.changed, "dependent-required-changed", node, f"needs others with {name!r}"
                )
            elif keyword != "dependentRequired":
                yield from compare(old.child(keyword).child(name), node.child(name), location.below(name))


def _properties(old: Node, new: Node, location: Location) -> Findings:
    before, after = old.child("properties"), new.child("properties")
    names = dict.fromkeys([*(name for name, _ in before.children()), *(name for name, _ in after.children())])
    for name in names:
        inner = location.below(name)
        if name not in after:
            yield from _removed(before.child(name), new, name, old, inner)
        elif name not in before:
            yield from _added(after.child(name), old, name, new, inner)
        else:
            yield from _kept(before.child(name), after.child(name), name, (old, new), inner)
    yield from _required_without_property(old, new, set(names), location)


def _removed(prop: Node, new: Node, name: str, old: Node, location: Location) -> Findings:
    if effective(prop).get(location.direction.hidden):
        yield location.found(Level.COMPATIBLE, "property-removed", prop, "is gone; it did not travel this way")
    else:
        yield location.found(Level.BREAKING, "property-removed", prop, "is gone")


def _added(prop: Node, old: Node, name: str, new: Node, location: Location) -> Findings:
    schema = effective(prop)
    hidden = schema.get(location.direction.hidden)
    if location.direction.name == "request" and name in _required(new) and not hidden:
        yield location.found(Level.BREAKING, "required-property-added", prop, "is new and required")
        return
    extra = old.child("additionalProperties")
    if location.direction.name == "request" and "additionalProperties" in old and is_mapping(extra.value):
        yield from compare(extra, prop, location)
    yield location.found(Level.COMPATIBLE, "property-added", prop, "is new")


def _kept(old: Node, new: Node, name: str, parents: tuple[Node, Node], location: Location) -> Findings:
    before, after = name in _required(parents[0]), name in _required(parents[1])
    hidden = effective(old).get(location.direction.hidden) and effective(new).get(location.direction.hidden)
    if before != after and hidden:
        yield location.found(Level.COMPATIBLE, "required-changed", new, "does not travel this way")
    elif after and not before:
        yield location.narrowed("property-became-required", new, "is required now")
    elif before and not after:
        yield location.widened("property-became-optional", new, "is no longer always there")
    yield from _access(effective(old), effective(new), after, location)
    for finding in compare(old, new, location):
        yield evolve(finding, level=Level.COMPATIBLE) if hidden else finding


def _access(old: Node, new: Node, is_required: bool, location: Location) -> Findings:
    for keyword in ("readOnly", "writeOnly"):
        before, after = bool(old.get(keyword)), bool(new.get(keyword))
        if before == after:
            continue
        words = f"is {keyword} now" if after else f"is no longer {keyword}"
        appears = keyword == "writeOnly" and not after and is_required and location.direction.name == "response"
        level = Level.RISKY if appears else Level.COMPATIBLE
        yield location.found(level, f"{dashed(keyword)}-changed", new, words)


def _required(node: Node) -> list[str]:
    required = node.get("required")
    return list(required) if is_list(required) else []


def _required_without_property(old: Node, new: Node, named: set[str], location: Location) -> Findings:
    before, after = set(_required(old)) - named, set(_required(new)) - named
    for name in sorted(after - before):
        yield location.below(name).narrowed("property-became-required", new, "is required now")
    for name in sorted(before - after):
        yield location.below(name).widened("property-became-optional", new, "is no longer always there")


def _additional(old: Node, new: Node, location: Location) -> Findings:
    before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
    if before == after and not is_mapping(before):
        return
    node = new.child("additionalProperties") if "additionalProperties" in new else new
    if after is False:
        yield location.narrowed("additional-properties-refused", node, "takes no other keys any more")
    elif before is False:
        yield location.widened("additional-properties-allowed", node, "may have other keys now", response=Level.RISKY)
    elif is_mapping(before) and is_mapping(after):
        yield from compare(old.child("additionalProperties"), node, location.below("[]"))
    elif is_mapping(after) and after:
        yield location.narrowed("additional-properties-narrowed", node, "has other keys of fewer types")
    elif is_mapping(before) and before:
        yield location.widened("additional-properties-widened", node, "has other keys of any type now")


def _items(old: Node, new: Node, location: Location) -> Findings:
    if "items" in old and "items" in new:
        yield from compare(old.child("items"), new.child("items"), location.below("[]"))
    elif "items" in new and types_of(old) & types_of(new):
        yield location.narrowed("items-described", new, "has items of fewer types")
    elif "items" in old and types_of(old) & types_of(new):
        yield location.widened("items-undescribed", new, "has items of any type now")
    before, after = old.child("prefixItems").items(), new.child("prefixItems").items()
    for index in range(max(len(before), len(after))):
        inner = location.below(str(index))
        if index >= len(after):
            yield inner.narrowed("prefix-item-removed", new, "is gone")
        elif index >= len(before):
            yield inner.widened("prefix-item-added", after[index], "is new")
        else:
            yield from compare(before[index], after[index], inner)


def _unions(old: Node, new: Node, location: Location) -> Findings:
    for keyword in ("oneOf", "anyOf"):
        before, after = members(old, keyword), members(new, keyword)
        if not before and not after:
            continue
        if not before or not after:
            yield from _union_or_not(old, new, before or after, bool(after), keyword, location)
            continue
        lost, gained, pairs = _matched(before, after)
        for one, other in pairs:
            yield from compare(one, other, location.below(_name(other)))
        rule = dashed(keyword)
        for node in lost:
            yield location.narrowed(f"{rule}-member-removed", node, f"can no longer be {_name(node)}")
        level = Level.BREAKING if keyword == "oneOf" else Level.RISKY
        for node in gained:
            yield location.widened(f"{rule}-member-added", node, f"can be {_name(node)} now", response=level)


def _union_or_not(
    old: Node, new: Node, union: list[Node], is_union_now: bool, keyword: str, location: Location
) -> Findings:
    """Compare a schema with a union that takes its place: one member that is as the schema makes it wider."""
    single = old if is_union_now else new
    probe = evolve(location, seen=set[tuple[str, str, str]]())
    fits = any(
        not any(finding.level > Level.COMPATIBLE for finding in _both(single, member, probe)) for member in union
    )
    rule = f"{dashed(keyword)}-{'added' if is_union_now else 'removed'}"
    if types_of(single) or "properties" in single:
        if not fits:
            yield location.found(location.direction.changed, rule, new, "is another union of schemas")
        elif is_union_now:
            yield location.widened(rule, new, "can be something else now")
        else:
            yield location.narrowed(rule, new, "can be fewer things now")
    elif is_union_now:
        yield location.narrowed(rule, new, "is one of some schemas now")
    else:
        yield location.widened(rule, new, "is no longer one of some schemas")


def _both(one: Node, other: Node, location: Location) -> Iterator[Finding]:
    yield from compare(one, other, location)
    yield from compare(other, one, location)


def _matched(before: list[Node], after: list[Node]) -> tuple[list[Node], list[Node], list[tuple[Node, Node]]]:
    """Pair the members of two unions: by component, else by content, else by their order."""
    left, pairs = list(after), list[tuple[Node, Node]]()
    matches: tuple[Callable[[Node, Node], bool], ...] = (
        lambda one, other: _component(one) is not None and _component(one) == _component(other),
        are_same,
        lambda one, other: _component(one) is None and _component(other) is None and _alike(one, other),
    )
    remaining = list(before)
    for match in matches:
        for one in list(remaining):
            other = next((candidate for candidate in left if match(one, candidate)), None)
            if other is not None:
                pairs.append((one, other))
                left.remove(other)
                remaining.remove(one)
    return remaining, left, pairs


def _alike(one: Node, other: Node) -> bool:
    """Whether two inline members are likely the same one, changed: of one type, with a property in common."""
    properties = set(one.get("properties") or ()), set(other.get("properties") or ())
    if properties[0] or properties[1]:
        return bool(properties[0] & properties[1])
    return types_of(one) == types_of(other) and bool(types_of(one))


def _name(node: Node) -> str:
    return _component(node) or node.get("title") or _types_in_words(types_of(node))


CHECKS: tuple[Callable[[Node, Node, Location], Findings], ...] = (
    *(_types, *KEYWORD_CHECKS),
    *(_properties, _additional, _items, _unions, _dependent),
)
