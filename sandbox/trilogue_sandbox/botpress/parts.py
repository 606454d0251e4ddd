"""The parts that bots, integrations, interfaces and plugins are defined by: how they are changed and checked.

A definition is a JSON object, as its body sends it and as its answer shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trilogue_sandbox.botpress import json_schemas
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject

_IDENTIFIER = re.compile(r"[a-z][A-Za-z0-9]{1,99}")
_SECRET = re.compile(r"[A-Z][A-Z0-9_]*")

NAMED = ("actions", "events", "states", "entities", "channels", "configurations")
"""The parts that are maps by name."""


def patched(old: JsonObject, changes: JsonObject) -> JsonObject:
    """Return a map in which the keys of `changes` are set, or taken out where they are null."""
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
    """Return the tags that something may carry, `{tags: {...}}` with perhaps more beside it, with changes."""
    tags = patched(Fields(old).object("tags"), Fields(changes).object("tags"))
    return {**old, **changes, "tags": tags}


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


def check(definition: JsonObject, *, may_refer: bool = False) -> None:
    """Make sure that the names in a definition are allowed and that its schemas are JSON schemas.

    With `may_refer`, schemas may refer to what is defined elsewhere, as those of interfaces and plugins to entities.

    Raises:
        ApiError: they are not (InvalidIdentifier, InvalidJsonSchema).
    """
    fields = Fields(definition)
    for kind in NAMED:
        for name in fields.object(kind):
            check_identifier(name, f"{kind}/{name}")
    for place, schema in schemas(definition):
        json_schemas.check_schema(without_references(schema) if may_refer else schema, place)


def check_identifier(name: str, place: str) -> None:
    """Make sure a name is allowed.

    Raises:
        ApiError: it is not (InvalidIdentifier).
    """
    if not _IDENTIFIER.fullmatch(name):
        rule = "must begin with a lowercase letter and have 2 to 100 letters and digits"
        raise ApiError("InvalidIdentifier", f"{place} {rule}")


def check_secrets(secrets: JsonObject) -> None:
    """Make sure the names of secrets are in capitals with underscores.

    Raises:
        ApiError: one is not (InvalidPayload).
    """
    for name in secrets:
        if not _SECRET.fullmatch(name):
            raise ApiError("InvalidPayload", f"body/secrets/{name} must be in capitals, such as API_KEY")


def schemas(definition: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Return all JSON schemas of a definition, each with its place."""
    fields = Fields(definition)
    yield "configuration/schema", fields.below("configuration").object("schema")
    for kind in ("events", "states", "entities", "configurations"):
        for name in fields.object(kind):
            yield f"{kind}/{name}/schema", fields.below(kind).below(name).object("schema")
    for name in fields.object("actions"):
        for side in ("input", "output"):
            schema = fields.below("actions").below(name).below(side).object("schema")
            yield f"actions/{name}/{side}/schema", schema
    for channel in fields.object("channels"):
        messages = fields.below("channels").below(channel).below("messages")
        for name in messages.values:
            yield f"channels/{channel}/messages/{name}/schema", messages.below(name).object("schema")


def without_references(schema: Json) -> JsonObject:
    """Return a schema in which anything goes where it refers to something outside, such as an entity."""
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
