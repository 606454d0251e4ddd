"""Which form of an answer the Accept header asks for."""

from __future__ import annotations

from trilogue_sandbox.kernel.http import Request
from trilogue_sandbox.rapidpro.errors import refusal


def require_json(request: Request) -> None:
    """Make sure that JSON will do.

    Raises:
        ApiError: it will not (406).
    """
    if not _accepts(request, "application", "json"):
        raise refusal("Could not satisfy the request Accept header.", 406)


def prefers_json(request: Request) -> bool:
    """Whether JSON is asked for where a page is offered first."""
    if dict(request.query).get("format") == "json":
        return True
    return _accepts(request, "application", "json") and not _accepts(request, "text", "html")


def _accepts(request: Request, kind: str, subkind: str) -> bool:
    ranges = [part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "*/*").split(",")]
    return any(wanted in ranges for wanted in ("*/*", f"{kind}/*", f"{kind}/{subkind}"))
