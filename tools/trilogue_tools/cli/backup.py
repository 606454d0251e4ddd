"""`trilogue backup`: keeps definitions in a folder, compares two, restores one into a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from trilogue_tools.backup import PLATFORMS
from trilogue_tools.cli.common import PlatformName, connection, with_account
from trilogue_tools.cli.groups import HelpfulCommand, LazyGroup
from trilogue_tools.connections import USUAL_ADDRESS

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command(cls=HelpfulCommand)
@click.argument("platform", type=PlatformName(PLATFORMS))
@click.argument("folder", type=FOLDER)
@with_account
def create(platform: str, folder: Path, **options: Any) -> None:
    """Write what a workspace is made of into FOLDER/PLATFORM.

    RapidPro: flows with what they depend on, groups, fields, globals, labels, topics, campaigns. Botpress: bots, tables
    with their rows, files. No contact, message or conversation, and no secret. The same workspace gives the same files,
    so the folder can be kept under version control.
    """
    from trilogue_tools.backup.saving import save

    _print(save(connection(platform, options), folder), "in")
    click.echo(f"Written to {folder / platform}.", err=True)


@click.command(cls=HelpfulCommand)
@click.argument("first", type=FOLDER)
@click.argument("second", type=FOLDER)
def diff(first: Path, second: Path) -> None:
    """Show what differs between two backups; the exit status is 1 if anything does."""
    from trilogue_tools.backup.comparing import compare

    colours = {"+": "green", "-": "red", "@": "cyan"}
    differs = False
    for line in compare(first, second):
        differs = True
        click.secho(line, fg=colours.get(line[:1]))
    if differs:
        click.get_current_context().exit(1)
    click.echo("The backups hold the same.", err=True)


@click.command(cls=HelpfulCommand)
@click.argument("folder", type=FOLDER)
@click.option(
    *("--sandbox", "address"),
    metavar="URL",
    envvar="TRILOGUE_SANDBOX",
    show_envvar=True,
    default=USUAL_ADDRESS,
    show_default=True,
    help="A running sandbox.",
)
def restore(folder: Path, address: str) -> None:
    """Make what a backup holds in a running sandbox, never on a real server.

    RapidPro's goes into the workspace `empty`, whose token `trilogue sandbox` prints, Botpress's into the workspace
    with the id it had. `trilogue sandbox --from` does the same.
    """
    from trilogue_tools.backup.restoring import workspaces_of
    from trilogue_tools.backup.sandboxes import restore_over_http

    names = workspaces_of(folder)
    for platform, counts in restore_over_http(folder, address).items():
        where = f", into the workspace {names[platform]}" if platform in names else ""
        click.echo(f"{platform}{where}:", err=True)
        _print(counts, "made")


def _print(counts: Mapping[str, int], what: str) -> None:
    for name, count in sorted(counts.items()):
        click.echo(f"{count:>8,} {name} {what}".removesuffix(" in"), err=True)


backup = LazyGroup(
    lambda: {
        "create": ("Write what a workspace is made of into a folder.", lambda: create),
        "diff": ("Show what differs between two backups.", lambda: diff),
        "restore": ("Make what a backup holds in a running sandbox.", lambda: restore),
    },
    name="backup",
    help="Keep what a workspace is made of in a folder, compare two, restore one into a sandbox.",
)
