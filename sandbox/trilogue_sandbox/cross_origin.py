"""Cross-origin requests (CORS): web pages on loopback addresses may send them, others may not."""

from __future__ import annotations

import re

from trilogue_sandbox.kernel.http import Request, Response

_LOOPBACK_ORIGIN = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
_PREFLIGHT = "access-control-request-method"
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_SECONDS = "600"


def is_preflight(request: Request) -> bool:
    """Return whether a browser asks in advance if a page on a loopback address may send a request."""
    return request.method == "OPTIONS" and _PREFLIGHT in request.headers and _is_allowed(request)


def respond_to_preflight(request: Request) -> Response:
    """Let the page send any method and the headers that it asks for."""
    return Response.empty(
        headers={
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": request.headers.get("access-control-request-headers", ""),
            "Access-Control-Max-Age": _SECONDS,
        }
    )


def share(request: Request, response: Response) -> Response:
    """Let the page read a response and all of its headers, if its origin is a loopback address."""
    if not _is_allowed(request):
        return response
    headers = response.headers.add(
        ("Access-Control-Allow-Origin", request.headers.get("origin", "")),
        ("Access-Control-Allow-Credentials", "true"),  # the official Botpress client sends its requests with them
        ("Access-Control-Expose-Headers", ", ".join(response.headers)),
        ("Vary", "Origin"),
    )
    return response.with_headers(headers)


def _is_allowed(request: Request) -> bool:
    return "origin" in request.headers and _LOOPBACK_ORIGIN.fullmatch(request.headers["origin"]) is not None
