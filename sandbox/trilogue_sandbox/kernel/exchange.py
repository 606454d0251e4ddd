"""A request on its way to a platform."""

from __future__ import annotations

from datetime import datetime

import attrs

from trilogue_sandbox.kernel.conformance import Drift
from trilogue_sandbox.kernel.description import Match
from trilogue_sandbox.kernel.faults import Fault, Target
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.journal import Entry
from trilogue_sandbox.kernel.platform import Platform
from trilogue_sandbox.kernel.validation import Violation
from trilogue_sandbox.kernel.world import World


@attrs.frozen
class MountedPlatform:
    """A platform that has moved in."""

    world: World
    platform: Platform

    def call(self, number: int, request: Request) -> Call:
        prefix = self.platform.prefix
        if request.path != prefix and not request.path.startswith(prefix + "/"):
            return Call(number, self.platform, request, request, None)
        inner = request.below(prefix)
        return Call(number, self.platform, request, inner, self.world.description.match(inner.method, inner.path))


@attrs.frozen
class Call:
    """A request on its way through the engine: as it came in, and as its platform sees it."""

    number: int
    platform: Platform
    outer: Request
    request: Request
    match: Match | None

    @property
    def target(self) -> Target:
        operation = self.match.operation if self.match else None
        return Target(
            platform=self.platform.name,
            operation_id=operation.id if operation else "",
            tag=operation.tag if operation else "",
            method=self.request.method.upper(),
        )

    def drift(self, violations: tuple[Violation, ...]) -> Drift:
        return Drift(self.number, self.platform.name, self.target.operation_id, violations)

    def entry(self, at: datetime, response: Response, fault: Fault | None, latency: float, seconds: float) -> Entry:
        return Entry(
            number=self.number,
            at=at,
            platform=self.platform.name,
            operation_id=self.target.operation_id,
            method=self.request.method,
            path=self.outer.path,
            status=response.status if response.is_heard else None,
            fault=fault.kind if fault else ("latency" if latency else None),
            seconds=seconds,
            request=self.outer,
            response=response,
        )
