"""The documentation of one path, made from its description."""

from __future__ import annotations

from collections.abc import Iterator

from trilogue_sandbox.kernel.description import Operation
from trilogue_sandbox.kernel.document import Node
from trilogue_sandbox.markup import Markup, element, join, table
from trilogue_sandbox.prose import inline, prose
from trilogue_sandbox.schema_view import Field, example_of, fields, limits_of, type_of


def operation_section(operation: Operation, base_url: str) -> Markup:
    """Return everything the description says of one operation."""
    node = operation.node
    return element(
        "section",
        element("h2", badge(operation.method), " ", node.text("summary"), id=operation.id),
        element("p", element("code", base_url + operation.path), class_="address"),
        prose(node.text("description")),
        _parameters(operation),
        _body(node),
        _answers(node),
        class_="operation",
    )


def badge(method: str) -> Markup:
    """Return the name of a method as a coloured mark."""
    return element("span", method, class_=f"method {method.lower()}")


def _parameters(operation: Operation) -> Markup:
    rows = [
        (
            join(
                element("code", parameter.name), _flags(parameter.is_required, parameter.schema.is_true("deprecated"))
            ),
            parameter.place,
            _type(type_of(parameter.schema), limits_of(parameter.schema)),
            inline(parameter.description),
        )
        for parameter in operation.parameters
    ]
    if not rows:
        return Markup()
    return join(element("h3", "Parameters"), table(("Name", "In", "Type", "Meaning"), rows))


def _body(node: Node) -> Markup:
    body = node.child("requestBody")
    if body is None:
        return Markup()
    need = "" if body.is_true("required") else " (optional)"
    return join(element("h3", f"Body{need}"), prose(body.text("description")), *_contents(body))


def _answers(node: Node) -> Markup:
    responses = node.child("responses")
    found = list(responses.children()) if responses else []
    return join(element("h3", "Answers"), *(_answer(status, response) for status, response in found))


def _answer(status: str, response: Node) -> Markup:
    summary = element("summary", _status(status), " ", inline(response.text("description").split("\n")[0]))
    details = (_headers(response), *_contents(response))
    is_success = status.startswith("2")
    return element("details", summary, *details, class_="answer", **({"open": "open"} if is_success else {}))


def _status(status: str) -> Markup:
    kind = "good" if status.startswith("2") else "bad"
    return element("span", status, class_=f"status {kind}")


def _headers(response: Node) -> Markup:
    headers = response.child("headers")
    rows = [
        (join(element("code", name), _flags(header.is_true("required"), False)), inline(header.text("description")))
        for name, header in (headers.children() if headers else ())
    ]
    return table(("Header", "Meaning"), rows) if rows else Markup()


def _contents(node: Node) -> Iterator[Markup]:
    content = node.child("content")
    for media_type, media in content.children() if content else ():
        yield element("p", element("code", media_type), class_="media")
        schema = media.child("schema")
        if schema and (found := list(fields(schema))):
            yield table(("Field", "Type", "Meaning"), [_row(field) for field in found])
        elif schema:
            yield element("p", _type(type_of(schema), limits_of(schema)))
        if example := example_of(media):
            yield element("pre", element("code", example))


def _row(field: Field) -> tuple[str, ...]:
    indent = element("span", "· " * field.depth, class_="indent")
    if field.is_variant:
        return join(indent, element("em", field.name)), "", inline(field.description)
    name = join(indent, element("code", field.name), _flags(field.is_required, field.is_deprecated))
    return name, _type(field.type, field.limits), inline(field.description)


def _flags(is_required: bool, is_deprecated: bool) -> Markup:
    flags = [word for word, is_set in (("required", is_required), ("deprecated", is_deprecated)) if is_set]
    return join(*(join(" ", element("small", word, class_=word)) for word in flags))


def _type(name: str, limits: str) -> Markup:
    return join(name, element("br"), element("small", limits)) if limits else join(name)
