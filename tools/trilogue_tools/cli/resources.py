"""A group of commands for each platform and resource, made from the code of the clients."""

from __future__ import annotations

from functools import partial

import click
from trilogue_generated.platforms import PLATFORMS

from trilogue_tools.catalogue import Platform, Resource
from trilogue_tools.cli.groups import LazyGroup, Makers, dashed
from trilogue_tools.method import Method


def platform_group(name: str) -> click.Command:
    """Return the group of a platform."""
    platform = Platform(PLATFORMS[name])
    variables = ", ".join(platform.info.variables.values())
    return LazyGroup(
        lambda: {
            dashed(each): (_summary(found.doc), partial(_resource_group, found))
            for each, found in platform.resources.items()
        },
        name=name,
        help=f"Call {platform.info.label}. Settings come from {variables}, or a profile.",
    )


def _resource_group(resource: Resource) -> click.Command:
    def makers() -> Makers:
        methods: Makers = {
            dashed(name): (method.summary, partial(_command, method)) for name, method in resource.methods.items()
        }
        below: Makers = {
            dashed(name): (_summary(found.doc), partial(_resource_group, found))
            for name, found in resource.resources.items()
        }
        return {**methods, **below}

    return LazyGroup(makers, name=resource.name.rpartition(".")[2], help=resource.doc)


def _summary(doc: str) -> str:
    return doc.partition("\n")[0]


def _command(method: Method) -> click.Command:
    from trilogue_tools.cli.methods import command_of  # here, because a list of commands needs none of them

    return command_of(method)
