"""`trilogue catalogue`: every command as JSON, for programs."""

from __future__ import annotations

import json
from typing import Any

import click

from trilogue_tools.catalogue import platforms
from trilogue_tools.cli.arguments import option_name
from trilogue_tools.cli.common import PlatformName
from trilogue_tools.cli.groups import HelpfulCommand
from trilogue_tools.method import Method


@click.command(cls=HelpfulCommand)
@click.argument("platform", required=False, type=PlatformName())
def catalogue(platform: str | None) -> None:
    """Print every command as JSON, for programs: a line each, of all platforms or of one."""
    for name, found in platforms().items():
        if platform in (None, name):
            for method in found.all_methods():
                click.echo(json.dumps(describe(method), ensure_ascii=False))


def describe(method: Method) -> dict[str, Any]:
    """Return what a program has to know to call a command."""
    return {
        "command": ["trilogue", *f"{method.platform}.{method.path}".replace("_", "-").split(".")],
        "method": f"{method.platform}.{method.path}",
        "summary": method.summary,
        "reads_only": method.reads_only,
        "is_destructive": method.is_destructive(),
        "is_list": method.is_list,
        "arguments": [
            {
                "name": option_name(method, parameter),
                "type": parameter.schema.type,
                "choices": list(parameter.schema.choices),
                "required": parameter.required or parameter.location == "path",
                "doc": method.argument_docs.get(parameter.name, ""),
            }
            for parameter in method.parameters
        ],
    }
