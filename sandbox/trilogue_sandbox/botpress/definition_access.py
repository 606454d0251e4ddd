"""Which integrations, interfaces and plugins a workspace can use, and how they are found by name."""

from __future__ import annotations

import functools
import sqlite3
from typing import Literal, TypeAlias

import attrs
import nodesemver

from trilogue_sandbox.botpress import lookups
from trilogue_sandbox.botpress.errors import ApiError, ErrorType
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.store import Store

Kind: TypeAlias = Literal["integration", "interface", "plugin"]

LATEST = "latest"

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
    version = _best(texts, wanted.version)
    if version is None:
        raise ApiError(error, f"no {wanted.kind} {wanted.name!r} has the version {wanted.version!r}")
    return lookups.find(store, named, wanted.kind, version, "version")


def of_version(store: Store, select: Select, version: str | None) -> Select:
    """Return the rows of one version; for `latest`, those that are the highest of their name."""
    if version != LATEST:
        return select.equal("version", version)
    by_name: dict[str, list[str]] = {}
    for row in store.all(select.sql(), *select.values):
        by_name.setdefault(row["name"], []).append(row["version"])
    for name, versions in by_name.items():
        highest = _best(versions, LATEST)
        select = select.where("item.name != ? OR item.version = ?", name, highest)
    return select


def is_version(text: str) -> bool:
    """Whether a text is a semantic version."""
    return str(nodesemver.valid(text, False)) == text.partition("+")[0]


def _best(versions: list[str], wanted: str) -> str | None:
    """Return the highest version that is wanted: `latest`, a version or a range; None if there is none.

    A prerelease counts only where it is named, or for `latest` where nothing has been released.
    """
    if wanted in versions or len(wanted) > _LONGEST_RANGE:
        return wanted if wanted in versions else None
    if wanted == LATEST:
        return _highest(versions, "*") or max(versions, key=_precedence, default=None)
    return _highest(versions, wanted)


def _highest(versions: list[str], wanted: str) -> str | None:
    highest: str | None = nodesemver.max_satisfying(versions, wanted, False)
    return highest


_precedence = functools.cmp_to_key(lambda one, other: nodesemver.compare(one, other, False))
_LONGEST_RANGE = 200
