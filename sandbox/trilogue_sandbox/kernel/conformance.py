"""Whether a response is what the description promises, and whether the request should have been accepted."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from fnmatch import fnmatchcase

import attrs

from trilogue_sandbox.kernel.description import Match
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.platform import Leniency
from trilogue_sandbox.kernel.validation import Violation


@attrs.frozen
class Drift:
    """A difference between the sandbox and its description: a defect of one of them, never of the caller.

    `number` is the number of the request in the journal, 0 for a timer. `traceback` is there where a handler raised.
    """

    number: int
    platform: str
    operation_id: str
    violations: tuple[Violation, ...]
    traceback: str = attrs.field(default="", repr=False)

    @classmethod
    def of_exception(cls, number: int, platform: str, operation_id: str, error: Exception) -> Drift:
        """Describe a handler that raised an exception."""
        violation = Violation("handler", "exception", f"{type(error).__name__}: {error}")
        return cls(number, platform, operation_id, (violation,), "".join(traceback.format_exception(error)))

    def __str__(self) -> str:
        return f"request {self.number}, {self.platform} {self.operation_id}: " + "; ".join(map(str, self.violations))

    def as_response(self) -> Response:
        """Return a response with status 500 that says what differs."""
        document = {
            "error": "The sandbox and its description disagree. This is a defect of the sandbox; nothing was changed.",
            "platform": self.platform,
            "operation_id": self.operation_id,
            "violations": [attrs.asdict(violation) for violation in self.violations],
        }
        return Response.json(document, 500, {"X-Sandbox-Drift": str(self.number)})


def check_conformance(
    match: Match | None, request: Request, response: Response, leniencies: Iterable[Leniency]
) -> tuple[Violation, ...]:
    """Return how a response breaks the description, and for a 2xx how the request does.

    Paths and methods that the description does not know are not checked.
    """
    if match is None or match.operation is None:
        return ()
    found = [*match.operation.check_response(response)]
    if 200 <= response.status < 300:
        found += match.operation.read(request, match.path_values).violations
    return without_tolerated(found, match.operation.id, leniencies) if found else ()


def check_injected_error(
    match: Match | None, response: Response, leniencies: Iterable[Leniency]
) -> tuple[Violation, ...]:
    """Return how the error response of a fault breaks the description.

    Its status may be one that the description does not know, since whoever wrote the fault chose it.
    """
    if match is None or match.operation is None:
        return ()
    found = [item for item in match.operation.check_response(response) if item.location != "response/status"]
    return without_tolerated(found, match.operation.id, leniencies)


def without_tolerated(
    found: Iterable[Violation], operation_id: str, leniencies: Iterable[Leniency]
) -> tuple[Violation, ...]:
    """Return the violations that no leniency of the platform tolerates."""
    known = [leniency for leniency in leniencies if fnmatchcase(operation_id, leniency.operation_id)]
    return tuple(item for item in found if not any(_tolerates(leniency, item) for leniency in known))


def _tolerates(leniency: Leniency, violation: Violation) -> bool:
    return fnmatchcase(violation.location, leniency.location) and fnmatchcase(violation.keyword, leniency.keyword)
