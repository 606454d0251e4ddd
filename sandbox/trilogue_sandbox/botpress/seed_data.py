"""More of everything, as much as is asked for: `{"users": 500, "messages": 10000}`.

Keys: users, conversations, messages (in the conversations there are then), files, rows (in a table of their own).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from trilogue_sandbox.botpress import (
    arguments,
    bot_tables,
    documents,
    file_contents,
    files,
    row_writing,
    seeding,
    timestamps,
)
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.file_access import Owner
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.ids import Ids
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.world import World

_NAMES = ("Ada", "Ben", "Chantal", "Eric", "Grace", "Jean", "Mary", "Paul", "Rose", "Sam")
_TOPICS = ("delivery", "invoice", "opening hours", "repair")
_WORDS = ("please", "thank", "you", "when", "where", "parcel", "today", "tomorrow", "open", "price")
_MINUTE = 60_000_000


class _Batch:
    """Chance and ids for many rows at once, drawn from the seed but not kept in the store one by one."""

    def __init__(self, world: World, value: Json, name: str) -> None:
        self.count = arguments.count(value, name)
        self.draws = random.Random(world.ids.token())
        self.ids = Ids(self.draws, world.clock)
        self._first = timestamps.now(world) - self.count * _MINUTE

    def times(self) -> Iterable[int]:
        """Return a moment for each row, a minute apart, the last one now."""
        return range(self._first + _MINUTE, self._first + (self.count + 1) * _MINUTE, _MINUTE)


def _make_users(world: World, value: Json) -> object:
    batch = _Batch(world, value, "users")
    rows = [_user(batch, at) for at in batch.times()]
    world.store.run_many("INSERT INTO botpress_users VALUES (?, ?, ?, ?, NULL, '{}', ?, ?)", rows)
    return [row[0] for row in rows]


def _user(batch: _Batch, at: int) -> tuple[SqlValue, ...]:
    tags = documents.encode({"plan": batch.draws.choice(("free", "paid")), "language": "en"})
    return batch.ids.prefixed("user"), seeding.BOT_ID, tags, batch.draws.choice(_NAMES), at, at


def _make_conversations(world: World, value: Json) -> object:
    batch = _Batch(world, value, "conversations")
    rows = [_conversation(batch, at) for at in batch.times()]
    world.store.run_many(
        "INSERT INTO botpress_conversations VALUES (?, ?, 'telegram', 'telegram', 'channel', ?, '{}', 0, ?, ?)", rows
    )
    return [row[0] for row in rows]


def _conversation(batch: _Batch, at: int) -> tuple[SqlValue, ...]:
    tags = documents.encode({"topic": batch.draws.choice(_TOPICS), "telegram:id": str(batch.draws.randrange(10**9))})
    return batch.ids.prefixed("conv"), seeding.BOT_ID, tags, at, at


def _make_messages(world: World, value: Json) -> object:
    batch = _Batch(world, value, "messages")
    places = _ids(world, "botpress_conversations")
    people = _ids(world, "botpress_users")
    rows = [_message(batch, at, places, people) for at in batch.times()]
    world.store.run_many("INSERT INTO botpress_messages VALUES (?, ?, ?, ?, 'text', ?, ?, '{}', NULL, 1, ?, ?)", rows)
    world.store.run_many(
        "INSERT OR IGNORE INTO botpress_participants VALUES (?, ?)", [(row[2], row[3]) for row in rows]
    )
    world.store.run(
        "UPDATE botpress_conversations SET message_count ="
        " (SELECT COUNT(*) FROM botpress_messages AS item WHERE item.conversation_id = botpress_conversations.id"
        " AND item.is_said) WHERE bot_id = ?",
        seeding.BOT_ID,
    )
    return [row[0] for row in rows]


def _message(batch: _Batch, at: int, places: list[str], people: list[str]) -> tuple[SqlValue, ...]:
    text = " ".join(batch.draws.choices(_WORDS, k=5))
    direction = batch.draws.choice(("incoming", "outgoing"))
    place, speaker = batch.draws.choice(places), batch.draws.choice(people)
    payload = documents.encode({"text": text})
    return batch.ids.prefixed("msg"), seeding.BOT_ID, place, speaker, payload, direction, at, at


def _ids(world: World, table: str) -> list[str]:
    rows = world.store.all(f"SELECT id FROM {table} WHERE bot_id = ? ORDER BY rowid", seeding.BOT_ID)
    return [row["id"] for row in rows]


def _make_files(world: World, value: Json) -> object:
    batch, made = _Batch(world, value, "files"), list[str]()
    for number in range(batch.count):
        content = " ".join(batch.draws.choices(_WORDS, k=20)).encode()
        described: JsonObject = {
            "key": f"seeded/{batch.ids.ulid()}.txt",
            "size": len(content),
            "index": number % 2 == 0,
            "tags": {"topic": batch.draws.choice(_TOPICS)},
        }
        file_id = files.put(world, seeding.BOT_ID, Owner("bot", seeding.BOT_ID), Fields(described))
        file_contents.store(world, file_id, content)
        made.append(file_id)
    return made


def _make_rows(world: World, value: Json) -> object:
    batch = _Batch(world, value, "rows")
    bot, name = Actor(world, seeding.BOT_ID), f"Seeded{batch.ids.ulid()[-6:]}Table"
    example: JsonObject = {"topic": "repair", "price": 1.5, "isPaid": True}
    table = bot_tables.make(bot, name, Fields({"schema": example}))
    rows: Iterable[JsonObject] = (
        {
            "topic": batch.draws.choice(_TOPICS),
            "price": batch.draws.randrange(10_000) / 100,
            "isPaid": batch.draws.random() < 0.5,
        }
        for _ in range(batch.count)
    )
    row_writing.insert(world, table, rows)
    return {"table": table.name, "rows": batch.count}


_MAKERS: dict[str, Callable[[World, Json], object]] = {
    "users": _make_users,
    "conversations": _make_conversations,
    "messages": _make_messages,
    "files": _make_files,
    "rows": _make_rows,
}

RESOURCE = Resource(makers=_MAKERS)
