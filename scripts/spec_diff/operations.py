"""Operations compared: parameters, bodies, responses, headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from attrs import evolve, frozen

from .closures import is_unchanged
from .directions import REQUEST, RESPONSE, Direction
from .documents import METHODS, Node, is_mapping
from .findings import Finding, Findings, Level
from .schemas import Location, compare
from .security import compare_requirements
from .vendor import compare_sdk, python_name


@frozen
class Operation:
    """An operation with the path item it is in."""

    method: str
    path: str
    node: Node
    item: Node

    @property
    def label(self) -> str:
        """What a person calls it."""
        operation_id = self.node.get("operationId")
        return f"{self.method.upper()} {self.path}" + (f" ({operation_id})" if operation_id else "")

    @property
    def python(self) -> str:
        """The method of the client, if the description names one."""
        return python_name(self.node)

    @property
    def parameters(self) -> dict[Key, Node]:
        """The parameters of the operation and of its path, by location and name."""
        found = [*self.item.child("parameters").items(), *self.node.child("parameters").items()]
        return {_parameter_key(self.path, node): node for node in found}


Key = tuple[str, str]
"""Method and path of an operation, or location and name of a parameter."""


def _parameter_key(path: str, node: Node) -> Key:
    """Return location and name; those in the path go by their position, since only that is on the wire."""
    name, location = str(node.get("name")), str(node.get("in"))
    if location == "path":
        names = re.findall(r"\{([^{}]+)\}", path)
        return location, str(names.index(name)) if name in names else name
    return location, name.lower() if location == "header" else name


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
    yield from _parameters(old, new, sent)
    yield from _body(old, new, sent)
    yield from _responses(old, new, received)
    yield from compare_requirements(old.node, new.node, new.label, new.python)
    yield from compare_sdk(old.node, new.node, new.label)
    for name, callbacks in _pairs(old.node.child("callbacks"), new.node.child("callbacks")):
        before, after = callbacks
        if not after:
            yield _found(Level.BREAKING, "callback-removed", before, new, f"no longer calls back, {name}")
        elif not before:
            yield _found(Level.COMPATIBLE, "callback-added", after, new, f"calls back now, {name}")
        else:
            yield from compare_operations(before, after, "webhook")


def _pairs(old: Node, new: Node) -> Iterator[tuple[str, tuple[Node, Node]]]:
    for name in dict.fromkeys([*(key for key, _ in old.children()), *(key for key, _ in new.children())]):
        yield name, (old.child(name), new.child(name))


def _found(level: Level, rule: str, node: Node, operation: Operation, words: str) -> Finding:
    return Finding(level, rule, node.pointer, f"{operation.label} {words}", operation.python)


def _facts(old: Operation, new: Operation) -> Findings:
    if old.node.get("operationId") != new.node.get("operationId"):
        words = f"has another operationId, was {old.node.get('operationId')}"
        yield _found(Level.COMPATIBLE, "operation-id-changed", new.node, new, words)
    if bool(old.node.get("deprecated")) != bool(new.node.get("deprecated")):
        words = "is deprecated now" if new.node.get("deprecated") else "is no longer deprecated"
        yield _found(Level.COMPATIBLE, "operation-deprecation-changed", new.node, new, words)
    if old.node.get("tags") != new.node.get("tags"):
        yield _found(Level.COMPATIBLE, "operation-tags-changed", new.node, new, "has other tags")
    before, after = old.node.get("x-sunset"), new.node.get("x-sunset")
    if before is not None and (after is None or str(after) < str(before)):
        yield _found(
            Level.BREAKING, "sunset-earlier", new.node, new, f"ends at {after or 'no stated date'}, was {before}"
        )
    if "servers" in old.node and old.node.get("servers") != new.node.get("servers"):
        yield _found(Level.RISKY, "operation-servers-changed", new.node, new, "is served elsewhere")


def _parameters(old: Operation, new: Operation, direction: Direction) -> Findings:
    before, after = old.parameters, new.parameters
    for key in dict.fromkeys([*before, *after]):
        location = key[0]
        if key not in after:
            words = f"no longer takes the {location} parameter `{before[key].get('name')}`"
            yield _found(Level.BREAKING, "request-parameter-removed", before[key], new, words)
        elif key not in before:
            node = after[key]
            level = Level.BREAKING if node.get("required") and location != "path" else Level.COMPATIBLE
            words = (
                f"takes the new {'required ' if node.get('required') else ''}{location} parameter `{node.get('name')}`"
            )
            yield _found(level, "request-parameter-added", node, new, words)
        else:
            yield from _parameter(before[key], after[key], new, direction)


def _parameter(old: Node, new: Node, operation: Operation, direction: Direction) -> Findings:
    name, location = new.get("name"), new.get("in")
    label = f"{operation.label}, {location} parameter `{name}`,"
    python = f"{operation.python}({name}=)" if operation.python else ""

    def found(level: Level, rule: str, words: str) -> Finding:
        return Finding(level, f"request-parameter-{rule}", new.pointer, f"{label} {words}", python)

    before, after = bool(old.get("required")), bool(new.get("required"))
    if before != after and location != "path":
        if after:
            yield found(Level.BREAKING, "became-required", "is required now")
        else:
            yield found(Level.COMPATIBLE, "became-optional", "is no longer required")
    if old.get("name") != name and location == "path":
        yield found(Level.COMPATIBLE, "renamed", f"was called `{old.get('name')}`")
    if bool(old.get("deprecated")) != bool(new.get("deprecated")):
        yield found(
            Level.COMPATIBLE, "deprecation-changed", "is deprecated now" if new.get("deprecated") else "is back"
        )
    if _style(old) != _style(new):
        yield found(Level.BREAKING, "style-changed", f"is written as {_style(new)}, was {_style(old)}")
    if bool(old.get("allowReserved")) and not new.get("allowReserved"):
        yield found(Level.BREAKING, "reserved-refused", "takes reserved characters only encoded")
    if old.get("x-sunset") is not None and str(new.get("x-sunset", "")) < str(old.get("x-sunset")):
        yield found(Level.BREAKING, "sunset-earlier", f"ends at {new.get('x-sunset') or 'no stated date'}")
    where = Location(direction, label.rstrip(","), is_text=True, is_repeatable=location == "query", python=python)
    yield from _renamed(compare(_schema(old), _schema(new), where), "parameter")


def _renamed(findings: Findings, what: str) -> Findings:
    """Name the rules for what the schema belongs to: `request-parameter-type-changed`."""
    for finding in findings:
        direction, _, rule = finding.rule.partition("-")
        yield evolve(finding, rule=f"{direction}-{what}-{rule}")


def _style(parameter: Node) -> str:
    style = parameter.get("style") or ("form" if parameter.get("in") in ("query", "cookie") else "simple")
    return f"{style}{', exploded' if parameter.get('explode', style == 'form') else ''}"


def _schema(parameter: Node) -> Node:
    if "schema" in parameter:
        return parameter.child("schema")
    return next(
        (content.child("schema") for _, content in parameter.child("content").children()), parameter.child("schema")
    )


def _body(old: Operation, new: Operation, direction: Direction) -> Findings:
    before, after = old.node.child("requestBody"), new.node.child("requestBody")
    if not before and not after:
        return
    if not after:
        yield _found(Level.BREAKING, "request-body-removed", before, new, "takes no body any more")
    elif not before:
        is_required = bool(after.get("required"))
        level = Level.BREAKING if is_required and direction is REQUEST else Level.COMPATIBLE
        yield _found(level, "request-body-added", after, new, f"takes a{' required' if is_required else ''} body now")
    else:
        if bool(before.get("required")) != bool(after.get("required")):
            is_required = bool(after.get("required"))
            level = direction.narrowed if is_required else direction.widened
            words = "requires its body now" if is_required else "no longer requires its body"
            yield _found(level, "request-body-required-changed", after, new, words)
        yield from _contents(before, after, new, direction, "request body")


def _contents(old: Node, new: Node, operation: Operation, direction: Direction, what: str) -> Findings:
    before, after = _by_media_type(old), _by_media_type(new)
    rule = f"{direction.name}-media-type"
    for media_type, node in before.items():
        match = _match(media_type, after)
        if match is None:
            yield _found(Level.BREAKING, f"{rule}-removed", node, operation, f"has no {what} as {media_type} any more")
            continue
        if match != media_type:
            is_wider = "*" in match
            level = direction.widened if is_wider else direction.narrowed
            words = f"has its {what} as {match}, was {media_type}"
            yield _found(level, f"{rule}-{'widened' if is_wider else 'narrowed'}", after[match], operation, words)
        yield from _content(node, after[match], operation, direction, what)
    for media_type, node in after.items():
        if _match(media_type, before) is None:
            yield _found(Level.COMPATIBLE, f"{rule}-added", node, operation, f"has a {what} as {media_type} now")


def _by_media_type(node: Node) -> dict[str, Node]:
    return {re.sub(r"\s*;.*", "", key).strip().lower(): child for key, child in node.child("content").children()}


def _match(media_type: str, offered: Mapping[str, Node]) -> str | None:
    """Return the media type that stands for another: the same, or a range that one of them is."""
    if media_type in offered:
        return media_type
    main = media_type.partition("/")[0]
    for other in offered:
        if other in (f"{main}/*", "*/*") or (media_type == "*/*") or media_type == f"{other.partition('/')[0]}/*":
            return other
    return None


def _content(old: Node, new: Node, operation: Operation, direction: Direction, what: str) -> Findings:
    before, after = old.child("schema"), new.child("schema")
    label = f"{operation.label}, {what}"
    where = Location(direction, label, python=operation.python)
    if before and after:
        yield from _renamed(compare(before, after, where), "body")
    elif after:
        yield where.narrowed("body-schema-added", new, "has a schema now")
    elif before:
        yield where.widened("body-schema-removed", new, "has no schema any more")
    for name, (one, other) in _pairs(old.child("encoding"), new.child("encoding")):
        if one.value != other.value:
            yield _found(
                Level.BREAKING, "encoding-changed", other or one, operation, f"encodes `{name}` in another way"
            )


def _responses(old: Operation, new: Operation, direction: Direction) -> Findings:
    for status, (before, after) in _pairs(old.node.child("responses"), new.node.child("responses")):
        is_success = status.startswith("2")
        if not after:
            level = Level.BREAKING if is_success else Level.COMPATIBLE
            yield _found(level, "response-status-removed", before, new, f"no longer answers {status}")
        elif not before:
            yield _found(Level.COMPATIBLE, "response-status-added", after, new, f"can answer {status} now")
        else:
            what = f"response {status}"
            yield from _contents(before, after, new, direction, what)
            yield from _headers(before, after, new, direction, what)


def _headers(old: Node, new: Node, operation: Operation, direction: Direction, what: str) -> Findings:
    for name, (before, after) in _pairs(_lowered(old.child("headers")), _lowered(new.child("headers"))):
        if not after:
            level = Level.BREAKING if before.get("required") else Level.RISKY
            yield _found(level, "response-header-removed", before, operation, f"has no header {name} in its {what}")
        elif not before:
            yield _found(
                Level.COMPATIBLE, "response-header-added", after, operation, f"has the header {name} in its {what}"
            )
        else:
            if before.get("required") and not after.get("required"):
                words = f"no longer always has the header {name} in its {what}"
                yield _found(Level.BREAKING, "response-header-became-optional", after, operation, words)
            elif after.get("required") and not before.get("required"):
                words = f"always has the header {name} in its {what}"
                yield _found(Level.COMPATIBLE, "response-header-became-required", after, operation, words)
            where = Location(direction, f"{operation.label}, {what}, header {name}", is_text=True)
            yield from _renamed(compare(_schema(before), _schema(after), where), "header")


def _lowered(headers: Node) -> Node:
    if not is_mapping(headers.value):
        return headers
    return Node(headers.document, headers.pointer, {key.lower(): value for key, value in headers.value.items()})
