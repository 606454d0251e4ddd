"""What the handlers of a platform share."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from trilogue_sandbox.kernel.active_faults import Faults
from trilogue_sandbox.kernel.background_jobs import BackgroundJobs
from trilogue_sandbox.kernel.clock import Clock, from_microseconds, to_microseconds
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.kernel.ids import Ids
from trilogue_sandbox.kernel.journal import Journal
from trilogue_sandbox.kernel.records import Records
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.streams import Streams
from trilogue_sandbox.kernel.timers import Timers
from trilogue_sandbox.kernel.timestamps import MICROSECONDS, TimestampStyle

Callback: TypeAlias = Callable[[Any], Any]
"""Is called with what a program would receive, as a JSON value, and returns what it would answer."""


@attrs.frozen
class World:
    """Everything a platform stands on.

    `store`, `clock`, `faults`, `journal`, `background_jobs` and `streams` are the same for all platforms; `random`,
    `ids` and `timers` are this platform's own, so that what happens on one platform does not change the ids of another.
    So is `records`, the way to the rows of its tables. `flavour` is which of the servers of its description the
    platform is, and `has_known_faults` whether it fails where that server is known to fail. `callbacks` are the
    functions that take the part of programs behind the platform, by the names that its resources declare.
    """

    store: Store
    clock: Clock
    random: random.Random
    ids: Ids
    timers: Timers
    description: Description
    faults: Faults
    journal: Journal
    background_jobs: BackgroundJobs
    flavour: str = ""
    has_known_faults: bool = True
    timestamps: TimestampStyle = MICROSECONDS
    streams: Streams = attrs.field(factory=Streams)
    callbacks: Mapping[str, Callback] = attrs.field(factory=dict[str, Callback])
    records: Records = attrs.field(init=False, repr=False, eq=False, default=attrs.Factory(Records, takes_self=True))

    @property
    def now(self) -> int:
        """The time in microseconds since 1970, cut to the platform's precision."""
        return to_microseconds(self.clock.now()) // self.timestamps.precision * self.timestamps.precision

    def schedule(self, due_at: int, job: str, **arguments: Json) -> int:
        """Have a job of one of the resources done at a time in microseconds since 1970; return the id of its timer."""
        return self.timers.at(from_microseconds(due_at), job, arguments)
