"""What all platforms do alike, and what each of them has to say itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import unquote

from trilogue_sandbox.kernel.conformance import without_tolerated
from trilogue_sandbox.kernel.document import DescriptionError
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.operation import Inputs, Operation
from trilogue_sandbox.kernel.platform import Account, ErrorReason, Leniency
from trilogue_sandbox.kernel.resource import Exchange, Resources
from trilogue_sandbox.kernel.samples import SampleRequest
from trilogue_sandbox.kernel.validation import Violation
from trilogue_sandbox.kernel.world import World

E = TypeVar("E", bound=Exchange[Any])


class ResourcePlatform(ABC, Generic[E]):
    """One of the servers, made of resources.

    Everything it knows is in `world.store`, so it holds no state of its own. `name` is that of the description and the
    first segment of every path, `prefix` is where the paths of the description begin: `/rapidpro/api/v2`.
    """

    name: str
    prefix: str
    resources: Resources[E]
    sign_ins: Sequence[Account] = ()
    leniencies: Sequence[Leniency] = ()

    @abstractmethod
    def respond(self, request: Request) -> Response:
        """Respond to a request under `/<name>/`: who is let in, in which order things are checked.

        Runs in a transaction that is rolled back if an exception leaves it. Under the prefix, `request.path` is the
        path as the description has it; elsewhere it is the whole path. Methods and paths the description does not know
        come here too: each platform has error responses of its own for them.
        """

    @abstractmethod
    def error_response(self, reason: ErrorReason, status: int | None) -> Response:
        """Return an error response in the platform's own shape, for an injected fault.

        `status` is the one asked for, or None for the platform's own (an expired token, a rate limit). `Retry-After` is
        added by the engine where the fault asks for it.
        """

    def __init__(self, world: World) -> None:
        """Stand on a world.

        Raises:
            DescriptionError: no resource handles one of the operations of the description.
        """
        self.world = world
        if missing := self.resources.missing(world.description):
            raise DescriptionError(f"{self.name}: no resource handles {', '.join(missing)}")

    def has(self, method: str, path: str) -> bool:
        """Whether a path is one of the API on a server of its own; where all begin alike, that is enough."""
        base = self.prefix.removeprefix(f"/{self.name}")
        return path.startswith(f"{base}/") if base else self.world.description.match(method, path) is not None

    def relabel(self, request: Request) -> Request:
        """Return a request with the content type it is read by, where this platform does not go by the given one."""
        return request

    def reset(self) -> None:
        """Create the tables, empty, and the default data."""
        self.resources.reset(self.world)

    def seed(self, data: JsonObject) -> object:
        """Add what each key of the data asks for; return what was added under the same keys.

        Raises:
            ControlError: the data does not say what to make.
        """
        return self.resources.seed(self.world, data)

    @property
    def seed_names(self) -> Sequence[str]:
        """The keys that the seed data may have."""
        return sorted(self.resources.seeders)

    def control(self, action: str, arguments: JsonObject) -> object:
        """Do what a person, a channel or a timer does; return what came of it, to be encoded as JSON.

        Raises:
            ControlError: there is no such action, or an argument is missing or wrong.
        """
        return self.resources.control(self.world, action, arguments)

    def accounts(self) -> Sequence[Account]:
        """Return the ways to sign in."""
        return self.sign_ins

    def sample_request(self, account: Account) -> SampleRequest:
        """Return a first request that an account may send, for people to copy."""
        return SampleRequest("GET", "/")

    def violations(self, operation: Operation, inputs: Inputs) -> Sequence[Violation]:
        """Return what a request has against its description, less what this platform tolerates."""
        return without_tolerated(inputs.violations, operation.id, self.leniencies) if inputs.violations else ()

    def handle(self, exchange: E) -> Response:
        """Respond to a request that was let in. What its handler has written is undone if it raises."""
        with self.world.store.transaction():
            result = self.resources.operations[exchange.operation.id](exchange)
        return result if isinstance(result, Response) else Response.json(result)

    def download(self, request: Request) -> Response | None:
        """Respond to a request for a path that one of the resources serves outside the API; None if none does.

        `request.path` is the whole path, `/<platform>/<download>/<rest>`, or what follows the prefix of the platform.
        """
        name, _, rest = request.path.removeprefix(f"/{self.name}").removeprefix("/").partition("/")
        found = self.resources.downloads.get(name)
        return found(self.world, request, unquote(rest)) if found else None
