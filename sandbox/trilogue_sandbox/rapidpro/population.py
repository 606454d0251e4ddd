"""Contacts and what was said with them, in any number, all of it made up."""

from __future__ import annotations

import json
import random
import sqlite3
import uuid
from collections.abc import Iterator, Sequence

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.rapidpro import campaign_schedule, memberships
from trilogue_sandbox.rapidpro.tenants import Tenant

_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_DAY = 1440 * _MINUTE

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
_MANUAL_GROUPS = "SELECT id FROM rapidpro_groups WHERE workspace_id = ? AND query IS NULL AND is_active ORDER BY id"
_WAYS = (
    "SELECT urn.contact_id, urn.id AS urn_id, MIN(channel.id) AS channel_id FROM rapidpro_contacts AS contact"
    " JOIN rapidpro_urns AS urn ON urn.contact_id = contact.id"
    " JOIN rapidpro_channels AS channel ON channel.workspace_id = contact.workspace_id AND channel.is_active"
    " AND EXISTS (SELECT 1 FROM json_each(channel.schemes) WHERE value = urn.scheme)"
    " WHERE contact.workspace_id = ? AND contact.is_active AND contact.status = 'active'"
    " GROUP BY urn.id ORDER BY urn.id LIMIT 10000"
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


def make_contacts(tenant: Tenant, count: int, modified_on: int | None = None) -> None:
    """Add contacts; all of them last modified at one moment if it is given."""
    first = next_id(tenant, "contacts")
    draws = random.Random(tenant.world.random.getrandbits(64))
    now = tenant.now
    groups = [row["id"] for row in tenant.store.all(_MANUAL_GROUPS, tenant.workspace.id)]
    for start in range(first, first + count, _BATCH):
        numbers = range(start, min(start + _BATCH, first + count))
        people = [
            _draw_contact(tenant.workspace.id, now, draws.getrandbits(128), number, modified_on) for number in numbers
        ]
        tenant.store.run_many(
            "INSERT INTO rapidpro_contacts (id, uuid, workspace_id, name, language, status, fields, last_seen_on,"
            " created_on, modified_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            people,
        )
        tenant.store.run_many(
            "INSERT OR IGNORE INTO rapidpro_urns (workspace_id, contact_id, scheme, path, display, priority)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (urn for number in numbers for urn in _draw_urns(tenant.workspace.id, number)),
        )
        active = [(number, person[9]) for number, person in zip(numbers, people, strict=True) if person[5] == "active"]
        tenant.store.run_many(
            "INSERT INTO rapidpro_memberships VALUES (?, ?, ?)", _draw_memberships(draws, groups, active)
        )
    memberships.fill_all(tenant)
    for group_id in groups:
        campaign_schedule.reschedule_group(tenant, group_id)


def _draw_contact(workspace_id: int, now: int, bits: int, number: int, modified_on: int | None) -> tuple[SqlValue, ...]:
    created_on = now - _DAY - (bits >> 30 & 0xFFFF) * _MINUTE - number % _MINUTE
    return (
        number,
        uuid4(bits),
        workspace_id,
        None if bits & 31 == 0 else _NAMES[(bits >> 8) % len(_NAMES)],
        _LANGUAGES[(bits >> 50) % len(_LANGUAGES)],
        _STATUSES[(bits >> 58) % len(_STATUSES)],
        _draw_fields(bits >> 66 & 63),
        created_on + _DAY // 2 if bits >> 44 & 1 else None,
        created_on,
        created_on + _DAY if modified_on is None else modified_on,
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


def make_messages(tenant: Tenant, count: int) -> None:
    """Add messages of both directions between the workspace and its active contacts, one a minute until now."""
    first = next_id(tenant, "messages")
    ways = tenant.store.all(_WAYS, tenant.workspace.id)
    if not ways:
        return
    draws, start = random.Random(tenant.world.random.getrandbits(64)), tenant.now - count * _MINUTE
    tenant.store.run_many(
        "INSERT INTO rapidpro_messages (id, uuid, workspace_id, contact_id, urn_id, channel_id, direction, status,"
        " visibility, text, created_on, sent_on, modified_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (first + place, *_draw_message(tenant.workspace.id, draws.getrandbits(128), start + place * _MINUTE, ways))
            for place in range(count)
        ),
    )
    _label_messages(tenant, first)


def _draw_message(workspace_id: int, bits: int, created_on: int, ways: Sequence[sqlite3.Row]) -> tuple[SqlValue, ...]:
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
        None if status in ("handled", "failed") else created_on + _SECOND,
        created_on + 2 * _SECOND,
    )


