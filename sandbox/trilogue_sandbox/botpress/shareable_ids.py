"""Shareable ids: links for trying an integration of a bot in a shared sandbox, and what came of them.

There is no shared channel here. The control action `link_sandboxed_conversation` says that a conversation came of one.
"""

from __future__ import annotations

from trilogue_sandbox.botpress import bot_allowlist, installations
from trilogue_sandbox.botpress.bot_tables import BOTS, INSTALLATIONS
from trilogue_sandbox.botpress.columns import of
from trilogue_sandbox.botpress.conversation_tables import CONVERSATIONS
from trilogue_sandbox.botpress.credentials import target
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import INTEGER, TEXT, TIMESTAMP, Row, Table
from trilogue_sandbox.kernel.timestamps import DAY
from trilogue_sandbox.kernel.world import World

_INSTALLATION_ID = INTEGER.references("botpress_installations ON DELETE CASCADE")
_SHAREABLE_IDS = Table(
    "botpress_shareable_ids",
    {"installation_id": _INSTALLATION_ID.key(), "shareable_id": TEXT.unique(), "expires_at": TIMESTAMP},
)
_SANDBOXED = Table(
    "botpress_sandboxed_conversations",
    {"installation_id": _INSTALLATION_ID, "conversation_id": of("conversations")},
    primary_key="installation_id, conversation_id",
)
_ADJECTIVES = ("brave", "calm", "clever", "eager", "gentle", "happy", "quick", "sunny")
_ANIMALS = ("badger", "falcon", "heron", "lynx", "marten", "otter", "robin", "stoat")


def _create(exchange: Exchange) -> JsonObject:
    """Create an id; the one before becomes invalid. Ids are valid for a day, which the platform does not publish."""
    row, draws = _installation(exchange), exchange.world.random
    words = f"{draws.choice(_ADJECTIVES)}-{draws.choice(_ANIMALS)}"
    shareable_id = f"{words}-{exchange.world.ids.token(6, '0123456789')}"
    values = {"installation_id": row["id"], "shareable_id": shareable_id, "expires_at": exchange.now + DAY}
    exchange.records.set(_SHAREABLE_IDS, values)
    return {"shareableId": shareable_id}


def _get(exchange: Exchange) -> JsonObject:
    row = _find(exchange)
    return {"shareableId": row["shareable_id"], "isExpired": row["expires_at"] <= exchange.now}


def _delete(exchange: Exchange) -> JsonObject:
    exchange.records.remove(_SHAREABLE_IDS, _find(exchange))
    return {}


def _find(exchange: Exchange) -> Row:
    row = _installation(exchange)
    found = exchange.records.find(_SHAREABLE_IDS, installation_id=row["id"])
    if found is None:
        raise ApiError("ResourceNotFound", f"the installation {row['alias']} has no shareable id")
    return found


def _unlink(exchange: Exchange) -> JsonObject:
    exchange.records.select(_SANDBOXED, installation_id=_installation(exchange)["id"]).remove()
    return {}


def _installation(exchange: Exchange) -> Row:
    find = bot_allowlist.find if exchange.request.method == "GET" else bot_allowlist.find_to_change
    alias = exchange.query.optional_string("integrationInstanceAlias")
    return installations.find_installed(
        exchange, find(exchange, "botId")["id"], exchange.path.string("integrationId"), alias
    )


def _link(world: World, given: Fields) -> object:
    """Say that `conversation` of `bot` came through the sandbox of the integration `alias`; return all that did."""
    bot_id, alias = target(world, given, BOTS), given.string("alias", "telegram")
    installation = world.records.find(INSTALLATIONS, bot_id=bot_id, alias=alias)
    if installation is None:
        raise ControlError(f"no integration is installed under the alias {alias!r}", "alias")
    if conversation_id := given.optional_string("conversation"):
        if not world.records.find(CONVERSATIONS, id=conversation_id, bot_id=bot_id, alias=alias):
            raise ControlError(f"the bot has no conversation {conversation_id!r} in {alias}", "conversation")
        linked = {"installation_id": installation["id"], "conversation_id": conversation_id}
        world.records.add_if_new(_SANDBOXED, linked)
    rows = world.records.select(_SANDBOXED, installation_id=installation["id"]).all()
    return {"conversations": [row["conversation_id"] for row in rows]}


RESOURCE = Resource(
    tables=(_SHAREABLE_IDS, _SANDBOXED),
    operations={
        "createIntegrationShareableId": _create,
        "getIntegrationShareableId": _get,
        "deleteIntegrationShareableId": _delete,
        "unlinkSandboxedConversations": _unlink,
    },
    actions={"link_sandboxed_conversation": _link},
)
