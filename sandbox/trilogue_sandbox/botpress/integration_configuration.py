"""What an integration says about its own installation in a bot.

The code of an integration does not run in the sandbox: `scheduleRegisterCall` is kept, and nobody is called by it.
"""

from __future__ import annotations

from trilogue_sandbox.botpress import documents
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.scopes import Installation
from trilogue_sandbox.kernel.http import JsonObject


def _configure(call: Call) -> JsonObject:
    if call.installation is None:
        raise ApiError("Forbidden", "only an integration can configure its installation; send x-integration-id")
    identifier = call.body.optional_text("identifier")
    if identifier is not None:
        _refuse_taken(call, call.installation, identifier)
    row = call.store.one(
        "SELECT document FROM botpress_installations WHERE bot_id = ? AND alias = ?",
        *(call.bot_id, call.installation.alias),
    )
    assert row is not None
    changed = documents.without_nulls({**documents.decode_object(row["document"]), **call.body.values})
    call.store.run(
        "UPDATE botpress_installations SET document = ?, updated_at = ? WHERE bot_id = ? AND alias = ?",
        *(documents.encode(changed), call.now, call.bot_id, call.installation.alias),
    )
    return {}


def _refuse_taken(call: Call, installation: Installation, identifier: str) -> None:
    taken = call.store.one(
        "SELECT 1 FROM botpress_installations WHERE integration_id = ? AND NOT (bot_id = ? AND alias = ?)"
        " AND document ->> 'identifier' = ?",
        *(installation.integration_id, call.bot_id, installation.alias, identifier),
    )
    if taken:
        raise ApiError("AlreadyExists", "identifier: another installation of the integration has it")


RESOURCE = Resource(handlers={"configureIntegration": _configure})
