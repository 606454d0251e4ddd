"""`trilogue whoami`: whom the credentials belong to."""

from __future__ import annotations

from typing import Any

import click
from trilogue_generated.platforms import PLATFORMS

from trilogue_tools.catalogue import Platform
from trilogue_tools.cli.common import PlatformName, connection, with_account
from trilogue_tools.cli.groups import HelpfulCommand
from trilogue_tools.cli.output import FORMATS, Format, Output, default_format

METHODS = {
    "rapidpro": "workspace.get",
    "botpress": "account.get",
    "pantheon": "apps.get",
    "botpress_chat": "users.get",
}
"""The method of each platform that tells of the caller."""


@click.command(cls=HelpfulCommand)
@click.argument("platform", type=PlatformName())
@click.option("--output", "-o", "output_format", type=click.Choice(FORMATS), help="Default: table, jsonl in a pipe.")
@with_account
def whoami(platform: str, output_format: Format | None, **options: Any) -> None:
    """Show whom the credentials belong to, and so whether they work."""
    method = Platform(PLATFORMS[platform]).method(METHODS[platform])
    with connection(platform, options).open() as client:
        Output(output_format or default_format(), masks=False).show(method.on(client)())
