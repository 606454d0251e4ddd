"""`trilogue sandbox`: the platforms on this machine."""

from __future__ import annotations

import click

from trilogue_tools.errors import ToolError


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--seed", type=int, default=1, show_default=True, help="Ids and invented data follow from it.")
@click.option("--database", metavar="FILE", help="Keep the state in this file; in memory unless given.")
def sandbox(port: int, seed: int, database: str | None) -> None:
    """Serve the platforms on this machine, with real state behind every operation.

    Ctrl-C ends it.
    """
    from trilogue_sandbox import serve

    try:
        serve.run(port=port, seed=seed, database=database)
    except OSError as error:
        raise ToolError(f"the sandbox cannot start: {error.strerror or error}") from error
