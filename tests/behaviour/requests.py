"""The inputs of recorded requests, and requests with one of them changed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, quote, unquote, urlencode

import attrs
from msgspec.structs import replace

from tests.behaviour.descriptions import JSON, Document, FactType, Operation, Parameter, Schema
from tests.replay.sessions import Pairs, Sent

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

Path: TypeAlias = tuple[str | int, ...]
Change: TypeAlias = Callable[[Any], Sent]
"""Puts another value there; REMOVED takes it out."""


class _Removed:
    """The mark of a value to take out."""


REMOVED = _Removed()


@attrs.frozen
class Input:
    """A parameter or a request property that a request has, with its value and how to change it."""

    type: FactType
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
    for name, path, of_value, is_required in locate(document, schema, body, ()):
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


def locate(document: Document, schema: Schema, value: Any, path: Path) -> Iterator[tuple[str, Path, Schema, bool]]:
    """Return where the properties of a body stand: name, path, schema, and whether it is required."""
    node = document.choose(schema, value)
    if isinstance(value, list):
        for index, item in enumerate(value[:5]):
            yield from locate(document, node.get("items", {}), item, (*path, index))
    if not isinstance(value, dict):
        return
    properties, others = node.get("properties", {}), node.get("additionalProperties")
    for key, item in value.items():
        inner = properties.get(key, others if isinstance(others, dict) else {})
        if key in properties:
            of_item = document.resolve(inner)
            yield f"{document.name_of(node)}.{key}", (*path, key), of_item, key in node.get("required", ())
        yield from locate(document, inner, item, (*path, key))


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
