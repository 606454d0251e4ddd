"""Which page a path leads to, and who may see it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from html import escape
from typing import TypeAlias

from trilogue_sandbox import cross_origin
from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.origins import is_foreign
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.pages import chat, data, description, explorer, home, journal, static
from trilogue_sandbox.pages.rendering import HEADERS, render

_Page: TypeAlias = Callable[[Engine, Request, "re.Match[str]"], "Response | None"]

_DESCRIPTION = re.compile(r"/(\w+)/openapi\.json")
_PAGES: tuple[tuple[re.Pattern[str], _Page], ...] = (
    (re.compile("/"), home.respond),
    (re.compile("/chat"), chat.respond),
    (re.compile(r"/explorer/(\w+)"), explorer.respond),
    (re.compile(r"/data/(\w+)(?:/(\w+))?"), data.respond),
    (re.compile(r"/journal/(\d+)"), journal.respond),
    (re.compile(r"/static/([\w./-]+)"), static.respond),
)


def respond(engine: Engine, request: Request, host_names: Collection[str] = ()) -> Response:
    """Return a page; a path that has none is a 404, and a request from a page elsewhere a 403."""
    if found := _DESCRIPTION.fullmatch(request.path):  # shows no credentials, so other pages may read it
        return cross_origin.share(request, description.respond(engine, request, found) or _missing(engine, request))
    if is_foreign(request, host_names):
        return Response.html("The pages are shown under a loopback address, and to no page elsewhere.", 403)
    if request.method not in ("GET", "HEAD"):
        return Response(405, {"Allow": "GET, HEAD"})
    try:
        return _find(engine, request) or _missing(engine, request)
    except ControlError as error:
        return Response.html(escape(str(error)), 400, HEADERS)


def _find(engine: Engine, request: Request) -> Response | None:
    for pattern, page in _PAGES:
        if found := pattern.fullmatch(request.path):
            return page(engine, request, found)
    return None


def _missing(engine: Engine, request: Request) -> Response:
    return render(engine, request, "missing.html", status=404)
