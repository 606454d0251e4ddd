"""`trilogue login`: credentials into a profile."""

from __future__ import annotations

import sys

import click
from trilogue_generated.platforms import PLATFORMS

from trilogue_tools import profiles
from trilogue_tools.cli.common import PlatformName
from trilogue_tools.cli.groups import HelpfulCommand


@click.command(cls=HelpfulCommand)
@click.argument("platform", type=PlatformName())
@click.option("--profile", default="default", help="The name of the profile.", show_default=True)
def login(platform: str, profile: str) -> None:
    """Store credentials in a profile.

    Asks for each setting; leave empty what you do not need. A secret goes into the keyring of the system if the package
    keyring is installed and finds one, else into a file that only you can read.
    """
    settings = {key: value for key in PLATFORMS[platform].variables if (value := _ask(key))}
    if not settings:
        raise click.UsageError("nothing was given, and nothing is stored")
    profiles.store(platform, profile, settings, profiles.find_keyring())
    click.echo(f"Stored in {profiles.path()}. Try: trilogue whoami {platform} --profile {profile}")


def _ask(key: str) -> str:
    is_hidden = key in profiles.SECRETS and sys.stdin.isatty()  # what comes through a pipe is not echoed anyway
    answer: str = click.prompt(key, default="", hide_input=is_hidden, show_default=False)
    return answer.strip()
