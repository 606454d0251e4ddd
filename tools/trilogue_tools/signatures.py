"""The arguments of methods that were written by hand, in the form that generated operations have."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args, get_origin, get_type_hints

from trilogue_generated.runtime.operation import (
    ANY,
    BOOLEAN,
    DATETIME,
    FILE,
    INTEGER,
    NUMBER,
    STRING,
    FileContent,
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
        elif argument.kind is argument.POSITIONAL_OR_KEYWORD:
            found.append(Parameter(name, name, "path", _schema(hints[name]), required=True))
        else:
            found.append(_option(name, hints[name], known))
    return tuple(found)


def _option(name: str, hint: Any, known: Mapping[str, Parameter]) -> Parameter:
    schema = known[name].schema if name in known else _schema(hint)
    return Parameter(name, name, "query", schema)


def _schema(hint: Any) -> Schema:
    if hint == FileContent:
        return FILE
    if get_origin(hint) in (typing.Union, types.UnionType):
        (hint, *_) = [part for part in get_args(hint) if part is not types.NoneType]
    return _SCHEMAS.get(get_origin(hint) or hint, ANY)
