"""The commands at the top, and a group for each platform, made when it is used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import click
from trilogue._version import __version__
from trilogue_generated.platforms import PLATFORMS

from trilogue_tools.cli.exit_status import report


class LazyGroup(click.Group):
    """A group whose commands are made when they are asked for, so that a call pays for no other."""

    def __init__(
        self, makers: Callable[[], Mapping[str, tuple[str, Callable[[], click.Command]]]], **more: Any
    ) -> None:
        super().__init__(**more)
        self._makers = makers

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the description."""
        return [*self._makers(), *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Make one command."""
        found = self._makers().get(cmd_name.replace("_", "-"))
        return found[1]() if found else super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with a line each, without making them."""
        rows = [(name, summary) for name, (summary, _) in self._makers().items()]
        rows += [(name, command.get_short_help_str()) for name, command in sorted(self.commands.items())]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            import difflib

            nearest = difflib.get_close_matches(args[0], self.list_commands(ctx), 1)
            hint = f"; did you mean {nearest[0]!r}?" if nearest else f"; there is: {', '.join(self.list_commands(ctx))}"
            raise click.UsageError(f"there is no command {args[0]!r}{hint}", ctx) from None


def _commands() -> dict[str, tuple[str, Callable[[], click.Command]]]:
    def platform(name: str) -> Callable[[], click.Command]:
        def make() -> click.Command:
            from trilogue_tools.cli.platforms import platform_group

            return platform_group(name)

        return make

    def other(module: str, name: str) -> Callable[[], click.Command]:
        def make() -> click.Command:
            import importlib

            command: click.Command = getattr(importlib.import_module(f"trilogue_tools.cli.{module}"), name)
            return command

        return make

    found = {name: (f"Call {info.label}.", platform(name)) for name, info in PLATFORMS.items()}
    return {
        **found,
        "sandbox": ("Serve the platforms on this machine, to test against.", other("sandbox", "sandbox")),
        "login": ("Store credentials in a profile.", other("profiles", "login")),
        "logout": ("Remove a profile.", other("profiles", "logout")),
        "profiles": ("List the profiles.", other("profiles", "profiles")),
        "whoami": ("Say whom the credentials belong to.", other("whoami", "whoami")),
        "catalogue": ("Print every command as JSON, for programs.", other("catalogue", "catalogue")),
        "completion": ("Print the completion of a shell.", other("completion", "completion")),
    }


@click.group(cls=LazyGroup, makers=_commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="trilogue", message="%(prog)s %(version)s")
def root() -> None:
    """Work with RapidPro/TextIt, Botpress Cloud and Pantheon, or with a sandbox of the three.

    Credentials come from the environment, or from a profile (`trilogue login`).
    """


def run() -> int:
    """Run the command line and return its exit status."""
    return report(lambda: root.main(prog_name="trilogue", standalone_mode=False), as_json="--errors=json" in sys.argv)
