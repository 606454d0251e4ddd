"""Options that many commands have, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import click
from trilogue_generated.platforms import PLATFORMS

from trilogue_tools.connections import Connection

Command = TypeVar("Command", bound=Callable[..., Any])

SANDBOX_HELP = "Use the sandbox that runs on this machine, or else one in this process."


class PlatformName(click.Choice[str]):
    """The name of a platform, written as that of its command: `botpress-chat`; with an underscore, too."""

    def __init__(self, names: Iterable[str] = PLATFORMS) -> None:
        super().__init__([name.replace("_", "-") for name in names])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name as Python has it."""
        return super().convert(value.replace("_", "-"), param, ctx).replace("-", "_")


def account_options() -> list[click.Option]:
    """Return the options that say which account is used, and how errors are printed."""
    return [
        click.Option(["--profile"], metavar="NAME", help="Use the settings of this profile."),
        click.Option(["--sandbox"], is_flag=True, help=SANDBOX_HELP),
        click.Option(["--errors"], type=click.Choice(["text", "json"]), help="How errors are printed."),
    ]


def with_account(command: Command) -> Command:
    """Add those options to a command that is written by hand."""
    for option in account_options():
        keywords: dict[str, Any] = {"is_flag": True} if option.is_flag else {"type": option.type}
        command = click.option(*option.opts, metavar=option.metavar, help=option.help, **keywords)(command)
    return command


def connection(platform: str, given: Mapping[str, Any], **settings: Any) -> Connection:
    """Return the account that the options name, those before the command included."""
    context = click.get_current_context(silent=True)
    options = {**((context and context.obj) or {}), **{name: value for name, value in given.items() if value}}
    return Connection(platform, options.get("profile"), "" if options.get("sandbox") else None, settings)
