"""The commands at the top."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import click
from trilogue._version import __version__
from trilogue_generated.platforms import PLATFORMS

from trilogue_tools.cli.exit_status import report, wants_json
from trilogue_tools.cli.groups import LazyGroup, Makers

_OTHERS = {
    "export": "Copy lists into files or a database, and only what changed the next time.",
    "backup": "Keep what a workspace is made of in a folder, compare two, restore one.",
    "contract": "Hold a live server to its description.",
    "drift": "Report how a live server differs from its description.",
    "sandbox": "Serve the platforms on this machine, to test against.",
    "mcp": "Serve the platforms to agents, over the Model Context Protocol.",
    "login": "Store credentials in a profile.",
    "logout": "Remove a profile.",
    "profiles": "List the profiles.",
    "whoami": "Show whom the credentials belong to.",
    "catalogue": "Print every command as JSON, for programs.",
    "completion": "Print the completion of a shell.",
}


SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 120}


def _commands() -> Makers:
    platforms = {
        name.replace("_", "-"): (f"Call {info.label}.", partial(_platform, name)) for name, info in PLATFORMS.items()
    }
    return {**platforms, **{name: (summary, _other(name)) for name, summary in _OTHERS.items()}}


def _platform(name: str) -> click.Command:
    from trilogue_tools.cli.resources import platform_group

    return platform_group(name)


def _other(name: str) -> Callable[[], click.Command]:
    def make() -> click.Command:
        command: click.Command = getattr(importlib.import_module(f"trilogue_tools.cli.{name}"), name)
        return command

    return make


@click.group(cls=LazyGroup, makers=_commands, context_settings=SETTINGS)
@click.version_option(__version__, prog_name="trilogue", message="%(prog)s %(version)s")
@click.option("--profile", metavar="NAME", help="Use the settings of this profile.")
@click.option("--sandbox", is_flag=True, help="Use the sandbox that runs on this machine, or else one in this process.")
@click.option("--errors", type=click.Choice(["text", "json"]), help="How errors are printed.")
@click.pass_context
def root(context: click.Context, /, **common: Any) -> None:
    """Work with RapidPro/TextIt, Botpress Cloud and Pantheon, or with a sandbox of the three.

    Credentials come from the environment, or from a profile (see `trilogue login`). These three options may also stand
    at the end of a command.
    """
    context.obj = {name: value for name, value in common.items() if value}


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit status."""

    def command() -> object:
        return root.main([*arguments], prog_name="trilogue", standalone_mode=False)

    return report(command, as_json=wants_json(arguments))
