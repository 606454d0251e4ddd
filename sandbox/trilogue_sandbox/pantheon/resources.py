"""What a namespace brings to the platform."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs

from trilogue_sandbox.messages import Json, JsonObject
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.calls import Call
from trilogue_sandbox.world import World

Handler: TypeAlias = Callable[[Call], JsonObject]
"""Answers a call with the document of its answer; raises Refusal."""

Action: TypeAlias = Callable[[World, JsonObject], object]
"""What a person, a platform or the passing of time does; raises ControlError if it cannot be done."""

Maker: TypeAlias = Callable[[Account, Json], Json]
"""Makes what one key of the seed data asks for, and returns it (ids); raises ControlError."""


@attrs.frozen
class Resource:
    """One module's part: handlers by operation id, actions that people ask for, and actions that timers ask for."""

    handlers: Mapping[str, Handler] = attrs.field(factory=dict[str, Handler])
    actions: Mapping[str, Action] = attrs.field(factory=dict[str, Action])
    timers: Mapping[str, Action] = attrs.field(factory=dict[str, Action])
