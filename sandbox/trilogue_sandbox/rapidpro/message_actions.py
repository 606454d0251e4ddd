"""Doing one thing to many incoming messages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence

import attrs

from trilogue_sandbox.kernel.http import Json, Response
from trilogue_sandbox.rapidpro import labels, limits, references
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.fields import (
    Choice,
    Context,
    Field,
    InvalidValue,
    Reference,
    any_name,
    as_list,
    optional,
    required,
    too_many,
)
from trilogue_sandbox.rapidpro.tenants import Tenant

_MAX_MESSAGES = 100
_LABELLING = ("label", "unlabel")
_ACTIONS = (*_LABELLING, "archive", "restore", "delete")
_AMONG = "id IN (SELECT value FROM json_each(?))"


@attrs.frozen
class _Chosen:
    """The messages that were found, and the entries that lead to none."""

    ids: list[int]
    failures: list[Json]


@attrs.frozen
class _MessagesField(Field[_Chosen]):
    def read(self, value: Json, context: Context) -> _Chosen:
        entries = as_list(value, context)
        if len(entries) > _MAX_MESSAGES:
            raise InvalidValue(too_many(_MAX_MESSAGES))
        rows = [(entry, _find(context.tenant, entry)) for entry in entries]
        if outgoing := next((row for _, row in rows if row and row["direction"] == "out"), None):
            raise InvalidValue(f"Not an incoming message: {outgoing['id']}")
        return _Chosen([row["id"] for _, row in rows if row], [entry for entry, row in rows if not row])


def _find(tenant: Tenant, number: Json) -> sqlite3.Row | None:
    if not isinstance(number, int) or isinstance(number, bool) or abs(number) >= 1 << 63:
        return None
    return tenant.store.one(
        "SELECT id, direction FROM rapidpro_messages WHERE id = ? AND workspace_id = ? AND visibility <> 'deleted'",
        *(number, tenant.workspace.id),
    )


@attrs.frozen
class MessageActionBody:
    """What to do, and to which messages."""

    messages: _Chosen = required(_MessagesField())
    action: str = required(Choice(_ACTIONS))
    label: sqlite3.Row | None = optional(Reference(references.label), None)
    label_name: str | None = optional(any_name(), None)


def act(call: Call) -> Response:
    """Answer POST."""
    body = call.body(MessageActionBody)
    _check(body)
    if body.action in _LABELLING:
        _relabel(call.tenant, body)
    else:
        _CHANGES[body.action](call.tenant, body.messages.ids)
    failures = body.messages.failures
    return Response.json({"failures": failures}) if failures else Response.json("", 204)


def _check(body: MessageActionBody) -> None:
    if body.label and body.label_name:
        raise invalid_together("Can't specify both label and label_name.")
    has_label = bool(body.label or body.label_name)
    if body.action in _LABELLING and not has_label:
        raise invalid_together(f'For action "{body.action}" you should also specify a label')
    if body.action not in _LABELLING and has_label:
        raise invalid_together(f'For action "{body.action}" you should not specify a label')


def _relabel(tenant: Tenant, body: MessageActionBody) -> None:
    label_id = body.label["id"] if body.label else _label_named(tenant, str(body.label_name), body.action)
    if label_id is None:
        return
    pairs = [(label_id, number) for number in body.messages.ids]
    if body.action == "label":
        tenant.store.run_many(
            "INSERT OR IGNORE INTO rapidpro_message_labels SELECT ?, id, created_on, visibility"
            " FROM rapidpro_messages WHERE id = ?",
            pairs,
        )
    else:
        tenant.store.run_many("DELETE FROM rapidpro_message_labels WHERE label_id = ? AND message_id = ?", pairs)
    _modify(tenant, body.messages.ids)


def _label_named(tenant: Tenant, name: str, action: str) -> int | None:
    """Return the label with a name; to label, one is made if there is room for it."""
    found = references.find_named(tenant, "labels", name) if action == "label" else _exactly(tenant, name)
    if found:
        return int(found["id"])
    return labels.create_label(tenant, name) if action == "label" and limits.has_room(tenant, "labels") else None


def _exactly(tenant: Tenant, name: str) -> sqlite3.Row | None:
    return references.exactly_named(tenant, "labels", name)


def _archive(tenant: Tenant, ids: Sequence[int]) -> None:
    _set_visibility(tenant, ids, "archived")


def _restore(tenant: Tenant, ids: Sequence[int]) -> None:
    _set_visibility(tenant, ids, "visible")


def _delete(tenant: Tenant, ids: Sequence[int]) -> None:
    among = json.dumps(list(ids))
    tenant.store.run(f"DELETE FROM rapidpro_message_labels WHERE message_{_AMONG}", among)
    tenant.store.run(f"UPDATE rapidpro_messages SET text = '', attachments = '[]' WHERE {_AMONG}", among)
    _set_visibility(tenant, ids, "deleted")


_CHANGES: dict[str, Callable[[Tenant, Sequence[int]], None]] = {
    "archive": _archive,
    "restore": _restore,
    "delete": _delete,
}


def _set_visibility(tenant: Tenant, ids: Sequence[int], visibility: str) -> None:
    tenant.store.run(f"UPDATE rapidpro_messages SET visibility = ? WHERE {_AMONG}", visibility, json.dumps(list(ids)))
    _modify(tenant, ids)


def _modify(tenant: Tenant, ids: Sequence[int]) -> None:
    tenant.store.run(f"UPDATE rapidpro_messages SET modified_on = ? WHERE {_AMONG}", tenant.now, json.dumps(list(ids)))


ENDPOINT = Endpoint("message_actions", post=act, is_fixed=True)
