"""Bots: what they are made of, and their life.

No code runs in the sandbox: `code` is kept, and sending it deploys the bot at once.
"""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import (
    arguments,
    audit,
    billing_block,
    bot_access,
    bot_plugins,
    documents,
    installing,
    json_schemas,
    logs,
    making,
    parts,
    recurring_events,
    roles,
    signing,
    sizes,
    tags,
    timestamps,
    usages,
)
from trilogue_sandbox.botpress.audit import Subject
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.logs import Line
from trilogue_sandbox.botpress.paging import Ordering, find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.scopes import require_member
from trilogue_sandbox.botpress.seeding import ACCOUNT_ID, WORKSPACE_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

_TABLE = "botpress_bots"
_COLUMNS = {"createdAt": "created_at", "updatedAt": "updated_at"}
_TAGGED = ("user", "conversation", "message")
_PLAIN = (
    *("url", "authentication", "blocked", "maxExecutionTime", "alwaysAlive", "code", "description", "medias"),
    *("layers", "type", "dev"),
)
"""The fields of a body that are kept as they are sent."""
_MOST_TAGS = 50
_CONFIGURATION_KILOBYTES = 20


def _list(call: Call) -> JsonObject:
    query = call.query
    select = tags.carrying(call.of_workspace(_TABLE), query.object("tags"))
    select = select.where("ifnull(json_extract(item.document, '$.dev'), 0) = ?", query.flag("dev"))
    for name in query.texts("integrationNames"):
        select = select.where(f"item.id IN ({_WITH_INTEGRATION})", name)
    for name in query.texts("pluginNames"):
        select = select.where(f"item.id IN ({_WITH_PLUGIN})", name)
    column = _COLUMNS[query.text("sortField", "createdAt")]
    ordering = Ordering.by(f"item.{column}", query.optional_text("sortDirection"))
    return find_page(call, select, ordering).show("bots", _show_summary)


_WITH_INTEGRATION = (
    "SELECT bot_id FROM botpress_installations JOIN botpress_integrations AS found ON found.id = integration_id"
    " WHERE found.name = ?"
)
_WITH_PLUGIN = (
    "SELECT bot_id FROM botpress_bot_plugins JOIN botpress_plugins AS found ON found.id = plugin_id"
    " WHERE found.name = ?"
)


def _get(call: Call) -> JsonObject:
    return {"bot": show(call, bot_access.find(call))}


def _create(call: Call) -> JsonObject:
    roles.require(call, "build")
    billing_block.require_paid(call)
    usages.require_room(call.world, call.workspace_id, "bot_count")
    bot_id, secret = call.world.ids.uuid4(), signing.new_secret(call.world)
    name = call.body.text("name", "") or f"bot-{bot_id[:8]}"
    document: JsonObject = {"signingSecret": secret, "createdBy": call.account_id}
    call.store.run(
        f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(bot_id, call.workspace_id, name, documents.encode(call.body.object("tags"))),
        *(documents.encode(document), call.now, call.now),
    )
    bot = find(call, bot_id)
    audit.record(call, "CREATE_BOT", Subject(bot_id, name))
    change(call, bot, call.body)
    return {"bot": {**show(call, find(call, bot_id)), "signingSecret": secret}}


def _update(call: Call) -> JsonObject:
    bot = bot_access.find_to_change(call)
    billing_block.require_paid(call)
    changed = tags.merged(documents.decode_object(bot["tags"]), call.body.object("tags"))
    call.store.run(
        f"UPDATE {_TABLE} SET name = ?, tags = ? WHERE id = ?",
        *(call.body.text("name", bot["name"]), documents.encode(changed), bot["id"]),
    )
    change(call, bot, call.body)
    _record_update(call, Subject(bot["id"], bot["name"]))
    return {"bot": show(call, find(call, bot["id"]))}


def _record_update(call: Call, subject: Subject) -> None:
    if "integrations" in call.body:
        audit.record(call, "UPDATE_BOT_CHANNEL", subject)
    if "configuration" in call.body:
        audit.record(call, "UPDATE_BOT_CONFIG", subject)
    if set(call.body.values) - {"integrations", "configuration"}:
        audit.record(call, "UPDATE_BOT", subject)


