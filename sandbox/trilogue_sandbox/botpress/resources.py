"""What a resource brings to the platform."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs

from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.kernel.http import Json, JsonObject, Request, Response
from trilogue_sandbox.kernel.world import World

Handler: TypeAlias = Callable[[Call], object]
"""Answers an operation with the document of its answer; raises ApiError."""

Action: TypeAlias = Callable[[World, JsonObject], object]
"""What a person, a channel or the passing of time does; raises ControlError if it cannot be done."""

Maker: TypeAlias = Callable[[World, Json], object]
"""Makes what one key of the seed data asks for; returns what it made; raises ControlError."""

Folder: TypeAlias = Callable[[World, Request, str], Response]
"""Answers a request outside the API, below `/botpress/<folder>/`; the text is the rest of the path, decoded."""


@attrs.frozen
class Resource:
    """One module's part: its tables, handlers by operation id, actions, seed data, downloads, and first content."""

    schema: str = ""
    handlers: Mapping[str, Handler] = attrs.field(factory=dict[str, Handler])
    actions: Mapping[str, Action] = attrs.field(factory=dict[str, Action])
    makers: Mapping[str, Maker] = attrs.field(factory=dict[str, Maker])
    folders: Mapping[str, Folder] = attrs.field(factory=dict[str, Folder])
    furnish: Callable[[World], None] | None = None
