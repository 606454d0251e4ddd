"""Describes and calls methods for an agent."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from trilogue_generated.platforms import PLATFORMS
from trilogue_generated.runtime.operation import Parameter

from trilogue_tools.catalogue import Platform
from trilogue_tools.errors import UsageError
from trilogue_tools.json_values import to_python
from trilogue_tools.masking import holds_credentials, is_personal, masked, plain
from trilogue_tools.method import Method
from trilogue_tools.nearest import nearest

MOST_ROWS = 100


def find(path: str, names: Mapping[str, Platform]) -> Method:
    """Return the method with a full name, such as `rapidpro.contacts.list`.

    Raises:
        UsageError: there is no such method, and the message names the nearest; or it is not for agents.
    """
    platform, _, rest = path.partition(".")
    if platform not in names:
        raise UsageError(
            f"there is no platform {platform!r}; a method reads PLATFORM.RESOURCE.METHOD, of {', '.join(names)}"
        )
    method = names[platform].method(rest)
    if not is_for_agents(method):
        raise UsageError(f"{path} takes long, or writes files of this machine; list what is there, and act on a few")
    return method


def is_for_agents(method: Method) -> bool:
    """Return whether an agent may call a method: it makes few requests, ends soon, and writes no files."""
    return not method.is_stream and method.composed is None


def describe(method: Method) -> dict[str, Any]:
    """Return what an agent has to know to call a method."""
    return {
        "method": f"{method.platform}.{method.path}",
        "description": method.prose,
        "effect": effect(method),
        "arguments": [_describe(method, parameter) for parameter in method.parameters if not _is_file(parameter)],
    }


def effect(method: Method) -> str:
    """Return what a call does to the platform, in a word."""
    if method.reads_only:
        return "reads"
    return "destroys" if method.is_destructive() else "changes"


def _describe(method: Method, parameter: Parameter) -> dict[str, Any]:
    schema = parameter.schema
    item = f" of {schema.items.type}" if schema.items is not None else ""
    facts = {
        "name": parameter.name,
        "type": f"{schema.type}{item}",
        "required": parameter.required or parameter.location == "path",
        "choices": list(schema.choices or (schema.items.choices if schema.items else ())),
        "description": method.argument_docs.get(parameter.name, ""),
    }
    return {name: value for name, value in facts.items() if value not in ("", [], False)}


def to_arguments(method: Method, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call, from JSON values.

    Raises:
        UsageError: one is unknown, missing, a file, or no time where one is expected.
    """
    parameters = {parameter.name: parameter for parameter in method.parameters}
    for name in given:
        if name not in parameters:
            raise UsageError(f"{method.path} has no argument {name!r}{nearest(name, [*parameters])}")
    missing = [
        name for name, one in parameters.items() if (one.required or one.location == "path") and name not in given
    ]
    if missing:
        raise UsageError(f"{method.path} needs: {', '.join(missing)}")
    return {name: _convert(parameters[name], value) for name, value in given.items()}


def _convert(parameter: Parameter, value: Any) -> Any:
    if _is_file(parameter):
        raise UsageError(f"{parameter.name}: files of this machine are not sent for an agent")
    try:
        return to_python(parameter.schema, value)
    except ValueError as error:
        raise UsageError(f"{parameter.name}: expected a time in ISO 8601, such as 2026-01-31T12:00:00Z") from error


def _is_file(parameter: Parameter) -> bool:
    return parameter.schema.type == "file"


def call(client: Any, method: Method, arguments: Mapping[str, Any], limit: int, *, masks: bool) -> dict[str, Any]:
    """Call a method and return its result as JSON values; of a list, so many rows and whether there are more."""
    show = masked if holds_credentials(method) or (masks and is_personal(method)) else plain
    result = method.on(client)(**arguments)
    if not method.is_list:
        return {"result": show(result)}
    iterator = result.iterator()
    rows = [show(row) for row in islice(iterator, min(limit, MOST_ROWS))]
    return {"rows": rows, "has_more": not iterator.iteration.is_finished}


def known(platforms: tuple[str, ...]) -> Mapping[str, Platform]:
    """Return the platforms with these names, or all."""
    return {name: Platform(PLATFORMS[name]) for name in platforms or PLATFORMS}
