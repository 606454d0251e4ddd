"""What integrations, interfaces and plugins have in common.

Each is a definition in versions, found by name and version, and open to its workspace alone or to others.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from trilogue_sandbox.botpress import media, roles
from trilogue_sandbox.botpress.account_tables import WORKSPACES
from trilogue_sandbox.botpress.credentials import WORKSPACE_ID
from trilogue_sandbox.botpress.definition_tables import INTEGRATIONS, INTERFACES, PLUGINS
from trilogue_sandbox.botpress.errors import ApiError, ErrorType
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, noun, require
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import Seeder, counted
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.timestamps import spaced
from trilogue_sandbox.kernel.views import Computed, each, snake_case
from trilogue_sandbox.kernel.world import World

LATEST = "latest"

_nodesemver: Any = importlib.import_module("nodesemver")  # it has no types
_NAME = re.compile(r"[a-z][A-Za-z0-9_-]{1,99}")
_LONGEST_RANGE = 200
_LONGEST_TITLE = 64


def usable(actor: Actor, table: Table, workspace_id: str = "") -> Select:
    """Select what a workspace, that of the actor unless another is named, can use.

    These are its own definitions, and those that others have made public or unlisted.
    """
    condition = "item.workspace_id = ? OR item.visibility != 'private'"
    return actor.records.select(table).where(condition, workspace_id or actor.workspace_id)


def listed(actor: Actor, table: Table) -> Select:
    """Select what a workspace finds in a list: its own definitions, and those that others have made public."""
    condition = "item.workspace_id = ? OR item.visibility = 'public'"
    return actor.records.select(table).where(condition, actor.workspace_id)


def published(actor: Actor, table: Table) -> Select:
    """Select what anyone can use."""
    return actor.records.select(table).where("item.visibility != 'private'")


def in_hub(actor: Actor, table: Table) -> Select:
    """Select what the lists of the hub show."""
    return actor.records.select(table).where("item.visibility = 'public'")


def find(exchange: Exchange, table: Table, among: Select | None = None) -> Row:
    """Return the definition that the path names by id, among those that the workspace can use unless others are given.

    Raises:
        ApiError: there is none (ResourceNotFound).
    """
    row_id = exchange.path.string("id")
    return require((among or usable(exchange.actor, table)).equal("id", row_id), noun(table), row_id)


def find_by_name(exchange: Exchange, table: Table, among: Select | None = None) -> Row:
    """Return the definition that the path names by name and version, as `find` does by id.

    Raises:
        ApiError: there is none (ResourceNotFound).
    """
    select, path = among or usable(exchange.actor, table), exchange.path
    return find_version(select, table, path.string("name"), path.string("version"))


def find_own(exchange: Exchange, table: Table) -> Row:
    """Return the definition that the path names, for a caller who may change it.

    Raises:
        ApiError: the workspace has none (ResourceNotFound), or the caller's role does not let them build (Forbidden).
    """
    roles.require(exchange, "build")
    return exchange.actor.find(table, exchange.path.string("id"))


def find_version(select: Select, table: Table, name: str, wanted: str, error: ErrorType = "ResourceNotFound") -> Row:
    """Return the highest version of a definition that is wanted: a version, a range or `latest`."""
    named = select.equal("name", name)
    version = _highest([row["version"] for row in named.all()], wanted)
    if version is None:
        raise ApiError(error, f"no {noun(table)} {name!r} has the version {wanted!r}")
    return require(named.equal("version", version), noun(table), version, "version")


def of_version(select: Select, version: str | None) -> Select:
    """Return the rows of one version; for `latest`, those that are the highest of their name."""
    if version != LATEST:
        return select.equal("version", version)
    by_name: dict[str, list[str]] = {}
    for row in select.all():
        by_name.setdefault(row["name"], []).append(row["version"])
    for name, versions in by_name.items():
        select = select.where("item.name != ? OR item.version = ?", name, _highest(versions, LATEST))
    return select


def _highest(versions: list[str], wanted: str) -> str | None:
    """Return the highest version that is wanted, or None.

    A prerelease counts only where it is named, or for `latest` where nothing has been released.
    """
    if wanted in versions or len(wanted) > _LONGEST_RANGE:
        return wanted if wanted in versions else None
    highest: str | None = _nodesemver.max_satisfying(versions, "*" if wanted == LATEST else wanted, False)
    if highest is None and wanted == LATEST:
        return max(versions, key=functools.cmp_to_key(_compare), default=None)
    return highest


def _compare(one: str, other: str) -> int:
    order: int = _nodesemver.compare(one, other, False)
    return order


def seeder(table: Table, **values: str) -> Seeder:
    """Return a seeder that adds definitions to the first workspace and returns their ids."""

    def add_some(world: World, number: int) -> object:
        stem, base = world.ids.ulid().lower(), {"workspace_id": WORKSPACE_ID, "version": "1.0.0", **values}
        times = enumerate(spaced(world.now, number))
        rows = ({**base, "name": f"made{stem}{index}", "created_at": at, "updated_at": at} for index, at in times)
        return [world.records.add(table, row)["id"] for row in rows]

    return counted(add_some)


def check_new(exchange: Exchange, table: Table) -> None:
    """Make sure that the body names a definition that can be created.

    Raises:
        ApiError: the name is not allowed (InvalidIdentifier), has the handle of another workspace (Forbidden) or is
            taken (AlreadyExists), or the version is none (InvalidPayload).
    """
    roles.require(exchange, "build")
    name, version = exchange.body.string("name"), exchange.body.string("version")
    prefix, _, bare = name.rpartition("/")
    if not _NAME.fullmatch(bare):
        raise ApiError("InvalidIdentifier", "body/name must begin with a lowercase letter and have 2 to 100 characters")
    if prefix and prefix != exchange.records.get(WORKSPACES, exchange.workspace_id)["handle"]:
        raise ApiError("Forbidden", f"body/name: the handle {prefix!r} is not that of the workspace")
    if str(_nodesemver.valid(version, False)) != version.partition("+")[0]:
        raise ApiError("InvalidPayload", "body/version must be a semantic version such as 1.0.0")
    for row in exchange.records.select(table, name=name).all():
        if row["workspace_id"] != exchange.workspace_id:
            raise ApiError("AlreadyExists", f"the name {name!r} belongs to another workspace")
        if row["version"] == version:
            raise ApiError("AlreadyExists", f"{name} {version} exists already")


def add(exchange: Exchange, table: Table, values: Mapping[str, Any]) -> Row:
    """Add a definition under the name and version of the body, with its icon and readme."""
    named = {"name": exchange.body.string("name"), "version": exchange.body.string("version")}
    row = exchange.records.add(table, {"workspace_id": exchange.workspace_id, **named, **values})
    media.store(exchange, noun(table), row)
    return row


def change(exchange: Exchange, table: Table, row: Row, values: Mapping[str, Any]) -> Row:
    """Change a definition, with its icon and readme."""
    row = exchange.records.touch(table, row, **values)
    media.store(exchange, noun(table), row)
    return row


def plain_values(body: Fields, names: Iterable[str]) -> dict[str, Any]:
    """Return the fields of a body that are kept as they are sent, by column."""
    return {snake_case(name): body.value(name) for name in names if name in body}


def old_fields(row: Row | None) -> Fields:
    """Return the columns of a row as fields; none for a definition that is created."""
    return Fields(dict(row) if row else {})


def visibility(body: Fields, old: Fields) -> str:
    """Return who may use a definition: as `visibility` says, or else `public`, or else as before."""
    is_public = body.optional_boolean("public")
    implied = None if is_public is None else "public" if is_public else "private"
    return body.optional_string("visibility") or implied or old.string("visibility", "private")


def require_unpublished(row: Row, body: Fields) -> None:
    """Raise BreakingChanges if a version that others may use would be changed."""
    if body.values and row["visibility"] != "private":
        message = f"{row['name']} {row['version']} is public and does not change; make a new version"
        raise ApiError("BreakingChanges", message)


def require_unused(exchange: Exchange, row_id: str) -> None:
    """Make sure that no plugin needs an integration or interface, and no integration implements an interface.

    Raises:
        ApiError: one does (ReferenceConstraint).
    """
    for table, column in ((PLUGINS, "dependencies"), (INTEGRATIONS, "interfaces")):
        refers = f"EXISTS (SELECT 1 FROM json_tree(item.{column}) AS part WHERE part.key = 'id' AND part.value = ?)"
        row = exchange.records.select(table).where(refers, row_id).first()
        if row:
            raise ApiError("ReferenceConstraint", f"the {noun(table)} {row['name']} needs it")


def computed(table: Table) -> dict[str, Computed[Actor]]:
    """Return the properties that every view of a table of definitions computes."""
    return {
        "title": each(lambda _, row: row["title"] or row["name"][:_LONGEST_TITLE]),
        "iconUrl": each(lambda actor, row: media.icon_url(actor, noun(table), row)),
        "readmeUrl": each(lambda actor, row: media.readme_url(actor, noun(table), row)),
        "public": each(lambda _, row: row["visibility"] == "public"),
        "lifecycleStatus": each(lambda _, row: "deprecated" if row["is_deprecated"] else "published"),
    }


def _deprecate(world: World, given: Fields) -> object:
    """Deprecate the integration, interface or plugin `id`, so that it cannot be installed any more."""
    row_id = given.string("id")
    for table in (INTEGRATIONS, INTERFACES, PLUGINS):
        if world.records.select(table, id=row_id).change("is_deprecated = TRUE"):
            return {"deprecated": noun(table)}
    raise ControlError(f"there is no integration, interface or plugin {row_id!r}", "id")


RESOURCE = Resource(actions={"deprecate": _deprecate})
