"""`trilogue logout`: removes a profile."""

from __future__ import annotations

import click

from trilogue_tools import profiles


@click.command()
@click.argument("profile")
def logout(profile: str) -> None:
    """Remove a profile, and its secrets from the keyring."""
    profiles.remove(profile, profiles.find_keyring())
    click.echo(f"Removed {profile}.")
