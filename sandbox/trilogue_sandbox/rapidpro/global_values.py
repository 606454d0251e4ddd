"""Globals: values that every flow of the workspace can use."""

from __future__ import annotations

import re

import attrs

from trilogue_sandbox.kernel.http import Response
from trilogue_sandbox.kernel.table import CHANGED, CREATED, KEY, TEXT, Row
from trilogue_sandbox.rapidpro.access import check_room
from trilogue_sandbox.rapidpro.contact_fields import key_of
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchange import Exchange, Model, Resource
from trilogue_sandbox.rapidpro.lists import by_string, listing, within
from trilogue_sandbox.rapidpro.serializer_fields import String, unique_in
from trilogue_sandbox.rapidpro.serializers import Serializer, optional, required
from trilogue_sandbox.rapidpro.table_types import MODIFIED, NAMED, WORKSPACE, YES, plain_table
from trilogue_sandbox.rapidpro.views import ApiView

GLOBALS = plain_table(
    "globals",
    id=KEY,
    workspace_id=WORKSPACE,
    key=TEXT,
    name=TEXT,
    value=TEXT,
    is_active=YES,
    created_on=CREATED,
    modified_on=CHANGED,
    indexes=[MODIFIED, NAMED],
    unique=["workspace_id, key"],
)

GLOBAL = ApiView("Global", GLOBALS)

_GLOBAL = Model("Global", GLOBALS, key="key")
_MAX_NAME = 36
_MAX_VALUE = 10_000


def _check_characters(name: str, serializer: Serializer) -> str | None:
    if not re.fullmatch("[A-Za-z0-9_ -]+", name):
        return "Name contains illegal characters."
    return None if re.match("[a-z]", key_of(name)) else "Name creates Key that is invalid"


@attrs.frozen
class GlobalBody:
    """What can be written of a global."""

    value: str = required(String(_MAX_VALUE))
    name: str | None = optional(String(_MAX_NAME, rules=(unique_in(GLOBALS),), checks=(_check_characters,)), None)


def save_global(exchange: Exchange) -> Response:
    """Handle POST."""
    found = exchange.target(_GLOBAL)
    if found is None:
        check_room(exchange.context, GLOBALS)
    body = exchange.read_body(GlobalBody, found)
    if found:
        return exchange.saved(GLOBAL, exchange.records.touch(GLOBALS, found, value=body.value), is_new=False)
    if body.name is None:
        raise invalid_together("Name is required when creating new global.")
    return exchange.saved(GLOBAL, set_global(exchange.context, body.name, body.value), is_new=True)


def set_global(context: WorkspaceContext, name: str, value: str) -> Row:
    """Create a global, or give the one with the same key another value, which does not count as a change."""
    found = context.find(GLOBALS, key=key_of(name))
    if found:
        return context.records.touch(GLOBALS, found, value=value, modified_on=found["modified_on"])
    return context.add(GLOBALS, key=key_of(name), name=name, value=value)


RESOURCE = Resource(
    tables=[GLOBALS],
    operations={
        "globals_list": listing(GLOBAL, within("modified_on"), by_string("key"), by_modification=True),
        "globals_save": save_global,
    },
)
