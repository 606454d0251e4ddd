"""Topics, under which tickets are filed."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.rapidpro.access import check_room
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.counts import read_counts
from trilogue_sandbox.rapidpro.errors import api_error
from trilogue_sandbox.rapidpro.exchange import Exchange, Model, Resource
from trilogue_sandbox.rapidpro.references import ApiView
from trilogue_sandbox.rapidpro.serializers import name_in, required
from trilogue_sandbox.rapidpro.tables import TOPICS

_TOPIC = Model("Topic", TOPICS)


@attrs.frozen
class TopicBody:
    """What can be written of a topic."""

    name: str = required(name_in(TOPICS))


def list_topics(exchange: Exchange) -> JsonObject:
    """Answer GET."""
    return exchange.page(exchange.context.select(TOPICS, is_active=True), TOPIC)


def save_topic(exchange: Exchange) -> Response:
    """Answer POST."""
    topic = exchange.target(_TOPIC)
    if topic and topic["is_system"]:
        raise api_error("Cannot modify system object.", 403)
    if topic is None:
        check_room(exchange.context, TOPICS)
    body = exchange.read_body(TopicBody, topic)
    if topic is None:
        return exchange.saved(TOPIC, exchange.context.add(TOPICS, name=body.name), is_new=True)
    return exchange.saved(TOPIC, exchange.records.change(TOPICS, topic, name=body.name), is_new=False)


def _count_tickets(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    counts = read_counts(context.records, TOPICS, [row["id"] for row in rows])
    return [{status: counts[row["id"], status] for status in ("open", "closed")} for row in rows]


TOPIC = ApiView("Topic", TOPICS, computed={"counts": _count_tickets}, columns={"system": "is_system"})

RESOURCE = Resource(tables=[TOPICS], operations={"topics_list": list_topics, "topics_save": save_topic})
