"""Faults carried out: answers that the platform did not give, and answers that arrive damaged."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from trilogue_sandbox.kernel.faults import Fault, FaultKind
from trilogue_sandbox.kernel.http import Delivery, Failure, Response
from trilogue_sandbox.kernel.platform import ErrorReason, Platform

_REASONS: Mapping[FaultKind, ErrorReason] = {
    "status": "failure",
    "rate_limit": "rate_limit",
    "expired_token": "expired_token",
}
_FAILURES: Mapping[FaultKind, Failure] = {
    "reset": "reset",
    "hang": "hang",
    "commit_then_drop": "drop",
    "truncate": "truncate",
}
_UNHEARD: tuple[FaultKind, ...] = ("reset", "hang")


def refusal(platform: Platform, fault: Fault) -> Response | None:
    """Return the platform's answer to a fault that makes it refuse, or None for a fault of another kind."""
    reason = _REASONS.get(fault.kind)
    if reason is None:
        return None
    response = platform.refusal(reason, fault.status if reason == "failure" else None)
    if fault.retry_after is None or reason == "expired_token":
        return response
    return attrs.evolve(response, headers=response.headers.set("Retry-After", str(fault.retry_after)))


def replacement(fault: Fault) -> Response | None:
    """Return what stands in for the answer where the platform never hears of a request, or None for other kinds."""
    if fault.kind == "html":
        title = f"Error {fault.status}"
        return Response.html(f"<!DOCTYPE html><title>{title}</title><h1>{title}</h1>", fault.status)
    return Response(fault.status) if fault.kind in _UNHEARD else None


def damage(response: Response, fault: Fault | None, latency: float) -> Response:
    """Return the platform's answer as it arrives."""
    if fault is not None and fault.kind == "malformed_json" and response.body:
        response = attrs.evolve(response, body=response.body[: len(response.body) // 2] + b'{"')
    failure = _FAILURES.get(fault.kind) if fault else None
    if failure is None and not latency:
        return response
    return attrs.evolve(response, delivery=Delivery(latency, failure))
