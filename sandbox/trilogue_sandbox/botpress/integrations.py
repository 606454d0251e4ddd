"""Integrations: what connects bots with another service. Their code does not run in the sandbox."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import (
    arguments,
    billing_block,
    breaking_changes,
    defining,
    definition_access,
    documents,
    implementing,
    integration_lists,
    making,
    media,
    parts,
    roles,
    signing,
    summaries,
    targets,
    usages,
)
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import INTEGRATION_ID, WORKSPACE_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.world import World

_PARTS = ("actions", "events", "states", "entities")
_PLAIN = ("extraOperations", "sdkVersion", "maxExecutionTime", "code", "title", "description", "url", "dev", "layers")
_MOST_VERSIONS = 50
_STATUSES = ("unapproved", "pending", "approved", "rejected")


def _list(call: Call) -> JsonObject:
    select = definition_access.listed("integration", call.workspace_id)
    if visibility := call.query.optional_text("visibility"):
        select = select.where(f"{definition_access.VISIBILITY} = ?", visibility)
    return integration_lists.find_page_of(call, select)


def _get(call: Call) -> JsonObject:
    return {"integration": show(call, defining.find(call, "integration"))}


def _get_by_name(call: Call) -> JsonObject:
    usable = definition_access.usable("integration", call.workspace_id)
    return {"integration": show(call, defining.find_by_name(call, "integration", usable))}


def _create(call: Call) -> JsonObject:
    document = _new(call)
    document["signingSecret"] = secret = signing.new_secret(call.world)
    row = defining.insert(call, "integration", call.world.ids.prefixed("intver"), document)
    return {"integration": {**show(call, row), "signingSecret": secret}}


def _validate_creation(call: Call) -> JsonObject:
    _new(call)
    return {}


def _new(call: Call) -> JsonObject:
    defining.check_new(call, "integration")
    billing_block.require_paid(call)
    usages.require_room(call.world, call.workspace_id, "integrations_owned_count")
    row = call.store.one("SELECT COUNT(*) AS count FROM botpress_integrations WHERE name = ?", call.body.text("name"))
    if row and row["count"] >= _MOST_VERSIONS:
        raise ApiError("LimitExceeded", f"an integration has at most {_MOST_VERSIONS} versions")
    return _changed(call, {})


def _update(call: Call) -> JsonObject:
    row = defining.find_own(call, "integration")
    return {"integration": show(call, defining.store(call, "integration", row, _compatible(call, row)))}


def _validate_update(call: Call) -> JsonObject:
    _compatible(call, defining.find_own(call, "integration"))
    return {}


def _compatible(call: Call, row: sqlite3.Row) -> JsonObject:
    """Return the changed definition of an integration."""
    billing_block.require_paid(call)
    old = documents.decode_object(row["document"])
    new = _changed(call, old)
    if Fields(old).text("visibility", "private") != "private":
        breaking_changes.refuse(old, new)
    return new


def _changed(call: Call, old: JsonObject) -> JsonObject:
    fields, body = Fields(old), call.body
    document: JsonObject = {**old, **{name: body.value(name) for name in _PLAIN if name in body}}
    for part in _PARTS:
        document[part] = parts.patched_parts(fields.object(part), body.object(part))
    for name in ("attributes", "secrets", "identifier"):
        document[name] = parts.patched(fields.object(name), body.object(name))
    document["channels"] = parts.patched_channels(fields.object("channels"), body.object("channels"))
    document["user"] = parts.patched_tags(fields.object("user"), body.object("user"))
    document["configuration"] = _patched_configuration(fields.below("configuration"), body.object("configuration"))
    document["configurations"] = _patched_configurations(fields.below("configurations"), body.object("configurations"))
    document["visibility"] = defining.visibility(body, fields)
    parts.check(document)
    parts.check_secrets(body.object("secrets"))
    interfaces = parts.patched(fields.object("interfaces"), body.object("interfaces"))
    document["interfaces"] = implementing.resolved(call, Fields(document), interfaces)
    return document


def _patched_configurations(old: Fields, changes: JsonObject) -> JsonObject:
    changed: JsonObject = {
        name: _patched_configuration(old.below(name), change) if isinstance(change, dict) else None
        for name, change in changes.items()
    }
    return parts.patched(old.values, changed)


def _patched_configuration(old: Fields, change: JsonObject) -> JsonObject:
    identifier = parts.patched(old.object("identifier"), Fields(change).object("identifier"))
    return {**old.values, **change, "identifier": identifier}


def _delete(call: Call) -> JsonObject:
    row = defining.find_own(call, "integration")
    user = call.store.one("SELECT bot_id FROM botpress_installations WHERE integration_id = ?", row["id"])
    if user:
        raise ApiError("ReferenceConstraint", f"the integration is installed in the bot {user['bot_id']}")
    defining.refuse_if_needed(call, row["id"])
    call.store.run("DELETE FROM botpress_integrations WHERE id = ?", row["id"])
    return {}


def _rotate_signing_secrets(call: Call) -> JsonObject:
    row = defining.find_own(call, "integration")
    document, secret = signing.rotate(call.world, documents.decode_object(row["document"]))
    defining.store(call, "integration", row, document)
    return {"newSigningSecret": secret}


def _request_verification(call: Call) -> JsonObject:
    """Ask for a review. Nobody reviews here: the control action `review_integration` gives the result."""
    roles.require(call, "build")
    row = call.refer(call.of_workspace("botpress_integrations"), "integration", call.body.text("integrationId"))
    document = documents.decode_object(row["document"])
    status = Fields(document).text("verificationStatus", "unapproved")
    if status in ("pending", "approved"):
        raise ApiError("AlreadyExists", f"the review of this integration is {status} already")
    defining.store(call, "integration", row, {**document, "verificationStatus": "pending"})
    return {}


def show(call: Call, row: sqlite3.Row) -> JsonObject:
    """Return an integration with everything it is made of; its signing secret is hidden."""
    fields = Fields(documents.decode_object(row["document"]))
    optional: JsonObject = {"maxExecutionTime": fields.optional_integer("maxExecutionTime")}
    configurations, channels = fields.below("configurations"), fields.below("channels")
    return {
        **summaries.show(call, "integration", row),
        "readmeUrl": media.readme_url(call, "integration", row["id"]),
        **{part: fields.object(part) for part in (*_PARTS, "interfaces", "attributes", "identifier")},
        "url": fields.text("url", ""),
        "signingSecret": signing.HIDDEN,
        "configuration": _show_configuration(fields.below("configuration")),
        "configurations": {name: _show_configuration(configurations.below(name)) for name in configurations.values},
        "channels": {name: _show_channel(channels.below(name)) for name in channels.values},
        "user": _show_tags(fields.below("user")),
        "dev": fields.flag("dev"),
        "secrets": [*sorted(fields.object("secrets"))],
        **documents.without_nulls(optional),
    }


def _show_configuration(fields: Fields) -> JsonObject:
    identifier: JsonObject = {"required": False, **fields.object("identifier")}
    return {**fields.values, "schema": fields.object("schema"), "identifier": identifier}


def _show_channel(fields: Fields) -> JsonObject:
    return {
        **fields.values,
        "messages": fields.object("messages"),
        "conversation": _show_tags(fields.below("conversation")),
        "message": {"tags": fields.below("message").object("tags")},
    }


def _show_tags(fields: Fields) -> JsonObject:
    creation: JsonObject = {"enabled": False, "requiredTags": [], **fields.object("creation")}
    return {"tags": fields.object("tags"), "creation": creation}


def _review(world: World, given: JsonObject) -> object:
    """Set the result of the review of the integration `integration` to `status`."""
    status = arguments.choice(given, "status", _STATUSES)
    world.store.run(
        "UPDATE botpress_integrations SET document = json_set(document, '$.verificationStatus', ?) WHERE id = ?",
        *(status, targets.integration(world, given)),
    )
    return {}


def _make(world: World, value: Json) -> object:
    """Make as many integrations of the first workspace as the number says; return their ids."""
    number = arguments.count(value, "integrations")
    rows = list(making.rows(world, "intver", number))
    world.store.run_many(
        "INSERT INTO botpress_integrations VALUES (?, ?, ?, '1.0.0', '{\"visibility\":\"public\"}', ?, ?)",
        ((row_id, WORKSPACE_ID, f"made{row_id[7:].lower()}", at, at) for _, row_id, at in rows),
    )
    return [row_id for _, row_id, _ in rows]


def _furnish(world: World) -> None:
    document: JsonObject = {
        "title": "Telegram",
        "description": "Chats on Telegram.",
        "visibility": "public",
        "verificationStatus": "approved",
        "signingSecret": signing.new_secret(world),
    }
    world.store.run(
        "UPDATE botpress_integrations SET document = json_patch(document, ?) WHERE id = ?",
        *(documents.encode(document), INTEGRATION_ID),
    )


RESOURCE = Resource(
    handlers={
        "listIntegrations": _list,
        "getIntegration": _get,
        "getIntegrationByName": _get_by_name,
        "createIntegration": _create,
        "validateIntegrationCreation": _validate_creation,
        "updateIntegration": _update,
        "validateIntegrationUpdate": _validate_update,
        "deleteIntegration": _delete,
        "rotateIntegrationSigningSecrets": _rotate_signing_secrets,
        "requestIntegrationVerification": _request_verification,
    },
    actions={"review_integration": _review},
    makers={"integrations": _make},
    furnish=_furnish,
)
