"""Positions of lists that were cut off, kept so that the same command goes on with --resume."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trilogue_generated.platforms import PLATFORMS

from trilogue_tools.connections import Connection
from trilogue_tools.errors import ToolError, UsageError
from trilogue_tools.folders import state_folder, write_private
from trilogue_tools.method import Method


class Position:
    """Where a list was left; one for each list, its arguments and the account."""

    def __init__(self, method: Method, arguments: Mapping[str, Any], account: Connection) -> None:
        whose = (account.platform, account.profile, account.sandbox, _settings(account))
        named = repr((method.path, sorted(arguments.items()), *whose))
        digest = hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        self.file: Path = state_folder() / "positions" / f"{method.platform}-{method.path}-{digest}.json"

    def read(self) -> str:
        """Return the position.

        Raises:
            UsageError: there is none.
            ToolError: the file cannot be read.
        """
        if not self.file.exists():
            raise UsageError("--resume: this list was not cut off with these options; leave out --resume")
        try:
            position: str = json.loads(self.file.read_text(encoding="utf-8"))["position"]
        except (ValueError, KeyError) as error:
            raise ToolError(f"{self.file} holds no position; delete it and start again") from error
        return position

    def write(self, position: str) -> None:
        """Keep a position; it may tell of people, so only the owner can read it."""
        write_private(self.file, json.dumps({"position": position}))

    def forget(self) -> None:
        """Remove it."""
        self.file.unlink(missing_ok=True)


def _settings(account: Connection) -> list[str | None]:
    """Return what says whose list it is: server, token, bot and the like, from the command or the environment."""
    variables = PLATFORMS[account.platform].variables
    settings = [account.settings.get(name) or os.environ.get(variable) for name, variable in variables.items()]
    return [*settings, os.environ.get("TRILOGUE_SANDBOX") if account.sandbox == "" else None]
