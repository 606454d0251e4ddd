"""What a namespace brings to the platform."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon.exchanges import Call

Handler: TypeAlias = Callable[[Call], JsonObject]
"""Answers a call with the document of its answer; raises ApiError."""

Action: TypeAlias = Callable[[World, JsonObject], object]
"""What a person, a platform or the passing of time does; raises ControlError if it cannot be done."""


@attrs.frozen
class Resource:
    """One module's part: handlers by operation id, actions that people ask for, and actions that timers ask for."""

    handlers: Mapping[str, Handler] = attrs.field(factory=dict[str, Handler])
    actions: Mapping[str, Action] = attrs.field(factory=dict[str, Action])
    timers: Mapping[str, Action] = attrs.field(factory=dict[str, Action])
