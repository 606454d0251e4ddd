"""Methods of resources, as source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from attrs import frozen
from x_sdk import NextUrl, Page, SdkMethod, Token

from .annotations import Annotations, literal, tuple_of
from .arguments import Argument, Arguments, choose_body
from .decoding import Decoders
from .description import DescribedOperation
from .docstrings import arguments as arguments_section
from .docstrings import docstring, paragraphs, sentence
from .effects import effect
from .errors import GenerationError
from .examples import Example, Examples
from .naming import method_name
from .parser_internals import snake_case
from .parsing import Parsed
from .results import Result, result
from .shapes import Object, Shape

_NOT_FOUND = "Raises:\n    NotFound: there is none."
_OUTCOME_UNKNOWN = "Raises:\n    OutcomeUnknown: it was sent, and the outcome is unknown."


@frozen
class Method:
    """One method of a resource: its operation, its arguments, its result."""

    name: str
    constant: str
    operation: str
    operation_type: str
    arguments: list[Argument]
    result: Result
    text: str
    raises: str
    is_stream: bool
    example: Example | None

    @property
    def given(self) -> list[Argument]:
        """Return the arguments that a caller gives; the others are always the same."""
        return [argument for argument in self.arguments if not argument.fixed]

    @property
    def is_list(self) -> bool:
        """Return whether its result is paginated."""
        return self.result.rows is not None

    @property
    def item(self) -> str:
        """Return what the rows of its list are called, in words."""
        name = self.result.rows.name if isinstance(self.result.rows, Object) else "item"
        return snake_case(name).replace("_", " ")

    def signature(self, annotations: Annotations) -> str:
        """Return the source of the arguments."""
        placed = [argument for argument in self.given if argument.is_positional]
        named = [argument for argument in self.given if not argument.is_positional]
        declared = [argument.declaration(annotations) for argument in (*placed, *named)]
        return ", ".join(("self", *declared[: len(placed)], *(("*",) if named else ()), *declared[len(placed) :]))

    def values(self) -> str:
        """Return the source of the mapping of arguments."""
        return f"{{{', '.join(f'{literal(argument.name)}: {argument.value()}' for argument in self.arguments)}}}"

    def returned(self, annotations: Annotations) -> str:
        """Return the annotation of the result: for a list, of a row."""
        return _annotation(self.result.rows if self.is_list else self.result.shape, annotations)

    def parsed(self, annotations: Annotations) -> str:
        """Return the annotation of the parsed response: for a list, of a page."""
        return _annotation(self.result.shape, annotations)

    def docstring(self, *, is_async: bool) -> str:
        """Return the docstring with all arguments and an example."""
        listed = ((argument.name, _explain(argument)) for argument in self.given)
        text = paragraphs(self.text, arguments_section(listed), self.raises)
        return docstring(text, 8, code=self.example.code(is_async=is_async) if self.example else "")

    def raw_docstring(self, *, is_async: bool) -> str:
        """Return the docstring of the method that returns the response: a summary, and the example."""
        return docstring(
            self.text.split("\n", 1)[0],
            8,
            code=self.example.raw().code(is_async=is_async) if self.example else "",
        )


def _annotation(shape: Shape | None, annotations: Annotations) -> str:
    return "None" if shape is None else annotations.of(shape, "response")


def _explain(argument: Argument) -> str:
    if argument.can_be_null and not argument.required and "null" not in argument.text.lower():
        return f"{argument.text} None clears it; leave it out to send nothing."
    if not argument.default:
        return argument.text
    return f"{argument.text} {argument.default} unless given, so that rows that change meanwhile are not skipped."


@frozen
class Methods:
    """Makes the methods of one resource; `decoders` collects what their module needs."""

    parsed: Parsed
    arguments: Arguments
    decoders: Decoders

    def of(self, operation: DescribedOperation, sdk: SdkMethod) -> Method:
        """Return a method of an operation."""
        endpoint = self.parsed.endpoint(operation.id, self.arguments.settings.parser.field_prefix)
        arguments = self.arguments.of(operation, endpoint, sdk)
        outcome = result(operation.id, endpoint, sdk, self.arguments.shapes, self.decoders)
        body = choose_body(endpoint, self.arguments.shapes)
        parts = (
            *_identity(operation, sdk),
            *_results(outcome, sdk.page, self._required_links(operation, sdk.page)),
            *_parameters(arguments),
            *_retrying(sdk, arguments),
            *(("finds_one=True",) if sdk.only else ()),
            *self._headers(operation, sdk),
            *((f"content_type={literal(body.content_type.get_untrusted_value())}",) if body else ()),
            *((f"security={_names(operation.security)}",) if operation.security else ()),
            *((f"effect={effect(sdk.reconcile)}",) if sdk.reconcile else ()),
            *((f"servers={_names(operation.servers)}",) if operation.servers else ()),
        )
        class_name = (
            "StreamOperation" if operation.is_stream else "Operation" if outcome.rows is None else "ListOperation"
        )
        annotated = [_annotation(shape, Annotations()) for shape in (outcome.shape, outcome.rows)]
        return Method(
            method_name(sdk.name),
            sdk.name.upper(),
            f"{class_name}({', '.join(parts)})",
            f"{class_name}[{', '.join(annotated if outcome.rows is not None else annotated[:1])}]",
            arguments,
            outcome,
            paragraphs(
                sentence(sdk.summary or operation.node["summary"]),
                *_about(operation, sdk),
                _group_sentences(sdk, arguments),
                self.arguments.description.servers(operation.node),
                operation.provenance,
            ),
            _NOT_FOUND if sdk.only else _OUTCOME_UNKNOWN if sdk.retry == "non-idempotent" else "",
            operation.is_stream,
            Examples(self.arguments.description, self.arguments.shapes).of(operation, sdk, arguments, outcome),
        )

    def _required_links(self, operation: DescribedOperation, page: Page | None) -> int:
        """Return how many of the fields that lead to the next page each response has."""
        if not isinstance(page, (NextUrl, Token)):
            return 0
        description, count = self.arguments.description, 0
        node = description.resolve(operation.node["responses"]["200"])["content"]["application/json"]["schema"]
        for name in page.next.split("."):
            schema = description.resolve(node)
            schema = description.resolve(schema["anyOf"][0]) if "anyOf" in schema else schema
            if name not in schema.get("required", ()):
                break
            node, count = schema["properties"][name], count + 1
        return count

    def _headers(self, operation: DescribedOperation, sdk: SdkMethod) -> Iterator[str]:
        settings = self.arguments.settings
        headers = {name: node for (location, name), node in operation.parameters.items() if location == "header"}
        context = [
            f"ContextHeader({literal(name)}{', required=True' if node.get('required') else ''})"
            for name, node in headers.items()
            if settings.is_context(name)
        ]
        if context:
            yield f"context={tuple_of(context)}"
        if sdk.retry == "idempotency-key":
            yield f"key_header={literal(_key_header(operation, headers, settings.own.key_header))}"


def _about(operation: DescribedOperation, sdk: SdkMethod) -> tuple[str, str]:
    """Return what a method does, and what holds for each method of the operation: all but its first paragraph."""
    if sdk.only:
        return sdk.description, ""
    text = str(operation.node["description"])
    return (sdk.description, text.partition("\n\n")[2]) if sdk.description else (text, "")


def _identity(operation: DescribedOperation, sdk: SdkMethod) -> Iterable[str]:
    yield f"id={literal(operation.id)}"
    yield f"name={literal(f'{sdk.resource}.{method_name(sdk.name)}')}"
    yield f"method={literal(operation.method.upper())}"
    yield f"path={literal(operation.path)}"


def _results(outcome: Result, page: Page | None, required_links: int) -> Iterable[str]:
    yield f"decode={outcome.decode}"
    if outcome.format != "json":
        yield f"response_type={literal(outcome.format)}"
    if page is not None:
        yield f"rows={outcome.decode_rows}"
        yield from (f"row_struct=lambda: m.{outcome.row_struct}.Json",) if outcome.row_struct else ()
        yield f"paging={_paging(page, required_links)}"


def _paging(page: Page, required_links: int) -> str:
    keys = msgspec.to_builtins(page)
    parts = [literal(keys["style"]), literal(page.items)]
    if "next" in keys:
        parts.append(f"next={_names(keys['next'].split('.'))}")
        parts += [f"required_links={required_links}"] if required_links else []
    named = ("parameter", "limit", "total") if not isinstance(page, NextUrl) else ()
    parts += [f"{name}={literal(keys[name])}" for name in named if keys.get(name)]
    if page.primary_key:
        parts.append(f"primary_key={_names(page.primary_key)}")
    return f"Paging({', '.join(parts)})"


def _parameters(arguments: list[Argument]) -> Iterable[str]:
    if arguments:
        yield f"parameters={tuple_of(argument.parameter() for argument in arguments)}"


def _retrying(sdk: SdkMethod, arguments: list[Argument]) -> Iterable[str]:
    names = {argument.wire: argument.name for argument in arguments}
    yield f"retry={literal(sdk.retry)}"
    if sdk.retry_unless:
        yield f"retry_unless={_names(names[wire] for wire in sdk.retry_unless)}"
    for key, groups in _groups(sdk).items():
        if groups:
            yield f"{key}={tuple_of(_names(names[wire] for wire in group) for group in groups)}"


def _groups(sdk: SdkMethod) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """Return the groups to be checked; one of a single name is a required argument already."""
    return {
        "exactly_one": tuple(group for group in sdk.exactly_one if len(group) > 1),
        "at_most_one": sdk.at_most_one,
        "at_least_one": tuple(group for group in sdk.at_least_one if len(group) > 1),
    }


def _group_sentences(sdk: SdkMethod, arguments: list[Argument]) -> str:
    names = {argument.wire: f"`{argument.name}`" for argument in arguments}
    return " ".join(
        f"Give {key.replace('_', ' ')} of {' and '.join(names[wire] for wire in group)}."
        for key, groups in _groups(sdk).items()
        for group in groups
    )


def _names(names: Iterable[str]) -> str:
    return tuple_of(literal(name) for name in names)


def _key_header(operation: DescribedOperation, headers: Iterable[str], name: str | None) -> str:
    if name is None or name not in headers:
        raise GenerationError(
            f"{operation.id}: `retry: idempotency-key` needs the header parameter that `key_header` names in"
            " generator-config"
        )
    return name
