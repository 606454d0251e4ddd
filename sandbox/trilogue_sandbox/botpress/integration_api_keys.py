"""Integration access keys: keys with which a program acts as an integration, in the runtime and files."""

from __future__ import annotations

from trilogue_sandbox.botpress import api_keys, roles
from trilogue_sandbox.botpress.auth import TokenOwner
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select


def _list(call: Call) -> JsonObject:
    integration = call.find(_integrations(call), "integration", call.query.text("integrationId"))
    return {"iaks": api_keys.list_all(call, "integration_id", integration["id"])}


def _create(call: Call) -> JsonObject:
    roles.require(call, "build")
    integration = call.refer(_integrations(call), "integration", call.body.text("integrationId"))
    return api_keys.create(call, "iak", TokenOwner(integration_id=integration["id"]))


def _delete(call: Call) -> JsonObject:
    roles.require(call, "build")
    in_workspace = "item.integration_id IN (SELECT id FROM botpress_integrations WHERE workspace_id = ?)"
    return api_keys.delete(call, api_keys.of_kind("iak").where(in_workspace, call.workspace_id))


def _integrations(call: Call) -> Select:
    return call.of_workspace("botpress_integrations")


RESOURCE = Resource(
    handlers={
        "listIntegrationApiKeys": _list,
        "createIntegrationApiKey": _create,
        "deleteIntegrationApiKey": _delete,
    }
)
