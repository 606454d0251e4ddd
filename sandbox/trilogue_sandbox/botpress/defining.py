"""Making, finding and taking away versions of integrations, interfaces and plugins: what the three have in common."""

from __future__ import annotations

import re
import sqlite3

from trilogue_sandbox.botpress import arguments, definition_access, documents, lookups, media, roles, workspaces
from trilogue_sandbox.botpress.definition_access import Kind, Wanted
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

SCHEMA = """
CREATE TABLE botpress_{kind}s (
    id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES botpress_workspaces, name TEXT NOT NULL,
    version TEXT NOT NULL, document TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    UNIQUE (name, version));
"""
"""The table of a kind; that of integrations is made elsewhere, in the same form."""

_NAME = re.compile(r"[a-z][A-Za-z0-9_-]{1,99}")
_KINDS: tuple[Kind, ...] = ("integration", "interface", "plugin")


def find(call: Call, kind: Kind) -> sqlite3.Row:
    """Return the definition that the path names, among those that the workspace can use.

    Raises:
        ApiError: there is none (ResourceNotFound).
    """
    return call.find(definition_access.usable(kind, call.workspace_id), kind, call.path.text("id"))


def find_by_name(call: Call, kind: Kind, among: Select) -> sqlite3.Row:
    """Return the definition whose name and version the path names.

    Raises:
        ApiError: there is none (ResourceNotFound).
    """
    return definition_access.find_version(
        call.store, among, Wanted(kind, call.path.text("name"), call.path.text("version"))
    )


def find_own(call: Call, kind: Kind) -> sqlite3.Row:
    """Return the definition that the path names, for a caller who may change it.

    Raises:
        ApiError: the workspace has none (ResourceNotFound), or the caller's role does not let them build (Forbidden).
    """
    roles.require(call, "build")
    return call.find(call.of_workspace(definition_access.table(kind)), kind, call.path.text("id"))


def check_new(call: Call, kind: Kind) -> None:
    """Make sure that the body names a definition that can be made.

    Raises:
        ApiError: the name is not allowed (InvalidIdentifier), has the handle of another workspace (Forbidden) or is
            taken (AlreadyExists), or the version is none (InvalidPayload).
    """
    roles.require(call, "build")
    name, version = call.body.text("name"), call.body.text("version")
    prefix, _, bare = name.rpartition("/")
    if not _NAME.fullmatch(bare):
        raise ApiError("InvalidIdentifier", "body/name must begin with a lowercase letter and have 2 to 100 characters")
    if prefix and prefix != workspaces.handle_of(call.world, call.workspace_id):
        raise ApiError("Forbidden", f"body/name: the handle {prefix!r} is not that of the workspace")
    if not definition_access.is_version(version):
        raise ApiError("InvalidPayload", "body/version must be a semantic version such as 1.0.0")
    _refuse_taken(call, kind, name, version)


def _refuse_taken(call: Call, kind: Kind, name: str, version: str) -> None:
    table = definition_access.table(kind)
    for row in call.store.all(f"SELECT workspace_id, version FROM {table} WHERE name = ?", name):
        if row["workspace_id"] != call.workspace_id:
            raise ApiError("AlreadyExists", f"the name {name!r} belongs to another workspace")
        if row["version"] == version:
            raise ApiError("AlreadyExists", f"{name} {version} exists already")


def insert(call: Call, kind: Kind, version_id: str, document: JsonObject) -> sqlite3.Row:
    """Keep a new definition, with its icon and readme; return its row."""
    name, table = call.body.text("name"), definition_access.table(kind)
    call.store.run(
        f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(version_id, call.workspace_id, name, call.body.text("version"), documents.encode(document)),
        *(call.now, call.now),
    )
    media.keep(call, kind, name, version_id)
    return lookups.find(call.store, Select(table), kind, version_id)


def store(call: Call, kind: Kind, row: sqlite3.Row, document: JsonObject) -> sqlite3.Row:
    """Keep a changed definition, with its icon and readme; return its row."""
    table = definition_access.table(kind)
    sql = f"UPDATE {table} SET document = ?, updated_at = ? WHERE id = ?"
    call.store.run(sql, documents.encode(document), call.now, row["id"])
    media.keep(call, kind, row["name"], row["id"])
    return lookups.find(call.store, Select(table), kind, row["id"])


def visibility(body: Fields, old: Fields) -> str:
    """Return who may use a definition: as `visibility` says, or else `public`, or else as before."""
    if given := body.optional_text("visibility"):
        return given
    if (is_public := body.optional_flag("public")) is not None:
        return "public" if is_public else "private"
    return old.text("visibility", "private")


def refuse_if_published(row: sqlite3.Row, body: Fields) -> None:
    """Make sure that a version that others may use is not changed.

    Raises:
        ApiError: it would be (BreakingChanges).
    """
    if body.values and Fields(documents.decode_object(row["document"])).text("visibility", "private") != "private":
        raise ApiError(
            "BreakingChanges", f"{row['name']} {row['version']} is public and does not change; make a new version"
        )


def refuse_if_needed(call: Call, version_id: str) -> None:
    """Make sure that no plugin needs an integration or interface, and no integration implements an interface.

    Raises:
        ApiError: one does (ReferenceConstraint).
    """
    for kind, section in (("plugin", "dependencies"), ("integration", "interfaces")):
        sql = f"SELECT item.name FROM botpress_{kind}s AS item, json_tree(item.document, '$.{section}') AS part"
        row = call.store.one(f"{sql} WHERE part.key = 'id' AND part.value = ?", version_id)
        if row:
            raise ApiError("ReferenceConstraint", f"the {kind} {row['name']} needs it")


def _deprecate(world: World, given: JsonObject) -> object:
    """Say that the integration, interface or plugin `id` cannot be installed any more."""
    version_id = arguments.text(given, "id")
    for kind in _KINDS:
        table = definition_access.table(kind)
        sql = f"UPDATE {table} SET document = json_set(document, '$.isDeprecated', json('true')) WHERE id = ?"
        if world.store.run(sql, version_id):
            return {"deprecated": kind}
    raise ControlError(f"there is no integration, interface or plugin {version_id!r}", "id")


RESOURCE = Resource(actions={"deprecate": _deprecate})
