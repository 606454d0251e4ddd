"""Credentials: from the environment, or from profiles in a file that only its owner can read.

A secret is in the keyring of the system instead, where the package keyring is installed and finds one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from trilogue_generated.platforms import PLATFORMS, PlatformInfo

from trilogue_tools.errors import ToolError, UsageError
from trilogue_tools.folders import config_folder, write_private

SECRETS = ("token", "client_secret", "user_key", "encryption_key")
NEEDED = ("token", "client_id", "client_secret", "webhook_id", "user_key")
IN_KEYRING = "(keyring)"
_SERVICE = "trilogue"

Profiles = dict[str, dict[str, dict[str, str]]]
"""By name, by platform, the settings."""


class Keyring(Protocol):
    """The part of the keyring package that is used."""

    def get_password(self, service: str, username: str, /) -> str | None:
        """Return a secret."""
        ...

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Keep a secret."""
        ...

    def delete_password(self, service: str, username: str, /) -> None:
        """Forget a secret."""
        ...


def path() -> Path:
    """Return the file of the profiles."""
    return config_folder() / "profiles.json"


def load() -> Profiles:
    """Return all profiles.

    Raises:
        ToolError: the file cannot be read, or others may read it.
    """
    file = path()
    if not file.exists():
        return {}
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise ToolError(f"{file} can be read by others; run: chmod 600 {file}")
    try:
        found: Profiles = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ToolError(f"{file} is no JSON: {error}") from error
    return found


def settings_for(info: PlatformInfo, profile: str | None = None) -> dict[str, str]:
    """Return the settings of a client; an empty dict leaves all to the environment.

    Without a name, the environment decides if it names any setting of the platform; else the profile `default` does.

    Raises:
        UsageError: there is no such profile.
        ToolError: the profiles cannot be read.
    """
    name = profile or os.environ.get("TRILOGUE_PROFILE")
    if name is None and any(os.environ.get(variable) for variable in info.variables.values()):
        return {}
    profiles = load()
    if name is not None and info.name not in profiles.get(name, {}):
        command = f"trilogue login {info.name.replace('_', '-')} --profile {name}"
        there = _names(profiles, info.name)
        raise UsageError(f"there is no profile {name!r} for {info.label}; there is: {there}; make it: {command}")
    stored = profiles.get(name or "default", {}).get(info.name, {})
    if not stored:
        raise ToolError(
            f"no credentials for {info.label}: run `trilogue login {info.name.replace('_', '-')}`, set "
            f"{' and '.join(_needed(info))}, or try it with --sandbox"
        )
    return {key: _read(name or "default", info.name, key, value) for key, value in stored.items()}


def _needed(info: PlatformInfo) -> list[str]:
    return [variable for key, variable in info.variables.items() if key in NEEDED]


def _names(profiles: Profiles, platform: str) -> str:
    return ", ".join(sorted(name for name, stored in profiles.items() if platform in stored)) or "none"


def _read(profile: str, platform: str, key: str, value: str) -> str:
    if value != IN_KEYRING:
        return value
    keyring = find_keyring()
    found = keyring.get_password(_SERVICE, f"{profile}/{platform}/{key}") if keyring else None
    if found is None:
        raise ToolError(f"the keyring has no {key} for the profile {profile}; run: trilogue login {platform}")
    return found


def find_keyring() -> Keyring | None:
    """Return the keyring of the system, None where there is none."""
    try:
        import keyring
        from keyring.backends.fail import Keyring as NoKeyring
    except ModuleNotFoundError:
        return None
    found = keyring.get_keyring()
    return None if isinstance(found, NoKeyring) else found


def store(platform: str, profile: str, settings: Mapping[str, str], keyring: Keyring | None) -> None:
    """Keep the settings of a platform in a profile, in place of those it has; secrets in the keyring if there is one.

    Raises:
        UsageError: there are no settings.
        ToolError: the profiles cannot be read.
    """
    if not settings:
        raise UsageError("nothing was given; nothing was stored")
    profiles = load()
    profiles.setdefault(profile, {})[platform] = {
        key: _keep(keyring, f"{profile}/{platform}/{key}", value) if keyring and key in SECRETS else value
        for key, value in settings.items()
    }
    write_private(path(), json.dumps(profiles, indent=2))


def _keep(keyring: Keyring, name: str, value: str) -> str:
    keyring.set_password(_SERVICE, name, value)
    return IN_KEYRING


def remove(profile: str, keyring: Keyring | None) -> None:
    """Remove a profile, and its secrets from the keyring.

    Raises:
        UsageError: there is no such profile.
    """
    profiles = load()
    if profile not in profiles:
        raise UsageError(f"there is no profile {profile!r}; there is: {', '.join(sorted(profiles)) or 'none'}")
    for platform, settings in profiles.pop(profile).items():
        for key, value in settings.items():
            if value == IN_KEYRING and keyring is not None:
                keyring.delete_password(_SERVICE, f"{profile}/{platform}/{key}")
    write_private(path(), json.dumps(profiles, indent=2))


def shown() -> list[dict[str, Any]]:
    """Return what each profile has settings for, without secrets."""
    return [
        {"profile": name, "platform": platform, **{key: _shown(key, value) for key, value in settings.items()}}
        for name, stored in sorted(load().items())
        for platform, settings in stored.items()
        if platform in PLATFORMS
    ]


def _shown(key: str, value: str) -> str:
    return "(set)" if key in SECRETS and value != IN_KEYRING else value
