"""What all platforms that are made of resources do alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import unquote

from trilogue_sandbox.kernel.conformance import without_tolerated
from trilogue_sandbox.kernel.description import Inputs, Operation
from trilogue_sandbox.kernel.document import DescriptionError
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.platform import Account, Leniency
from trilogue_sandbox.kernel.resource import Exchange, Resources
from trilogue_sandbox.kernel.validation import Violation
from trilogue_sandbox.kernel.world import World

E = TypeVar("E", bound=Exchange[Any])


class ResourcePlatform(Generic[E]):
    """A platform made of resources.

    A subclass sets the class attributes and defines the rest of `Platform`: `respond` (who is let in, in which order
    things are checked) and `error_response` (errors in its own shape).
    """

    name: str
    prefix: str
    resources: Resources[E]
    sign_ins: Sequence[Account] = ()
    leniencies: Sequence[Leniency] = ()

    def __init__(self, world: World) -> None:
        """Stand on a world.

        Raises:
            DescriptionError: no resource answers one of the operations of the description.
        """
        self.world = world
        if missing := self.resources.missing(world.description):
            raise DescriptionError(f"{self.name}: no resource answers {', '.join(missing)}")

    def relabel(self, request: Request) -> Request:
        """Return the request: it is read by the content type it has."""
        return request

    def reset(self) -> None:
        """Create the tables, empty, and the default data."""
        self.resources.reset(self.world)

    def seed(self, data: JsonObject) -> object:
        """Add what each key of the data asks for; return what was added under the same keys."""
        return self.resources.seed(self.world, data)

    def control(self, action: str, arguments: JsonObject) -> object:
        """Do what a person, a channel or a timer does."""
        return self.resources.control(self.world, action, arguments)

    def accounts(self) -> Sequence[Account]:
        """Return the ways to sign in."""
        return self.sign_ins

    def violations(self, operation: Operation, inputs: Inputs) -> Sequence[Violation]:
        """Return what a request has against its description, less what this platform tolerates."""
        return without_tolerated(inputs.violations, operation.id, self.leniencies) if inputs.violations else ()

    def handle(self, exchange: E) -> Response:
        """Answer a request that was let in. What its handler has written is undone if it raises."""
        with self.world.store.transaction():
            result = self.resources.operations[exchange.operation.id](exchange)
        return result if isinstance(result, Response) else Response.json(result)

    def download(self, request: Request) -> Response | None:
        """Answer a request for a path that one of the resources serves outside the API; None if none does.

        `request.path` is the whole path, `/<platform>/<download>/<rest>`, or what follows the prefix of the platform.
        """
        name, _, rest = request.path.removeprefix(f"/{self.name}").removeprefix("/").partition("/")
        found = self.resources.downloads.get(name)
        return found(self.world, request, unquote(rest)) if found else None
