"""The page at `/explorer/<platform>`: its operations and webhooks, to be tried. Swagger UI does the work."""

from __future__ import annotations

import re

import attrs

from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.pages.rendering import render


def respond(engine: Engine, request: Request, found: re.Match[str]) -> Response | None:
    """Return the page of a platform, None if there is none of that name."""
    name = found[1]
    if name not in engine.names:
        return None
    accounts = [attrs.asdict(account) for account in engine.accounts(name)]
    return render(engine, request, "explorer.html", name=name, accounts=accounts, all="all" in dict(request.query))