def find(call: Call, bot_id: str) -> sqlite3.Row:
    """Return a bot of any workspace."""
    return call.find(Select(_TABLE), "bot", bot_id)


def change(call: Call, bot: sqlite3.Row, body: Fields) -> None:
    """Change what a body names: the definition of a bot, what is installed in it, and its code.

    Raises:
        ApiError: a part of it is not allowed.
    """
    document = _changed_document(documents.decode_object(bot["document"]), body)
    _check(document)
    store(call, bot["id"], document)
    if "code" in body:
        deploy(call, bot)
    recurring_events.change(call.world, bot["id"], body.object("recurringEvents"))
    installing.change(call, bot, body.object("integrations"))
    bot_plugins.change(call, bot, body.object("plugins"))


def deploy(call: Call, bot: sqlite3.Row) -> None:
    """Put what a bot is made of to work."""
    call.store.run(
        f"UPDATE {_TABLE} SET document = json_set(document, '$.deployedAt', ?) WHERE id = ?", call.now, bot["id"]
    )
    audit.record(call, "DEPLOY_BOT", Subject(bot["id"], bot["name"]))
    logs.write(call.world, bot["id"], Line("info", "Deployed."))


def store(call: Call, bot_id: str, document: JsonObject) -> None:
    """Keep a document as that of a bot, changed now."""
    encoded = documents.encode(document)
    call.store.run(f"UPDATE {_TABLE} SET document = ?, updated_at = ? WHERE id = ?", encoded, call.now, bot_id)


def _changed_document(old: JsonObject, body: Fields) -> JsonObject:
    fields = Fields(old)
    document: JsonObject = {**old, **{name: body.value(name) for name in _PLAIN if name in body}}
    for part in ("actions", "events", "states"):
        document[part] = parts.patched_parts(fields.object(part), body.object(part))
    for tagged in _TAGGED:
        document[tagged] = parts.patched_tags(fields.object(tagged), body.object(tagged))
    document["configuration"] = {**fields.object("configuration"), **body.object("configuration")}
    document["secrets"] = parts.patched(fields.object("secrets"), body.object("secrets"))
    if "subscriptions" in body:
        document["subscriptions"] = _changed_subscriptions(fields.below("subscriptions"), body.below("subscriptions"))
    return document


def _changed_subscriptions(old: Fields, new: Fields) -> JsonObject:
    if new.value("events") is None:
        return {"events": None}
    return {"events": parts.patched(old.object("events"), new.object("events"))}


def _check(document: JsonObject) -> None:
    fields = Fields(document)
    parts.check(document)
    parts.check_secrets(fields.object("secrets"))
    if sum(len(fields.below(tagged).object("tags")) for tagged in _TAGGED) > _MOST_TAGS:
        raise ApiError("LimitExceeded", f"a bot has at most {_MOST_TAGS} definitions of tags")
    configuration = fields.below("configuration")
    data = configuration.object("data")
    sizes.refuse_above(documents.encode(data), "configuration/data", _CONFIGURATION_KILOBYTES)
    json_schemas.check_data(configuration.object("schema"), data, "configuration/data")


def _delete(call: Call) -> JsonObject:
    bot = bot_access.find_to_change(call)
    recurring_events.change(call.world, bot["id"], dict.fromkeys(recurring_events.show(call.world, bot["id"])))
    call.store.run(f"DELETE FROM {_TABLE} WHERE id = ?", bot["id"])
    audit.record(call, "DELETE_BOT", Subject(bot["id"], bot["name"]))
    return {}


def _transfer(call: Call) -> JsonObject:
    """Move a bot. What is private to its workspace cannot come along."""
    roles.require(call, "manage")
    bot, target = bot_access.find(call), call.body.text("targetWorkspaceId")
    if not roles.has_right(require_member(call.world, call.caller, target), "build"):
        raise ApiError("Forbidden", "you may not create bots in the other workspace")
    billing_block.require_paid_workspace(call.world, target)
    _require_nothing_private(call, bot["id"], target)
    if target != bot["workspace_id"]:
        usages.require_room(call.world, target, "bot_count")
    call.store.run(f"UPDATE {_TABLE} SET workspace_id = ?, updated_at = ? WHERE id = ?", target, call.now, bot["id"])
    for workspace_id in dict.fromkeys((bot["workspace_id"], target)):
        audit.record(call, "TRANSFER_BOT", Subject(bot["id"], bot["name"]), target, workspace_id)
    return {}


