"""The arguments of a method as arguments and options of a command, and back."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import click
from trilogue_generated.runtime.operation import Parameter, Schema

from trilogue_tools.json_values import to_python
from trilogue_tools.method import Method
from trilogue_tools.nearest import nearest

_METAVARS = {
    "integer": "INTEGER",
    "number": "NUMBER",
    "datetime": "TIME",
    "date": "DATE",
    "uuid": "UUID",
    "object": "JSON",
    "map": "KEY=VALUE|JSON",
    "any": "JSON",
    "file": "FILE",
}


def parameters_of(method: Method) -> list[click.Parameter]:
    """Return what a command takes: path parameters by position, everything else as options."""
    return [
        click.Argument([parameter.name], metavar=parameter.name.upper())
        if parameter.location == "path"
        else _option(method, parameter)
        for parameter in method.parameters
    ]


def option_name(method: Method, parameter: Parameter) -> str:
    """Return how an argument is given on the command line: `--group`, or `UUID` for one that is given by position.

    The number of rows in a page is `--page-size`, since `--limit` is the number of rows in all.
    """
    if parameter.location == "path":
        return parameter.name.upper()
    if parameter.name == "limit" and method.counts_rows_of_a_page:
        return "--page-size"
    return f"--{parameter.name.rstrip('_').replace('_', '-')}"


def _option(method: Method, parameter: Parameter) -> click.Option:
    schema, text, name = parameter.schema, _help(method, parameter), option_name(method, parameter)
    if schema.type == "boolean":
        return click.Option([f"{name}/--no-{name[2:]}", parameter.name], default=None, help=text)
    item = (schema.items or schema) if schema.type == "array" else schema
    return click.Option(
        [name, parameter.name],
        multiple=schema.type in ("array", "map"),
        default=None,
        type=click.Choice(item.choices) if item.choices else str,
        metavar=None if item.choices else _METAVARS.get(item.type, "STRING"),
        help=text,
    )


def _help(method: Method, parameter: Parameter) -> str:
    text = method.argument_docs.get(parameter.name, "")
    sentences = [text.split(". ")[0].rstrip(".").split("; default")[0]]
    sentences += ["Repeat for more"] if parameter.schema.type in ("array", "map") else []
    sentences += ["Required"] if parameter.required else []
    return " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in sentences if sentence)


def read_arguments(method: Method, given: Mapping[str, Any], body: str | None) -> dict[str, Any]:
    """Return the arguments of the method: the fields of `--json`, and what was given by options.

    Raises:
        click.UsageError: a value is not what the argument takes, one is missing, or `--json` is no object.
    """
    if body is not None and method.row_parameters:
        given, body = {**given, "rows": (body,)}, None
    arguments = {} if body is None else _fields(method.parameters, read_json(body, "--json"))
    for parameter in method.parameters:
        value = given.get(parameter.name)
        if value is not None and value != ():
            arguments[parameter.name] = _convert(parameter.schema, value, option_name(method, parameter))
    missing = [
        option_name(method, parameter)
        for parameter in method.parameters
        if parameter.required and parameter.name not in arguments
    ]
    if missing:
        raise click.UsageError(f"missing: {', '.join(missing)}")
    schemas = {parameter.name: parameter.schema for parameter in method.parameters}
    if method.row_parameters:
        arguments["rows"] = [_row(method, row) for row in arguments["rows"]]
    return {name: _with_times(schemas[name], value, name) for name, value in arguments.items()}


def _row(method: Method, row: Any) -> dict[str, Any]:
    """Return the arguments of one of many calls."""
    fields = _fields(method.row_parameters.values(), row)
    return {name: _with_times(method.row_parameters[name].schema, value, name) for name, value in fields.items()}


def _with_times(schema: Schema, value: Any, name: str) -> Any:
    try:
        return to_python(schema, value)
    except ValueError:
        raise click.UsageError(f"{name}: expected a time in ISO 8601, such as 2026-01-31T12:00:00Z") from None


def _fields(parameters: Iterable[Parameter], document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise click.UsageError("--json takes an object with the fields of the body, or rows of such objects")
    names = {parameter.wire: parameter.name for parameter in parameters}
    fields = cast("dict[str, Any]", document)
    for key in fields:
        if key not in names and key not in names.values():
            raise click.UsageError(f"--json: there is no field {key!r}{nearest(key, [*names])}")
    return {names.get(key, key): value for key, value in fields.items()}


def read_json(text: str, name: str) -> Any:
    """Return a JSON value given as such, as @FILE, or as @- for standard input.

    Raises:
        click.UsageError: it cannot be read.
    """
    try:
        if text.startswith("@"):
            text = sys.stdin.read() if text == "@-" else Path(text[1:]).read_text(encoding="utf-8")
        return _parse(text)
    except OSError as error:
        raise click.UsageError(f"{name}: {text[1:]}: {error.strerror}") from error
    except ValueError as error:
        raise click.UsageError(f"{name}: this is no JSON: {error}") from error


def _parse(text: str) -> Any:
    """Return a JSON value, or a list of those that stand on a line each."""
    try:
        return json.loads(text)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].rstrip().endswith("}"):
            raise
        return [json.loads(line) for line in lines]


def _convert(schema: Schema, value: Any, name: str) -> Any:
    if schema.type == "array":
        return _array(schema.items or Schema("any"), value, name)
    if schema.type == "map":
        return _map(value, name)
    if schema.type in ("object", "any"):
        return read_json(value, name) if _looks_like_json(value) else value
    if schema.type in ("integer", "number"):
        return _number(schema.type, value, name)
    if schema.type in ("datetime", "date"):
        return _time(schema.type, value, name)
    return value


def _array(items: Schema, values: tuple[str, ...], name: str) -> list[Any]:
    """Return what was given one by one, or at once as a JSON array."""
    if len(values) == 1 and values[0].startswith(("[", "@")):
        whole = read_json(values[0], name)
        return whole if isinstance(whole, list) else [whole]
    return [_convert(items, value, name) for value in values]


def _map(values: tuple[str, ...], name: str) -> dict[str, Any]:
    """Return what was given pair by pair, or at once as a JSON object."""
    if len(values) == 1 and values[0].startswith(("{", "@")):
        whole = read_json(values[0], name)
        if not isinstance(whole, dict):
            raise click.UsageError(f"{name}: expected a JSON object")
        return cast("dict[str, Any]", whole)
    return dict(_pair(item, name) for item in values)


def _looks_like_json(value: str) -> bool:
    return value[:1] in ("{", "[", "@", '"') or value in ("true", "false", "null") or value.lstrip("-")[:1].isdecimal()


def _pair(text: str, name: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"{name}: expected KEY=VALUE, not {text!r}")
    return key, value


def _number(type_name: str, value: str, name: str) -> int | float:
    try:
        return int(value) if type_name == "integer" else float(value)
    except ValueError:
        raise click.UsageError(f"{name}: expected {type_name}, not {value!r}") from None


def _time(type_name: str, value: str, name: str) -> Any:
    from datetime import date, datetime

    try:
        if type_name == "date":
            return date.fromisoformat(value)
        time = datetime.fromisoformat(value)
    except ValueError:
        raise click.UsageError(f"{name}: expected a time in ISO 8601, such as 2026-01-31T12:00:00Z") from None
    return time if time.tzinfo else time.astimezone()
