"""Positions of lists that were cut off, kept so that the same command goes on with --resume."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trilogue_tools.connections import Connection
from trilogue_tools.errors import ToolError, UsageError
from trilogue_tools.folders import state_folder, write_private
from trilogue_tools.method import Method


class Position:
    """Where a list was left; one for each list, its arguments and the account."""

    def __init__(self, method: Method, arguments: Mapping[str, Any], account: Connection) -> None:
        named = repr((method.path, sorted(arguments.items()), account.platform, account.profile, account.sandbox))
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
