"""Conversations: where users and the bot write to each other on a channel."""

from __future__ import annotations

from collections.abc import Sequence

from trilogue_sandbox.botpress import tags
from trilogue_sandbox.botpress.conversation_tables import CONVERSATIONS, WORKFLOWS
from trilogue_sandbox.botpress.declarations import Declarations
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Installation, Resource
from trilogue_sandbox.botpress.pagination import order_by, paginate
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import View, constant, snake_case


def _current_workflows(actor: Actor, rows: Sequence[Row]) -> Sequence[Json]:
    active = (
        actor.records.select(WORKFLOWS).where("item.is_active").among("conversation_id", [row["id"] for row in rows])
    )
    newest = {workflow["conversation_id"]: workflow["id"] for workflow in active.all("ORDER BY item.rowid")}
    return [newest.get(row["id"]) for row in rows]


CONVERSATION = View[Actor](
    "Conversation",
    CONVERSATIONS,
    computed={"tags": tags.VISIBLE, "currentTaskId": constant(None), "currentWorkflowId": _current_workflows},
)


def create(declarations: Declarations, given: Fields) -> Row:
    """Create a conversation from the fields of a request."""
    carrier, actor = _carrier(declarations, given), declarations.actor
    conversation = {
        "bot_id": actor.bot_id,
        "integration": carrier.name,
        "alias": carrier.alias,
        "channel": given.string("channel"),
        "tags": tags.merged({}, tags.read(declarations, "conversation", given.object("tags"))),
        "properties": tags.merged({}, given.object("properties"), removed_by=(None,)),
    }
    return actor.records.add(CONVERSATIONS, conversation)


def get_or_create(declarations: Declarations, given: Fields) -> tuple[Row, bool]:
    """Return the conversation of the channel with the same tags, changed as the request says, or a new one.

    The second value says whether it is new.
    """
    actor, alias = declarations.actor, _carrier(declarations, given).alias
    select = actor.rows(CONVERSATIONS).equal("channel", given.string("channel")).equal("alias", alias)
    wanted = tags.read(declarations, "conversation", given.object("tags"))
    row = tags.find_same(actor, select, wanted, given.optional_strings("discriminateByTags"))
    return (create(declarations, given), True) if row is None else (_change(declarations, row, given), False)


def _change(declarations: Declarations, row: Row, given: Fields) -> Row:
    changed = tags.merged(row["tags"], tags.read(declarations, "conversation", given.object("tags")))
    properties = tags.merged(row["properties"], given.object("properties"), removed_by=(None,))
    return declarations.actor.records.touch(CONVERSATIONS, row, tags=changed, properties=properties)


def _carrier(declarations: Declarations, given: Fields) -> Installation:
    """Return the integration on whose channel a conversation takes place.

    For an integration this is itself. For the bot it is the one it names, or the first one that has the channel.
    """
    channel, name = given.string("channel"), given.optional_string("integrationName")
    for declaration in declarations.writable:
        installation = declaration.installation
        if installation and declaration.channel(channel) and name in (None, installation.name):
            return installation
    raise ApiError("ReferenceNotFound", f"channel: no integration installed in the bot has the channel {channel!r}")


def _list(exchange: Exchange) -> JsonObject:
    query, actor = exchange.query, exchange.actor
    select = tags.having(actor, actor.rows(CONVERSATIONS), query.object("tags"))
    select = _with_participants(select, query.strings("participantIds"))
    select = select.equal("integration", query.optional_string("integrationName"))
    select = select.equal("channel", query.optional_string("channel"))
    first, last = query.optional_timestamp("afterDate"), query.optional_timestamp("beforeDate")
    select = select.between("created_at", first, last)
    fewest, most = query.optional_integer("minMessageCount"), query.optional_integer("maxMessageCount")
    select = select.between("message_count", fewest, most)
    column = snake_case(query.string("sortField", "createdAt"))
    order = order_by(f"item.{column}", query.optional_string("sortDirection"))
    return paginate(exchange, "conversations", select, CONVERSATION.show, order)


def _with_participants(select: Select, user_ids: list[str]) -> Select:
    participates = "SELECT 1 FROM botpress_participants WHERE conversation_id = item.id AND user_id = ?"
    for user_id in user_ids:
        select = select.where(f"EXISTS ({participates})", user_id)
    return select


HANDLERS = tags.TaggedHandlers(CONVERSATION, create, get_or_create, _change)
RESOURCE = Resource(
    tables=(CONVERSATIONS,),
    operations={
        "listConversations": _list,
        "createConversation": HANDLERS.create,
        "getOrCreateConversation": HANDLERS.get_or_create,
        "getConversation": HANDLERS.get,
        "updateConversation": HANDLERS.update,
        "deleteConversation": HANDLERS.delete,
    },
)
