"""Request bodies and responses compared: their media types, schemas and headers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .directions import REQUEST, Direction
from .documents import Node, is_mapping, pairs
from .findings import Findings, Level
from .locations import Location
from .operation import Operation
from .parameters import renamed, schema_of
from .schemas import compare


def compare_bodies(old: Operation, new: Operation, direction: Direction) -> Findings:
    """Yield what differs between the request bodies of two operations."""
    before, after = old.node.child("requestBody"), new.node.child("requestBody")
    if not before and not after:
        return
    if not after:
        yield new.found(Level.BREAKING, "request-body-removed", before, "takes no body any more")
    elif not before:
        is_required = bool(after.get("required"))
        level = Level.BREAKING if is_required and direction is REQUEST else Level.COMPATIBLE
        yield new.found(level, "request-body-added", after, f"takes a{' required' if is_required else ''} body now")
    else:
        if bool(before.get("required")) != bool(after.get("required")):
            is_required = bool(after.get("required"))
            level = direction.narrowed if is_required else direction.widened
            words = "requires its body now" if is_required else "no longer requires its body"
            yield new.found(level, "request-body-required-changed", after, words)
        yield from _contents(before, after, new, direction, "request body")


def compare_responses(old: Operation, new: Operation, direction: Direction) -> Findings:
    """Yield what differs between the responses of two operations."""
    for status, (before, after) in pairs(old.node.child("responses"), new.node.child("responses")):
        is_success = status.startswith("2")
        if not after:
            level = Level.BREAKING if is_success else Level.COMPATIBLE
            yield new.found(level, "response-status-removed", before, f"no longer responds {status}")
        elif not before:
            yield new.found(Level.COMPATIBLE, "response-status-added", after, f"can respond {status} now")
        else:
            what = f"response {status}"
            yield from _contents(before, after, new, direction, what)
            yield from _headers(before, after, new, direction, what)


def _contents(old: Node, new: Node, operation: Operation, direction: Direction, what: str) -> Findings:
    before, after = _by_media_type(old), _by_media_type(new)
    rule = f"{direction.name}-media-type"
    for media_type, node in before.items():
        match = _match(media_type, after)
        if match is None:
            yield operation.found(Level.BREAKING, f"{rule}-removed", node, f"has no {what} as {media_type} any more")
            continue
        if match != media_type:
            is_wider = "*" in match
            level = direction.widened if is_wider else direction.narrowed
            words = f"has its {what} as {match}, was {media_type}"
            yield operation.found(level, f"{rule}-{'widened' if is_wider else 'narrowed'}", after[match], words)
        yield from _content(node, after[match], operation, direction, what)
    for media_type, node in after.items():
        if _match(media_type, before) is None:
            yield operation.found(Level.COMPATIBLE, f"{rule}-added", node, f"has a {what} as {media_type} now")


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
        yield from renamed(compare(before, after, where), "body")
    elif after:
        yield where.narrowed("body-schema-added", new, "has a schema now")
    elif before:
        yield where.widened("body-schema-removed", new, "has no schema any more")
    for name, (one, other) in pairs(old.child("encoding"), new.child("encoding")):
        if one.value != other.value:
            yield operation.found(Level.BREAKING, "encoding-changed", other or one, f"encodes `{name}` in another way")


def _headers(old: Node, new: Node, operation: Operation, direction: Direction, what: str) -> Findings:
    for name, (before, after) in pairs(_lowered(old.child("headers")), _lowered(new.child("headers"))):
        if not after:
            level = Level.BREAKING if before.get("required") else Level.RISKY
            yield operation.found(level, "response-header-removed", before, f"has no header {name} in its {what}")
        elif not before:
            yield operation.found(
                Level.COMPATIBLE, "response-header-added", after, f"has the header {name} in its {what}"
            )
        else:
            if before.get("required") and not after.get("required"):
                words = f"no longer always has the header {name} in its {what}"
                yield operation.found(Level.BREAKING, "response-header-became-optional", after, words)
            elif after.get("required") and not before.get("required"):
                words = f"always has the header {name} in its {what}"
                yield operation.found(Level.COMPATIBLE, "response-header-became-required", after, words)
            where = Location(direction, f"{operation.label}, {what}, header {name}", is_text=True)
            yield from renamed(compare(schema_of(before), schema_of(after), where), "header")


def _lowered(headers: Node) -> Node:
    if not is_mapping(headers.value):
        return headers
    return Node(headers.document, headers.pointer, {key.lower(): value for key, value in headers.value.items()})
