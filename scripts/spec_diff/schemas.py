"""Schemas compared: whether the new one allows fewer values, more, or others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from attrs import evolve, field, frozen

from .directions import Direction
from .documents import Node, is_list, is_mapping
from .effective import effective, members, types_of
from .findings import Finding, Findings, Level

UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
CONSTRAINTS = (
    *("pattern", "not", "if", "then", "else", "contains", "propertyNames", "contentSchema"),
    *("unevaluatedProperties", "unevaluatedItems"),
)
"""Keywords of which an addition narrows, a removal widens, and any other change may do either."""

PROSE = ("description", "title", "summary", "example", "examples", "externalDocs", "$comment")
FORMAT_WIDTH = {"int32": 1, "int64": 2, "float": 1, "double": 2}


@frozen
class Location:
    """Where two schemas are compared: which way their values travel, what a person calls it, and how it is written."""

    direction: Direction
    label: str
    is_text: bool = False
    """Whether values travel as text, as those of parameters do: then every number is a string too."""
    is_repeatable: bool = False
    """Whether one value is a list of one, as in a query."""
    python: str = ""
    seen: set[tuple[str, str, str]] = field(factory=set[tuple[str, str, str]], eq=False, repr=False)

    def below(self, name: str) -> Location:
        """Return the location of a property or an item."""
        python = f"{self.python}.{name}" if self.python and name.isidentifier() else self.python
        return evolve(self, label=f"{self.label}.{name}" if name != "[]" else f"{self.label}[]", python=python)

    def narrowed(self, rule: str, node: Node, sentence: str, **levels: Level) -> Finding:
        """Return the finding that fewer values are allowed."""
        return self.found(levels.get(self.direction.name, self.direction.narrowed), rule, node, sentence)

    def widened(self, rule: str, node: Node, sentence: str, **levels: Level) -> Finding:
        """Return the finding that more values are allowed."""
        return self.found(levels.get(self.direction.name, self.direction.widened), rule, node, sentence)

    def found(self, level: Level, rule: str, node: Node, sentence: str) -> Finding:
        """Return a finding about this location."""
        message = f"{self.label} {sentence}"
        return Finding(level, f"{self.direction.name}-{rule}", node.pointer, message, self.python)


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
        rule = _dashed(keyword)
        if before is None or (after is not None and (after < before) == is_upper):
            yield location.narrowed(f"{rule}-{'set' if before is None else 'tightened'}", new, words)
        else:
            yield location.widened(f"{rule}-{'removed' if after is None else 'loosened'}", new, words)


def _or_none(value: Any) -> str:
    return "none" if value is None else str(value)


def _dashed(keyword: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in keyword)


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
        if _same(old.child(keyword), new.child(keyword)):
            continue
        if keyword == "pattern" and location.direction.name == "response":
            yield location.found(Level.COMPATIBLE, "pattern-changed", new, "has another pattern")
        elif before is None or (before is True and after is not True):
            yield location.narrowed(f"{_dashed(keyword)}-added", new, f"has a new constraint, {keyword}")
        elif after is None or after is True or (keyword == "pattern" and after in ("", ".*", "^.*$")):
            yield location.widened(f"{_dashed(keyword)}-removed", new, f"lost its constraint {keyword}")
        else:
            yield location.found(
                location.direction.changed, f"{_dashed(keyword)}-changed", new, f"has another {keyword}"
            )


def _same(before: Node, after: Node) -> bool:
    return bool(_expanded(before) == _expanded(after))


def _expanded(node: Node, within: frozenset[str] = frozenset()) -> Any:
    """Return a schema with references followed and without what only people read; one within itself is its name."""
    if node.pointer in within:
        return node.pointer
    inside = within | {node.pointer}
    if is_list(node.value):
        return [_expanded(item, inside) for item in node.items()]
    if not is_mapping(node.value):
        return node.value
    return {key: _expanded(item, inside) for key, item in node.children() if key not in PROSE or is_mapping(item.value)}


def _dependent(old: Node, new: Node, location: Location) -> Findings:
    for keyword in ("dependentRequired", "dependentSchemas", "patternProperties"):
        before: dict[str, Any] = old.get(keyword) or {}
        after: dict[str, Any] = new.get(keyword) or {}
        for name in sorted({*before, *after}):
            node = new.child(keyword)
            if name not in before:
                yield location.narrowed(f"{_dashed(keyword)}-added", node, f"has {keyword} for {name!r} now")
            elif name not in after:
                yield location.widened(f"{_dashed(keyword)}-removed", node, f"has no {keyword} for {name!r} any more")
            elif keyword == "dependentRequired" and before[name] != after[name]:
                yield location.found(
                    location.direction.changed, "dependent-required-changed", node, f"needs others with {name!r}"
                )
            elif keyword != "dependentRequired":
                yield from compare(old.child(keyword).child(name), node.child(name), location.below(name))


def _content(old: Node, new: Node, location: Location) -> Findings:
    for keyword in ("contentMediaType", "contentEncoding"):
        if old.get(keyword) != new.get(keyword):
            words = f"has {keyword} {_or_none(new.get(keyword))} now, had {_or_none(old.get(keyword))}"
            yield location.found(location.direction.changed, f"{_dashed(keyword)}-changed", new, words)


def _default(old: Node, new: Node, location: Location) -> Findings:
    if ("default" in old, old.get("default")) != ("default" in new, new.get("default")):
        words = f"has the default {_or_none(new.get('default'))} now, had {_or_none(old.get('default'))}"
        level = Level.BREAKING if location.is_text and location.direction.name == "request" else Level.COMPATIBLE
        yield location.found(level, "default-changed", new, words)


def _deprecation(old: Node, new: Node, location: Location) -> Findings:
    if bool(old.get("deprecated")) != bool(new.get("deprecated")):
        words = "is deprecated now" if new.get("deprecated") else "is no longer deprecated"
        yield location.found(Level.COMPATIBLE, "deprecation-changed", new, words)


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
        yield location.found(level, f"{_dashed(keyword)}-changed", new, words)


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
        rule = _dashed(keyword)
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
    rule = f"{_dashed(keyword)}-{'added' if is_union_now else 'removed'}"
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
        _same,
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


def _discriminator(old: Node, new: Node, location: Location) -> Findings:
    if old.get("discriminator") != new.get("discriminator"):
        yield location.found(Level.COMPATIBLE, "discriminator-changed", new, "has another discriminator")


CHECKS: tuple[Callable[[Node, Node, Location], Findings], ...] = (
    *(_types, _format, _enum, _const, _bounds, _multiples, _unique, _constraints, _dependent, _content, _default),
    *(_deprecation, _properties, _additional, _items, _unions, _discriminator),
)
