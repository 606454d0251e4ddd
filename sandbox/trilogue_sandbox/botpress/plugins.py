"""Plugins: ready-made parts of bots. Their code does not run in the sandbox."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import (
    arguments,
    defining,
    definition_access,
    documents,
    making,
    parts,
    summaries,
    timestamps,
)
from trilogue_sandbox.botpress.definition_access import Kind, Wanted
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.interfaces import INTERFACE_ID
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import WORKSPACE_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

_PARTS = ("states", "events", "actions")
_TAGGED = ("user", "conversation", "message")
_PLAIN = ("title", "description", "sdkVersion")
_NEEDS: dict[str, Kind] = {"interfaces": "interface", "integrations": "integration"}


def find_page_of(call: Call, select: Select) -> JsonObject:
    """Return the page of a list of plugins that the query asks for."""
    select = select.equal("name", call.query.optional_text("name"))
    select = definition_access.of_version(call.store, select, call.query.optional_text("version"))
    return find_page(call, select).show("plugins", lambda row: summaries.show(call, "plugin", row))


def _list(call: Call) -> JsonObject:
    return find_page_of(call, definition_access.listed("plugin", call.workspace_id))


def _get(call: Call) -> JsonObject:
    return {"plugin": show(call, defining.find(call, "plugin"))}


def _get_by_name(call: Call) -> JsonObject:
    usable = definition_access.usable("plugin", call.workspace_id)
    return {"plugin": show(call, defining.find_by_name(call, "plugin", usable))}


def _get_code(call: Call) -> JsonObject:
    return show_code(call, defining.find(call, "plugin"))


def _create(call: Call) -> JsonObject:
    defining.check_new(call, "plugin")
    row = defining.insert(call, "plugin", call.world.ids.uuid4(), _changed(call, {}))
    return {"plugin": show(call, row)}


def _update(call: Call) -> JsonObject:
    row = defining.find_own(call, "plugin")
    defining.refuse_if_published(row, call.body)
    changed = _changed(call, documents.decode_object(row["document"]))
    return {"plugin": show(call, defining.store(call, "plugin", row, changed))}


def _changed(call: Call, old: JsonObject) -> JsonObject:
    fields, body = Fields(old), call.body
    document: JsonObject = {**old, **{name: body.value(name) for name in _PLAIN if name in body}}
    for part in _PARTS:
        document[part] = parts.patched_parts(fields.object(part), body.object(part))
    for tagged in _TAGGED:
        document[tagged] = parts.patched_tags(fields.object(tagged), body.object(tagged))
    for name in ("attributes", "code"):
        document[name] = parts.patched(fields.object(name), body.object(name))
    if "configuration" in body:
        document["configuration"] = body.object("configuration")
    document["visibility"] = defining.visibility(body, fields)
    document["dependencies"] = _changed_dependencies(call, fields.below("dependencies"))
    parts.check(document, may_refer=True)
    return document


def _changed_dependencies(call: Call, old: Fields) -> JsonObject:
    given = call.body.below("dependencies")
    return {
        section: parts.patched(
            old.object(section),
            {need: _dependency(call, kind, value) for need, value in given.object(section).items()},
        )
        for section, kind in _NEEDS.items()
    }


def _dependency(call: Call, kind: Kind, value: Json) -> Json:
    """Return what a plugin needs, found by its id, or by name and version; None for null."""
    if value is None:
        return None
    given, usable = Fields.of(value), definition_access.usable(kind, call.workspace_id)
    if version_id := given.optional_text("id"):
        row = call.refer(usable, kind, version_id)
    elif name := given.optional_text("name"):
        wanted = Wanted(kind, name, given.text("version", "latest"))
        row = definition_access.find_version(call.store, usable, wanted, "ReferenceNotFound")
    else:
        raise ApiError("InvalidPayload", "body/dependencies: name each one by its id, or by name and version")
    return {"id": row["id"], "name": row["name"], "version": row["version"]}


def _delete(call: Call) -> JsonObject:
    row = defining.find_own(call, "plugin")
    user = call.store.one("SELECT bot_id FROM botpress_bot_plugins WHERE plugin_id = ?", row["id"])
    if user:
        raise ApiError("ReferenceConstraint", f"the plugin is installed in the bot {user['bot_id']}")
    call.store.run("DELETE FROM botpress_plugins WHERE id = ?", row["id"])
    return {}


def show(call: Call, row: sqlite3.Row) -> JsonObject:
    """Return a plugin with everything it is made of, except its code."""
    fields = Fields(documents.decode_object(row["document"]))
    return {
        **summaries.show(call, "plugin", row),
        "configuration": {"schema": {}, **fields.object("configuration")},
        **{part: fields.object(part) for part in (*_PARTS, "attributes")},
        **{tagged: {"tags": fields.below(tagged).object("tags")} for tagged in _TAGGED},
        "dependencies": {section: fields.below("dependencies").object(section) for section in _NEEDS},
    }


def show_code(call: Call, row: sqlite3.Row) -> JsonObject:
    """Return the code of a plugin for the place that the path names."""
    code = Fields(documents.decode_object(row["document"])).below("code")
    return {"code": code.text(call.path.text("platform"), "")}


def _make(world: World, value: Json) -> object:
    """Make as many plugins of the first workspace as the number says."""
    number = arguments.count(value, "plugins")
    world.store.run_many(
        "INSERT INTO botpress_plugins VALUES (?, ?, ?, '1.0.0', '{}', ?, ?)",
        (
            (row_id, WORKSPACE_ID, f"made{row_id[7:].lower()}", at, at)
            for _, row_id, at in making.rows(world, "plugin", number)
        ),
    )
    return number


_PLUGIN: JsonObject = {
    "title": "Handoff",
    "description": "Lets people take over a conversation.",
    "visibility": "public",
    "code": {"node": "module.exports = {}", "browser": "export default {}"},
    "dependencies": {
        "interfaces": {"handoff": {"id": INTERFACE_ID, "name": "handoff", "version": "1.0.0"}},
        "integrations": {},
    },
}


def _furnish(world: World) -> None:
    now = timestamps.now(world)
    world.store.run(
        "INSERT INTO botpress_plugins VALUES (?, ?, 'handoff', '1.0.0', ?, ?, ?)",
        *(world.ids.uuid4(), WORKSPACE_ID, documents.encode(_PLUGIN), now, now),
    )


RESOURCE = Resource(
    schema=defining.SCHEMA.format(kind="plugin"),
    handlers={
        "listPlugins": _list,
        "getPlugin": _get,
        "getPluginByName": _get_by_name,
        "getPluginCode": _get_code,
        "createPlugin": _create,
        "updatePlugin": _update,
        "deletePlugin": _delete,
    },
    makers={"plugins": _make},
    furnish=_furnish,
)
