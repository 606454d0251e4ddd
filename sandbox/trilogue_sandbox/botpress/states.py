"""States: values kept under a name for a conversation, a user, a bot, an integration or a workflow.

A state with an expiry ends when it was not used, neither read nor written, for so long; the event `state_expired`
notifies the bot. Reading it then is an error (ResourceGone), until it is set again.
"""

from __future__ import annotations

import attrs

from trilogue_sandbox.botpress import events, json_schemas
from trilogue_sandbox.botpress.bot_tables import INSTALLATIONS
from trilogue_sandbox.botpress.conversation_tables import CONVERSATIONS, STATES, USERS, WORKFLOWS
from trilogue_sandbox.botpress.declarations import Declarations
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, require
from trilogue_sandbox.botpress.limits import require_size
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.timestamps import MILLISECOND
from trilogue_sandbox.kernel.views import View, each
from trilogue_sandbox.kernel.world import World

_PAYLOAD_KILOBYTES = 128
_OWNERS: dict[str, Table] = {"conversation": CONVERSATIONS, "user": USERS, "workflow": WORKFLOWS}


_STATE = View[Actor](
    "State",
    STATES,
    computed={
        "conversationId": each(lambda _, row: row["owner_id"] if row["type"] == "conversation" else None),
        "userId": each(lambda _, row: row["owner_id"] if row["type"] == "user" else None),
        "name": each(lambda actor, row: actor.unqualify(row["name"])),
    },
)


@attrs.frozen
class _Address:
    """Where a state is kept: the type and the id of its owner, and its qualified name."""

    type: str
    owner_id: str
    name: str


def _get(exchange: Exchange) -> JsonObject:
    row = _require(exchange, _address(exchange))
    changed = _use(exchange.actor, row, is_cached=True)
    return {"state": _STATE.show_one(exchange.actor, changed), "meta": {"cached": row["is_cached"]}}


def _set(exchange: Exchange) -> JsonObject:
    return _show(exchange, _write(exchange, _address(exchange), exchange.body.object("payload")))


def _patch(exchange: Exchange) -> JsonObject:
    address = _address(exchange)
    row = _require(exchange, address)
    return _show(exchange, _write(exchange, address, {**row["payload"], **exchange.body.object("payload")}))


def _get_or_set(exchange: Exchange) -> JsonObject:
    address = _address(exchange)
    row = _find(exchange, address)
    if row is None or row["is_expired"]:
        row = _write(exchange, address, exchange.body.object("payload"))
    changed = _use(exchange.actor, row, is_cached=True)
    return {**_show(exchange, changed), "meta": {"cached": row["is_cached"]}}


def _set_expiry(exchange: Exchange) -> JsonObject:
    row = _require(exchange, _address(exchange))
    expiry = exchange.body.optional_integer("expiry")
    changed = exchange.records.touch(STATES, row, expiry=expiry, updated_at=exchange.now)
    return _show(exchange, _use(exchange.actor, changed))


def _show(exchange: Exchange, row: Row) -> JsonObject:
    return {"state": _STATE.show_one(exchange.actor, row)}


def _address(exchange: Exchange) -> _Address:
    """Return where the state that the path names is kept; raise ResourceNotFound if there is no such owner."""
    state_type, owner_id, actor = exchange.path.string("type"), exchange.path.string("id"), exchange.actor
    if state_type in _OWNERS:
        actor.find(_OWNERS[state_type], owner_id)
    elif state_type == "integration":
        installed = actor.rows(INSTALLATIONS).equal("integration_id", owner_id)
        require(installed, "installation", owner_id, "integration_id")
    elif owner_id != actor.bot_id:
        raise ApiError("ResourceNotFound", f"the states of the bot {owner_id!r} cannot be reached from this bot")
    return _Address(state_type, owner_id, actor.qualify(exchange.path.string("name")))


def _find(exchange: Exchange, address: _Address) -> Row | None:
    return exchange.records.find(STATES, bot_id=exchange.bot_id, **attrs.asdict(address))


def _require(exchange: Exchange, address: _Address) -> Row:
    row = _find(exchange, address)
    if row is None:
        raise ApiError("ResourceNotFound", f"there is no state {exchange.path.string('name')!r}; set it first")
    if row["is_expired"]:
        raise ApiError("ResourceGone", f"the state {exchange.path.string('name')!r} has expired; set it again")
    return row


def _write(exchange: Exchange, address: _Address, payload: JsonObject) -> Row:
    """Put values in the place of all there were."""
    declared, before = _declared(exchange.actor, address), _find(exchange, address)
    require_size(payload, "payload", _PAYLOAD_KILOBYTES)
    if declared and payload:
        json_schemas.check_data(declared.object("schema"), payload, "payload")
    usual = before["expiry"] if before else declared.optional_integer("expiry") if declared else None
    expiry = exchange.body.optional_integer("expiry") if "expiry" in exchange.body else usual
    if before is None:
        kept = {"bot_id": exchange.bot_id, **attrs.asdict(address), "payload": payload, "expiry": expiry}
        return _use(exchange.actor, exchange.records.add(STATES, kept))
    values = {"payload": payload, "expiry": expiry, "is_expired": False, "is_cached": False}
    return _use(exchange.actor, exchange.records.touch(STATES, before, updated_at=exchange.now, **values))


def _declared(actor: Actor, address: _Address) -> Fields | None:
    declared = Declarations.of(actor).find("states", address.name)
    return declared if declared and declared.string("type") == address.type else None


def _use(actor: Actor, row: Row, **values: bool) -> Row:
    """Restart the idle time of a state; one that was read since it was written `is_cached`."""
    expires_at = None if row["expiry"] is None else actor.now + row["expiry"] * MILLISECOND
    if expires_at is not None:
        actor.world.schedule(expires_at, "state_idle", state=row["id"])
    return actor.records.change(STATES, row, expires_at=expires_at, **values)


def _become_idle(world: World, given: Fields) -> object:
    """Let a state expire, unless it was used, deleted or given another expiry since."""
    row = world.records.find(STATES, id=given.string("state"), is_expired=False)
    if row and row["expires_at"] is not None and row["expires_at"] <= world.now:
        world.records.change(STATES, row, is_expired=True)
        bot = Actor(world, row["bot_id"])
        subjects = {f"{row['type']}_id": row["owner_id"]} if row["type"] in _OWNERS else {}
        payload: dict[str, Json] = {"state": _STATE.show_one(bot, row)}
        events.emit(bot, "state_expired", payload, **subjects)
    return {}


RESOURCE = Resource(
    tables=(STATES,),
    operations={
        "getState": _get,
        "setState": _set,
        "patchState": _patch,
        "getOrSetState": _get_or_set,
        "setStateExpiry": _set_expiry,
    },
    jobs={"state_idle": _become_idle},
)
