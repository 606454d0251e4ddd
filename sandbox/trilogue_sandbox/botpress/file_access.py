"""Which files a caller may see and change, and how one is named.

A member of the workspace sees all files of the bot, the bot those that no integration owns, and an integration its own
and those whose policies say `integrations`. Only who owns a file, or a member of the workspace, may change it.
"""

from __future__ import annotations

from trilogue_sandbox.botpress.content_tables import FILES
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row

_IS_SHARED = "EXISTS (SELECT 1 FROM json_each(item.access_policies) WHERE value = 'integrations')"


def namespace(actor: Actor) -> str:
    """Return the namespace of the files that an actor creates."""
    return actor.installation.alias if actor.installation else ""


def visible(actor: Actor) -> Select:
    """Select the files that an actor may see."""
    select = actor.rows(FILES).where("NOT item.is_expired")
    if actor.installation:
        return select.where(f"item.namespace = ? OR {_IS_SHARED}", actor.installation.alias)
    return select if actor.token_type == "pat" else select.equal("namespace", "")


def find(actor: Actor, id_or_key: str) -> Row:
    """Return the file that the path names by id or by key; among files of the same key, the actor's own.

    Raises:
        ApiError: it has expired (ResourceGone), or the actor sees no such file (ResourceNotFound).
    """
    named = visible(actor).where("? IN (item.id, item.key)", id_or_key)
    rows = named.all("ORDER BY item.id <> ?, item.namespace <> ?, item.rowid LIMIT 1", id_or_key, namespace(actor))
    if rows:
        return rows[0]
    if actor.rows(FILES).where("item.is_expired AND ? IN (item.id, item.key)", id_or_key).exists():
        raise ApiError("ResourceGone", "the file has expired; upload it again")
    raise ApiError("ResourceNotFound", f"no file has the id or key {id_or_key!r}")


def find_own(actor: Actor, id_or_key: str) -> Row:
    """Return the file that the path names, to be changed; raise Forbidden if it is another's."""
    row = find(actor, id_or_key)
    if actor.installation and row["namespace"] != actor.installation.alias:
        raise ApiError("Forbidden", "the file belongs to someone else, who lets integrations read it, not change it")
    return row
