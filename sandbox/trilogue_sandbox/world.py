"""What the handlers of a platform share."""

from __future__ import annotations

import random

import attrs

from trilogue_sandbox.clock import Clock
from trilogue_sandbox.description import Description
from trilogue_sandbox.errands import Errands
from trilogue_sandbox.faults import Faults
from trilogue_sandbox.ids import Ids
from trilogue_sandbox.journal import Journal
from trilogue_sandbox.store import Store
from trilogue_sandbox.timers import Timers


@attrs.frozen
class World:
    """Everything a platform stands on.

    `store`, `clock`, `faults`, `journal` and `errands` are the same for all platforms; `random`, `ids` and `timers` are
    this platform's own, so that what happens on one platform does not change the ids of another.
    """

    store: Store
    clock: Clock
    random: random.Random
    ids: Ids
    timers: Timers
    description: Description
    faults: Faults
    journal: Journal
    errands: Errands
