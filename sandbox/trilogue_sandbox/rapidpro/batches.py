"""What broadcasts and flow starts have in common: recipients, who get their turn in batches, one a second."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.timestamps import SECOND
from trilogue_sandbox.kernel.views import Computed, Context, each
from trilogue_sandbox.kernel.world import World

_SIZE = 100

PROGRESS: Computed[Context] = each(lambda context, row: {"total": row["total"], "started": row["started"]})
"""How many recipients there are, and how many have had their turn."""


def add_recipients(world: World, owner: Row, recipients: Mapping[Table, Iterable[Row]]) -> None:
    """Note the contacts and groups that were named, each in its table of pairs."""
    for pairs, rows in recipients.items():
        world.records.add_tuples(pairs, [*pairs.columns], ((owner["id"], row["id"]) for row in rows))


def read_owner(world: World, arguments: Fields, name: str, table: Table) -> Row:
    """Return the broadcast or flow start that the argument `name` numbers.

    Raises:
        ControlError: there is none.
    """
    number = arguments.integer(name)
    row = world.records.find(table, id=number)
    if row is None:
        raise ControlError(f"`{name}`: there is none with the number {number}", name)
    return row


def plan(world: World, owner: Row, table: Table, recipients: Sequence[int], job: str, name: str) -> None:
    """Have a job done for one batch of recipients after the other; the last is told so."""
    for place, first in enumerate(range(0, len(recipients), _SIZE), start=1):
        batch: list[Json] = [*recipients[first : first + _SIZE]]
        arguments: dict[str, Json] = {name: owner["id"], "contacts": batch, "is_last": place * _SIZE >= len(recipients)}
        world.schedule(world.now + place * SECOND, job, **arguments)
    status = "queued" if recipients else "completed"
    world.records.touch(table, owner, status=status, total=len(recipients) or -1)


def record_batch(world: World, owner: Row, table: Table, arguments: Fields, count: int) -> None:
    """Note that the recipients of a batch have had their turn."""
    status = "completed" if arguments.boolean("is_last") else "started"
    world.records.touch(table, owner, status=status, started=owner["started"] + count)
