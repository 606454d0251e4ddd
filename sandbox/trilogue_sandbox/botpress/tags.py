"""Tags: short strings by name. In the store they are a JSON object in the column `tags`.

Tags of users, conversations and messages belong to the bot or to an integration, which must declare them, and are kept
under their qualified names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from trilogue_sandbox.botpress.conversation_tables import CONVERSATIONS, MESSAGES, STATES, USERS, WORKFLOWS
from trilogue_sandbox.botpress.declarations import Declarations, Tagged
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, noun
from trilogue_sandbox.botpress.pagination import order_by, paginate
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import AMONG, Select, json_list
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.views import Computed, View, each

BY_VALUE = order_by("item.value", "asc")
REMOVED: tuple[Json, ...] = ("", None)
"""The values with which a request removes a tag."""

_HAS = "EXISTS (SELECT 1 FROM json_each(item.tags) WHERE key = ?)"
_HAS_ANY = f"EXISTS (SELECT 1 FROM json_each(item.tags) WHERE key = ? AND value {AMONG})"
_TABLES = {"user": USERS, "conversation": CONVERSATIONS, "message": MESSAGES}
_REFERENCES: dict[Table, str] = {USERS: "user_id", CONVERSATIONS: "conversation_id", WORKFLOWS: "parent_workflow_id"}
"""The columns of workflows that refer to each table."""


def matching(select: Select, tags: JsonObject) -> Select:
    """Return the rows with these tags; each has a value, a list of values, or a condition (`exists`, `in`, `not`)."""
    for key, wanted in tags.items():
        condition: JsonObject = wanted if isinstance(wanted, dict) else {"in": wanted}
        if "exists" in condition:
            select = select.where(_HAS if condition["exists"] else f"NOT {_HAS}", key)
        if "in" in condition:
            select = select.where(_HAS_ANY, key, _as_list(condition["in"]))
        if "not" in condition:
            select = select.where(f"NOT {_HAS_ANY}", key, _as_list(condition["not"]))
    return select


def _as_list(value: Json) -> str:
    return json_list(value if isinstance(value, list) else [value])


def merged(tags: JsonObject, changes: JsonObject, removed_by: Sequence[Json] = REMOVED) -> JsonObject:
    """Return tags with changes: named ones are set, others stay, and a value of `removed_by` removes one."""
    return {key: value for key, value in {**tags, **changes}.items() if value not in removed_by}


def values_of(select: Select, key: str) -> Select:
    """Return the values that a tag has in the rows of a selection, each once, as the column `value`."""
    return _distinct(select.where("tag.key = ?", key), "tag.value")


def keys_of(select: Select) -> Select:
    """Return the keys of the tags in the rows of a selection, each once, as the column `value`."""
    return _distinct(select, "tag.key")


def _distinct(select: Select, column: str) -> Select:
    conditions = " AND ".join(f"({condition})" for condition in select.conditions)
    table = (
        f"(SELECT MIN(item.rowid) AS rowid, {column} AS value FROM {select.table} AS item, json_each(item.tags) AS tag"
        f" WHERE {conditions} GROUP BY {column})"
    )
    return attrs.evolve(select, table=table, conditions=())


def read(declarations: Declarations, tagged: Tagged, given: JsonObject) -> JsonObject:
    """Return tags that a request sets, under their qualified names; raise InvalidPayload if one is not declared."""
    actor = declarations.actor
    qualified = {actor.qualify(key): value for key, value in given.items()}
    declared = declarations.tag_keys(tagged)
    for key, value in qualified.items():
        if key not in declared and value not in REMOVED:
            raise ApiError(
                "InvalidPayload",
                f"tags/{actor.unqualify(key)}: no {tagged} tag of this name is declared; the definition of the bot"
                f" (`{tagged}.tags` in updateBot) or of the integration declares it",
            )
    return qualified


def having(actor: Actor, select: Select, given: JsonObject) -> Select:
    """Return the rows with these tags, which are named as the actor sees them."""
    return matching(select, {actor.qualify(key): value for key, value in given.items()})


def find_same(actor: Actor, select: Select, qualified: JsonObject, keys: Sequence[str] | None) -> Row | None:
    """Return the first row of a selection with the same tags, as get-or-create looks for it.

    `keys` are the tags that have to be the same; the others are not compared. Without any, all that the actor sees have
    to be.
    """
    compared = {actor.qualify(key) for key in keys or ()}
    wanted = {
        key: value for key, value in qualified.items() if value not in REMOVED and (not compared or key in compared)
    }
    for row in matching(select, wanted).all("ORDER BY item.created_at, item.rowid"):
        if {key: row["tags"][key] for key in row["tags"] if _is_compared(actor, key, compared)} == wanted:
            return row
    return None


def _is_compared(actor: Actor, key: str, compared: set[str]) -> bool:
    return key in compared if compared else key.startswith(actor.prefix)


def _visible(actor: Actor, row: Row) -> Json:
    """Return the tags of a row as an actor sees them: the bot all of them, an integration its own."""
    return {actor.unqualify(key): value for key, value in row["tags"].items() if key.startswith(actor.prefix)}


VISIBLE: Computed[Actor] = each(_visible)


def show_values(_: Actor, rows: Sequence[Row]) -> Sequence[Json]:
    """Return the rows of `values_of` or `keys_of` as lists show them."""
    return [row["value"] for row in rows]


@attrs.frozen(eq=False)
class TaggedHandlers:
    """The operations that users, conversations and messages have in common."""

    view: View[Actor]
    add: Callable[[Declarations, Fields], Row]
    get_or_add: Callable[[Declarations, Fields], tuple[Row, bool]]
    change: Callable[[Declarations, Row, Fields], Row]

    def create(self, exchange: Exchange) -> JsonObject:
        """Create a row."""
        return self._show(exchange, self.add(Declarations.of(exchange.actor), exchange.body))

    def get_or_create(self, exchange: Exchange) -> JsonObject:
        """Return the row with the same tags, changed as the body says, or a new one."""
        row, is_new = self.get_or_add(Declarations.of(exchange.actor), exchange.body)
        return {**self._show(exchange, row), "meta": {"created": is_new}}

    def get(self, exchange: Exchange) -> JsonObject:
        """Return the row that the path names."""
        return self._show(exchange, self._find(exchange))

    def update(self, exchange: Exchange) -> JsonObject:
        """Change the row that the path names."""
        return self._show(exchange, self.change(Declarations.of(exchange.actor), self._find(exchange), exchange.body))

    def delete(self, exchange: Exchange) -> JsonObject:
        """Delete the row that the path names, with its states, unless an active workflow refers to it."""
        remove_with_states(exchange, self.view.table)
        return {}

    def _find(self, exchange: Exchange) -> Row:
        return exchange.actor.find(self.view.table, exchange.path.string("id"))

    def _show(self, exchange: Exchange, row: Row) -> JsonObject:
        return {noun(self.view.table): self.view.show_one(exchange.actor, row)}


def remove_with_states(exchange: Exchange, table: Table) -> Row:
    """Delete the user, conversation or workflow that the path names, with its states; return it as it was.

    Raises:
        ApiError: there is none (ResourceNotFound), or an active workflow refers to it (ReferenceConstraint).
    """
    row = exchange.actor.find(table, exchange.path.string("id"))
    if exchange.records.find(WORKFLOWS, is_active=True, **{_REFERENCES[table]: row["id"]}):
        message = "an active workflow refers to this; cancel or delete the workflow first"
        raise ApiError("ReferenceConstraint", message)
    exchange.records.select(STATES, bot_id=row["bot_id"], type=noun(table), owner_id=row["id"]).remove()
    exchange.records.remove(table, row)
    return row


def _list_values(exchange: Exchange) -> JsonObject:
    key = exchange.actor.qualify(exchange.path.string("key"))
    select = values_of(exchange.actor.rows(_TABLES[exchange.query.string("type")]), key)
    return paginate(exchange, "tags", select, each(lambda _, row: {"value": row["value"]}), BY_VALUE)


RESOURCE = Resource(operations={"listTagValues": _list_values})
