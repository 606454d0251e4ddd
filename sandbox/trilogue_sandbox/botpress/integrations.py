"""Integrations: what connects bots with another service. Their code does not run in the sandbox."""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress import breaking_changes, definition_parts, definitions, roles, signatures, usages
from trilogue_sandbox.botpress.credentials import target
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, require
from trilogue_sandbox.botpress.logs import list_logs
from trilogue_sandbox.botpress.pagination import order_by, paginate
from trilogue_sandbox.botpress.schema import INSTALLATIONS, INTEGRATIONS, INTERFACES, WORKSPACES
from trilogue_sandbox.botpress.workspaces import OWNER_WORKSPACE
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import View, constant, each
from trilogue_sandbox.kernel.world import World

_PLAIN = ("title", "description", "url", "dev", "maxExecutionTime")
_PARTS = ("actions", "events", "states", "entities")
_INTERFACE_PARTS = ("entities", "actions", "events", "channels")
_MOST_VERSIONS = 50
_STATUSES = ("unapproved", "pending", "approved", "rejected")

_INSTALLS = "(SELECT COUNT(*) FROM botpress_installations WHERE integration_id = item.id)"
_ORDERS = {
    "popularity": f"{_INSTALLS} * 100 + item.views",
    "name": "item.name",
    "createdAt": "item.created_at",
    "updatedAt": "item.updated_at",
    "installCount": _INSTALLS,
}
"""What the platform takes for popularity is not published; here it is installations, then views of the page."""

_IMPLEMENTS = "EXISTS (SELECT 1 FROM json_each(item.interfaces) AS implemented WHERE implemented.value ->> '{}' = ?)"
_SEARCHED = (
    "item.name",
    "item.title",
    "item.description",
    "(SELECT group_concat(key, ' ') FROM json_each(item.actions))",
    "(SELECT group_concat(key, ' ') FROM json_each(item.interfaces))",
)


def _configuration(value: Json) -> JsonObject:
    fields = Fields.of(value)
    identifier: JsonObject = {"required": False, **fields.object("identifier")}
    return {**fields.values, "schema": fields.object("schema"), "identifier": identifier}


def _channel(value: Json) -> JsonObject:
    fields = Fields.of(value)
    return {
        **fields.values,
        "messages": fields.object("messages"),
        "conversation": _tags(fields.object("conversation")),
        "message": {"tags": fields.nested("message").object("tags")},
    }


def _tags(value: Json) -> JsonObject:
    fields = Fields.of(value)
    creation: JsonObject = {"enabled": False, "requiredTags": [], **fields.object("creation")}
    return {"tags": fields.object("tags"), "creation": creation}


_INTEGRATION = View[Actor](
    "Integration",
    INTEGRATIONS,
    computed={
        **definitions.computed(INTEGRATIONS),
        "signingSecret": constant(signatures.HIDDEN),
        "sandbox": constant(None),
        "configuration": each(lambda _, row: _configuration(row["configuration"])),
        "configurations": each(
            lambda _, row: {name: _configuration(value) for name, value in row["configurations"].items()}
        ),
        "channels": each(lambda _, row: {name: _channel(value) for name, value in row["channels"].items()}),
        "user": each(lambda _, row: _tags(row["user"])),
        "secrets": each(lambda _, row: sorted(row["secrets"])),
    },
)
SUMMARY = View[Actor](
    "IntegrationSummary",
    INTEGRATIONS,
    computed={**definitions.computed(INTEGRATIONS), "matchedOn": constant(None), "ownerWorkspace": constant(None)},
)


def show(exchange: Exchange, row: Row) -> JsonObject:
    """Return an integration with everything it is made of; its signing secret is hidden."""
    return _INTEGRATION.show_one(exchange.actor, row)


def show_owner(actor: Actor, row: Row) -> JsonObject:
    """Return the workspace that an integration belongs to."""
    return OWNER_WORKSPACE.show_one(actor, actor.records.get(WORKSPACES, row["workspace_id"]))


def show_use(actor: Actor, row: Row) -> JsonObject:
    """Return how often an integration is installed, and how often its page in the hub was viewed."""
    return {"installs": actor.records.select(INSTALLATIONS, integration_id=row["id"]).count(), "views": row["views"]}


