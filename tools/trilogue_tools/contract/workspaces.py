"""The workspace that a client works in, by the name that the server has for it; in the Chat API, the webhook id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trilogue_tools.errors import ToolError

_NAMES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "rapidpro": ("workspace.get", ("name", "uuid")),
    "botpress": ("workspaces.get", ("name", "handle", "id")),
    "pantheon": ("apps.get", ("name", "id")),
}
"""The method that tells of the workspace, and the fields by which it may be named."""


def require_workspace(platform: str, client: Any, name: str) -> None:
    """Make sure that a client works in the workspace with this name, before anything is written in it.

    Raises:
        ToolError: it is another one, or there is no telling.
    """
    if platform == "botpress_chat":
        client.users.get()
        _require(client._core.base_url.rpartition("/")[2] == name, name)
        return
    if platform not in _NAMES:
        raise ToolError("nothing is known that would tell which workspace this is; nothing was written")
    path, fields = _NAMES[platform]
    resource, _, method = path.partition(".")
    arguments = {"id": client._core.context.get("x-workspace-id")} if platform == "botpress" else {}
    found = getattr(getattr(client, resource), method)(**arguments)
    _require(name in [getattr(found, each, None) for each in fields], name)


def _require(is_right: bool, name: str) -> None:
    if not is_right:
        raise ToolError(f"the credentials are of another workspace than {name!r}; nothing was written")
