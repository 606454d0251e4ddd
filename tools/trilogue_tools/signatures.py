"""The arguments of methods that make several calls, in the form that generated operations have."""

from __future__ import annotations

import inspect
import os
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args, get_origin, get_type_hints

from trilogue_generated.runtime.model import Model
from trilogue_generated.runtime.operation import (
    ANY,
    BOOLEAN,
    DATETIME,
    FILE,
    INTEGER,
    NUMBER,
    STRING,
    Parameter,
    Schema,
)

_SCHEMAS: Mapping[Any, Schema] = {
    str: STRING,
    bool: BOOLEAN,
    int: INTEGER,
    float: NUMBER,
    datetime: DATETIME,
    Mapping: Schema("map", items=ANY),
    Sequence: Schema("array", items=STRING),
}


def parameters_of(function: Callable[..., Any], known: Mapping[str, Parameter]) -> tuple[Parameter, ...]:
    """Return the arguments of a method.

    `known` are those of the other methods of the resource, which say more of an argument of the same name than a
    signature does. Arguments that can be given by position are in the path of the command.
    """
    hints = get_type_hints(function, include_extras=True)
    found: list[Parameter] = []
    for name, argument in list(inspect.signature(function).parameters.items())[1:]:
        if argument.kind is argument.VAR_KEYWORD:
            (options,) = get_args(hints[name])
            found += [_option(option, hint, known) for option, hint in get_type_hints(options).items()]
        elif not _is_function(hints[name]):
            found.append(_parameter(argument, hints[name], known))
    return tuple(found)


def models_of(function: Callable[..., Any]) -> dict[str, type[Model]]:
    """Return the arguments of a method that are models, such as an object that a list returned."""
    hints = get_type_hints(function)
    return {name: hint for name, hint in hints.items() if isinstance(hint, type) and issubclass(hint, Model)}


def _parameter(argument: inspect.Parameter, hint: Any, known: Mapping[str, Parameter]) -> Parameter:
    is_required = argument.default is argument.empty
    schema = _schema(hint)
    if argument.kind is argument.POSITIONAL_OR_KEYWORD and schema.type != "array":
        return Parameter(argument.name, argument.name, "path", schema, required=True)
    return _option(argument.name, hint, known, is_required=is_required)


def _option(name: str, hint: Any, known: Mapping[str, Parameter], *, is_required: bool = False) -> Parameter:
    schema = known[name].schema if name in known else _schema(hint)
    return Parameter(name, name, "query", schema, required=is_required)


def _is_function(hint: Any) -> bool:
    return any(get_origin(part) is Callable for part in (hint, *get_args(hint)))


def _schema(hint: Any) -> Schema:
    parts = [part for part in _alternatives(hint) if part is not types.NoneType]
    if any(get_origin(part) is os.PathLike for part in parts):
        return FILE
    first = parts[0]
    if get_origin(first) is Iterable:
        (item,) = get_args(first)
        return Schema("array", items=_schema(item) if get_origin(item) is not Mapping else ANY)
    return _SCHEMAS.get(get_origin(first) or first, ANY)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