def list_page(exchange: Exchange, select: Select, *, with_use: bool = False) -> JsonObject:
    """Return the page of a list of integrations that the query asks for."""
    query = exchange.query
    select = _filtered(query, select.where("item.dev = ?", query.boolean("dev")))
    if text := query.optional_string("search"):
        found = " OR ".join(f"instr(lower({place}), ?) > 0" for place in _SEARCHED)
        select = select.where(found, *[text.lower()] * len(_SEARCHED))
    select = definitions.of_version(select, query.optional_string("version"))
    order = order_by(_ORDERS[query.string("sortBy", "createdAt")], query.optional_string("direction"))

    def show_listed(actor: Actor, row: Row) -> Json:
        use: JsonObject = {"meta": show_use(actor, row)} if with_use else {}
        owner: JsonObject = {"ownerWorkspace": show_owner(actor, row)}
        return {**SUMMARY.show_one(actor, row), **owner, **_matched_on(query, row), **use}

    return paginate(exchange, "integrations", select, each(show_listed), order, "limit")


def _filtered(query: Fields, select: Select) -> Select:
    select = select.equal("name", query.optional_string("name"))
    select = select.equal("verification_status", query.optional_string("verificationStatus"))
    for name, field in (("interfaceId", "id"), ("interfaceName", "name")):
        if value := query.optional_string(name):
            select = select.where(_IMPLEMENTS.format(field), value)
    if bot_id := query.optional_string("installedByBotId"):
        installed = "SELECT integration_id FROM botpress_installations WHERE bot_id = ?"
        select = select.where(f"item.id IN ({installed})", bot_id)
    return select


def _matched_on(query: Fields, row: Row) -> JsonObject:
    text = query.string("search", "").lower()
    if not text:
        return {}
    matched: JsonObject = {name: text in (row[name] or "").lower() for name in ("name", "title", "description")}
    parts: JsonObject = {
        part: [name for name in row[part] if text in name.lower()] for part in ("actions", "interfaces")
    }
    return {"matchedOn": {**matched, **parts}}


def _list(exchange: Exchange) -> JsonObject:
    select = definitions.listed(exchange.actor, INTEGRATIONS)
    return list_page(exchange, select.equal("visibility", exchange.query.optional_string("visibility")))


def _get(exchange: Exchange) -> JsonObject:
    return {"integration": show(exchange, definitions.find(exchange, INTEGRATIONS))}


def _get_by_name(exchange: Exchange) -> JsonObject:
    return {"integration": show(exchange, definitions.find_by_name(exchange, INTEGRATIONS))}


def _create(exchange: Exchange) -> JsonObject:
    secret = signatures.new_secret(exchange.world)
    row = definitions.add(exchange, INTEGRATIONS, {**_new(exchange), "signing_secret": secret})
    return {"integration": {**show(exchange, row), "signingSecret": secret}}


def _validate_creation(exchange: Exchange) -> JsonObject:
    _new(exchange)
    return {}


def _new(exchange: Exchange) -> dict[str, Any]:
    definitions.check_new(exchange, INTEGRATIONS)
    roles.require_paid_by(exchange.actor)
    usages.require_room(exchange.world, exchange.workspace_id, "integrations_owned_count")
    if exchange.records.select(INTEGRATIONS, name=exchange.body.string("name")).count() >= _MOST_VERSIONS:
        raise ApiError("LimitExceeded", f"an integration has at most {_MOST_VERSIONS} versions")
    return _values(exchange, None)


def _update(exchange: Exchange) -> JsonObject:
    row = definitions.find_own(exchange, INTEGRATIONS)
    return {"integration": show(exchange, definitions.change(exchange, INTEGRATIONS, row, _compatible(exchange, row)))}


def _validate_update(exchange: Exchange) -> JsonObject:
    _compatible(exchange, definitions.find_own(exchange, INTEGRATIONS))
    return {}


def _compatible(exchange: Exchange, row: Row) -> dict[str, Any]:
    """Return the changed values of an integration.

    Raises:
        ApiError: the change would break the bots that use it (BreakingChanges).
    """
    roles.require_paid_by(exchange.actor)
    values = _values(exchange, row)
    if row["visibility"] != "private":
        breaking_changes.check(dict(row), {**dict(row), **values})
    return values


