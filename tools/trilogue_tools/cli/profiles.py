"""`trilogue profiles`: which profiles there are."""

from __future__ import annotations

import click

from trilogue_tools.cli.groups import HelpfulCommand
from trilogue_tools.cli.output import FORMATS, Format, Output, default_format
from trilogue_tools.profiles import shown


@click.command(cls=HelpfulCommand)
@click.option("--output", "-o", "output_format", type=click.Choice(FORMATS), help="Default: table, jsonl in a pipe.")
def profiles(output_format: Format | None) -> None:
    """List the profiles and what each has settings for, without secrets."""
    found = shown()
    if not found:
        click.echo("There is no profile yet; make one: trilogue login PLATFORM", err=True)
        return
    Output(output_format or default_format(), masks=False).show_rows(found)
