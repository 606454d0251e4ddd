"""Resources: what each module of a platform declares, and what they make together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, Self, TypeAlias, TypeVar

import attrs

from trilogue_sandbox.kernel.bodies import UploadedFile
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.fields import ErrorFactory, Fields, unexpected
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.known_faults import KnownFault
from trilogue_sandbox.kernel.operation import Inputs, Operation
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.records import Records
from trilogue_sandbox.kernel.table import Table, create_tables
from trilogue_sandbox.kernel.views import Context
from trilogue_sandbox.kernel.world import World

C = TypeVar("C", bound=Context)

_NO_FIELDS = Fields({})


@attrs.frozen
class Exchange(Generic[C]):
    """A request that has been let in: what it asks for, on whose behalf, and its values read with their types.

    A platform that reads requests in a manner of its own leaves the values out and reads `request`.
    """

    request: Request
    operation: Operation
    context: C
    path: Fields = _NO_FIELDS
    query: Fields = _NO_FIELDS
    headers: Fields = _NO_FIELDS
    body: Fields = _NO_FIELDS
    files: Mapping[str, UploadedFile] = attrs.field(factory=dict[str, UploadedFile])

    @classmethod
    def of(
        cls, request: Request, operation: Operation, context: C, inputs: Inputs, error: ErrorFactory = unexpected
    ) -> Self:
        """Put an exchange together; `error` makes the error of a value of a wrong type."""
        precision = context.world.timestamps.precision
        path, query, headers = (Fields(part, error, precision) for part in (inputs.path, inputs.query, inputs.headers))
        body = attrs.evolve(Fields.of(inputs.body, error), precision=precision)
        return cls(request, operation, context, path, query, headers, body, inputs.files)

    @property
    def world(self) -> World:
        """The world."""
        return self.context.world

    @property
    def records(self) -> Records:
        """The rows of the platform."""
        return self.context.world.records

    @property
    def now(self) -> int:
        """The time in microseconds since 1970."""
        return self.context.world.now

    def fail_as(self, fault: str, argument: str) -> None:
        """Fail as the real server is known to at a value of a parameter or a field, unless these faults are off.

        Raises:
            KnownFault: the description has this fault there.
        """
        if self.world.has_known_faults and self.has_fault(fault, argument):
            raise KnownFault(fault)

    def has_fault(self, fault: str, argument: str) -> bool:
        """Whether the real server has a known fault at a parameter or a field, or in the operation as a whole."""
        faults = self.operation.faults
        return fault in faults.get(argument, ()) or fault in faults.get("", ())


E = TypeVar("E", bound=Exchange[Any])

Handler: TypeAlias = Callable[[E], Any]
"""Handles an operation: returns the document of its response, or a response."""

Action: TypeAlias = Callable[[World, Fields], object]
"""Does what a person, a channel or the passing of time does; raises ControlError if it cannot be done."""

Seeder: TypeAlias = Callable[[Any, Fields, str], object]
"""Adds what one key of the seed data asks for and returns what it added; raises ControlError.

Called with what is seeded (the world, or the part of it that the platform chose, such as a workspace), the seed data
and the key.
"""

Download: TypeAlias = Callable[[World, Request, str], "Response | None"]
"""Handles a request outside the API, below `/<platform>/<name>/`; the string is the rest of the path, decoded."""


@attrs.frozen(eq=False)
class Resource(Generic[E]):
    """What one module adds to its platform.

    `operations` are handlers by operationId; `actions` is what people and channels do, over the control plane; `jobs`
    is what timers do; `seeders` add more rows on request, `default_data` the ones that are there from the start.
    `callbacks` are the names of functions that a test can hand in.
    """

    tables: Sequence[Table] = ()
    operations: Mapping[str, Handler[E]] = attrs.field(factory=dict[str, Any])
    actions: Mapping[str, Action] = attrs.field(factory=dict[str, Action])
    jobs: Mapping[str, Action] = attrs.field(factory=dict[str, Action])
    seeders: Mapping[str, Seeder] = attrs.field(factory=dict[str, Seeder])
    downloads: Mapping[str, Download] = attrs.field(factory=dict[str, Download])
    callbacks: Sequence[str] = ()
    default_data: Callable[[World], None] | None = None


class Resources(Generic[E]):
    """All resources of a platform, in the order in which their default data is made."""

    def __init__(self, resources: Iterable[Resource[E]]) -> None:
        self._resources = tuple(resources)
        self.tables = [table for resource in self._resources for table in resource.tables]
        self.operations = _merged("operation", (resource.operations for resource in self._resources))
        self.actions = _merged("action", (resource.actions for resource in self._resources))
        self.downloads = _merged("download", (resource.downloads for resource in self._resources))
        self.jobs = _merged("job", (resource.jobs for resource in self._resources))
        self.callbacks = tuple(name for resource in self._resources for name in resource.callbacks)
        self.seeders = _merged("seed data", (resource.seeders for resource in self._resources))

    def missing(self, description: Description) -> list[str]:
        """Return the ids of operations that no resource handles."""
        return sorted(set(description.operations) - set(self.operations))

    def reset(self, world: World) -> None:
        """Create the tables, empty, and the default data."""
        create_tables(world.store, self.tables)
        for resource in self._resources:
            if resource.default_data:
                resource.default_data(world)

    def seed(self, seeded: object, data: JsonObject) -> JsonObject:
        """Add what each key of the data asks for to the world or a part of it; return what was added by the same keys.

        Rows are added in the order of the resources: what comes later stands on what came before.

        Raises:
            ControlError: a key is unknown, or asks for something impossible.
        """
        for key in data:
            if key not in self.seeders:
                raise ControlError(f"no seed data is called `{key}`; there is: {', '.join(sorted(self.seeders))}", key)
        fields = Fields(data, control_error)
        added: dict[str, Any] = {
            key: seeder(seeded, fields, key) for key, seeder in self.seeders.items() if key in data
        }
        return added

    def control(self, world: World, action: str, arguments: JsonObject) -> object:
        """Do what a person, a channel or a timer does.

        Raises:
            ControlError: there is no such action, or an argument is wrong.
        """
        found = self.actions.get(action) or self.jobs.get(action)
        if found is None:
            raise ControlError(f"there is no action {action!r}; there is: {', '.join(sorted(self.actions))}")
        return found(world, Fields(arguments, control_error))


def counted(add: Callable[[Any, int], object], largest: int = 100_000) -> Seeder:
    """Return a seeder whose value says how many rows to add; it returns what `add` does, or else the number."""

    def seed(seeded: Any, data: Fields, key: str) -> object:
        count = data.integer(key, smallest=0, largest=largest)
        added = add(seeded, count)
        return count if added is None else added

    return seed


def control_error(name: str, message: str) -> ControlError:
    """Return the error of an argument of the control plane."""
    return ControlError(f"`{name}` {message}", name)


T = TypeVar("T")


def _merged(what: str, parts: Iterable[Mapping[str, T]]) -> dict[str, T]:
    merged: dict[str, T] = {}
    for part in parts:
        if repeated := merged.keys() & part.keys():
            raise ValueError(f"two resources declare the {what} {min(repeated)!r}")
        merged.update(part)
    return merged
