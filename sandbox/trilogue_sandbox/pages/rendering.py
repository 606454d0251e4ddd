"""How a page is made of a template, and what a browser may do with it."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from trilogue_generated.platforms import PLATFORMS

from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.origins import base_path

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def render(engine: Engine, request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page; every template knows the platforms and the path below which the sandbox is."""
    shared = {"platforms": labels(engine), "base": base_path(request), "path": request.path}
    return Response.html(_environment().get_template(template).render(shared, **values), status, HEADERS)


def labels(engine: Engine) -> dict[str, str]:
    """Return the platforms and what people call them."""
    return {name: PLATFORMS[name].label if name in PLATFORMS else name.capitalize() for name in engine.names}


@cache
def _environment() -> Environment:
    loader = PackageLoader("trilogue_sandbox", "pages/templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
