"""An example of each method, made of the examples of its description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen
from x_sdk import SdkMethod

from .arguments import Argument
from .description import DescribedOperation, Description, Node
from .expressions import Expressions
from .naming import method_name
from .parser_internals import snake_case
from .results import Result
from .shapes import Object, Shapes


@frozen
class Passed:
    """An argument of an example, with its value as source."""

    argument: Argument
    value: str

    def source(self) -> str:
        """Return how it is passed."""
        return self.value if self.argument.is_positional else f"{self.argument.name}={self.value}"


@frozen
class Example:
    """A call of a method, as source: the name of its result or of a row, the path, and the arguments.

    `imports` are what it needs; `before` is the example that gives it what it works on.
    """

    name: str
    path: str
    arguments: Sequence[str]
    imports: str = ""
    is_loop: bool = False
    passed: Sequence[Passed] = ()
    before: Example | None = None

    def raw(self) -> Example:
        """Return the example of the method that returns the response."""
        path = self.path.replace("client.", "client.with_raw_response.", 1)
        return evolve(self, name="response", path=path, is_loop=False)

    def code(self, *, is_async: bool) -> str:
        """Return the statements, the call on one line."""
        call = f"{self.path}({', '.join(self.arguments)})"
        if self.is_loop:
            loop = "async for" if is_async else "for"
            statement = f"{loop} {self.name} in {call}:\n    print({self.name})"
        else:
            assigned = f"{self.name} = " if self.name else ""
            statement = f"{assigned}{'await ' if is_async else ''}{call}"
        before = self.before.code(is_async=is_async) if self.before else ""
        return "\n".join(filter(None, (f"{self.imports}\n" if self.imports else "", before, statement)))


@frozen
class Examples:
    """Makes the examples of one description."""

    description: Description
    shapes: Shapes

    def of(
        self, operation: DescribedOperation, sdk: SdkMethod, arguments: list[Argument], result: Result
    ) -> Example | None:
        """Return the example of a method; None if the description has none for an argument that it needs."""
        given = [argument for argument in arguments if not argument.fixed]
        values = _Values(self.description, operation, sdk, given).choose()
        if any(argument.required and argument.wire not in values for argument in given):
            return None
        expressions = Expressions(self.shapes)
        passed = [Passed(each, expressions.of(each.shape, values[each.wire])) for each in given if each.wire in values]
        return Example(
            "event" if operation.is_stream else _name(result),
            f"client.{sdk.resource}.{method_name(sdk.name)}",
            [each.source() for each in passed],
            f"from datetime import {', '.join(sorted(expressions.names))}" if expressions.names else "",
            operation.is_stream or result.rows is not None,
            passed,
        )


def _name(result: Result) -> str:
    if result.rows is None:
        return method_name(snake_case(result.shape.name)) if isinstance(result.shape, Object) else ""
    return method_name(snake_case(result.rows.name)) if isinstance(result.rows, Object) else "item"


@frozen
class _Values:
    """Chooses what the arguments of an example are, by their names on the wire."""

    description: Description
    operation: DescribedOperation
    sdk: SdkMethod
    arguments: list[Argument]

    def choose(self) -> Mapping[str, Any]:
        parameters = dict(self._parameters())
        required = {each.wire for each in self.arguments if each.required}
        values = {**{wire: value for wire, value in parameters.items() if wire in required}, **self._body()}
        for group in (*self.sdk.exactly_one, *self.sdk.at_least_one):
            if not values.keys() & set(group):
                values.update([(wire, parameters[wire]) for wire in group if wire in parameters][:1])
        for group in (*self.sdk.exactly_one, *self.sdk.at_most_one):
            for wire in [wire for wire in group if wire in values][1:]:
                del values[wire]
        return values

    def _parameters(self) -> Iterator[tuple[str, Any]]:
        for each in self.arguments:
            node = self.operation.parameters.get((each.location, each.wire), {})
            for _, value in list(_examples(node))[:1]:
                yield each.wire, value[0] if self.sdk.only and isinstance(value, list) else value

    def _body(self) -> dict[str, Any]:
        """Return the example that is named as the method, or else the first with what this takes and needs."""
        taken = {each.wire: each.required for each in self.arguments if each.location in ("body", "multipart")}
        bodies = self._bodies() if taken else {}
        if not bodies or "" in taken:
            return dict(zip(taken, bodies.values(), strict=False))
        needed = {wire for wire, is_required in taken.items() if is_required}
        fitting = [body for body in bodies.values() if needed <= body.keys() <= taken.keys()]
        chosen = bodies.get(self.sdk.name) or (fitting or [*bodies.values()])[0]
        return {wire: value for wire, value in chosen.items() if wire in taken}

    def _bodies(self) -> dict[str, Any]:
        body = self.description.resolve(self.operation.node["requestBody"])
        return {name: value for content in body["content"].values() for name, value in _examples(content)}


def _examples(node: Node) -> Iterator[tuple[str, Any]]:
    """Yield the examples of a parameter or a body, with their names; a single one has none."""
    if "example" in node:
        yield "", node["example"]
    for name, example in node.get("examples", {}).items():
        yield name, example["value"]
