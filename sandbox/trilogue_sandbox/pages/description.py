"""`/<platform>/openapi.json`: the description of a platform, with the sandbox as its server."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.http import Request, Response


def respond(engine: Engine, request: Request, found: re.Match[str]) -> Response | None:
    """Return the description, None if there is no platform of that name."""
    name = found[1]
    if name not in engine.names:
        return None
    with engine.looking_at(name) as platform:
        document: dict[str, Any] = {**platform.world.description.root.root}
    own, served = document["servers"][0]["url"] if document.get("servers") else "", engine.url(name, request.base_url)
    components = {**document.get("components", {})}
    if "securitySchemes" in components and own:
        components["securitySchemes"] = _moved(components["securitySchemes"], own, served)
    document |= {"servers": [{"url": served, "description": "This sandbox."}], "components": components}
    return Response.json(document)


def _moved(schemes: object, own: str, served: str) -> Any:
    """Return security schemes whose URLs are those of the sandbox."""
    return msgspec.json.decode(msgspec.json.encode(schemes).replace(f'"{own}'.encode(), f'"{served}'.encode()))
