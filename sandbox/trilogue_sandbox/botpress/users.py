"""Users: the people, and other parties, that a bot talks with, and the bot itself, whose user has the id of the bot."""

from __future__ import annotations

from trilogue_sandbox.botpress import tags
from trilogue_sandbox.botpress.conversation_tables import CONVERSATIONS, USERS
from trilogue_sandbox.botpress.declarations import Declarations
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.pagination import order_by, paginate
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import View, snake_case

USER = View[Actor]("User", USERS, computed={"tags": tags.VISIBLE}, columns={"attributes": "properties"})


def create(declarations: Declarations, given: Fields) -> Row:
    """Create a user from the fields of a request."""
    _require_installed(declarations, given)
    user = {
        "bot_id": declarations.actor.bot_id,
        "tags": tags.merged({}, tags.read(declarations, "user", given.object("tags"))),
        "name": given.optional_string("name"),
        "picture_url": given.optional_string("pictureUrl"),
        "properties": tags.merged({}, _properties(given), removed_by=(None,)),
    }
    return declarations.actor.records.add(USERS, user)


def get_or_create(declarations: Declarations, given: Fields) -> tuple[Row, bool]:
    """Return the user with the same tags, changed as the request says, or a new one; and whether it is new."""
    _require_installed(declarations, given)
    actor, wanted = declarations.actor, tags.read(declarations, "user", given.object("tags"))
    others = actor.rows(USERS).where("item.id != item.bot_id")
    row = tags.find_same(actor, others, wanted, given.optional_strings("discriminateByTags"))
    return (create(declarations, given), True) if row is None else (_change(declarations, row, given), False)


def _require_installed(declarations: Declarations, given: Fields) -> None:
    """Make sure that the actor may make users for the integration that a request names."""
    name = given.optional_string("integrationName")
    installed = [found.installation.name for found in declarations.writable if found.installation]
    if name is not None and name not in installed:
        raise ApiError("ReferenceNotFound", f"integrationName: no integration {name!r} is installed in the bot")


def _change(declarations: Declarations, row: Row, given: Fields) -> Row:
    changed = {
        "tags": tags.merged(row["tags"], tags.read(declarations, "user", given.object("tags"))),
        "properties": tags.merged(row["properties"], _properties(given), removed_by=(None,)),
        "name": given.optional_string("name") if "name" in given else row["name"],
        "picture_url": given.optional_string("pictureUrl") if "pictureUrl" in given else row["picture_url"],
    }
    return declarations.actor.records.touch(USERS, row, **changed)


def _properties(given: Fields) -> JsonObject:
    """Return the properties of a request, which may still call them by their former name."""
    return {**given.object("attributes"), **given.object("properties")}


def _list(exchange: Exchange) -> JsonObject:
    query, actor = exchange.query, exchange.actor
    select = tags.having(actor, actor.rows(USERS), query.object("tags"))
    if conversation_id := query.optional_string("conversationId"):
        conversation = actor.find(CONVERSATIONS, conversation_id)
        participants = "SELECT user_id FROM botpress_participants WHERE conversation_id = ?"
        select = select.where(f"item.id IN ({participants})", conversation["id"])
    first, last = query.optional_timestamp("afterDate"), query.optional_timestamp("beforeDate")
    select = select.between(snake_case(query.string("rangeField", "createdAt")), first, last)
    column = snake_case(query.string("sortField", "createdAt"))
    order = order_by(f"item.{column}", query.optional_string("sortDirection"))
    return paginate(exchange, "users", select, USER.show, order)


def _delete(exchange: Exchange) -> JsonObject:
    if exchange.path.string("id") == exchange.bot_id:
        raise ApiError("Forbidden", "the user is the bot itself; deleteBot deletes both")
    return HANDLERS.delete(exchange)


HANDLERS = tags.TaggedHandlers(USER, create, get_or_create, _change)
RESOURCE = Resource(
    tables=(USERS,),
    operations={
        "listUsers": _list,
        "createUser": HANDLERS.create,
        "getOrCreateUser": HANDLERS.get_or_create,
        "getUser": HANDLERS.get,
        "updateUser": HANDLERS.update,
        "deleteUser": _delete,
    },
)
