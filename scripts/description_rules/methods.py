"""The rules about `x-sdk`: that it can be read, and that the arguments and fields it names exist."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

import jsonschema_rs
import msgspec
from platforms import SNAKE_CASE
from x_sdk import NextUrl, Offset, Page, SdkMethod, Token, read_methods

from .description import Operation
from .rule import Faults, Rule
from .walking import Json

IDEMPOTENCY_KEY = "Idempotency-Key"
CREATING = ("connect", "create", "request", "send", "start", "upload")
"""Methods that create something with each request, so that none of them is idempotent."""


def methods(operation: Operation) -> tuple[SdkMethod, ...]:
    """Return the methods of an operation; none for an `x-sdk` that cannot be read, which another rule reports."""
    try:
        return read_methods(operation.node.get("x-sdk"))
    except msgspec.ValidationError:
        return ()


def says_how_the_client_offers_it(operation: Operation) -> Faults:
    try:
        listed = read_methods(operation.node.get("x-sdk"))
    except msgspec.ValidationError as error:
        yield f"{operation.name}.x-sdk", f"{error}; openapi/README.md says what x-sdk may hold"
        return
    for name in [*listed[0].resource.split("."), *(method.name for method in listed)]:
        plain = name.removesuffix("_") if keyword.iskeyword(name.removesuffix("_")) else name
        if not re.fullmatch(SNAKE_CASE, plain) or keyword.iskeyword(name):
            yield f"{operation.name}.x-sdk", f"write {name!r} in snake_case; append _ to a Python keyword"


def says_when_it_may_be_retried(operation: Operation) -> Faults:
    if not methods(operation):
        yield f"{operation.name}.x-sdk", "say retry: idempotent, idempotency-key or non-idempotent for each method"
    takes_key = IDEMPOTENCY_KEY in operation.arguments
    for method in methods(operation):
        where = f"{operation.name}.x-sdk.{method.name}"
        if method.retry == "idempotency-key" and not takes_key:
            yield where, f"retry: idempotency-key needs the header parameter {IDEMPOTENCY_KEY}"
        if takes_key and method.retry != "idempotency-key":
            yield where, f"it takes {IDEMPOTENCY_KEY}, so write retry: idempotency-key"
        if method.name in CREATING and method.retry == "idempotent":
            yield where, f"{method.name} creates something with each request, so it is not idempotent"
        if method.retry != "idempotent" and method.retry_unless:
            yield where, "retry_unless restricts retry: idempotent alone; remove it"


def restricts_only_arguments_it_has(operation: Operation) -> Faults:
    for method in methods(operation):
        for remedy in _misused(operation, method):
            yield f"{operation.name}.x-sdk.{method.name}", remedy


def _misused(operation: Operation, method: SdkMethod) -> Iterator[str]:
    if method.page_parameter in method.omit:
        yield f"{method.page_parameter} is the paginator's own and no argument anyway: take it out of omit"
    groups = [*method.exactly_one, *method.at_least_one, *method.at_most_one]
    named = {name for group in groups for name in group} | {*method.require, *method.retry_unless}
    mentioned = method.withheld | named | method.arguments.keys() | {*method.get}
    for name in sorted(mentioned - operation.arguments.keys()):
        yield f"there is no argument {name}; use the name it has on the wire"
    for name in sorted(method.withheld & (named | method.arguments.keys())):
        yield f"{name} is omitted and cannot be used besides"
    for name in sorted((method.withheld | named) & _required(operation)):
        yield f"{name} is required by its schema, so it is always given"
    if method.get and not method.page:
        yield "get makes a method of a paginated list alone; remove it"
    for group in method.at_most_one:
        if len(group) < 2:
            yield f"at_most_one needs two names or more, not only {' '.join(group)}"


def _required(operation: Operation) -> set[str]:
    return {name for name, arguments in operation.arguments.items() if any(argument.required for argument in arguments)}


def restricts_arguments(operation: Operation) -> bool:
    return any(
        method.withheld or method.require or method.retry_unless or method.arguments or method.get or _grouped(method)
        for method in methods(operation)
    )


def leaves_paging_to_the_paginator(operation: Operation) -> Faults:
    for name in operation.description.platform.conventions.page_parameters:
        for method in methods(operation):
            if method.page and name in operation.arguments and name not in method.withheld:
                yield f"{operation.name}.x-sdk.page", f"write parameter: {name}; the paginator sets it, not the caller"


def paginates_along_fields_it_has(operation: Operation) -> Faults:
    for method in methods(operation)[:1]:
        if method.page and not operation.results:
            yield f"{operation.name}.x-sdk.page", "describe the response that is paginated"
        elif method.page:
            yield from ((f"{operation.name}.x-sdk.page", remedy) for remedy in _wrong_fields(operation, method.page))


def _wrong_fields(operation: Operation, page: NextUrl | Token | Offset) -> Iterator[str]:
    yield from _wrong_rows(operation, page)
    yield from _wrong_defaults(operation, page)
    yield from _wrong_offset(operation, page) if isinstance(page, Offset) else _wrong_next(operation, page)


def _wrong_rows(operation: Operation, page: Page) -> Iterator[str]:
    rows = operation.description.field(operation.results[0], page.items)
    if rows is None or "array" not in operation.description.types(rows):
        yield f"items: the response has no array {page.items}"
        return
    for name in page.primary_key:
        for branch in operation.description.branches(operation.description.target(rows).get("items", {})):
            field = operation.description.field(branch, name)
            if field is None or not operation.description.types(field) <= {"string", "integer"}:
                yield f"primary_key: a row has no string or integer {name} that is never null"


def _wrong_defaults(operation: Operation, page: Page) -> Iterator[str]:
    if page.defaults and not page.primary_key:
        yield "defaults can make rows repeat: say in primary_key which fields identify a row"
    for name, value in page.defaults.items():
        if not _can_be(operation, name, value):
            yield f"defaults: there is no argument {name} that can be {value!r}"


def _wrong_offset(operation: Operation, page: Offset) -> Iterator[str]:
    yield from _wrong_argument(operation, "parameter", page.parameter, "integer")
    yield from _wrong_argument(operation, "limit", page.limit, "integer")
    total = operation.description.field(operation.results[0], page.total) if page.total else {"type": "integer"}
    if total is None or "integer" not in operation.description.types(total):
        yield f"total: the response has no integer {page.total}"


def _wrong_next(operation: Operation, page: NextUrl | Token) -> Iterator[str]:
    field = operation.description.field(operation.results[0], page.next)
    if field is None or not operation.description.types(field) <= {"string", "null"}:
        yield f"next: the response has no string {page.next}"
    elif not _can_be_missing(operation, page.next):
        yield f"next: {page.next} can never be missing or null, so the iteration would not end"
    if page.parameter:
        yield from _wrong_argument(operation, "parameter", page.parameter, "string")


def _wrong_argument(operation: Operation, key: str, name: str, type_name: str) -> Iterator[str]:
    for argument in operation.arguments.get(name, []):
        if type_name in operation.description.types(argument.schema) and not argument.required:
            return
    yield f"{key}: there is no optional {type_name} argument {name}"


def _can_be_missing(operation: Operation, path: str) -> bool:
    schema: Json = operation.results[0]
    for name in path.split("."):
        field = operation.description.field(schema, name)
        branches = operation.description.branches(schema)
        if field is None or not all(name in branch.get("required", []) for branch in branches):
            return True
        if "null" in operation.description.types(field):
            return True
        schema = field
    return False


def fixes_only_what_it_can_take(operation: Operation) -> Faults:
    for method in methods(operation):
        where = f"{operation.name}.x-sdk.{method.name}.set"
        for name, value in method.fixed.items():
            if not _can_be(operation, name, value):
                yield where, f"there is no argument {name} that can be {value!r}"
            if name in {*method.omit, *method.require, *_grouped(method)}:
                yield where, f"{name} is always the same, so no other key can be about it"


def _grouped(method: SdkMethod) -> list[str]:
    return [name for group in (*method.exactly_one, *method.at_most_one, *method.at_least_one) for name in group]


def _can_be(operation: Operation, name: str, value: object) -> bool:
    schemas = [operation.description.target(argument.schema) for argument in operation.arguments.get(name, [])]
    return any(jsonschema_rs.is_valid(schema, value) for schema in schemas)


def fixes_arguments(operation: Operation) -> bool:
    return any(method.fixed for method in methods(operation))


def says_which_response_each_method_has(operation: Operation) -> Faults:
    choices = [response_choices(schema) for schema in operation.results]
    for method in methods(operation):
        where = f"{operation.name}.x-sdk.{method.name}.response"
        for names in choices:
            if names and not method.response:
                yield where, f"the response is one of {', '.join(names)}: say which this method has"
            elif method.response and method.response not in names:
                yield where, f"{method.response} is no member of an anyOf of the responses"


def response_choices(schema: Json) -> list[str]:
    """Return the names of the components that a response is one of, empty if it has one schema."""
    return [member["$ref"].rsplit("/", 1)[1] for member in schema.get("anyOf", []) if "$ref" in member]


def chooses_responses(operation: Operation) -> bool:
    chosen = any(method.response for method in methods(operation))
    return chosen or any(response_choices(schema) for schema in operation.results)


def is_paginated(operation: Operation) -> bool:
    return "page" in operation.sdk


def is_paginated_if_its_response_has_a_next_page(operation: Operation) -> Faults:
    if not is_paginated(operation):
        yield f"{operation.name}.x-sdk", "its response is one page of many: say in page how the list is paginated"


def has_a_next_page(operation: Operation) -> bool:
    fields = operation.description.platform.conventions.next_fields
    return any(operation.description.field(result, field) for result in operation.results for field in fields)


def unwraps_a_field_of_its_response(operation: Operation) -> Faults:
    for method in methods(operation)[:1]:
        if not any(operation.description.field(result, method.unwrap) for result in operation.results):
            yield f"{operation.name}.x-sdk.unwrap", f"the response has no field {method.unwrap}"


def is_unwrapped(operation: Operation) -> bool:
    return "unwrap" in operation.sdk


METHOD_RULES = (
    Rule(says_how_the_client_offers_it),
    Rule(says_when_it_may_be_retried),
    Rule(restricts_only_arguments_it_has, restricts_arguments),
    Rule(fixes_only_what_it_can_take, fixes_arguments),
    Rule(says_which_response_each_method_has, chooses_responses),
    Rule(paginates_along_fields_it_has, is_paginated),
    Rule(leaves_paging_to_the_paginator, is_paginated),
    Rule(is_paginated_if_its_response_has_a_next_page, has_a_next_page),
    Rule(unwraps_a_field_of_its_response, is_unwrapped),
)
