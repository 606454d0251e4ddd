"""`trilogue completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from trilogue_tools.cli.groups import HelpfulCommand

SHELLS = ("bash", "zsh", "fish")


@click.command(cls=HelpfulCommand)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the completion of a shell.

    For bash, add this to ~/.bashrc: eval "$(trilogue completion bash)"
    """
    from trilogue_tools.cli.root import root

    found = get_completion_class(shell)
    assert found is not None, shell
    click.echo(found(root, {}, "trilogue", "_TRILOGUE_COMPLETE").source())
