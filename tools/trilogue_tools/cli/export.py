"""`trilogue export`: lists into files and databases."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import click

from trilogue_tools.cli.common import PlatformName, connection, with_account
from trilogue_tools.cli.groups import HelpfulCommand
from trilogue_tools.cli.progress import progress_for

FORMATS = ("jsonl", "csv", "parquet")


@click.command(cls=HelpfulCommand)
@click.argument("platform", type=PlatformName())
@click.argument("lists", nargs=-1)
@click.option(
    "--to",
    metavar="TARGET",
    help="duckdb:///FILE, postgresql://..., a file that ends in .jsonl, .csv or .parquet, or a folder.",
)
@click.option(
    "--workspace",
    "-w",
    "names",
    multiple=True,
    metavar="PROFILE",
    help="Export the account of this profile. Repeat for more.",
)
@click.option("--format", "file_format", type=click.Choice(FORMATS), help="Of files in a folder. Default: jsonl.")
@click.option("--archives/--no-archives", default=True, help="Read the archives of RapidPro too. Default: yes.")
@click.option("--requests-per-hour", type=click.IntRange(1), help="Stay below this rate limit. RapidPro only.")
@click.option("--list", "lists_only", is_flag=True, help="Print the lists there are, and end.")
@with_account
def export(platform: str, lists: tuple[str, ...], to: str | None, **options: Any) -> None:
    """Copy lists into files or a database; the next time, only what changed.

    Without LISTS, all lists of the platform are exported. Rows are merged by their key; those that were deleted on the
    platform stay, with is_deleted. A run that was cut off goes on where it was when the same command is run again.

    Several workspaces are exported at the same time, each within its own rate limit; the column workspace tells their
    rows apart.
    """
    from trilogue_tools.export.lists import lists_of

    if options["lists_only"]:
        click.echo("\n".join(lists_of(platform)))
        return
    if to is None:
        raise click.UsageError("--to is missing: name a file, a folder or a database; see --help")
    counts = _export(platform, lists, to, options)
    for name, count in sorted(counts.items()):
        click.echo(f"{count:>12,} rows read of {name}", err=True)
    click.echo(f"Exported to {to}. The same command brings what changes from now on.", err=True)


def _export(platform: str, lists: tuple[str, ...], to: str, options: dict[str, Any]) -> Counter[str]:
    from trilogue_tools.export.runner import run

    counts, lock = Counter[str](), threading.Lock()
    progress = progress_for(lambda: None, is_shown=True)

    def on_rows(name: str, count: int) -> None:
        with lock:
            counts[name] += count
            progress.count(count)

    try:
        with progress:
            run(
                platform,
                lists or None,
                to=to,
                workspaces=_workspaces(platform, options),
                file_format=options["file_format"],
                archives=options["archives"],
                on_wait=progress.on_wait,
                on_rows=on_rows,
            )
    except (KeyboardInterrupt, Exception):
        if counts:
            click.echo(f"Stopped after {counts.total():,} rows; the same command goes on from the last step.", err=True)
        raise
    return counts


def _workspaces(platform: str, options: dict[str, Any]) -> list[Any]:
    from trilogue_tools.export.workspaces import Workspace

    limit = options["requests_per_hour"]
    settings = {} if limit is None else {"requests_per_hour": limit}
    if options["names"]:
        return [Workspace(name, profile=name, settings=settings) for name in options["names"]]
    account = connection(platform, options)
    return [Workspace(account.profile or "default", account.profile, account.sandbox, settings=settings)]
