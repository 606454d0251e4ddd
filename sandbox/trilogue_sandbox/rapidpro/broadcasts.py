"""Broadcasts: one text to many contact_changes, sent step by step."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, contact_changes, outgoing, references, templating, timestamps, urns
from trilogue_sandbox.rapidpro.contents import ATTACHMENTS, MAX_TEXT, QUICK_REPLIES, QuickReply
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.fields import Items, References, Text, optional
from trilogue_sandbox.rapidpro.refer import contact_refs, refs
from trilogue_sandbox.rapidpro.tenants import Tenant
from trilogue_sandbox.rapidpro.translations import LanguageField, Translations
from trilogue_sandbox.rapidpro.urns import Urn, UrnField

_TABLE = "rapidpro_broadcasts"

_STEP = timedelta(seconds=1)
_MAX_RECIPIENTS = 100
_BATCH = 100
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@attrs.frozen
class BroadcastBody:
    """What to say, and to whom."""

    urns: Sequence[Urn] = optional(Items(UrnField(), _MAX_RECIPIENTS), ())
    contacts: Sequence[sqlite3.Row] = optional(References(references.contact, _MAX_RECIPIENTS), ())
    groups: Sequence[sqlite3.Row] = optional(References(references.group, _MAX_RECIPIENTS), ())
    text: Mapping[str, str] = optional(Translations(Text(MAX_TEXT)), _NOTHING)
    attachments: Mapping[str, list[str]] = optional(Translations(ATTACHMENTS), _NOTHING)
    quick_replies: Mapping[str, list[QuickReply]] = optional(Translations(QUICK_REPLIES), _NOTHING)
    base_language: str | None = optional(LanguageField(), None)

    @property
    def languages(self) -> list[str]:
        """The languages of everything that is said, in the order in which they come up."""
        return list(dict.fromkeys([*self.text, *self.attachments, *self.quick_replies]))

    @property
    def translations(self) -> JsonObject:
        """What is said, by language, as it is kept."""
        return {
            language: {
                "text": self.text.get(language),
                "attachments": [*self.attachments.get(language, [])],
                "quick_replies": [{**reply} for reply in self.quick_replies.get(language, [])],
            }
            for language in self.languages
        }


def list_broadcasts(call: Call) -> Response:
    """Answer GET."""
    select = call.with_uuid(call.select(_TABLE).where("item.is_active = 1"))
    if (number := call.integer("id")) is not None:
        select = select.where("item.id = ?", number)
    return call.page(call.within(select, "created_on"), NEWEST_FIRST, show_broadcasts)


def send_broadcast(call: Call) -> Response:
    """Answer POST."""
    body = call.body(BroadcastBody)
    _check(body)
    broadcast_id = _create(call.tenant, body)
    call.tenant.world.timers.after(_STEP, "queue_broadcast", {"broadcast": broadcast_id})
    return Response.json(call.shown(_TABLE, broadcast_id, show_broadcasts), 201)


def _check(body: BroadcastBody) -> None:
    if not body.text and not any(body.attachments.values()):
        raise invalid_together("Must provide either text or attachments.")
    if not (body.urns or body.contacts or body.groups):
        raise invalid_together("Must provide either urns, contacts or groups.")
    if body.base_language is None:
        return
    if body.base_language not in body.text:  # with attachments alone the real server fails (500)
        raise invalid_together("No text translation provided in base language.")
    if body.attachments and body.base_language not in body.attachments:
        raise invalid_together("No attachment translations provided in base language.")
    if body.quick_replies and body.base_language not in body.quick_replies:
        raise invalid_together("No quick_replies translations provided in base language.")


def _create(tenant: Tenant, body: BroadcastBody) -> int:
    broadcast_id = tenant.store.insert(
        "INSERT INTO rapidpro_broadcasts"
        " (uuid, workspace_id, urns, translations, base_language, created_on, modified_on)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(tenant.world.ids.uuid7(), tenant.workspace.id, json.dumps([str(urn) for urn in body.urns])),
        *(json.dumps(body.translations), body.base_language or body.languages[0], tenant.now, tenant.now),
    )
    tenant.store.run_many(
        "INSERT OR IGNORE INTO rapidpro_broadcast_contacts VALUES (?, ?)",
        [(broadcast_id, row["id"]) for row in body.contacts],
    )
    tenant.store.run_many(
        "INSERT OR IGNORE INTO rapidpro_broadcast_groups VALUES (?, ?)",
        [(broadcast_id, row["id"]) for row in body.groups],
    )
    return broadcast_id


def show_broadcasts(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return broadcasts as the API shows them."""
    contacts, groups = _read_contacts(tenant, rows), _read_groups(tenant, rows)
    return [
        {
            "uuid": row["uuid"],
            "status": row["status"],
            "progress": {"total": row["total"], "started": row["started"]},
            "urns": None if tenant.workspace.is_anonymous else json.loads(row["urns"]),
            "contacts": contacts.get(row["id"], []),
            "groups": groups.get(row["id"], []),
            **_show_translations(json.loads(row["translations"])),
            "base_language": row["base_language"],
            "created_on": timestamps.show(row["created_on"]),
            "id": row["id"],
        }
        for row in rows
    ]


def _show_translations(translations: Mapping[str, JsonObject]) -> JsonObject:
    parts = ("text", "attachments", "quick_replies")
    return {part: {language: said[part] for language, said in translations.items()} for part in parts}


