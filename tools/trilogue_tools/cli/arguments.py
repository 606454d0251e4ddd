"""The arguments of a method as arguments and options of a command, and back."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from trilogue_generated.runtime.operation import Parameter, Schema

from trilogue_tools.catalogue import Method

_METAVARS = {
    "integer": "INTEGER",
    "number": "NUMBER",
    "datetime": "TIME",
    "date": "DATE",
    "uuid": "UUID",
    "object": "JSON",
    "map": "KEY=VALUE",
    "any": "JSON",
    "file": "FILE",
}


def parameters_of(method: Method) -> list[click.Parameter]:
    """Return what a command takes: path parameters by position, everything else as options."""
    found: list[click.Parameter] = []
    for parameter in method.parameters:
        if parameter.location == "path":
            found.append(click.Argument([parameter.name], metavar=parameter.name.upper()))
        else:
            found.append(_option(parameter, method.argument_docs.get(parameter.name, "")))
    return found


def _option(parameter: Parameter, text: str) -> click.Option:
    schema = parameter.schema
    is_list = schema.type in ("array", "map")
    item = schema.items or schema if schema.type == "array" else schema
    names = [f"--{parameter.name.rstrip('_').replace('_', '-')}", parameter.name]
    if schema.type == "boolean":
        names[0] = f"{names[0]}/--no-{names[0][2:]}"
        return click.Option(names, default=None, help=_help(parameter, text))
    return click.Option(
        names,
        multiple=is_list,
        default=None,
        type=click.Choice(item.choices) if item.choices else str,
        metavar=None if item.choices else _METAVARS.get(item.type, "STRING"),
        help=_help(parameter, text),
    )


def _help(parameter: Parameter, text: str) -> str:
    sentence = text.split(". ")[0].rstrip(".")
    repeat = " Repeat for more." if parameter.schema.type in ("array", "map") else ""
    needed = " Required." if parameter.required else ""
    return f"{sentence}.{repeat}{needed}".lstrip(".")


def read_arguments(method: Method, given: Mapping[str, Any], body: str | None) -> dict[str, Any]:
    """Return the arguments of the method: what was given, and the fields of `--json`.

    Raises:
        click.UsageError: a value is not what the argument takes, or `--json` is no object.
    """
    arguments: dict[str, Any] = {}
    if body is not None:
        arguments.update(_fields(method, read_json(body, "--json")))
    for parameter in method.parameters:
        value = given.get(parameter.name)
        if value is not None and value != ():
            arguments[parameter.name] = _convert(parameter.schema, value, parameter.name)
    return arguments


def _fields(method: Method, document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise click.UsageError("--json takes an object with the fields of the body")
    names = {parameter.wire: parameter.name for parameter in method.parameters}
    return {names.get(key, key): value for key, value in document.items()}


def read_json(text: str, name: str) -> Any:
    """Return a JSON value given as such, as @FILE, or as @- for standard input.

    Raises:
        click.UsageError: it cannot be read.
    """
    try:
        if text.startswith("@"):
            text = sys.stdin.read() if text == "@-" else Path(text[1:]).read_text(encoding="utf-8")
        return json.loads(text)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{name}: {error}") from error


def _convert(schema: Schema, value: Any, name: str) -> Any:
    if schema.type == "array":
        items = schema.items or Schema("any")
        return [_convert(items, item, name) for item in value]
    if schema.type == "map":
        return dict(_pair(item, name) for item in value)
    if schema.type in ("object", "any"):
        return read_json(value, f"--{name}") if _looks_like_json(value) else value
    if schema.type in ("integer", "number"):
        return _number(schema.type, value, name)
    if schema.type in ("datetime", "date"):
        return _time(schema.type, value, name)
    return value


def _looks_like_json(value: str) -> bool:
    return value[:1] in ("{", "[", "@", '"') or value in ("true", "false", "null") or value[:1].isdecimal()


def _pair(text: str, name: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"--{name}: expected KEY=VALUE, not {text!r}")
    return key, value


def _number(kind: str, value: str, name: str) -> int | float:
    try:
        return int(value) if kind == "integer" else float(value)
    except ValueError:
        raise click.UsageError(f"--{name}: expected {kind}, not {value!r}") from None


def _time(kind: str, value: str, name: str) -> Any:
    from datetime import date, datetime

    try:
        return datetime.fromisoformat(value) if kind == "datetime" else date.fromisoformat(value)
    except ValueError:
        raise click.UsageError(f"--{name}: expected a time in ISO 8601, such as 2026-01-31T12:00:00Z") from None