def make_broadcasts(tenant: Tenant, count: int) -> None:
    """Add broadcasts that were sent to some of the contacts, a few at a time."""
    ways = tenant.store.all(_WAYS, tenant.workspace.id)
    for number in range(count):
        moment, bits = tenant.now - (count - number) * _DAY, tenant.world.random.getrandbits(80)
        reached = ways[number % len(ways) :][:3] if ways else []
        text = _NEWS[number % len(_NEWS)]
        said: JsonObject = {"text": text, "attachments": [], "quick_replies": []}
        broadcast_id = tenant.store.insert(
            "INSERT INTO rapidpro_broadcasts (uuid, workspace_id, status, total, started, translations, base_language,"
            " created_on, modified_on) VALUES (?, ?, 'completed', ?, ?, ?, ?, ?, ?)",
            *(uuid7(moment, bits), tenant.workspace.id, len(reached) or -1, len(reached)),
            *(json.dumps({tenant.workspace.language: said}), tenant.workspace.language, moment, moment + _MINUTE),
        )
        for way in reached:
            _make_broadcast_message(tenant, broadcast_id, way, text, moment)


def _make_broadcast_message(tenant: Tenant, broadcast_id: int, way: sqlite3.Row, text: str, moment: int) -> None:
    tenant.store.run("INSERT OR IGNORE INTO rapidpro_broadcast_contacts VALUES (?, ?)", broadcast_id, way["contact_id"])
    tenant.store.run(
        "INSERT INTO rapidpro_messages (uuid, workspace_id, contact_id, urn_id, channel_id, broadcast_id, direction,"
        " status, text, created_on, sent_on, modified_on) VALUES (?, ?, ?, ?, ?, ?, 'out', 'delivered', ?, ?, ?, ?)",
        *(uuid7(moment, tenant.world.random.getrandbits(80)), tenant.workspace.id, way["contact_id"], way["urn_id"]),
        *(way["channel_id"], broadcast_id, text, moment, moment + _SECOND, moment + 2 * _SECOND),
    )


def _label_messages(tenant: Tenant, first: int) -> None:
    """Put the workspace's labels on every tenth of the incoming messages from a number on."""
    tenant.store.run(
        "INSERT INTO rapidpro_message_labels SELECT label.id, message.id, message.created_on, message.visibility"
        " FROM rapidpro_messages AS message"
        " JOIN rapidpro_labels AS label ON label.workspace_id = message.workspace_id AND label.is_active"
        " AND (message.id / 10 + label.id) % 3 = 0"
        " WHERE message.workspace_id = ? AND message.id >= ? AND message.direction = 'in' AND message.id % 10 = 0",
        *(tenant.workspace.id, first),
    )


def next_id(tenant: Tenant, table: str) -> int:
    """Return the number that the next row of `rapidpro_<table>` has."""
    row = tenant.store.one(f"SELECT COALESCE(MAX(id), 0) + 1 AS next FROM rapidpro_{table}")
    return row["next"] if row else 1


def uuid4(bits: int) -> str:
    """Return a random UUID made of 128 random bits."""
    return str(uuid.UUID(int=bits, version=4))


def uuid7(moment: int, bits: int) -> str:
    """Return a UUID of a moment, in microseconds since 1970, and of 80 of some random bits."""
    number = moment // 1000 << 80 | bits & (1 << 80) - 1
    return str(uuid.UUID(int=number & ~(0xF << 76 | 0b11 << 62) | 7 << 76 | 0b10 << 62))
