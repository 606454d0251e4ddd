"""Contacts and what was said with them, in any number, all of it made up."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.ids import format_uuid
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.timestamps import DAY, MINUTE, SECOND
from trilogue_sandbox.rapidpro import campaign_schedule, memberships
from trilogue_sandbox.rapidpro.broadcasts import BROADCAST_CONTACTS, BROADCASTS
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.tables import CONTACTS, GROUPS, MEMBERSHIPS, MESSAGES, URNS

_FIRST_NAMES = (
    "Aline Amina Ange Beatrice Celestin Chantal Claude Diane Emmanuel Esther Eugene Fabrice Grace Immaculee Innocent"
    " Jean Josiane Kevin Liliane Marie Odette Olivier Patrick Rose Samuel Solange Théo Vestine Yves Zoé"
)
_LAST_NAMES = (
    "Bizimana Gasana Habimana Hakizimana Ingabire Iradukunda Kabera Kagabo Kamanzi Mugisha Mukamana Mutesi Ndayisaba"
    " Niyonzima Nkurunziza Nshimiyimana Okello Rukundo Tuyisenge Umutoni Uwase Uwimana"
)
_NAMES = tuple(f"{first} {last}" for first in _FIRST_NAMES.split() for last in _LAST_NAMES.split())
_DISTRICTS = ("Rwanda > Kigali City > Gasabo", "Rwanda > Kigali City > Nyarugenge", "Rwanda > Southern > Huye")
_BATCH = 10_000
_WAYS = (
    "SELECT urn.contact_id, urn.id AS urn_id, MIN(channel.id) AS channel_id FROM rapidpro_contacts AS contact"
    " JOIN rapidpro_urns AS urn ON urn.contact_id = contact.id"
    " JOIN rapidpro_channels AS channel ON channel.workspace_id = contact.workspace_id AND channel.is_active"
    " AND EXISTS (SELECT 1 FROM json_each(channel.schemes) WHERE value = urn.scheme)"
    " WHERE contact.workspace_id = ? AND contact.is_active AND contact.status = 'active'"
    " GROUP BY urn.id ORDER BY urn.id LIMIT 10000"
)
_LABEL_EVERY_TENTH = (
    "INSERT INTO rapidpro_labelled_messages (label_id, message_id, created_on, visibility)"
    " SELECT label.id, message.id, message.created_on, message.visibility FROM rapidpro_messages AS message"
    " JOIN rapidpro_labels AS label ON label.workspace_id = message.workspace_id AND label.is_active"
    " AND (message.id / 10 + label.id) % 3 = 0"
    " WHERE message.workspace_id = ? AND message.id >= ? AND message.direction = 'in' AND message.id % 10 = 0"
)
_STATUSES = ("active",) * 94 + ("blocked",) * 3 + ("stopped",) * 2 + ("archived",)
_LANGUAGES = ("kin",) * 6 + ("eng",) * 3 + (None,)

_QUESTIONS = (
    "How is the harvest?",
    "Did you get the seeds?",
    "Can you come on Monday?",
    "Muraho! How are you?",
    "Thanks!",
)
_NEWS = ("Rain is expected tomorrow.", "The market is open on Saturday.", "The clinic moved to the main road.")
_REPLIES = (
    "Yes",
    "No",
    "Yego",
    "Oya",
    "Not yet",
    "Tomorrow, I hope",
    "Murakoze 🙏",
    "The rain was late this year",
    "3",
)
_OUTCOMES = ("delivered",) * 6 + ("sent",) * 2 + ("wired", "failed")


_CONTACT_COLUMNS = (
    *("id", "uuid", "workspace_id", "name", "language", "status", "fields", "last_seen_on", "created_on"),
    "modified_on",
)
_URN_COLUMNS = ("workspace_id", "contact_id", "scheme", "path", "display", "priority")
_MESSAGE_COLUMNS = (
    *("id", "uuid", "workspace_id", "contact_id", "urn_id", "channel_id", "direction", "status", "visibility", "text"),
    *("created_on", "sent_on", "modified_on"),
)


def make_contacts(context: WorkspaceContext, count: int, modified_on: int | None = None) -> None:
    """Add contacts; all of them last modified at one time if it is given."""
    first, draws = next_id(context, CONTACTS), new_draws(context)
    manual = context.select(GROUPS, is_active=True).where("item.query IS NULL")
    groups, records, workspace_id = (
        [row["id"] for row in manual.all("ORDER BY item.id")],
        context.records,
        context.workspace.id,
    )
    now = context.now
    for start in range(first, first + count, _BATCH):
        numbers = range(start, min(start + _BATCH, first + count))
        people = [_draw_contact(workspace_id, now, draws.getrandbits(128), number, modified_on) for number in numbers]
        records.add_tuples(CONTACTS, _CONTACT_COLUMNS, people)
        urns = (urn for number in numbers for urn in _draw_urns(workspace_id, number))
        records.add_tuples(URNS, _URN_COLUMNS, urns)
        active = [(number, person[9]) for number, person in zip(numbers, people, strict=True) if person[5] == "active"]
        pairs = _draw_memberships(draws, groups, active)
        records.add_tuples(MEMBERSHIPS, ("group_id", "contact_id", "modified_on"), pairs)
    memberships.fill_all(context)
    for group_id in groups:
        campaign_schedule.reschedule_group(context, group_id)


def _draw_contact(workspace_id: int, now: int, bits: int, number: int, modified_on: int | None) -> tuple[SqlValue, ...]:
    created_on = now - DAY - (bits >> 30 & 0xFFFF) * MINUTE - number % MINUTE
    return (
        number,
        format_uuid(bits, version=4),
        workspace_id,
        None if bits & 31 == 0 else _NAMES[(bits >> 8) % len(_NAMES)],
        _LANGUAGES[(bits >> 50) % len(_LANGUAGES)],
        _STATUSES[(bits >> 58) % len(_STATUSES)],
        _draw_fields(bits >> 66 & 63),
        created_on + DAY // 2 if bits >> 44 & 1 else None,
        created_on,
        created_on + DAY if modified_on is None else modified_on,
    )


def _draw_fields(number: int) -> str:
    if number < 8:
        return "{}"
    district = _DISTRICTS[number % len(_DISTRICTS)]
    gender = "Female" if number & 1 else "Male"
    return f'{{"age": "{number + 7}", "gender": "{gender}", "district": "{district}"}}'


def _draw_urns(workspace_id: int, number: int) -> Iterator[tuple[SqlValue, ...]]:
    yield workspace_id, number, "tel", f"+25078{number % 10_000_000:07}", None, 1000
    if number % 7 == 0:
        yield workspace_id, number, "telegram", str(700_000 + number), f"user_{number}", 999


def _draw_memberships(
    draws: random.Random, groups: Sequence[int], people: Sequence[tuple[int, SqlValue]]
) -> Iterator[tuple[SqlValue, ...]]:
    if not groups:
        return
    for number, modified_on in people:
        drawn = draws.getrandbits(16)
        if drawn & 3:
            yield groups[drawn % len(groups)], number, modified_on


def make_messages(context: WorkspaceContext, count: int) -> None:
    """Add messages of both directions between the workspace and its active contacts, one a minute until now."""
    first = next_id(context, MESSAGES)
    ways = context.store.all(_WAYS, context.workspace.id)
    if not ways:
        return
    draws, start, workspace_id = new_draws(context), context.now - count * MINUTE, context.workspace.id
    rows = (
        (first + place, *_draw_message(workspace_id, draws.getrandbits(128), start + place * MINUTE, ways))
        for place in range(count)
    )
    context.records.add_tuples(MESSAGES, _MESSAGE_COLUMNS, rows)
    context.store.run(_LABEL_EVERY_TENTH, workspace_id, first)


def _draw_message(workspace_id: int, bits: int, created_on: int, ways: Sequence[Row]) -> tuple[SqlValue, ...]:
    way = ways[(bits >> 80) % len(ways)]
    is_incoming = bits % 9 < 4
    status = "handled" if is_incoming else _OUTCOMES[(bits >> 8) % len(_OUTCOMES)]
    texts = _REPLIES if is_incoming else _QUESTIONS
    return (
        uuid7(created_on, bits),
        workspace_id,
        way["contact_id"],
        way["urn_id"],
        way["channel_id"],
        "in" if is_incoming else "out",
        status,
        "archived" if is_incoming and bits >> 16 & 15 == 0 else "visible",
        texts[(bits >> 20) % len(texts)],
        created_on,
        None if status in ("handled", "failed") else created_on + SECOND,
        created_on + 2 * SECOND,
    )


def make_broadcasts(context: WorkspaceContext, count: int) -> None:
    """Add broadcasts that were sent to some of the contacts, a few at a time."""
    ways, language = context.store.all(_WAYS, context.workspace.id), context.workspace.language
    for number in range(count):
        sent_on, bits = context.now - (count - number) * DAY, context.world.random.getrandbits(80)
        reached = ways[number % len(ways) :][:3] if ways else []
        text = _NEWS[number % len(_NEWS)]
        said: JsonObject = {"text": text, "attachments": [], "quick_replies": []}
        broadcast = context.add(
            BROADCASTS,
            uuid=uuid7(sent_on, bits),
            status="completed",
            total=len(reached) or -1,
            started=len(reached),
            translations={language: said},
            base_language=language,
            created_on=sent_on,
            modified_on=sent_on + MINUTE,
        )
        for way in reached:
            _make_broadcast_message(context, broadcast["id"], way, text, sent_on)


def _make_broadcast_message(context: WorkspaceContext, broadcast_id: int, way: Row, text: str, sent_on: int) -> None:
    context.records.add_if_new(BROADCAST_CONTACTS, {"broadcast_id": broadcast_id, "contact_id": way["contact_id"]})
    context.add(
        MESSAGES,
        uuid=uuid7(sent_on, context.world.random.getrandbits(80)),
        **{name: way[name] for name in ("contact_id", "urn_id", "channel_id")},
        broadcast_id=broadcast_id,
        direction="out",
        status="delivered",
        text=text,
        created_on=sent_on,
        sent_on=sent_on + SECOND,
        modified_on=sent_on + 2 * SECOND,
    )


def next_id(context: WorkspaceContext, table: Table) -> int:
    """Return the number that the next row of a table has."""
    row = context.records.select(table, "MAX(item.id) AS last").first()
    return (row["last"] or 0) + 1 if row else 1


def new_draws(context: WorkspaceContext) -> random.Random:
    """Return a stream of chance for many draws, which is cheaper than the one in the store."""
    return random.Random(context.world.random.getrandbits(64))


def uuid7(timestamp: int, bits: int) -> str:
    """Return a UUID of a time, in microseconds since 1970, and of 80 of some random bits."""
    return format_uuid(timestamp // 1000 << 80 | bits & (1 << 80) - 1, version=7)
