"""Integrations: what connects bots with another service. Their code does not run in the sandbox."""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress import breaking_changes, definitions, roles, signatures, usages
from trilogue_sandbox.botpress.bot_tables import INSTALLATIONS
from trilogue_sandbox.botpress.credentials import target
from trilogue_sandbox.botpress.definition_tables import INTEGRATIONS
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.integration_bodies import values_of
from trilogue_sandbox.botpress.integration_lists import list_page
from trilogue_sandbox.botpress.logs import list_logs
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import View, constant, each
from trilogue_sandbox.kernel.world import World

_MOST_VERSIONS = 50
_STATUSES = ("unapproved", "pending", "approved", "rejected")


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


def show(exchange: Exchange, row: Row) -> JsonObject:
    """Return an integration with everything it is made of; its signing secret is hidden."""
    return _INTEGRATION.show_one(exchange.actor, row)


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
    return values_of(exchange, None)


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
    values = values_of(exchange, row)
    if row["visibility"] != "private":
        breaking_changes.check(dict(row), {**dict(row), **values})
    return values


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
