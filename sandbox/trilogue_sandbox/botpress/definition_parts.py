"""The parts that bots, integrations, interfaces and plugins are defined by: how they are changed and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from trilogue_sandbox.botpress import json_schemas
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject

_IDENTIFIER = re.compile(r"[a-z][A-Za-z0-9]{1,99}")
_SECRET = re.compile(r"[A-Z][A-Z0-9_]*")
_NAMED = ("actions", "events", "states", "entities", "channels", "configurations")
"""The parts that are maps by name."""


def patched(old: JsonObject, changes: JsonObject) -> JsonObject:
    """Return a map in which the keys of `changes` are set, or removed where they are null."""
    return {name: value for name, value in {**old, **changes}.items() if value is not None}


def patched_parts(old: JsonObject, changes: JsonObject) -> JsonObject:
    """Return a map of parts with changes: one that is sent takes the place of the old one, but keeps its attributes."""
    return patched(old, {name: _with_attributes(old.get(name), part) for name, part in changes.items()})


def _with_attributes(old: Json, new: Json) -> Json:
    if not isinstance(new, dict):
        return new
    attributes = patched(Fields.of(old).object("attributes"), Fields(new).object("attributes"))
    return {**new, "attributes": attributes} if attributes else {key: new[key] for key in new if key != "attributes"}


def patched_tags(old: JsonObject, changes: JsonObject) -> JsonObject:
    """Return the tags that something may have, `{tags: {...}}` with perhaps more beside it, with changes."""
    return {**old, **changes, "tags": patched(Fields(old).object("tags"), Fields(changes).object("tags"))}


def patched_channels(old: JsonObject, changes: JsonObject) -> JsonObject:
    """Return a map of channels with changes, which reach into the messages and tags of each."""
    merged = {name: _patched_channel(Fields.of(old.get(name)), change) for name, change in changes.items()}
    return patched(old, merged)


def _patched_channel(old: Fields, change: Json) -> Json:
    if not isinstance(change, dict):
        return None
    new = Fields(change)
    channel: JsonObject = {**old.values, **change}
    channel["messages"] = patched(old.object("messages"), new.object("messages"))
    for tagged in ("conversation", "message"):
        if tagged in new:
            channel[tagged] = patched_tags(old.object(tagged), new.object(tagged))
    return channel


def check(definition: Mapping[str, Any], *, may_refer: bool = False) -> None:
    """Make sure that the names in a definition are allowed and that its schemas are JSON schemas.

    With `may_refer`, schemas may refer to what is defined elsewhere, as those of interfaces and plugins to entities.
    """
    fields = Fields(dict(definition))
    for part in _NAMED:
        for name in fields.object(part):
            if not _IDENTIFIER.fullmatch(name):
                rule = "must begin with a lowercase letter and have 2 to 100 letters and digits"
                raise ApiError("InvalidIdentifier", f"{part}/{name} {rule}")
    for location, schema in _schemas(fields):
        json_schemas.check_schema(without_references(schema) if may_refer else schema, location)


def check_secrets(secrets: JsonObject) -> None:
    """Raise InvalidPayload unless the names of secrets are in capitals with underscores."""
    for name in secrets:
        if not _SECRET.fullmatch(name):
            raise ApiError("InvalidPayload", f"body/secrets/{name} must be in capitals, such as API_KEY")


def _schemas(fields: Fields) -> Iterator[tuple[str, JsonObject]]:
    """Return all JSON schemas of a definition, each with its location."""
    yield "configuration/schema", fields.nested("configuration").object("schema")
    for part in ("events", "states", "entities", "configurations"):
        for name in fields.object(part):
            yield f"{part}/{name}/schema", fields.nested(part).nested(name).object("schema")
    for name in fields.object("actions"):
        for side in ("input", "output"):
            schema = fields.nested("actions").nested(name).nested(side).object("schema")
            yield f"actions/{name}/{side}/schema", schema
    for channel in fields.object("channels"):
        messages = fields.nested("channels").nested(channel).nested("messages")
        for name in messages.values:
            yield f"channels/{channel}/messages/{name}/schema", messages.nested(name).object("schema")


def without_references(schema: Json) -> JsonObject:
    """Return a schema that allows anything where it refers to something outside, such as an entity."""
    cut = _cut_references(schema)
    return cut if isinstance(cut, dict) else {}


def _cut_references(value: Json) -> Json:
    if isinstance(value, list):
        return [_cut_references(item) for item in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        return {}
    return {name: _cut_references(item) for name, item in value.items()}
