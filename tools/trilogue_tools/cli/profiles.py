"""`trilogue profiles`: which profiles there are."""

from __future__ import annotations

import click

from trilogue_tools.cli.output import FORMATS, Format, Output, default_format
from trilogue_tools.profiles import shown


@click.command()
@click.option("--output", "-o", "output_format", type=click.Choice(FORMATS), help="Default: table, jsonl in a pipe.")
def profiles(output_format: Format | None) -> None:
    """List the profiles and what each has settings for, without secrets."""
    Output(output_format or default_format(), masks=False).show_rows(shown())
