"""Broadcasts: one text to many contacts, sent step by step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.kernel.table import CHANGED, INTEGER, JSON, TEXT, Row
from trilogue_sandbox.kernel.timestamps import SECOND
from trilogue_sandbox.kernel.views import Computed, each
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import batches, contact_changes, outgoing, urns
from trilogue_sandbox.rapidpro.contents import ATTACHMENTS, QUICK_REPLIES, TEXT_OF_MESSAGE, QuickReply
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchange import Exchange, Model, Resource
from trilogue_sandbox.rapidpro.languages import LanguageField, Translations
from trilogue_sandbox.rapidpro.lists import by_id, by_uuid, listing, within
from trilogue_sandbox.rapidpro.references import References, find_contact, find_group
from trilogue_sandbox.rapidpro.serializer_fields import Items
from trilogue_sandbox.rapidpro.serializers import optional
from trilogue_sandbox.rapidpro.servers import Server
from trilogue_sandbox.rapidpro.table_types import UUID7, object_table, pair_table
from trilogue_sandbox.rapidpro.tables import CONTACTS, GROUPS
from trilogue_sandbox.rapidpro.templating import Templates
from trilogue_sandbox.rapidpro.urns import Urn, UrnField
from trilogue_sandbox.rapidpro.views import ApiView, Several

BROADCASTS = object_table(
    "broadcasts",
    uuid=UUID7,
    status=TEXT.default("pending"),
    total=INTEGER.default(-1),
    started=INTEGER.default(0),
    urns=JSON.default([]),
    translations=JSON,
    base_language=TEXT,
    modified_on=CHANGED,
)
BROADCAST_CONTACTS = pair_table("broadcast_contacts", broadcast_id="broadcasts", contact_id="contacts")
BROADCAST_GROUPS = pair_table("broadcast_groups", broadcast_id="broadcasts", group_id="groups")

_BROADCAST = Model("Broadcast", BROADCASTS)
_MAX_RECIPIENTS = 100
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_RECIPIENTS = (
    "SELECT recipient.contact_id FROM ("
    "SELECT contact_id FROM rapidpro_broadcast_contacts WHERE broadcast_id = ?"
    " UNION SELECT member.contact_id FROM rapidpro_broadcast_groups AS chosen"
    " JOIN rapidpro_memberships AS member ON member.group_id = chosen.group_id WHERE chosen.broadcast_id = ?"
    ") AS recipient JOIN rapidpro_contacts AS contact ON contact.id = recipient.contact_id AND contact.is_active"
    " ORDER BY recipient.contact_id"
)


def _wrapped_texts(server: Server) -> tuple[type, ...]:
    return server.wraps_texts


def _wrapped_lists(server: Server) -> tuple[type, ...]:
    return server.wraps_lists


@attrs.frozen
class BroadcastBody:
    """What to say, and to whom."""

    urns: Sequence[Urn] = optional(Items(UrnField(), _MAX_RECIPIENTS), ())
    contacts: Sequence[Row] = optional(References(find_contact, _MAX_RECIPIENTS), ())
    groups: Sequence[Row] = optional(References(find_group, _MAX_RECIPIENTS), ())
    text: Mapping[str, str] = optional(Translations(TEXT_OF_MESSAGE, _wrapped_texts), _NOTHING)
    attachments: Mapping[str, list[str]] = optional(Translations(ATTACHMENTS, _wrapped_lists), _NOTHING)
    quick_replies: Mapping[str, list[QuickReply]] = optional(Translations(QUICK_REPLIES, _wrapped_lists), _NOTHING)
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


def send_broadcast(exchange: Exchange) -> Response:
    """Handle POST."""
    named = _target(exchange)
    body = exchange.read_body(BroadcastBody)
    _check(exchange, body)
    broadcast = _create(exchange.context, body)
    exchange.world.schedule(exchange.now + SECOND, "queue_broadcast", broadcast=broadcast["id"])
    return exchange.saved(BROADCAST, broadcast, is_new=named is None)


def _target(exchange: Exchange) -> Row | None:
    if any(name == "uuid" for name, _ in exchange.request.query):
        exchange.fail_as("uuid-of-broadcast", "")
    return exchange.target(_BROADCAST)


def _check(exchange: Exchange, body: BroadcastBody) -> None:
    if not body.text and not body.attachments:
        raise invalid_together("Must provide either text or attachments.")
    if not (body.urns or body.contacts or body.groups):
        raise invalid_together("Must provide either urns, contacts or groups.")
    if body.base_language is None:
        return
    if not body.text:
        exchange.fail_as("base-language-without-text", "base_language")
    if body.base_language not in body.text:
        raise invalid_together("No text translation provided in base language.")
    if body.attachments and body.base_language not in body.attachments:
        raise invalid_together("No attachment translations provided in base language.")
    if body.quick_replies and body.base_language not in body.quick_replies:
        raise invalid_together("No quick_replies translations provided in base language.")


def _create(context: WorkspaceContext, body: BroadcastBody) -> Row:
    broadcast = context.add(
        BROADCASTS,
        urns=[str(urn) for urn in body.urns],
        translations=body.translations,
        base_language=body.base_language or body.languages[0],
    )
    batches.add_recipients(context.world, broadcast, {BROADCAST_CONTACTS: body.contacts, BROADCAST_GROUPS: body.groups})
    return broadcast


# -- jobs --------------------------------------------------------------------------------------------------------------


def queue_broadcast(world: World, arguments: Fields) -> None:
    """Find out whom a `broadcast`, by its number, is for, and plan the batches."""
    broadcast = batches.read_owner(world, arguments, "broadcast", BROADCASTS)
    if broadcast["status"] != "pending":
        return
    context = WorkspaceContext.load(world, broadcast["workspace_id"])
    recipients = _find_recipients(context, broadcast)
    batches.plan(world, broadcast, BROADCASTS, recipients, "send_batch", "broadcast")


def send_batch(world: World, arguments: Fields) -> None:
    """Make the messages of a `broadcast` to some `contacts`, by their numbers; the `is_last` batch completes it."""
    broadcast, numbers = batches.read_owner(world, arguments, "broadcast", BROADCASTS), arguments.items("contacts")
    context = WorkspaceContext.load(world, broadcast["workspace_id"])
    outgoing.send_broadcast(context, broadcast["id"], _contents(context, broadcast, numbers))
    batches.record_batch(world, broadcast, BROADCASTS, arguments, len(numbers))


def _find_recipients(context: WorkspaceContext, broadcast: Row) -> list[int]:
    """Return the numbers of everyone a broadcast is for, each once; a URN that nobody has becomes a contact."""
    rows = context.store.all(_RECIPIENTS, broadcast["id"], broadcast["id"])
    parsed = (urns.parse(urn, "") for urn in broadcast["urns"])
    owners = [contact_changes.contact_of_urn(context, urn) for urn in parsed if urn]
    return list(dict.fromkeys([*(row["contact_id"] for row in rows), *owners]))


def _contents(context: WorkspaceContext, broadcast: Row, numbers: Iterable[Json]) -> dict[int, outgoing.Content]:
    translations, templates = broadcast["translations"], Templates.of(context)
    ids = [number for number in numbers if isinstance(number, int)]
    contents: dict[int, outgoing.Content] = {}
    for contact in context.records.select(CONTACTS, is_active=True).among("id", ids).all("ORDER BY item.id"):
        said = translations[_choose_language(context, broadcast, translations, contact["language"])]
        text = templates.fill_in(said["text"] or "", contact)
        contents[contact["id"]] = outgoing.Content(text, said["attachments"], said["quick_replies"])
    return contents


def _choose_language(
    context: WorkspaceContext, broadcast: Row, translations: Collection[str], language: str | None
) -> str:
    spoken = [language] if language in context.workspace.languages else []
    wanted = [*spoken, context.workspace.language, broadcast["base_language"]]
    return str(next(code for code in wanted if code in translations))


# -- responses ---------------------------------------------------------------------------------------------------------


def _show_urns(context: WorkspaceContext, row: Row) -> Json:
    urns: Json = row["urns"]
    return None if context.workspace.is_anonymous else urns


def _by_language(part: str) -> Computed[WorkspaceContext]:
    return each(lambda context, row: {code: said[part] for code, said in row["translations"].items()})


BROADCAST = ApiView(
    "Broadcast",
    BROADCASTS,
    computed={
        "status": each(lambda context, row: context.server.broadcast_statuses.get(row["status"], row["status"])),
        "progress": batches.PROGRESS,
        "urns": each(_show_urns),
        **{part: _by_language(part) for part in ("text", "attachments", "quick_replies")},
    },
    references={
        "contacts": Several(CONTACTS, "broadcast_id", BROADCAST_CONTACTS, "contact_id"),
        "groups": Several(GROUPS, "broadcast_id", BROADCAST_GROUPS, "group_id"),
    },
)

RESOURCE = Resource(
    tables=[BROADCASTS, BROADCAST_CONTACTS, BROADCAST_GROUPS],
    operations={
        "broadcasts_list": listing(BROADCAST, by_uuid, by_id, within("created_on")),
        "broadcasts_send": send_broadcast,
    },
    jobs={"queue_broadcast": queue_broadcast, "send_batch": send_batch},
)
