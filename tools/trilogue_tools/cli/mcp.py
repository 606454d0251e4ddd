"""`trilogue mcp`: the platforms for agents."""

from __future__ import annotations

import sys
from typing import Any

import click
from trilogue_generated.platforms import PLATFORMS

from trilogue_tools.cli.common import PlatformName, connection, with_account
from trilogue_tools.cli.groups import HelpfulCommand


@click.command(cls=HelpfulCommand)
@click.argument("platforms", nargs=-1, type=PlatformName())
@click.option("--write", is_flag=True, help="Let agents call what changes something; without it they only read.")
@click.option("--show-personal-data", is_flag=True, help="Do not mask personal data.")
@with_account
def mcp(platforms: tuple[str, ...], write: bool, show_personal_data: bool, **options: Any) -> None:
    """Serve the platforms to agents, over the Model Context Protocol, on standard input and output.

    Try it with --sandbox first. All PLATFORMS unless some are named.
    """
    from trilogue_tools.agents.server import Tools, make_server

    if sys.stdin.isatty():
        click.echo(
            "Waiting for an agent on standard input; name this command in its settings. Ctrl-C ends it.", err=True
        )
    names = platforms or tuple(PLATFORMS)
    tools = Tools({name: connection(name, options) for name in names}, writes=write, masks=not show_personal_data)
    try:
        make_server(tools, names).run()
    finally:
        tools.close()
