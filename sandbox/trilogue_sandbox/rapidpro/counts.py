"""Numbers of rows that the API shows, kept by triggers so that no request counts anything.

As on the real server, which keeps squashed counts of group members, labelled messages, runs, tickets and messages.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import attrs

from trilogue_sandbox.rapidpro.tenants import Tenant

TABLE = """CREATE TABLE rapidpro_counts (
    counted TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (counted, id, name)) WITHOUT ROWID"""

_ADD = """INSERT INTO rapidpro_counts SELECT '{counted}', {new}, 1 WHERE {new_id} IS NOT NULL
    ON CONFLICT DO UPDATE SET count = count + 1;"""
_SUBTRACT = "UPDATE rapidpro_counts SET count = count - 1 WHERE (counted, id, name) = ('{counted}', {old});"


@attrs.frozen
class Counter:
    """Rows of a table, counted for the object that `id` refers to, and by a `name` (SQL over `{row}`).

    `follows` are the columns whose change moves a row to another count.
    """

    counted: str
    rows: str
    id: str
    name: str = "''"
    follows: tuple[str, ...] = ()

    def triggers(self) -> Iterator[str]:
        """Yield the statements that make the triggers."""
        yield self._trigger("added", "INSERT", _ADD)
        yield self._trigger("removed", "DELETE", _SUBTRACT)
        if self.follows:
            yield self._trigger("moved", f"UPDATE OF {', '.join(self.follows)}", _SUBTRACT + _ADD)

    def _trigger(self, what: str, event: str, statements: str) -> str:
        key = f"{{row}}.{self.id}, {self.name}"
        body = statements.format(
            counted=self.counted,
            new=key.format(row="new"),
            old=key.format(row="old"),
            new_id=f"new.{self.id}",
        )
        return f"CREATE TRIGGER rapidpro_{self.rows}_{what} AFTER {event} ON rapidpro_{self.rows} BEGIN {body} END"


_DAY_AND_DIRECTION = (
    "date({row}.created_on / 1000000, 'unixepoch') || ' '"
    " || CASE {row}.type WHEN 'voice' THEN 'voice' ELSE 'text' END || ':' || {row}.direction"
)

COUNTERS = (
    Counter("groups", rows="memberships", id="group_id"),
    Counter("labels", rows="message_labels", id="label_id", name="{row}.visibility", follows=("visibility",)),
    Counter("flows", rows="runs", id="flow_id", name="{row}.status", follows=("status",)),
    Counter("topics", rows="tickets", id="topic_id", name="{row}.status", follows=("topic_id", "status")),
    Counter("channels", rows="messages", id="channel_id", name=_DAY_AND_DIRECTION),
)


def read(tenant: Tenant, counted: str, ids: Iterable[int]) -> Mapping[tuple[int, str], int]:
    """Return the counts of some objects by their numbers and the counts' names; what was never counted is 0."""
    rows = tenant.store.all(
        "SELECT id, name, count FROM rapidpro_counts WHERE counted = ? AND id IN (SELECT value FROM json_each(?))",
        *(counted, json.dumps(list(ids))),
    )
    return defaultdict(int, {(row["id"], row["name"]): row["count"] for row in rows})
