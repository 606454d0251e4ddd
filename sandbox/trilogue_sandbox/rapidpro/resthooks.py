"""Resthooks: the names under which flows call out, who is called, and what was posted.

Nothing is really posted: the sandbox calls nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import CHANGED, CREATED, JSON, KEY, TEXT, Row
from trilogue_sandbox.kernel.timestamps import HOUR
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchange import Exchange, Model, Resource
from trilogue_sandbox.rapidpro.lists import by_id, by_reference, listing
from trilogue_sandbox.rapidpro.serializer_fields import String
from trilogue_sandbox.rapidpro.serializers import Field, InvalidValue, Serializer, required
from trilogue_sandbox.rapidpro.table_types import MODIFIED, NEWEST, WORKSPACE, YES, plain_table, ref
from trilogue_sandbox.rapidpro.views import ApiView

RESTHOOKS = plain_table(
    "resthooks",
    id=KEY,
    workspace_id=WORKSPACE,
    slug=TEXT,
    is_active=YES,
    created_on=CREATED,
    modified_on=CHANGED,
    indexes=[MODIFIED, "workspace_id, slug"],
)
RESTHOOK_SUBSCRIBERS = plain_table(
    "resthook_subscribers",
    id=KEY,
    workspace_id=WORKSPACE,
    resthook_id=ref("resthooks"),
    target_url=TEXT,
    is_active=YES,
    created_on=CREATED,
    indexes=[NEWEST, "resthook_id, is_active, created_on, id"],
)
RESTHOOK_EVENTS = plain_table(
    "resthook_events",
    id=KEY,
    workspace_id=WORKSPACE,
    resthook_id=ref("resthooks"),
    data=JSON,
    created_on=CREATED,
    indexes=["workspace_id, created_on, id", "resthook_id, created_on, id"],
)

_SUBSCRIBER = Model("ResthookSubscriber", RESTHOOK_SUBSCRIBERS, "id")
_EVENTS_KEPT = 48 * HOUR
_MAX_LENGTH = 200
_LABEL = r"[^\W_]([^\W_]|-){0,62}(?<!-)"
_URL = re.compile(
    r"(https?|ftps?)://([^\s:@/]+(:[^\s:@/]*)?@)?"
    rf"(localhost|({_LABEL}\.)+{_LABEL}\.?|\[[0-9a-f:.]+\])"
    r"(:[0-9]{1,5})?([/?#]\S*)?",
    re.IGNORECASE,
)


@attrs.frozen
class _ResthookField(Field[Row]):
    def read(self, value: Json, serializer: Serializer) -> Row:
        slug = String().read(value, serializer)
        found = find_resthook(serializer.context, slug)
        if found is None:
            raise InvalidValue(f"No resthook with slug: {slug}")
        return found


@attrs.frozen
class _UrlField(Field[str]):
    def read(self, value: Json, serializer: Serializer) -> str:
        url = String(last_rules=(_check_url,)).read(value, serializer)
        if len(url) > _MAX_LENGTH:
            serializer.fail_as("url-length", "target_url")
        return String(_MAX_LENGTH).read(url, serializer)


def _check_url(url: str, serializer: Serializer) -> str | None:
    return None if _URL.fullmatch(url) else "Enter a valid URL."


@attrs.frozen
class SubscriberBody:
    """What can be written of a subscription."""

    resthook: Row = required(_ResthookField())
    target_url: str = required(_UrlField())


def find_resthook(context: WorkspaceContext, slug: str) -> Row | None:
    """Return the active resthook with this name."""
    return context.find(RESTHOOKS, slug=slug, is_active=True)


def create_subscriber(exchange: Exchange) -> Response:
    """Handle POST."""
    _require_number(exchange)
    named = exchange.target(_SUBSCRIBER)
    body = exchange.read_body(SubscriberBody)
    values = {"resthook_id": body.resthook["id"], "target_url": body.target_url}
    if exchange.context.find(RESTHOOK_SUBSCRIBERS, **values, is_active=True):
        raise invalid_together("URL is already subscribed to this event.")
    subscriber = exchange.context.add(RESTHOOK_SUBSCRIBERS, **values)
    exchange.records.touch(RESTHOOKS, body.resthook)
    return exchange.saved(SUBSCRIBER, subscriber, is_new=named is None)


def delete_subscriber(exchange: Exchange) -> Response:
    """Handle DELETE."""
    _require_number(exchange)
    subscriber = exchange.deleted(_SUBSCRIBER)
    exchange.records.change(RESTHOOK_SUBSCRIBERS, subscriber, is_active=False)
    exchange.records.touch(RESTHOOKS, exchange.records.get(RESTHOOKS, subscriber["resthook_id"]))
    return Response.empty()


def _require_number(exchange: Exchange) -> None:
    given = dict(exchange.request.query).get("id", "")
    if not re.fullmatch(r"\s*[-+]?[0-9]+\s*", given) and given:
        exchange.fail_as("malformed-number", "id")


def _recent(exchange: Exchange, select: Select) -> Select:
    return select.where("item.created_on >= ?", exchange.now - _EVENTS_KEPT)


def record_event(context: WorkspaceContext, slug: str, data: Mapping[str, object]) -> bool:
    """Keep what a flow posts to a resthook; False if there is no such resthook."""
    resthook = find_resthook(context, slug)
    if resthook is not None:
        context.add(RESTHOOK_EVENTS, resthook_id=resthook["id"], data=data)
    return resthook is not None


def add_resthook(world: World, arguments: Fields) -> object:
    """Create a resthook, as people do in the user interface."""
    context = WorkspaceContext.of(world, arguments)
    slug = arguments.string("resthook")
    if not re.fullmatch("[a-z0-9]+([-_][a-z0-9]+)*", slug):
        raise ControlError("`resthook` consists of small letters and digits, with single hyphens between", "resthook")
    if find_resthook(context, slug):
        raise ControlError(f"there is a resthook {slug!r} already", "resthook")
    context.add(RESTHOOKS, slug=slug)
    return {"resthook": slug}


def call_resthook(world: World, arguments: Fields) -> object:
    """Let something post to a resthook, without running a flow for it."""
    slug = arguments.string("resthook")
    if not record_event(WorkspaceContext.of(world, arguments), slug, arguments.object("data")):
        raise ControlError(f"there is no resthook {slug!r}", "resthook")
    return {"resthook": slug}


def _show_slugs(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    resthooks = context.records.select(RESTHOOKS).among("id", {row["resthook_id"] for row in rows}).all()
    slugs = {row["id"]: row["slug"] for row in resthooks}
    return [slugs[row["resthook_id"]] for row in rows]


RESTHOOK = ApiView("Resthook", RESTHOOKS, columns={"resthook": "slug"})
SUBSCRIBER = ApiView("ResthookSubscriber", RESTHOOK_SUBSCRIBERS, computed={"resthook": _show_slugs})
EVENT = ApiView("ResthookEvent", RESTHOOK_EVENTS, computed={"resthook": _show_slugs})

RESOURCE = Resource(
    tables=[RESTHOOKS, RESTHOOK_SUBSCRIBERS, RESTHOOK_EVENTS],
    operations={
        "resthooks_list": listing(RESTHOOK, by_modification=True),
        "resthook_subscribers_list": listing(SUBSCRIBER, by_id, by_reference("resthook", "resthook_id", find_resthook)),
        "resthook_subscribers_create": create_subscriber,
        "resthook_subscribers_delete": delete_subscriber,
        "resthook_events_list": listing(EVENT, _recent, by_reference("resthook", "resthook_id", find_resthook)),
    },
    actions={"add_resthook": add_resthook, "call_resthook": call_resthook},
)
