"""What lies outside the API: uploaded media and archives, for download by anyone who knows the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import archives, documentation, media

_FOLDERS: Mapping[str, Callable[[World, str], Response | None]] = {
    "archives": archives.serve_archive,
    "media": media.download,
}
"""Who serves the files of a folder: `/rapidpro/<folder>/<rest>` is answered by the function, given the rest."""


def respond(world: World, request: Request) -> Response:
    """Answer a request for a file."""
    if request.path.rstrip("/") == "/rapidpro/api":
        return Response.empty(302, {"Location": "/rapidpro/api/v2/"})
    folder, _, rest = request.path.removeprefix("/rapidpro/").partition("/")
    serve = _FOLDERS.get(folder)
    found = serve(world, rest) if serve and request.method in ("GET", "HEAD") else None
    return found or documentation.not_found()
