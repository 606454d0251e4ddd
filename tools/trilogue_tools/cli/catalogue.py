"""`trilogue catalogue`: every command as JSON, for programs."""

from __future__ import annotations

import json
from typing import Any

import click

from trilogue_tools.catalogue import Method, platforms


@click.command()
@click.argument("platform", required=False, type=click.Choice([*platforms()]))
def catalogue(platform: str | None) -> None:
    """Print every command as JSON, for programs: a line each, or those of one platform."""
    for name, found in platforms().items():
        if platform in (None, name):
            for method in found.all_methods():
                click.echo(json.dumps(describe(method)))


def describe(method: Method) -> dict[str, Any]:
    """Return what a program needs to call a method."""
    return {
        "command": f"trilogue {method.platform} {method.path.replace('.', ' ').replace('_', '-')}",
        "method": f"{method.platform}.{method.path}",
        "summary": method.summary,
        "reads_only": method.reads_only,
        "destructive": method.is_destructive,
        "paginated": method.is_list,
        "arguments": [
            {
                "name": parameter.name,
                "type": parameter.schema.type,
                **({"choices": parameter.schema.choices} if parameter.schema.choices else {}),
                "required": parameter.required,
                "description": method.argument_docs.get(parameter.name, ""),
            }
            for parameter in method.parameters
        ],
    }
