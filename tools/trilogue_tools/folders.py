"""Where the tools keep what they have to remember: settings, and positions to go on from."""

from __future__ import annotations

import os
from pathlib import Path


def config_folder() -> Path:
    """Return the folder of the profiles: TRILOGUE_CONFIG, or the one of the system for settings."""
    return _folder("TRILOGUE_CONFIG", "XDG_CONFIG_HOME", ".config")


def state_folder() -> Path:
    """Return the folder of positions and of the state of exports: TRILOGUE_STATE, or the one of the system."""
    return _folder("TRILOGUE_STATE", "XDG_STATE_HOME", ".local/state")


def _folder(own: str, of_system: str, below_home: str) -> Path:
    if named := os.environ.get(own):
        return Path(named)
    above = os.environ.get("APPDATA") if os.name == "nt" else os.environ.get(of_system)
    return Path(above or Path.home() / below_home) / "trilogue"


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    unfinished.replace(file)
