"""`trilogue logout`: removes a profile."""

from __future__ import annotations

import click

from trilogue_tools import profiles
from trilogue_tools.cli.groups import HelpfulCommand


@click.command(cls=HelpfulCommand)
@click.argument("profile")
def logout(profile: str) -> None:
    """Remove a profile, and its secrets from the keyring."""
    profiles.remove(profile, profiles.find_keyring())
    click.echo(f"Removed {profile}.")
