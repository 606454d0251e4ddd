"""The workspace that a client works in, by the name that the server has for it; in the Chat API, the webhook id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trilogue_tools.errors import ToolError

_NAMES: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "rapidpro": ("workspace.get", ("name", "uuid"), "workspace get"),
    "botpress": ("workspaces.get", ("name", "handle", "id"), "workspaces list"),
    "pantheon": ("apps.get", ("name", "id"), "apps get"),
}
"""The method that tells of the workspace, the fields by which it may be named, and the command that shows them."""


def require_workspace(platform: str, client: Any, name: str) -> None:
    """Make sure that a client works in the workspace with this name, before anything is written in it.

    Raises:
        ToolError: it is another one, or there is no telling.
    """
    if platform == "botpress_chat":
        client.users.get()
        _require(client._core.base_url.rpartition("/")[2] == name, name, "it is the webhook id")
        return
    if platform not in _NAMES:
        raise ToolError("nothing is known that would tell which workspace this is; nothing was written")
    path, fields, command = _NAMES[platform]
    resource, _, method = path.partition(".")
    arguments = {"id": client._core.context.get("x-workspace-id")} if platform == "botpress" else {}
    found = getattr(getattr(client, resource), method)(**arguments)
    is_right = name in [getattr(found, each, None) for each in fields]
    _require(is_right, name, f"`trilogue {platform} {command}` shows its {' or '.join(fields)}")


def _require(is_right: bool, name: str, hint: str) -> None:
    if not is_right:
        raise ToolError(f"the credentials are of another workspace than {name!r}; {hint}; nothing was written")
