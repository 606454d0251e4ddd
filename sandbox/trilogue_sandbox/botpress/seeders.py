"""More of what a bot holds, as much as is asked for: `{"users": 500, "messages": 10000}`.

Keys: users, conversations, messages (in the conversations there are then), files, rows (in a table of their own).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trilogue_sandbox.botpress import file_contents, files, row_writing, tables
from trilogue_sandbox.botpress.conversation_tables import CONVERSATIONS, MESSAGES, PARTICIPANTS, USERS
from trilogue_sandbox.botpress.credentials import BOT_ID
from trilogue_sandbox.botpress.exchange import Actor, Resource
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.ids import Ids
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.table import Table
from trilogue_sandbox.kernel.timestamps import MINUTE
from trilogue_sandbox.kernel.world import World

_NAMES = ("Ada", "Ben", "Chantal", "Eric", "Grace", "Jean", "Mary", "Paul", "Rose", "Sam")
_TOPICS = ("delivery", "invoice", "opening hours", "repair")
_EXAMPLE: JsonObject = {"topic": "repair", "price": 1.5, "isPaid": True}
_WORDS = ("please", "thank", "you", "when", "where", "parcel", "today", "tomorrow", "open", "price")


class _Batch:
    """Random choices and ids for many rows at once, drawn from the seed but not kept in the store one by one."""

    def __init__(self, world: World, count: int) -> None:
        self.count = count
        self.draws = random.Random(world.ids.token())
        self.ids = Ids(self.draws, world.clock)
        self._first = world.now - self.count * MINUTE

    @property
    def times(self) -> Iterable[int]:
        """A time for each row; they are a minute apart, the last one is now."""
        return range(self._first + MINUTE, self._first + (self.count + 1) * MINUTE, MINUTE)

    def row(self, prefix: str, at: int) -> JsonObject:
        """Return id, bot and timestamps of a row."""
        return {"id": self.ids.prefixed(prefix), "bot_id": BOT_ID, "created_at": at, "updated_at": at}


def _seed_users(world: World, number: int) -> object:
    batch = _Batch(world, number)
    choose = batch.draws.choice
    rows = [
        {"tags": {"plan": choose(("free", "paid")), "language": "en"}, **batch.row("user", at), "name": choose(_NAMES)}
        for at in batch.times
    ]
    return _add(world, USERS, rows)


def _seed_conversations(world: World, number: int) -> object:
    batch = _Batch(world, number)
    channel: JsonObject = {"integration": "telegram", "alias": "telegram", "channel": "channel"}
    rows = [
        {
            "tags": {"topic": batch.draws.choice(_TOPICS), "telegram:id": str(batch.draws.randrange(10**9))},
            **batch.row("conv", at),
            **channel,
        }
        for at in batch.times
    ]
    return _add(world, CONVERSATIONS, rows)


def _seed_messages(world: World, number: int) -> object:
    batch = _Batch(world, number)
    choose, conversations, users = batch.draws.choice, _ids(world, CONVERSATIONS), _ids(world, USERS)
    rows: list[JsonObject] = [
        {
            "type": "text",
            "payload": {"text": " ".join(batch.draws.choices(_WORDS, k=5))},
            "direction": choose(("incoming", "outgoing")),
            "conversation_id": choose(conversations),
            "user_id": choose(users),
            "tags": {},
            **batch.row("msg", at),
        }
        for at in batch.times
    ]
    added = _add(world, MESSAGES, rows)
    world.store.run(
        f"INSERT OR IGNORE INTO {PARTICIPANTS.name} SELECT conversation_id, user_id FROM {MESSAGES.name}"
        " WHERE user_id IN (SELECT id FROM botpress_users)"
    )
    sent = f"SELECT COUNT(*) FROM {MESSAGES.name} WHERE conversation_id = item.id AND is_sent"
    world.records.select(CONVERSATIONS, bot_id=BOT_ID).change(f"message_count = ({sent})")
    return added


def _add(world: World, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[Json]:
    world.records.add_many(table, rows)
    return [row["id"] for row in rows]


def _ids(world: World, table: Table) -> list[str]:
    return [row["id"] for row in world.records.select(table, "item.id", bot_id=BOT_ID).all("ORDER BY item.rowid")]


def _seed_files(world: World, number: int) -> object:
    batch, bot, added = _Batch(world, number), Actor(world, BOT_ID), list[str]()
    for index in range(batch.count):
        content = " ".join(batch.draws.choices(_WORDS, k=20)).encode()
        described: JsonObject = {
            "key": f"seeded/{batch.ids.ulid()}.txt",
            "size": len(content),
            "index": index % 2 == 0,
            "tags": {"topic": batch.draws.choice(_TOPICS)},
        }
        row = files.put(bot, Fields(described))
        file_contents.store(world, row["id"], content)
        added.append(row["id"])
    return added


def _seed_rows(world: World, number: int) -> object:
    batch = _Batch(world, number)
    name, example = f"Seeded{batch.ids.ulid()[-6:]}Table", Fields({"schema": _EXAMPLE})
    table = tables.create(Actor(world, BOT_ID), name, example)
    rows: Iterable[JsonObject] = (
        {
            "topic": batch.draws.choice(_TOPICS),
            "price": batch.draws.randrange(10_000) / 100,
            "isPaid": batch.draws.random() < 0.5,
        }
        for _ in range(number)
    )
    row_writing.insert(world, table, rows)
    return {"table": name, "rows": batch.count}


RESOURCE = Resource(
    seeders={
        "users": counted(_seed_users),
        "conversations": counted(_seed_conversations),
        "messages": counted(_seed_messages),
        "files": counted(_seed_files),
        "rows": counted(_seed_rows),
    }
)
