"""Restores backups into a sandbox: one that runs, or one in this process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trilogue_tools.backup.restoring import Control, backups_in, restore_botpress, restore_rapidpro
from trilogue_tools.connections import complete_address, overview
from trilogue_tools.errors import ToolError

if TYPE_CHECKING:
    from trilogue_sandbox import Sandbox


def restore_into(folder: Path, sandbox: Sandbox) -> Mapping[str, Mapping[str, int]]:
    """Restore all backups of a folder into a sandbox in this process; return what was made, by platform."""
    from trilogue_sandbox.kernel.platform import ControlError

    def control(platform: str, action: str, arguments: Mapping[str, Any]) -> Any:
        try:
            return sandbox.control(platform, action, {**arguments})
        except ControlError as error:
            raise ToolError(f"the sandbox refused to {action.replace('_', ' ')}: {error}") from error

    return _restore(backups_in(folder), control)


def restore_over_http(folder: Path, address: str) -> Mapping[str, Mapping[str, int]]:
    """Restore all backups of a folder into a sandbox that runs; return what was made, by platform.

    Raises:
        ToolError: no sandbox responds at the address, or it refused something.
        UsageError: the folder holds no backup.
    """
    import httpx

    backups, address = backups_in(folder), complete_address(address)

    def control(platform: str, action: str, arguments: Mapping[str, Any]) -> Any:
        url = f"{address.rstrip('/')}/__sandbox__/{platform}/{action}"
        response = httpx.post(url, json=dict(arguments), timeout=60)
        if response.is_error:
            raise ToolError(f"the sandbox refused to {action.replace('_', ' ')}: {response.json().get('error')}")
        return response.json()

    if overview(address) is None:
        raise ToolError(f"no sandbox responds at {address}; start one: trilogue sandbox")
    return _restore(backups, control)


def _restore(backups: Mapping[str, Path], control: Control) -> Mapping[str, Mapping[str, int]]:
    return {platform: _RESTORERS[platform](control, backup) for platform, backup in backups.items()}


_RESTORERS = {"rapidpro": restore_rapidpro, "botpress": restore_botpress}
