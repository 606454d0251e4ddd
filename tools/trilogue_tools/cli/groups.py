"""Commands and groups of commands that are made when they are used, and that help with what is mistyped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from trilogue_tools.nearest import nearest

Makers = Mapping[str, tuple[str, Callable[[], click.Command]]]
"""By the name of a command, its summary and what makes it."""


def dashed(name: str) -> str:
    """Return a name of Python as commands and options have it."""
    return name.replace("_", "-")


class LazyGroup(click.Group):
    """A group whose commands are made when they are asked for, so that a call pays for no other."""

    def __init__(self, makers: Callable[[], Makers], **more: Any) -> None:
        super().__init__(**more)
        self._makers = makers

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the description."""
        return [*self._makers()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Make one command."""
        found = self._makers().get(cmd_name.replace("_", "-"))
        return found[1]() if found else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with a line each, without making them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (summary, _) in self._makers().items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest."""
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            hint = nearest(args[0], self.list_commands(ctx))
            raise click.UsageError(f"there is no command {args[0]!r} of {ctx.command_path}{hint}", ctx)
        return super().resolve_command(ctx, args)


class HelpfulCommand(click.Command):
    """A command that responds to a wrong option with the right ones."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and name the options there are where one is wrong."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            options = [name for parameter in self.params for name in parameter.opts if name.startswith("--")]
            hint = nearest(error.option_name, options)
            raise click.UsageError(f"there is no option {error.option_name} of {ctx.command_path}{hint}", ctx) from None
