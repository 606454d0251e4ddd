"""Credentials: from the environment, or from profiles in a file that only its owner can read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from trilogue_generated.platforms import PLATFORMS, PlatformInfo

SECRETS = ("token", "client_secret")
_SERVICE = "trilogue"


def path() -> Path:
    """Return where the profiles are: TRILOGUE_CONFIG, or the folder of the system for settings."""
    return Path(os.environ.get("TRILOGUE_CONFIG") or Path(click.get_app_dir("trilogue")) / "profiles.json")


def load() -> dict[str, dict[str, dict[str, str]]]:
    """Return all profiles: by name, by platform, the settings.

    Raises:
        click.ClickException: the file cannot be read, or others may read it.
    """
    file = path()
    if not file.exists():
        return {}
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise click.ClickException(f"{file} can be read by others; run: chmod 600 {file}")
    try:
        found: dict[str, dict[str, dict[str, str]]] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{file} is no JSON: {error}") from error
    return found


def save(profiles: Mapping[str, Any]) -> None:
    """Write all profiles."""
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(profiles, stream, indent=2)


def settings_for(info: PlatformInfo, profile: str | None) -> dict[str, str]:
    """Return the settings of a client; an empty dict leaves all to the environment.

    Raises:
        click.UsageError: there is no such profile.
    """
    name = profile or os.environ.get("TRILOGUE_PROFILE")
    if name is None and any(os.environ.get(variable) for variable in info.variables.values()):
        return {}
    profiles = load()
    if name is not None and info.name not in profiles.get(name, {}):
        listed = ", ".join(sorted(each for each, stored in profiles.items() if info.name in stored)) or "none"
        raise click.UsageError(f"there is no profile {name!r} for {info.label}; there is: {listed}")
    stored = dict(profiles.get(name or "default", {}).get(info.name, {}))
    return {key: _secret(name or "default", info, key, value) for key, value in stored.items()}


def _secret(profile: str, info: PlatformInfo, key: str, value: str) -> str:
    if value != "(keyring)":
        return value
    keyring = _keyring()
    found = keyring.get_password(_SERVICE, f"{profile}/{info.name}/{key}") if keyring else None
    if found is None:
        raise click.ClickException(
            f"the keyring has no {key} for the profile {profile}; run: trilogue login {info.name}"
        )
    return str(found)


def _keyring() -> Any:
    try:
        import keyring
        from keyring.backends.fail import Keyring as NoKeyring
    except ImportError:
        return None
    return None if isinstance(keyring.get_keyring(), NoKeyring) else keyring


@click.command()
@click.argument("platform", type=click.Choice([*PLATFORMS]))
@click.option("--profile", default="default", help="The name of the profile.", show_default=True)
def login(platform: str, profile: str) -> None:
    """Store credentials in a profile.

    Asks for each setting; secrets go into the keyring of the system where there is one, else into a file that only you
    can read.
    """
    info, stored = PLATFORMS[platform], dict[str, str]()
    for key in info.variables:
        value = click.prompt(key, default="", hide_input=key in SECRETS, show_default=False)
        if value:
            stored[key] = _store(profile, info, key, value)
    if not stored:
        raise click.UsageError("nothing was given; nothing was stored")
    profiles = load()
    profiles.setdefault(profile, {})[platform] = stored
    save(profiles)
    click.echo(f"Stored in {path()}. Try: trilogue whoami {platform} --profile {profile}")


def _store(profile: str, info: PlatformInfo, key: str, value: str) -> str:
    keyring = _keyring() if key in SECRETS else None
    if keyring is None:
        return value
    keyring.set_password(_SERVICE, f"{profile}/{info.name}/{key}", value)
    return "(keyring)"


@click.command()
@click.argument("profile")
def logout(profile: str) -> None:
    """Remove a profile."""
    profiles = load()
    if profile not in profiles:
        raise click.UsageError(f"there is no profile {profile!r}; there is: {', '.join(sorted(profiles)) or 'none'}")
    del profiles[profile]
    save(profiles)
    click.echo(f"Removed {profile}.")


@click.command()
def profiles() -> None:
    """List the profiles and what each has settings for, without secrets."""
    for name, stored in sorted(load().items()):
        for platform, settings in stored.items():
            shown = " ".join(f"{key}={'(set)' if key in SECRETS else value}" for key, value in settings.items())
            click.echo(f"{name}  {platform}  {shown}")
