"""Whether a changed integration would break the bots that use it.

The platform does not publish its rules. Here a change breaks something if it takes away what bots may have relied on:
a part with a name, a tag, a property of what comes out; or if it asks for more: a new required property of what goes
in. A property that changes its type does either.
"""

from __future__ import annotations

from collections.abc import Iterator

from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject

_PARTS = ("actions", "events", "channels", "entities", "configurations", "interfaces")


def check(old: JsonObject, new: JsonObject) -> None:
    """Raise BreakingChanges unless a new definition breaks nothing that works with the old one."""
    for reason in _reasons(Fields(old), Fields(new)):
        raise ApiError("BreakingChanges", f"{reason}; this needs a new version")


def _reasons(old: Fields, new: Fields) -> Iterator[str]:
    for part in _PARTS:
        yield from _removed(old.nested(part), new.nested(part), part)
    yield from _removed(old.nested("user").nested("tags"), new.nested("user").nested("tags"), "user/tags")
    yield from _channels(old.nested("channels"), new.nested("channels"))
    for name in old.nested("actions").values:
        before, after = old.nested("actions").nested(name), new.nested("actions").nested(name)
        yield from _narrower_input(_schema(before, "input"), _schema(after, "input"), f"actions/{name}/input")
        yield from _narrower_output(_schema(before, "output"), _schema(after, "output"), f"actions/{name}/output")
    for name in old.nested("events").values:
        before, after = old.nested("events").nested(name), new.nested("events").nested(name)
        yield from _narrower_output(before.nested("schema"), after.nested("schema"), f"events/{name}")
    before, after = old.nested("configuration"), new.nested("configuration")
    yield from _narrower_input(before.nested("schema"), after.nested("schema"), "configuration")


def _removed(old: Fields, new: Fields, location: str) -> Iterator[str]:
    return (f"{location}/{name} is taken away" for name in old.values if name not in new)


def _channels(old: Fields, new: Fields) -> Iterator[str]:
    for name in old.values:
        before, after = old.nested(name), new.nested(name)
        yield from _removed(before.nested("messages"), after.nested("messages"), f"channels/{name}/messages")
        for tagged in ("conversation", "message"):
            tags_before, tags_after = before.nested(tagged).nested("tags"), after.nested(tagged).nested("tags")
            yield from _removed(tags_before, tags_after, f"channels/{name}/{tagged}/tags")


def _schema(action: Fields, side: str) -> Fields:
    return action.nested(side).nested("schema")


def _narrower_input(old: Fields, new: Fields, location: str) -> Iterator[str]:
    for name in new.strings("required"):
        if name not in old.strings("required"):
            yield f"{location}/{name} becomes required"
    yield from _retyped(old, new, location)


def _narrower_output(old: Fields, new: Fields, location: str) -> Iterator[str]:
    yield from _removed(old.nested("properties"), new.nested("properties"), location)
    yield from _retyped(old, new, location)


def _retyped(old: Fields, new: Fields, location: str) -> Iterator[str]:
    before, after = old.nested("properties"), new.nested("properties")
    for name in before.values:
        if name in after and before.nested(name).value("type") != after.nested(name).value("type"):
            yield f"{location}/{name} changes its type"
