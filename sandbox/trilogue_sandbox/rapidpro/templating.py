"""Expressions in texts, such as `@contact.name`, filled in for one contact."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.rapidpro import values
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.global_values import GLOBALS
from trilogue_sandbox.rapidpro.tables import URNS

_EXPRESSION = re.compile(r"@(?:(@)|\(\s*([a-z_][\w.]*)\s*\)|([a-z_]\w*(?:\.\w+)*))", re.IGNORECASE)
_MASK = "********"


def fill_in(text: str, known: Mapping[str, str]) -> str:
    """Replace expressions by their values; what begins with a known word and leads nowhere becomes empty.

    `@@` stands for one `@`, and an `@` before anything else is left alone, as in an e-mail address.
    """
    roots = {path.partition(".")[0] for path in known}

    def replace(found: re.Match[str]) -> str:
        if found[1]:
            return "@"
        path = (found[2] or found[3]).lower()
        return known.get(path, "") if path.partition(".")[0] in roots else found[0]

    return _EXPRESSION.sub(replace, text)


@attrs.frozen
class Templates:
    """What texts to contacts of a workspace can refer to; what is the same for all of them is read once."""

    context: WorkspaceContext
    shared: Mapping[str, str] = attrs.field(repr=False)

    @classmethod
    def of(cls, context: WorkspaceContext) -> Templates:
        """Read what is the same for all contacts: the globals."""
        rows = context.select(GLOBALS).all()
        shared = {"globals": "", **{f"globals.{row['key']}": row["value"] for row in rows}}
        return cls(context, shared)

    def values(self, contact: Row) -> dict[str, str]:
        """Return the values of expressions by their paths."""
        name, kept = contact["name"] or "", contact["fields"]
        known = {
            **self.shared,
            "contact": name,
            "contact.uuid": contact["uuid"],
            "contact.name": name,
            "contact.first_name": name.partition(" ")[0],
            "contact.language": contact["language"] or "",
            "fields": "",
            "urns": "",
        }
        for key, field_type in self.context.field_types.items():
            shown = values.show_value(self.context, field_type, kept.get(key)) or ""
            known[f"fields.{key}"] = known[f"contact.fields.{key}"] = shown
        return known | self._urns(contact["id"])

    def _urns(self, contact_id: int) -> dict[str, str]:
        known: dict[str, str] = {}
        urns = self.context.records.select(URNS, contact_id=contact_id)
        for row in urns.all("ORDER BY item.priority, item.id DESC"):  # the one with the highest priority stays
            path = _MASK if self.context.workspace.is_anonymous else row["path"]
            known[f"urns.{row['scheme']}"] = known["contact.urn"] = f"{row['scheme']}:{path}"
        return known

    def fill_in(self, text: str, contact: Row) -> str:
        """Return a text as one contact gets it."""
        return fill_in(text, self.values(contact))
