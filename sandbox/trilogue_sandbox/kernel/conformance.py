"""Whether an answer is what the description promises, and whether it was right to accept the request."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

import attrs

from trilogue_sandbox.kernel.description import Match
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.platform import Leniency
from trilogue_sandbox.kernel.validation import Violation


@attrs.frozen
class Drift:
    """A place where the sandbox and its description disagree: a defect of one of them, never of the caller.

    `number` is the number of the request in the journal, 0 for a timer. `traceback` is there where a handler raised.
    """

    number: int
    platform: str
    operation_id: str
    violations: tuple[Violation, ...]
    traceback: str = attrs.field(default="", repr=False)

    @classmethod
    def of_exception(cls, number: int, platform: str, operation_id: str, error: Exception) -> Drift:
        """Describe a handler that raised instead of answering."""
        violation = Violation("handler", "exception", f"{type(error).__name__}: {error}")
        return cls(number, platform, operation_id, (violation,), "".join(traceback.format_exception(error)))

    def __str__(self) -> str:
        return f"request {self.number}, {self.platform} {self.operation_id}: " + "; ".join(map(str, self.violations))

    def as_response(self) -> Response:
        """Say what differs, with status 500."""
        document = {
            "error": "The sandbox and its description disagree. This is a defect of the sandbox; nothing was changed.",
            "platform": self.platform,
            "operation_id": self.operation_id,
            "violations": [attrs.asdict(violation) for violation in self.violations],
        }
        return Response.json(document, 500, {"X-Sandbox-Drift": str(self.number)})


def judge(
    match: Match | None, request: Request, response: Response, leniencies: Iterable[Leniency]
) -> tuple[Violation, ...]:
    """Return what the description refuses: of the answer, and of the request if it was accepted (2xx).

    Paths and methods that the description does not know are not judged.
    """
    if match is None or match.operation is None:
        return ()
    found = [*match.operation.check_response(response)]
    if 200 <= response.status < 300:
        found += match.operation.read(request, match.path_values).violations
    return without_tolerated(found, match.operation.id, leniencies) if found else ()


def judge_refusal(match: Match | None, response: Response, leniencies: Iterable[Leniency]) -> tuple[Violation, ...]:
    """Return what the description refuses of an answer that a fault made.

    A status that the description does not know is the wish of whoever wrote the fault.
    """
    if match is None or match.operation is None:
        return ()
    found = [fault for fault in match.operation.check_response(response) if fault.location != "response/status"]
    return without_tolerated(found, match.operation.id, leniencies)


def without_tolerated(
    found: Sequence[Violation], operation_id: str, leniencies: Iterable[Leniency]
) -> tuple[Violation, ...]:
    """Return the violations that no leniency of the platform tolerates."""
    known = tuple(leniencies)
    return tuple(item for item in found if not any(_tolerates(leniency, operation_id, item) for leniency in known))


def _tolerates(leniency: Leniency, operation_id: str, violation: Violation) -> bool:
    pairs = (
        (operation_id, leniency.operation_id),
        (violation.location, leniency.location),
        (violation.kind, leniency.kind),
    )
    return all(fnmatchcase(value, pattern) for value, pattern in pairs)
