"""`trilogue whoami`: whom the credentials belong to."""

from __future__ import annotations

from typing import Any

import click
from trilogue_generated.platforms import PLATFORMS

from trilogue_tools.cli.clients import PRIVATE, default_sandbox, opened
from trilogue_tools.cli.output import FORMATS, Output, default_format

_ASKED = {"rapidpro": "workspace", "botpress": "account", "pantheon": "apps"}
"""The resource whose `get` tells of the caller."""


@click.command()
@click.argument("platform", type=click.Choice([*PLATFORMS]))
@click.option("--profile", metavar="NAME", help="Use the settings of this profile.")
@click.option(
    "--sandbox", is_flag=False, flag_value=PRIVATE, default=default_sandbox, metavar="[URL]", help="Use a sandbox."
)
@click.option("--output", "-o", "output_format", type=click.Choice(FORMATS))
def whoami(platform: str, output_format: Any, **options: Any) -> None:
    """Say whom the credentials belong to, and so whether they work."""
    with opened(PLATFORMS[platform], options) as client:
        Output(output_format or default_format(), masks=False).show(getattr(client, _ASKED[platform]).get())
