"""Matches the keys of an object with the properties that the description knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trilogue_generated.runtime.model import Model
from trilogue_generated.runtime.operation import Parameter, Schema
from trilogue_generated.runtime.unset import UNSET

from ..errors import InvalidArgument


def members_of(value: Model | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the members of a model or a mapping that are given: of a model, what is not None."""
    if not isinstance(value, Model):
        return {key: member for key, member in value.items() if member is not UNSET}
    fields = {field.name: getattr(value, field.name) for field in value.FIELDS}
    given = {name: member for name, member in fields.items() if member is not None or _is_null(value, name)}
    return {**members_of(given), **value.additional_properties}


def choose_variant(schema: Schema, members: Mapping[str, Any], path: str) -> Schema:
    """Return the object of a union that the discriminator names; the schema itself if it is no union.

    Raises:
        InvalidArgument: there is no discriminator, or it is unknown.
    """
    if schema.variants is None:
        return schema
    variants, (name, wire) = schema.variants(), schema.tag
    tag = members.get(name, members.get(wire))
    chosen = variants.get(str.__str__(tag)) if isinstance(tag, str) else None
    if chosen is not None:
        return chosen
    for key in () if tag is not None else members:
        _refuse_misspelt(key, (name,), path)
    raise InvalidArgument(f"{path}.{name}: expected one of {', '.join(variants)}")


def match_properties(schema: Schema, members: Mapping[str, Any], path: str) -> Iterator[tuple[Parameter, Any]]:
    """Yield the properties of an object that are given, by their names in Python or on the wire, with their values.

    None counts as not given where null has no meaning.

    Raises:
        InvalidArgument: a key is unknown or given twice, or a required one is missing.
    """
    properties = () if schema.properties is None else schema.properties()
    if not schema.is_open:
        _refuse_unknown(members, properties, path)
    for each in properties:
        if each.name != each.wire and each.name in members and each.wire in members:
            raise InvalidArgument(f"{path}.{each.name}: given as {each.wire} too; leave one out")
        value = members.get(each.name, members.get(each.wire))
        given = each.name in members or each.wire in members
        if value is None and each.required and not (given and each.nullable):
            raise InvalidArgument(f"{path}.{each.name}: required")
        if value is not None or (given and each.nullable):
            yield each, value


def additional_members(schema: Schema, members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of an object that are none of its properties."""
    known = {name for each in (schema.properties or tuple)() for name in (each.name, each.wire)}
    return {key: member for key, member in members.items() if key not in known}


def _is_null(model: Model, name: str) -> bool:
    return next(field.null for field in model.FIELDS if field.name == name)


def _refuse_unknown(members: Iterable[Any], properties: Iterable[Parameter], path: str) -> None:
    names = [each.name for each in properties]
    wires = [each.wire for each in properties]
    for key in members:
        if key not in names and key not in wires:
            _refuse_misspelt(key, names, path)
            raise InvalidArgument(f"{path}.{key}: unknown key; expected {', '.join(names)}, or pass it by extra_body")


def _refuse_misspelt(key: Any, names: Iterable[str], path: str) -> None:
    from difflib import get_close_matches  # here, because only a mistake needs it

    for nearest in get_close_matches(str(key), list(names), 1):
        raise InvalidArgument(f"{path}.{key}: unknown key; did you mean {nearest}?")
