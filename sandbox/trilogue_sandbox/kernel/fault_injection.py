"""Faults carried out: responses that the platform did not give, and responses that arrive damaged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from trilogue_sandbox.kernel.faults import Fault, FaultType
from trilogue_sandbox.kernel.http import Delivery, Failure, Response
from trilogue_sandbox.kernel.platform import ErrorReason
from trilogue_sandbox.kernel.resource_platform import ResourcePlatform

_REASONS: Mapping[FaultType, ErrorReason] = {
    "status": "failure",
    "rate_limit": "rate_limit",
    "expired_token": "expired_token",
}
_FAILURES: Mapping[FaultType, Failure] = {
    "reset": "reset",
    "hang": "hang",
    "commit_then_drop": "drop",
    "truncate": "truncate",
}


def injected_error(platform: ResourcePlatform[Any], fault: Fault) -> Response | None:
    """Return the platform's error response to a fault, or None for a fault that asks for none."""
    reason = _REASONS.get(fault.type)
    if reason is None:
        return None
    response = platform.error_response(reason, fault.status if reason == "failure" else None)
    if fault.retry_after is None or reason == "expired_token":
        return response
    return attrs.evolve(response, headers=response.headers.set("Retry-After", str(fault.retry_after)))


def replacement(fault: Fault) -> Response | None:
    """Return the response to a request that never reaches the platform, or None for a fault that lets it pass."""
    if fault.type == "html":
        title = f"Error {fault.status}"
        return Response.html(f"<!DOCTYPE html><title>{title}</title><h1>{title}</h1>", fault.status)
    return Response(fault.status) if fault.type in ("reset", "hang") else None


def deliver(response: Response, fault: Fault | None, latency: float) -> Response:
    """Return the platform's response as it arrives."""
    if fault is None and not latency:
        return response
    body = response.body
    if fault and fault.type == "malformed_json" and body:
        body = body[: len(body) // 2] + b'{"'
    duration = fault.duration_of(len(body)) if fault else 0.0
    delivery = Delivery(latency, _FAILURES.get(fault.type) if fault else None, duration)
    return Response(response.status, response.headers, body, delivery, stream=response.stream)
