"""Makes a backup of an account."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from trilogue._version import __version__

from trilogue_tools.backup import PLATFORMS, botpress, rapidpro
from trilogue_tools.backup.documents import FORMAT, replaced, write
from trilogue_tools.connections import Connection
from trilogue_tools.errors import UsageError


def save(account: Connection, folder: Path) -> Mapping[str, int]:
    """Write a backup of an account into FOLDER/<platform>, in place of the one that is there.

    Return how many objects of each type it holds.

    Raises:
        UsageError: the folder holds something else, or the platform has nothing to keep.
        TrilogueError: the platform failed; the backup that was there is as it was.
    """
    if account.platform not in PLATFORMS:
        raise UsageError(f"{account.platform} has no definitions to back up; there is: {', '.join(PLATFORMS)}")
    place = folder / account.platform
    if place.exists() and not (place / "backup.json").exists():
        raise UsageError(f"{place} is no backup; name another folder")
    with replaced(place) as new:
        with account.open() as client:
            counts = _save(account, client, new)
        write(new / "backup.json", {"format": FORMAT, "platform": account.platform, "trilogue": __version__})
    return counts


def _save(account: Connection, client: object, folder: Path) -> Mapping[str, int]:
    if account.platform == "rapidpro":
        return rapidpro.save(client, folder)
    return botpress.save(client, folder)
