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
from .docstrings import listed, paragraphs, sentence
from .effects import effect
from .errors import GenerationError
from .examples import Examples
from .method import Method, annotation
from .naming import method_name
from .parsing import Parsed
from .results import Result, result

_NOT_FOUND = "Raises:\n    NotFound: there is none."
_OUTCOME_UNKNOWN = "Raises:\n    OutcomeUnknown: it was sent, and the outcome is unknown."


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
        annotated = [annotation(shape, Annotations()) for shape in (outcome.shape, outcome.rows)]
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
        yield from (f"row_struct=lambda: m.{outcome.row_struct}._Struct",) if outcome.row_struct else ()
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
    names = {argument.wire: argument.name for argument in arguments}
    return " ".join(
        f"Give {key.replace('_', ' ')} of {listed((names[wire] for wire in group), 'and')}."
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
