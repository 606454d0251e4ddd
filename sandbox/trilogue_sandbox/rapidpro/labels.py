"""Labels of messages."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.http import Json, Response
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.rapidpro import named_objects
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.counts import read_counts
from trilogue_sandbox.rapidpro.exchange import Exchange, Model, Resource
from trilogue_sandbox.rapidpro.lists import at_most_one_of, by_name, by_uuid, listing
from trilogue_sandbox.rapidpro.serializer_fields import name_in
from trilogue_sandbox.rapidpro.serializers import required
from trilogue_sandbox.rapidpro.tables import LABELLED_MESSAGES, LABELS
from trilogue_sandbox.rapidpro.views import ApiView

_LABEL = Model("Label", LABELS)


@attrs.frozen
class LabelBody:
    """What can be written of a label."""

    name: str = required(name_in(LABELS))


def delete_label(exchange: Exchange) -> Response:
    """Handle DELETE."""
    label = exchange.deleted(_LABEL)
    exchange.records.select(LABELLED_MESSAGES, label_id=label["id"]).remove()
    exchange.records.change(LABELS, label, is_active=False)
    return Response.empty()


def _count_messages(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    """Return the numbers of messages that are not archived."""
    counts = read_counts(context.records, LABELS, [row["id"] for row in rows])
    return [counts[row["id"], "visible"] for row in rows]


LABEL = ApiView("Label", LABELS, computed={"count": _count_messages})

RESOURCE = Resource(
    tables=[LABELS],
    operations={
        "labels_list": listing(LABEL, at_most_one_of("uuid", "name"), by_uuid, by_name),
        "labels_save": named_objects.saving(LABEL, _LABEL, LabelBody),
        "labels_delete": delete_label,
    },
)
