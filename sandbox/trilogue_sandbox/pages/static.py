"""Scripts, styles, and Swagger UI."""

from __future__ import annotations

import importlib.resources
import re

from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.pages.rendering import HEADERS

_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


def respond(engine: Engine, request: Request, found: re.Match[str]) -> Response | None:
    """Return a file, None if there is none of that name."""
    parts = found[1].split("/")
    content_type = _TYPES.get(parts[-1].rpartition(".")[2])
    file = importlib.resources.files("trilogue_sandbox.pages").joinpath("static", *parts)
    if content_type is None or ".." in parts or not file.is_file():
        return None
    return Response(200, {**HEADERS, "Content-Type": content_type}, file.read_bytes())
