"""Requests on their way to a platform."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from trilogue_sandbox.kernel.conformance import Drift
from trilogue_sandbox.kernel.description import Match
from trilogue_sandbox.kernel.faults import Fault, Target
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.journal import Entry
from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.validation import Violation


@attrs.frozen
class RoutedRequest:
    """A request as it came in (`outer`) and as its platform sees it, and where it leads."""

    number: int
    platform: ResourcePlatform[Any]
    outer: Request
    request: Request
    match: Match | None
    target: Target

    @classmethod
    def of(cls, platform: ResourcePlatform[Any], number: int, request: Request) -> RoutedRequest:
        """Find out what a request is about."""
        name, prefix = platform.name, platform.prefix
        if request.path != prefix and not request.path.startswith(prefix + "/"):
            return cls(number, platform, request, request, None, Target(name, "", "", request.method))
        inner = platform.relabel(request.below(prefix))
        match = platform.world.description.match(inner.method, inner.path)
        operation = match.operation if match else None
        operation_id, tag = (operation.id, operation.tag) if operation else ("", "")
        return cls(number, platform, request, inner, match, Target(name, operation_id, tag, inner.method))

    def drift(self, violations: tuple[Violation, ...]) -> Drift:
        """Return the drift that some violations are."""
        return Drift(self.number, self.target.platform, self.target.operation_id, violations)

    def drift_of_exception(self, error: Exception) -> Drift:
        """Return the drift that an exception of a handler is."""
        return Drift.of_exception(self.number, self.target.platform, self.target.operation_id, error)

    def entry(self, at: datetime, response: Response, fault: Fault | None, seconds: float) -> Entry:
        """Return what the journal keeps."""
        latency = "latency" if response.delivery.delay else None
        return Entry(
            number=self.number,
            at=at,
            platform=self.target.platform,
            operation_id=self.target.operation_id,
            method=self.request.method,
            path=self.outer.path,
            status=response.status if response.is_received else None,
            fault=fault.type if fault else latency,
            seconds=seconds,
            request=self.outer,
            response=response,
        )