def _require_nothing_private(call: Call, bot_id: str, target: str) -> None:
    for kind, installed in (("integration", "botpress_installations"), ("plugin", "botpress_bot_plugins")):
        row = call.store.one(
            f"SELECT found.name FROM {installed} JOIN botpress_{kind}s AS found ON found.id = {kind}_id"
            " WHERE bot_id = ? AND found.workspace_id != ?"
            " AND ifnull(json_extract(found.document, '$.visibility'), 'private') = 'private'",
            *(bot_id, target),
        )
        if row:
            message = f"the {kind} {row['name']} is private to the workspace; take it out first"
            raise ApiError("RelationConflict", message)


def _rotate_signing_secrets(call: Call) -> JsonObject:
    bot = bot_access.find_to_change(call)
    document, secret = signing.rotate(call.world, documents.decode_object(bot["document"]))
    store(call, bot["id"], document)
    return {"newSigningSecret": secret}


def show(call: Call, row: sqlite3.Row) -> JsonObject:
    """Return a bot with everything it is made of; its signing secret is hidden."""
    fields = Fields(documents.decode_object(row["document"]))
    return {
        **_show_summary(row),
        "signingSecret": signing.HIDDEN,
        "integrations": installing.show(call, row["id"]),
        "plugins": bot_plugins.show(call, row["id"]),
        **{tagged: {"tags": fields.below(tagged).object("tags")} for tagged in _TAGGED},
        **{part: fields.object(part) for part in ("states", "events", "actions")},
        "configuration": {"data": {}, "schema": {}, **fields.object("configuration")},
        "recurringEvents": recurring_events.show(call.world, row["id"]),
        "subscriptions": {"events": None, **fields.object("subscriptions")},
        "dev": fields.flag("dev"),
        "secrets": [*sorted(fields.object("secrets"))],
        "alwaysAlive": fields.flag("alwaysAlive"),
        "status": "active",
        "medias": fields.items("medias"),
        **documents.without_nulls(
            {name: fields.value(name) for name in ("maxExecutionTime", "description", "createdBy")}
        ),
    }


def _show_summary(row: sqlite3.Row) -> JsonObject:
    fields = Fields(documents.decode_object(row["document"]))
    deployed_at: JsonObject = {"deployedAt": timestamps.show_optional(fields.optional_integer("deployedAt"))}
    return {
        "id": row["id"],
        "createdAt": timestamps.show(row["created_at"]),
        "updatedAt": timestamps.show(row["updated_at"]),
        "name": row["name"],
        **documents.without_nulls(deployed_at),
        "tags": documents.decode_object(row["tags"]),
        "type": fields.text("type", "studio"),
    }


def _make(world: World, value: Json) -> object:
    """Make as many bots in the first workspace as the number says; return their ids."""
    number = arguments.count(value, "bots")
    stem = world.ids.uuid4()[:24]
    document = documents.encode({"createdBy": ACCOUNT_ID})
    ids = [f"{stem}{index:012x}" for index in range(number)]
    world.store.run_many(
        f"INSERT INTO {_TABLE} VALUES (?, ?, ?, '{{}}', ?, ?, ?)",
        (
            (ids[index], WORKSPACE_ID, f"Bot {index + 1}", document, at, at)
            for index, _, at in making.rows(world, "bot", number)
        ),
    )
    return ids


RESOURCE = Resource(
    handlers={
        "listBots": _list,
        "getBot": _get,
        "createBot": _create,
        "updateBot": _update,
        "deleteBot": _delete,
        "transferBot": _transfer,
        "rotateBotSigningSecrets": _rotate_signing_secrets,
    },
    makers={"bots": _make},
)
