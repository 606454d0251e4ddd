"""Icons and readmes of integrations, interfaces and plugins, which the sandbox serves itself."""

from __future__ import annotations

import base64
from typing import Literal, TypeAlias

from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_media (path TEXT PRIMARY KEY, content BLOB NOT NULL);
"""

Kind: TypeAlias = Literal["integration", "interface", "plugin"]

_ICON = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4"/></svg>'
_README = b"# Readme\n"


def keep(call: Call, kind: Kind, name: str, version_id: str) -> None:
    """Keep the `icon` and the `readme` of a body, both in base64; all versions of a name share the icon.

    Raises:
        ApiError: one is not base64 (InvalidPayload).
    """
    for field, path in (("icon", _icon_path(kind, name)), ("readme", _readme_path(kind, version_id))):
        if text := call.body.optional_text(field):
            content = _decode(text, field)
            call.store.run("INSERT OR REPLACE INTO botpress_media VALUES (?, ?)", path, content)


def icon_url(call: Call, kind: Kind, name: str) -> str:
    """Return the address of an icon."""
    return f"{call.request.base_url}/media/{_icon_path(kind, name)}"


def readme_url(call: Call, kind: Kind, version_id: str) -> str:
    """Return the address of a readme."""
    return f"{call.request.base_url}/media/{_readme_path(kind, version_id)}"


def _icon_path(kind: Kind, name: str) -> str:
    return f"{kind}/{name}/icon.svg"


def _readme_path(kind: Kind, version_id: str) -> str:
    return f"{kind}/{version_id}/readme.md"


def _decode(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ApiError("InvalidPayload", f"body/{field} must be a file in base64") from error


def _download(world: World, _: Request, rest: str) -> Response:
    row = world.store.one("SELECT content FROM botpress_media WHERE path = ?", rest)
    if rest.endswith("/icon.svg"):
        return Response(200, {"Content-Type": "image/svg+xml"}, row["content"] if row else _ICON)
    if rest.endswith("/readme.md"):
        return Response(200, {"Content-Type": "text/markdown; charset=utf-8"}, row["content"] if row else _README)
    return Response(404, {"Content-Type": "text/plain"}, b"there is no such file")


RESOURCE = Resource(schema=_SCHEMA, folders={"media": _download})
