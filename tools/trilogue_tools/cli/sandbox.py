"""`trilogue sandbox`: the platforms on this machine."""

from __future__ import annotations

from pathlib import Path

import click
from trilogue_generated.platforms import PLATFORMS

from trilogue_tools.cli.groups import HelpfulCommand
from trilogue_tools.errors import ToolError

FLAVOURS = tuple(flavour for platform in PLATFORMS.values() for flavour in platform.flavours)


@click.command(cls=HelpfulCommand)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="0.0.0.0 lets other machines in, who can then control it."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--seed", type=int, default=1, show_default=True, help="Ids and invented data follow from it.")
@click.option("--database", metavar="FILE", help="Keep the state in this file; in memory unless given.")
@click.option(
    "--from", "backup", type=click.Path(path_type=Path, file_okay=False), help="Begin with what this backup holds."
)
@click.option("--quiet", is_flag=True, help="Print the address, but no accounts, code and requests.")
@click.option("--flavour", type=click.Choice(FLAVOURS), help="Which server RapidPro is.")
@click.option("--no-known-faults", is_flag=True, help="Do not fail where that server is known to.")
def sandbox(
    host: str,
    port: int,
    seed: int,
    database: str | None,
    backup: Path | None,
    quiet: bool,
    flavour: str | None,
    no_known_faults: bool,
) -> None:
    """Serve the platforms on this machine, with real state behind every operation.

    It prints the accounts, code to copy, and a line for each request. Ctrl-C ends it.
    """
    from trilogue_sandbox import Sandbox, serve

    try:
        known_faults = not no_known_faults
        with Sandbox(seed=seed, database=database, start=None, flavour=flavour, known_faults=known_faults) as served:
            if backup is not None:
                _restore(backup, served)
            serve.stay(served, host, port, quiet=quiet)
    except OSError as error:
        raise ToolError(f"the sandbox cannot start: {error.strerror or error}") from error


def _restore(backup: Path, served: object) -> None:
    from trilogue_sandbox import Sandbox

    from trilogue_tools.backup.restoring import workspaces_of
    from trilogue_tools.backup.sandboxes import restore_into

    assert isinstance(served, Sandbox)
    names = workspaces_of(backup)
    for platform, counts in restore_into(backup, served).items():
        made = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        where = f" into the workspace {names[platform]}" if platform in names else ""
        click.echo(f"Restored {platform}{where}: {made}.", err=True)