def _values(exchange: Exchange, row: Row | None) -> dict[str, Any]:
    body, old, parts = exchange.body, definitions.old_fields(row), definition_parts
    values: dict[str, Any] = definitions.plain_values(body, _PLAIN)
    values["url"] = values.get("url", old.string("url", "")) or ""
    for part in _PARTS:
        values[part] = parts.patched_parts(old.object(part), body.object(part))
    for name in ("attributes", "secrets", "identifier"):
        values[name] = parts.patched(old.object(name), body.object(name))
    values["channels"] = parts.patched_channels(old.object("channels"), body.object("channels"))
    values["user"] = parts.patched_tags(old.object("user"), body.object("user"))
    values["configuration"] = _patched_configuration(old.nested("configuration"), body.object("configuration"))
    values["configurations"] = _patched_configurations(old.nested("configurations"), body.object("configurations"))
    values["visibility"] = definitions.visibility(body, old)
    parts.check(values)
    parts.check_secrets(body.object("secrets"))
    interfaces = parts.patched(old.object("interfaces"), body.object("interfaces"))
    offered = Fields(values)
    values["interfaces"] = {
        alias: _implemented(exchange, offered, alias, Fields.of(given)) for alias, given in interfaces.items()
    }
    return values


def _patched_configurations(old: Fields, changes: JsonObject) -> JsonObject:
    changed: JsonObject = {
        name: _patched_configuration(old.nested(name), change) if isinstance(change, dict) else None
        for name, change in changes.items()
    }
    return definition_parts.patched(old.values, changed)


def _patched_configuration(old: Fields, change: JsonObject) -> JsonObject:
    identifier = definition_parts.patched(old.object("identifier"), Fields(change).object("identifier"))
    return {**old.values, **change, "identifier": identifier}


def _implemented(exchange: Exchange, offered: Fields, alias: str, given: Fields) -> JsonObject:
    """Return an interface that an integration implements, and for each of its parts the part that implements it.

    A part that the body does not name is implemented by the part of the same name.

    Raises:
        ApiError: there is no such interface (ReferenceNotFound), or the integration lacks a part (InvalidPayload).
    """
    usable, wanted = definitions.usable(exchange.actor, INTERFACES), given.string("id")
    interface = require(usable.equal("id", wanted), "interface", wanted, error="ReferenceNotFound")
    members: JsonObject = {
        part: _members(offered.object(part), interface[part], given.nested(part), f"interfaces/{alias}/{part}")
        for part in _INTERFACE_PARTS
    }
    return {"id": interface["id"], "name": interface["name"], "version": interface["version"], **members}


def _members(offered: JsonObject, declared: JsonObject, given: Fields, location: str) -> JsonObject:
    members: JsonObject = {}
    for name in declared:
        member = given.nested(name).string("name", name)
        if member not in offered:
            raise ApiError("InvalidPayload", f"body/{location}/{name}: the integration does not define {member!r}")
        members[name] = {"name": member}
    return members


def _delete(exchange: Exchange) -> JsonObject:
    row = definitions.find_own(exchange, INTEGRATIONS)
    installation = exchange.records.find(INSTALLATIONS, integration_id=row["id"])
    if installation:
        raise ApiError("ReferenceConstraint", f"the integration is installed in the bot {installation['bot_id']}")
    definitions.require_unused(exchange, row["id"])
    exchange.records.remove(INTEGRATIONS, row)
    return {}


def _rotate_signing_secrets(exchange: Exchange) -> JsonObject:
    row = definitions.find_own(exchange, INTEGRATIONS)
    return {"newSigningSecret": signatures.rotate(exchange.world, INTEGRATIONS, row)}


def _request_verification(exchange: Exchange) -> JsonObject:
    """Ask for a review. Nobody reviews here: the control action `review_integration` sets the result."""
    roles.require(exchange, "build")
    row = exchange.actor.refer(INTEGRATIONS, exchange.body.string("integrationId"))
    if row["verification_status"] in ("pending", "approved"):
        raise ApiError("AlreadyExists", f"the review of this integration is {row['verification_status']} already")
    exchange.records.change(INTEGRATIONS, row, verification_status="pending")
    return {}


def _get_logs(exchange: Exchange) -> JsonObject:
    row = exchange.actor.find(INTEGRATIONS, exchange.path.string("id"))
    return list_logs(exchange, integration_id=row["id"])


def _review(world: World, given: Fields) -> object:
    """Set the result of the review of the integration `integration` to `status`."""
    status = given.choice("status", _STATUSES)
    world.records.select(INTEGRATIONS, id=target(world, given, INTEGRATIONS)).change("verification_status = ?", status)
    return {}


RESOURCE = Resource(
    tables=(INTEGRATIONS,),
    operations={
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
        "getIntegrationLogs": _get_logs,
    },
    actions={"review_integration": _review},
    seeders={"integrations": definitions.seeder(INTEGRATIONS, visibility="public")},
)
