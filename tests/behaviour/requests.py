"""Recorded requests, changed in one place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, quote, unquote, urlencode

import attrs
from msgspec.structs import replace

from tests.behaviour.descriptions import JSON, Document, Operation, Parameter, Schema
from tests.replay.sessions import Pairs, Sent

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

Path: TypeAlias = tuple[str | int, ...]
Change: TypeAlias = Callable[[Any], Sent]
"""Puts a value in the place; REMOVED takes it out."""


class _Removed:
    """The mark of a value to take out."""


REMOVED = _Removed()


@attrs.frozen
class Input:
    """A parameter or a request property that a request has, with its value and how to change it."""

    kind: Any
    name: str
    value: Any
    schema: Schema = attrs.field(repr=False)
    is_required: bool
    change: Change = attrs.field(repr=False)


def header(sent: Sent, name: str) -> str | None:
    """Return a header field."""
    return next((value for key, value in sent.headers if key.lower() == name.lower()), None)


def with_header(sent: Sent, name: str, value: Any) -> Sent:
    """Replace a header field, or take it out."""
    kept = tuple(pair for pair in sent.headers if pair[0].lower() != name.lower())
    return replace(sent, headers=kept if value is REMOVED else (*kept, (name, str(value))))


def with_parameter(sent: Sent, name: str, value: str) -> Sent:
    """Replace a query parameter."""
    return replace(sent, query=(*(pair for pair in sent.query if pair[0] != name), (name, value)))


def with_body(sent: Sent, document: Any) -> Sent:
    """Replace the body by JSON; the length of the old one does not stay behind."""
    changed = replace(sent, body=json.dumps(document).encode().decode("latin-1"))
    return with_header(with_header(changed, "content-length", REMOVED), "Content-Type", JSON)


def body_of(sent: Sent) -> Any:
    """Return the body as JSON, or None."""
    try:
        return json.loads(sent.body.encode("latin-1")) if sent.body else None
    except ValueError:
        return None


def inputs(operation: Operation, sent: Sent) -> Iterator[Input]:
    """Return the parameters and request properties that a request has."""
    for parameter in operation.parameters:
        yield from _READERS[parameter.location](operation, parameter, sent)
    for media_type, schema in operation.request_contents.items():
        if (header(sent, "content-type") or JSON).startswith(media_type):
            yield from _BODY_READERS[media_type](operation.document, schema, sent)


def _in_query(operation: Operation, parameter: Parameter, sent: Sent) -> Iterator[Input]:
    prefixes = (f"{parameter.name}.", f"{parameter.name}[")
    own = [pair for pair in sent.query if pair[0] == parameter.name or pair[0].startswith(prefixes)]
    if own:
        others = tuple(pair for pair in sent.query if pair not in own)
        name, value = own[0]

        def change(new: Any) -> Sent:
            rest = () if new is REMOVED else ((name, _text(new)),)
            return replace(sent, query=(*others, *rest, *(() if new is REMOVED else own[1:])))

        yield _input(operation, parameter, value, change)


def _in_header(operation: Operation, parameter: Parameter, sent: Sent) -> Iterator[Input]:
    if (value := header(sent, parameter.name)) is not None:
        yield _input(operation, parameter, value, lambda new: with_header(sent, parameter.name, new))


def _in_path(operation: Operation, parameter: Parameter, sent: Sent) -> Iterator[Input]:
    found = re.fullmatch(f"(?P<prefix__>.*?){operation.pattern.pattern}", sent.path)
    if found is not None:
        start, end = found.span(parameter.name)

        def change(new: Any) -> Sent:
            return replace(sent, path=sent.path[:start] + quote(_text(new), safe="") + sent.path[end:])

        yield _input(operation, parameter, unquote(found[parameter.name]), change)


def _input(operation: Operation, parameter: Parameter, value: str, change: Change) -> Input:
    return Input("parameter", parameter.fact_name, value, parameter.schema, parameter.is_required, change)


def _in_json(document: Document, schema: Schema, sent: Sent) -> Iterator[Input]:
    body = body_of(sent)
    found: dict[str, tuple[Path, Schema, bool]] = {}
    for name, path, of_value, is_required in places(document, schema, body, ()):
        if name not in found or _at(body, path) not in (None, "", [], {}):
            found.setdefault(name, (path, of_value, is_required))
    for name, (path, of_value, is_required) in found.items():
        yield Input(
            "request",
            name,
            _at(body, path),
            of_value,
            is_required,
            lambda new, path=path: with_body(sent, put(body, path, new)),
        )


def places(document: Document, schema: Schema, value: Any, path: Path) -> Iterator[tuple[str, Path, Schema, bool]]:
    """Return where the properties of a body stand: name, path, schema, and whether it is required."""
    node = document.choose(schema, value)
    if isinstance(value, list):
        for index, item in enumerate(value[:5]):
            yield from places(document, node.get("items", {}), item, (*path, index))
    if not isinstance(value, dict):
        return
    properties, others = node.get("properties", {}), node.get("additionalProperties")
    for key, item in value.items():
        inner = properties.get(key, others if isinstance(others, dict) else {})
        if key in properties:
            of_item = document.resolve(inner)
            yield f"{document.name_of(node)}.{key}", (*path, key), of_item, key in node.get("required", ())
        yield from places(document, inner, item, (*path, key))


def _at(body: Any, path: Path) -> Any:
    for key in path:
        body = body[key]
    return body


def put(body: Any, path: Path, new: Any) -> Any:
    """Return a copy of a body with one value replaced, or taken out."""
    copy = json.loads(json.dumps(body))
    inner = _at(copy, path[:-1])
    if new is REMOVED:
        inner.pop(path[-1])
    else:
        inner[path[-1]] = new
    return copy


def _in_form(document: Document, schema: Schema, sent: Sent) -> Iterator[Input]:
    node = document.resolve(schema)
    pairs: Pairs = tuple(parse_qsl(sent.body, keep_blank_values=True))
    for name, value in pairs:

        def change(new: Any, name: str = name) -> Sent:
            others = tuple(pair for pair in pairs if pair[0] != name)
            rest = () if new is REMOVED else ((name, _text(new)),)
            return replace(with_header(sent, "content-length", REMOVED), body=urlencode((*others, *rest)))

        yield Input(
            "request",
            f"{document.name_of(node)}.{name}",
            value,
            _property(document, node, name),
            name in node.get("required", ()),
            change,
        )


def _in_multipart(document: Document, schema: Schema, sent: Sent) -> Iterator[Input]:
    node = document.resolve(schema)
    boundary = "--" + re.search(r'boundary="?([^";]+)', header(sent, "content-type") or "boundary=none")[1]  # type: ignore[index]
    parts = sent.body.split(boundary)
    for index, part in enumerate(parts):
        head, _, content = part.partition("\r\n\r\n")
        if (named := re.search(r'name="([^"]+)"', head)) is None:
            continue

        def change(new: Any, index: int = index, head: str = head) -> Sent:
            part = [] if new is REMOVED else [f"{head}\r\n\r\n{_text(new)}\r\n"]
            body = boundary.join([*parts[:index], *part, *parts[index + 1 :]])
            return replace(with_header(sent, "content-length", REMOVED), body=body)

        yield Input(
            "request",
            f"{document.name_of(node)}.{named[1]}",
            content.removesuffix("\r\n"),
            _property(document, node, named[1]),
            named[1] in node.get("required", ()),
            change,
        )


def _property(document: Document, schema: Schema, name: str) -> Schema:
    return document.resolve(schema.get("properties", {}).get(name, {}))


_READERS: Mapping[str, Callable[[Operation, Parameter, Sent], Iterator[Input]]] = {
    "query": _in_query,
    "header": _in_header,
    "path": _in_path,
}
_BODY_READERS: Mapping[str, Callable[[Document, Schema, Sent], Iterator[Input]]] = {
    JSON: _in_json,
    FORM: _in_form,
    MULTIPART: _in_multipart,
}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def other_values(document: Document, given: Input) -> Iterator[Any]:
    """Return other values that the description allows in the place of the one that was given."""
    schema = document.choose(given.schema, given.value) or given.schema
    if given.kind == "parameter" and isinstance(given.value, str):
        candidates = _of_text_parameter(schema, given.value)
    else:
        candidates = _of_value(document, schema, given.value)
    for candidate in candidates:
        if candidate != given.value and _is_allowed(schema, candidate):
            yield candidate
    if given.value is not None and _takes_null(document, given.schema) and given.kind == "request":
        yield None


def _takes_null(document: Document, schema: Schema) -> bool:
    members = [document.resolve(one) for one in (*schema.get("oneOf", ()), *schema.get("anyOf", ()))]
    return any("null" in _types(one) for one in (schema, *members))


def _types(schema: Schema) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def _of_text_parameter(schema: Schema, value: str) -> Iterator[Any]:
    """Values of a parameter, which are text whatever their type."""
    types = _types(schema)
    if "boolean" in types:
        yield "false" if value.lower() in ("true", "1") else "true"
    elif "integer" in types or "number" in types:
        yield from (str(one) for one in _of_number(schema, int(float(value)))) if value.strip("-").isdigit() else ()
    else:
        yield from map(str, schema.get("items", {}).get("enum", ()))
        yield from _of_string(schema, value)


def _of_value(document: Document, schema: Schema, value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from _of_number(schema, value)
    elif isinstance(value, str):
        yield from _of_string(schema, value)
    elif isinstance(value, list):
        yield from _of_list(document, schema, value)
    elif isinstance(value, dict):
        yield from _of_map(document, schema, value)


def _of_number(schema: Schema, value: Any) -> Iterator[Any]:
    for candidate in (value + 1, value - 1, value + 7, 1, 2, 3):
        if schema.get("minimum", candidate) <= candidate <= schema.get("maximum", candidate):
            yield candidate


def _of_list(document: Document, schema: Schema, value: list[Any]) -> Iterator[Any]:
    if value:
        yield value[:-1]
        for other in _of_value(document, document.choose(schema.get("items", {}), value[0]), value[0]):
            yield [other, *value[1:]]


def _of_map(document: Document, schema: Schema, value: dict[str, Any]) -> Iterator[Any]:
    inner = schema.get("additionalProperties", {})
    for key, item in value.items():
        for other in _of_value(document, document.choose(inner, item) if isinstance(inner, dict) else {}, item):
            yield {**value, key: other}
        if key not in schema.get("required", ()):
            yield {name: one for name, one in value.items() if name != key}
    if not value and schema.get("additionalProperties", True) is not False:
        yield {"key": "value"}


def _of_string(schema: Schema, value: str) -> Iterator[str]:
    if "enum" in schema:
        yield from (one for one in schema["enum"] if isinstance(one, str))
        return
    if (moment := _moment(value)) is not None:
        yield from (_like(value, moment + timedelta(days=days)) for days in (1, -1, 700, -700))
    if (swapped := another_name(value)) is not None:
        yield swapped
    yield f"{value}x"
    yield f"x{value}"
    yield value[:-1]
    yield f"{value[:-1]}{'2' if value[-1:] == '1' else '1'}"


def made_values(document: Document, schema: Schema, depth: int = 0) -> Iterator[Any]:
    """Return values that a schema allows, its examples first."""
    node = document.resolve(schema)
    yield from node.get("examples", ())
    if "enum" in node:
        yield from reversed(node["enum"])
    members = (*node.get("oneOf", ()), *node.get("anyOf", ()))
    for member in members if depth < _DEPTH else ():
        yield from made_values(document, member, depth + 1)
    for name in _types(node):
        yield from _made(document, node, name, depth)


_DEPTH = 5


def _made(document: Document, schema: Schema, type_name: str, depth: int) -> Iterator[Any]:
    if type_name == "boolean":
        yield from (True, False)
    elif type_name in ("integer", "number"):
        yield from (max(schema.get("minimum", 1), 1), schema.get("maximum", 5))
    elif type_name == "string":
        yield {"date-time": "2026-03-01T12:00:00Z", "uri": "https://example.com/a", "email": "ann@example.com"}.get(
            schema.get("format", ""), "text"
        )
    elif type_name == "array" and depth < _DEPTH:
        yield from ([item] for item in made_values(document, schema.get("items", {}), depth + 1))
    elif type_name == "object" and depth < _DEPTH:
        yield _made_object(document, schema, depth)


def _made_object(document: Document, schema: Schema, depth: int) -> dict[str, Any]:
    made = {
        name: next(made_values(document, schema["properties"][name], depth + 1), None)
        for name in schema.get("required", ())
    }
    others = schema.get("additionalProperties")
    if isinstance(others, dict) and not made:
        made["key"] = next(made_values(document, others, depth + 1), None)
    return made


@attrs.frozen
class Addition:
    """A property that a body lacks: how it is named, and the body with it."""

    name: str
    bodies: tuple[Any, ...]


def additions(document: Document, schema: Schema, body: Any) -> Iterator[Addition]:
    """Return what could be added to a body, at the first place of each."""
    met = {name for name, *_ in places(document, schema, body, ())}
    for path, node in _objects(document, schema, body, ()):
        examples = [example for example in node.get("examples", ()) if isinstance(example, dict)]
        for key, inner in node.get("properties", {}).items():
            name = f"{document.name_of(node)}.{key}"
            if name not in met:
                met.add(name)
                values = [example[key] for example in examples if key in example]
                values += [value for value in made_values(document, inner) if value is not None][:3]
                yield Addition(name, tuple(put(body, (*path, key), value) for value in values[:4]))


def _objects(document: Document, schema: Schema, value: Any, path: Path) -> Iterator[tuple[Path, Schema]]:
    node = document.choose(schema, value)
    if isinstance(value, list):
        for index, item in enumerate(value[:3]):
            yield from _objects(document, node.get("items", {}), item, (*path, index))
    if isinstance(value, dict):
        if "properties" in node:
            yield path, node
        others = node.get("additionalProperties")
        for key, item in value.items():
            inner = node.get("properties", {}).get(key, others if isinstance(others, dict) else {})
            yield from _objects(document, inner, item, (*path, key))


def _moment(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if len(value) >= 10 else None
    except ValueError:
        return None


def _like(value: str, moment: datetime) -> str:
    if len(value) == 10:
        return moment.date().isoformat()
    shown = moment.isoformat(timespec="milliseconds" if "." in value else "seconds")
    return shown.replace("+00:00", "Z") if value.endswith("Z") else shown


def another_name(value: str) -> str | None:
    """Return an id of the same form that names nothing; None if the value is no id."""
    found = re.search(r"[0-9A-Za-z]{6}$", value)
    if found is None or not re.search(r"\d", value):
        return None
    turned = found[0].translate(str.maketrans("0123456789", "1234567890"))
    if turned == found[0]:
        turned = turned[:-1] + ("0" if turned[-1] != "0" else "1")
    return value[: found.start()] + turned


def _is_allowed(schema: Schema, value: Any) -> bool:
    if isinstance(value, str):
        length = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        return length and _matches(schema.get("pattern", ""), value)
    if isinstance(value, list):
        return schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
    if isinstance(value, dict):
        return schema.get("minProperties", 0) <= len(value) and set(schema.get("required", ())) <= value.keys()
    return True


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:  # what only ECMA 262 knows
        return True


def absent_parameters(operation: Operation, sent: Sent) -> Iterator[Input]:
    """Return the parameters that a request lacks, with a way to add them; the value is None."""
    given = {one.name for one in inputs(operation, sent)}
    for parameter in operation.parameters:
        if parameter.fact_name not in given and parameter.location in ("query", "header"):
            yield Input("parameter", parameter.fact_name, None, parameter.schema, False, _adder(parameter, sent))


def _adder(parameter: Parameter, sent: Sent) -> Change:
    def add(new: Any) -> Sent:
        if parameter.location == "header":
            return with_header(sent, parameter.name, _text(new))
        return replace(sent, query=(*sent.query, (parameter.name, _text(new))))

    return add


def values_to_add(document: Document, given: Input, parameter_examples: Iterator[Any]) -> Iterator[Any]:
    """Return values for a parameter that a request lacks."""
    yield from parameter_examples
    for value in made_values(document, given.schema):
        yield value[0] if isinstance(value, list) and value else value


def linked(operation: Operation, target: Operation, sent: Sent, values: Mapping[str, Any]) -> Sent:
    """Return a request to the target of a link of an operation, by the same caller, with the link's parameters."""
    found = re.fullmatch(f"(?P<prefix__>.*?){operation.pattern.pattern}", sent.path)
    locations = {parameter.name: parameter.location for parameter in target.parameters}
    path = target.path
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    query = tuple((name, str(value)) for name, value in values.items() if locations.get(name) == "query")
    headers = tuple(pair for pair in sent.headers if pair[0].lower() not in _OF_ONE_REQUEST)
    headers += tuple((name, str(value)) for name, value in values.items() if locations.get(name) == "header")
    return Sent(target.method, (found["prefix__"] if found else "") + path, sent.base_url, query, headers)


_OF_ONE_REQUEST = frozenset({"content-length", "content-type", "idempotency-key"})
