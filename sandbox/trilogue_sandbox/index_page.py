"""The page at `/`: the platforms, their addresses and accounts, and the control plane."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.http import Request, Response

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_CONTROL_PLANE = (
    ("GET /__sandbox__/journal", "the latest requests; ?bodies=true adds their queries, headers and bodies"),
    ("GET /__sandbox__/drift", "responses that broke their description"),
    ("POST /__sandbox__/reset", "back to the state of the start"),
    ("POST /__sandbox__/seed", '{"platform": "...", "data": {...}}'),
    ("POST /__sandbox__/clock", '{"advance": 3600} or {"set": "2026-01-01T12:00:00Z"}'),
    ("POST /__sandbox__/faults", '{"type": "rate_limit", "times": 1, "retry_after": 2}'),
    ("DELETE /__sandbox__/faults", "no more faults"),
    ("POST /__sandbox__/snapshot", '{"name": "before"}'),
    ("POST /__sandbox__/restore", '{"name": "before"}'),
    ("POST /__sandbox__/<platform>/<action>", "what a person, a channel or the passing of time would do"),
)


def respond(engine: Engine, request: Request) -> Response:
    """Return the page, under any other path with status 404."""
    is_found = request.path == "/"
    title = "Trilogue sandbox" if is_found else "There is no such page"
    platforms = (_section(name, _platform_rows(engine, name, request.base_url)) for name in engine.names)
    sections = "\n".join([*platforms, _section("Control plane", _CONTROL_PLANE)])
    head = f'<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>'
    return Response.html(f"{head}\n<h1>{title}</h1>\n{sections}\n</html>\n", 200 if is_found else 404, _HEADERS)


def _platform_rows(engine: Engine, name: str, origin: str) -> Iterable[tuple[str, str]]:
    yield "Address", engine.url(name, origin)
    if flavour := engine.flavour_of(name):
        yield "Flavour", flavour
    for account in engine.accounts(name):
        yield account.name, " ".join(f"{key}={value}" for key, value in account.credentials.items())


def _section(title: str, rows: Iterable[tuple[str, str]]) -> str:
    cells = (f"<tr><th align=left>{escape(name)}</th><td><code>{escape(text)}</code></td></tr>" for name, text in rows)
    return f"<h2>{escape(title)}</h2>\n<table>\n" + "\n".join(cells) + "\n</table>"
