"""Which integrations, interfaces and plugins a workspace can use, and how they are found by name."""

from __future__ import annotations

import sqlite3
from typing import Literal, TypeAlias

import attrs

from trilogue_sandbox.botpress import lookups, semver
from trilogue_sandbox.botpress.errors import ApiError, ErrorType
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.store import Store

Kind: TypeAlias = Literal["integration", "interface", "plugin"]

VISIBILITY = "ifnull(json_extract(item.document, '$.visibility'), 'private')"
"""Who may use a definition, as SQL."""


def table(kind: Kind) -> str:
    """Return the table of a kind of definition."""
    return f"botpress_{kind}s"


def usable(kind: Kind, workspace_id: str) -> Select:
    """Select what a workspace can use: its own, and what others have made public or unlisted."""
    condition = f"item.workspace_id = ? OR {VISIBILITY} != 'private'"
    return Select(table(kind)).where(condition, workspace_id)


def listed(kind: Kind, workspace_id: str) -> Select:
    """Select what a workspace finds in a list: its own, and what others have made public."""
    return Select(table(kind)).where(f"item.workspace_id = ? OR {VISIBILITY} = 'public'", workspace_id)


def published(kind: Kind) -> Select:
    """Select what anyone can use."""
    return Select(table(kind)).where(f"{VISIBILITY} != 'private'")


def in_hub(kind: Kind) -> Select:
    """Select what the lists of the hub show."""
    return Select(table(kind)).where(f"{VISIBILITY} = 'public'")


@attrs.frozen
class Wanted:
    """A definition named by name and version; the version may be a range or `latest`."""

    kind: Kind
    name: str
    version: str


def find_version(store: Store, select: Select, wanted: Wanted, error: ErrorType = "ResourceNotFound") -> sqlite3.Row:
    """Return the highest version of a definition that is wanted.

    Raises:
        ApiError: there is none.
    """
    named = select.equal("name", wanted.name)
    texts = [row["version"] for row in store.all(named.sql(), *named.values)]
    version = semver.best(texts, wanted.version)
    if version is None:
        raise ApiError(error, f"no {wanted.kind} {wanted.name!r} has the version {wanted.version!r}")
    return lookups.find(store, named, wanted.kind, version, "version")


def of_version(store: Store, select: Select, version: str | None) -> Select:
    """Return the rows of one version; for `latest`, those that are the highest of their name."""
    if version != semver.LATEST:
        return select.equal("version", version)
    by_name: dict[str, list[str]] = {}
    for row in store.all(select.sql(), *select.values):
        by_name.setdefault(row["name"], []).append(row["version"])
    for name, versions in by_name.items():
        highest = semver.best(versions, semver.LATEST)
        select = select.where("item.name != ? OR item.version = ?", name, highest)
    return select