def _read_contacts(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> Mapping[int, list[Json]]:
    pairs = tenant.store.all(
        "SELECT broadcast_id, contact_id FROM rapidpro_broadcast_contacts"
        " WHERE broadcast_id IN (SELECT value FROM json_each(?)) ORDER BY broadcast_id, contact_id",
        json.dumps([row["id"] for row in rows]),
    )
    mentions = contact_refs(tenant, [pair["contact_id"] for pair in pairs])
    return _gather((pair["broadcast_id"], mentions[pair["contact_id"]]) for pair in pairs)


def _read_groups(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> Mapping[int, list[Json]]:
    pairs = tenant.store.all(
        "SELECT broadcast_id, group_id FROM rapidpro_broadcast_groups"
        " WHERE broadcast_id IN (SELECT value FROM json_each(?)) ORDER BY broadcast_id, group_id",
        json.dumps([row["id"] for row in rows]),
    )
    mentions = refs(tenant, "groups", [pair["group_id"] for pair in pairs])
    return _gather((pair["broadcast_id"], mentions[pair["group_id"]]) for pair in pairs)


def _gather(pairs: Iterable[tuple[int, Json]]) -> Mapping[int, list[Json]]:
    gathered: defaultdict[int, list[Json]] = defaultdict(list)
    for number, mention in pairs:
        gathered[number].append(mention)
    return gathered


def queue_broadcast(world: World, given: JsonObject) -> None:
    """Find out whom a `broadcast`, by its number, is for, and plan the batches."""
    broadcast = _read(world, given)
    if broadcast["status"] != "pending":
        return
    tenant = Tenant.load(world, broadcast["workspace_id"])
    recipients = _find_recipients(tenant, broadcast)
    for start in range(0, len(recipients), _BATCH):
        batch: list[Json] = [*recipients[start : start + _BATCH]]
        is_last = start + _BATCH >= len(recipients)
        planned: JsonObject = {"broadcast": broadcast["id"], "contacts": batch, "is_last": is_last}
        world.timers.after((start // _BATCH + 1) * _STEP, "send_batch", planned)
    tenant.store.run(
        "UPDATE rapidpro_broadcasts SET status = ?, total = ?, modified_on = ? WHERE id = ?",
        *("queued" if recipients else "completed", len(recipients) or -1, tenant.now, broadcast["id"]),
    )


def send_batch(world: World, given: JsonObject) -> None:
    """Make the messages of a `broadcast` to some `contacts`, by their numbers; the `is_last` batch completes it."""
    broadcast, numbers = _read(world, given), given.get("contacts")
    if not isinstance(numbers, list):
        raise ControlError("`contacts` is a list of numbers", "contacts")
    tenant = Tenant.load(world, broadcast["workspace_id"])
    outgoing.send_broadcast(tenant, broadcast["id"], _contents(tenant, broadcast, numbers))
    tenant.store.run(
        "UPDATE rapidpro_broadcasts SET status = ?, started = started + ?, modified_on = ? WHERE id = ?",
        *("completed" if given.get("is_last") else "started", len(numbers), tenant.now, broadcast["id"]),
    )


def _read(world: World, given: JsonObject) -> sqlite3.Row:
    number = arguments.integer(given, "broadcast")
    row = world.store.one("SELECT * FROM rapidpro_broadcasts WHERE id = ?", number)
    if row is None:
        raise ControlError(f"`broadcast`: there is none with the number {number}", "broadcast")
    return row


def _find_recipients(tenant: Tenant, broadcast: sqlite3.Row) -> list[int]:
    """Return the numbers of everyone a broadcast is for, each once; a URN that nobody has becomes a contact."""
    rows = tenant.store.all(
        "SELECT recipient.contact_id FROM ("
        "SELECT contact_id FROM rapidpro_broadcast_contacts WHERE broadcast_id = ?"
        " UNION SELECT member.contact_id FROM rapidpro_broadcast_groups AS chosen"
        " JOIN rapidpro_memberships AS member ON member.group_id = chosen.group_id WHERE chosen.broadcast_id = ?"
        ") AS recipient JOIN rapidpro_contacts AS contact ON contact.id = recipient.contact_id AND contact.is_active"
        " ORDER BY recipient.contact_id",
        *(broadcast["id"], broadcast["id"]),
    )
    parsed = (urns.parse(text, "") for text in json.loads(broadcast["urns"]))
    owners = [contact_changes.contact_of_urn(tenant, urn) for urn in parsed if urn]
    return list(dict.fromkeys([*(row["contact_id"] for row in rows), *owners]))


def _contents(tenant: Tenant, broadcast: sqlite3.Row, numbers: Collection[Json]) -> dict[int, outgoing.Content]:
    translations = json.loads(broadcast["translations"])
    shared = templating.values_of_globals(tenant)
    rows = tenant.store.all(
        "SELECT id, language FROM rapidpro_contacts WHERE is_active AND id IN (SELECT value FROM json_each(?))",
        json.dumps([*numbers]),
    )
    contents: dict[int, outgoing.Content] = {}
    for row in rows:
        said = translations[_choose_language(tenant, broadcast, translations, row["language"])]
        known = shared | templating.values_of_contact(tenant, row["id"])
        text = templating.fill_in(said["text"] or "", known)
        contents[row["id"]] = outgoing.Content(text, said["attachments"], said["quick_replies"])
    return contents


def _choose_language(
    tenant: Tenant, broadcast: sqlite3.Row, translations: Collection[str], language: str | None
) -> str:
    spoken = [language] if language in tenant.workspace.languages else []
    wanted = [*spoken, tenant.workspace.language, broadcast["base_language"]]
    return str(next(code for code in wanted if code in translations))


ENDPOINT = Endpoint(
    "broadcasts",
    get=list_broadcasts,
    post=send_broadcast,
    actions={"queue_broadcast": queue_broadcast, "send_batch": send_batch},
)
