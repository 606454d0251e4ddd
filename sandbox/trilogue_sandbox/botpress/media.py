"""Icons and readmes of integrations, interfaces and plugins, which the sandbox serves itself."""

from __future__ import annotations

import base64

from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.table import BLOB, TEXT, Row, Table
from trilogue_sandbox.kernel.world import World

_MEDIA = Table("botpress_media", {"path": TEXT.key(), "content": BLOB})

_ICON = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4"/></svg>'
_README = b"# Readme\n"


def store(exchange: Exchange, definition_type: str, row: Row) -> None:
    """Store the `icon` and the `readme` of a body, both in base64; all versions of a name share the icon.

    Raises:
        ApiError: one is not base64 (InvalidPayload).
    """
    for field, path in (("icon", _icon_path(definition_type, row)), ("readme", _readme_path(definition_type, row))):
        if text := exchange.body.optional_string(field):
            try:
                content = base64.b64decode(text, validate=True)
            except ValueError as error:
                raise ApiError("InvalidPayload", f"body/{field} must be a file in base64") from error
            exchange.records.set(_MEDIA, {"path": path, "content": content})


def icon_url(actor: Actor, definition_type: str, row: Row) -> str:
    """Return the address of an icon."""
    return f"{actor.base_url}/media/{_icon_path(definition_type, row)}"


def readme_url(actor: Actor, definition_type: str, row: Row) -> str:
    """Return the address of a readme."""
    return f"{actor.base_url}/media/{_readme_path(definition_type, row)}"


def _icon_path(definition_type: str, row: Row) -> str:
    return f"{definition_type}/{row['name']}/icon.svg"


def _readme_path(definition_type: str, row: Row) -> str:
    return f"{definition_type}/{row['id']}/readme.md"


def _download(world: World, _: Request, rest: str) -> Response:
    row = world.records.find(_MEDIA, path=rest)
    if rest.endswith("/icon.svg"):
        return Response(200, {"Content-Type": "image/svg+xml"}, row["content"] if row else _ICON)
    if rest.endswith("/readme.md"):
        return Response(200, {"Content-Type": "text/markdown; charset=utf-8"}, row["content"] if row else _README)
    return Response(404, {"Content-Type": "text/plain"}, b"there is no such file")


RESOURCE = Resource(tables=(_MEDIA,), downloads={"media": _download})
