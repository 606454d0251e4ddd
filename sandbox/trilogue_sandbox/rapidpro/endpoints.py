"""What an endpoint is: a name, and a handler for each method it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.limits import Scope

Handler: TypeAlias = Callable[[Call], Response]

Action: TypeAlias = Callable[[World, JsonObject], object]
"""What a person, a channel or the passing of time does; raises ControlError if it cannot be done."""


@attrs.frozen
class Endpoint:
    """One resource of the API.

    `is_list` is false where a GET gives a single object. With `is_fixed`, who may call does not depend on the method,
    so that an anonymous caller is refused for being one (403) before the method is (405).
    """

    name: str
    get: Handler | None = None
    post: Handler | None = None
    delete: Handler | None = None
    scope: Scope = "v2"
    is_list: bool = True
    is_fixed: bool = False
    actions: Mapping[str, Action] = attrs.field(factory=dict[str, Action])

    @property
    def handlers(self) -> dict[str, Handler]:
        """The handlers by method."""
        by_method = {"GET": self.get, "POST": self.post, "DELETE": self.delete}
        return {method: handler for method, handler in by_method.items() if handler}

    @property
    def allowed(self) -> str:
        """The value of the Allow header."""
        head = ["HEAD"] if self.get else []
        return ", ".join([*self.handlers, *head, "OPTIONS"])
