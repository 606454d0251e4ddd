"""The rules about `x-sdk`: its keys, and that the arguments and fields it names exist."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias

import jsonschema_rs
import msgspec

from ..description import Json, Operation
from ..platforms import PLATFORMS, SNAKE_CASE
from .rule import Faults, Rule

Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
Names: TypeAlias = Annotated[list[Name], msgspec.Meta(min_length=1)]
Groups: TypeAlias = Annotated[list[Names], msgspec.Meta(min_length=1)]
Retry: TypeAlias = Literal["idempotent", "idempotency-key", "non-idempotent"]

IDEMPOTENCY_KEY = "Idempotency-Key"
MAKING = ("connect", "create", "request", "send", "start", "upload")
"""Methods that make something each time, so that sending one again is never harmless."""


class Walk(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, tag_field="style"):
    """How a list is walked, whatever the style."""

    items: Name
    defaults: Annotated[dict[Name, str | int | float | bool], msgspec.Meta(min_length=1)] = {}
    primary_key: Names = []


class NextUrl(Walk, kw_only=True, tag="next-url"):
    """The answer holds the address of the next page."""

    next: Name


class Token(Walk, kw_only=True, tag="token"):
    """The answer holds a token for the next page."""

    next: Name
    parameter: Name


class Offset(Walk, kw_only=True, tag="offset"):
    """The caller says how many rows to skip."""

    parameter: Name
    limit: Name
    total: Name = ""


class Checks(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is said about arguments by their names on the wire."""

    omit: Names = []
    require: Names = []
    retry_unless: Names = []
    exactly_one: Groups = []
    at_most_one: Groups = []
    at_least_one: Groups = []


class Method(Checks, kw_only=True):
    """One of several methods of one operation."""

    name: Name
    retry: Retry
    summary: Name = ""
    description: Name = ""
    response: Name = ""
    fixed: Annotated[dict[Name, str | int | float | bool], msgspec.Meta(min_length=1)] = msgspec.field(
        name="set", default_factory=dict[str, str | int | float | bool]
    )


class Common(Checks, kw_only=True):
    """What every `x-sdk` may have."""

    resource: Name
    unwrap: Name = ""
    page: NextUrl | Token | Offset | msgspec.UnsetType = msgspec.UNSET


class OneMethod(Common, kw_only=True):
    """An operation that is one method."""

    method: Name
    retry: Retry


class SeveralMethods(Common, kw_only=True):
    """An operation that is several methods."""

    methods: Annotated[list[Method], msgspec.Meta(min_length=2)]


def read(operation: Operation) -> OneMethod | SeveralMethods:
    """Read the `x-sdk` of an operation.

    Raises:
        msgspec.ValidationError: a key is unknown or missing, or a value has a wrong type.
    """
    raw = operation.node.get("x-sdk")
    if isinstance(raw, dict) and "methods" in raw:
        return msgspec.convert(raw, SeveralMethods)
    return msgspec.convert(raw, OneMethod)


def readable(operation: Operation) -> OneMethod | SeveralMethods | None:
    """Return None for an `x-sdk` that cannot be read, of which another rule complains."""
    try:
        return read(operation)
    except msgspec.ValidationError:
        return None


def methods(operation: Operation) -> list[tuple[Method, Common]]:
    """Return each method with what holds for all of them."""
    sdk = readable(operation)
    if isinstance(sdk, SeveralMethods):
        return [(method, sdk) for method in sdk.methods]
    return [(Method(name=sdk.method, retry=sdk.retry), sdk)] if sdk else []


def says_how_the_client_offers_it(operation: Operation) -> Faults:
    try:
        sdk = read(operation)
    except msgspec.ValidationError as error:
        yield f"{operation.name}.x-sdk", f"{error}; openapi/README.md says what x-sdk may hold"
        return
    for name in [*sdk.resource.split("."), *(method.name for method, _ in methods(operation))]:
        plain = name.removesuffix("_") if keyword.iskeyword(name.removesuffix("_")) else name
        if not re.fullmatch(SNAKE_CASE, plain) or keyword.iskeyword(name):
            yield f"{operation.name}.x-sdk", f"write {name!r} in snake_case, with a _ behind if it is a word of Python"


def says_when_it_may_be_retried(operation: Operation) -> Faults:
    if not methods(operation):
        yield f"{operation.name}.x-sdk", "say retry: idempotent, idempotency-key or non-idempotent for each method"
    takes_key = IDEMPOTENCY_KEY in operation.arguments
    for method, common in methods(operation):
        where = f"{operation.name}.x-sdk.{method.name}"
        if method.retry == "idempotency-key" and not takes_key:
            yield where, f"retry: idempotency-key needs the header parameter {IDEMPOTENCY_KEY}"
        if takes_key and method.retry != "idempotency-key":
            yield where, f"it takes {IDEMPOTENCY_KEY}, so write retry: idempotency-key"
        if method.name in MAKING and method.retry == "idempotent":
            yield where, f"{method.name} makes one more each time it is sent, so it is not idempotent"
        if method.retry != "idempotent" and (method.retry_unless or common.retry_unless):
            yield where, "retry_unless only restricts retry: idempotent, which this method does not have"


def restricts_only_arguments_it_has(operation: Operation) -> Faults:
    for method, common in methods(operation):
        where = f"{operation.name}.x-sdk.{method.name}"
        for remedy in _misused(operation, method, common):
            yield where, remedy


def _misused(operation: Operation, method: Method, common: Common) -> Iterator[str]:
    omitted = {*method.omit, *common.omit}
    if (walked := _token(common)) in omitted:
        yield f"{walked} is the walk's own and no argument anyway: take it out of omit"
    omitted |= {walked} if walked else set()
    groups = [*method.exactly_one, *common.exactly_one, *method.at_least_one, *common.at_least_one]
    exclusive = [*method.at_most_one, *common.at_most_one]
    chosen = {name for group in (*groups, *exclusive) for name in group} | {*method.require, *common.require}
    named = {*method.retry_unless, *common.retry_unless, *chosen}
    for name in sorted((omitted | named) - operation.arguments.keys()):
        yield f"there is no argument {name}; use the name it has on the wire"
    for name in sorted(omitted & named):
        yield f"{name} is omitted and cannot be used besides"
    for name in sorted((omitted | named) & _required(operation)):
        yield f"{name} is required by its schema, so it is always given"
    for group in exclusive:
        if len(group) < 2:
            yield f"at_most_one needs two names or more, not only {group[0]}"


def _token(common: Common) -> str:
    return common.page.parameter if isinstance(common.page, Token) else ""


def _required(operation: Operation) -> set[str]:
    return {name for name, arguments in operation.arguments.items() if any(argument.required for argument in arguments)}


def restricts_arguments(operation: Operation) -> bool:
    return any(
        getattr(checks, key) for pair in methods(operation) for checks in pair for key in Checks.__struct_fields__
    )


def walks_its_list_along_fields_it_has(operation: Operation) -> Faults:
    sdk = readable(operation)
    if sdk is None or isinstance(sdk.page, msgspec.UnsetType):
        return
    where = f"{operation.name}.x-sdk.page"
    if not operation.results:
        yield where, "describe the answer that is walked"
        return
    remedies = (
        _wrong_rows(operation, sdk.page),
        _wrong_completion(operation, sdk.page),
        _wrong_lead(operation, sdk.page),
    )
    for remedy in (remedy for kind in remedies for remedy in kind):
        yield where, remedy


def _wrong_rows(operation: Operation, page: Walk) -> Iterator[str]:
    rows = operation.description.field(operation.results[0], page.items)
    if rows is None or "array" not in operation.description.types(rows):
        yield f"items: the answer has no list {page.items}"
        return
    for name in page.primary_key:
        for branch in operation.description.branches(operation.description.target(rows).get("items", {})):
            field = operation.description.field(branch, name)
            if field is None or not operation.description.types(field) <= {"string", "integer"}:
                yield f"primary_key: a row has no string or integer {name} that is never null"


def _wrong_completion(operation: Operation, page: Walk) -> Iterator[str]:
    if page.defaults and not page.primary_key:
        yield "defaults makes a walk meet rows twice: say by which fields they are told apart, in primary_key"
    for name, value in page.defaults.items():
        if not _can_be(operation, name, value):
            yield f"defaults: there is no argument {name} that can be {value!r}"


def _wrong_lead(operation: Operation, page: NextUrl | Token | Offset) -> Iterator[str]:
    if isinstance(page, Offset):
        yield from _wrong_argument(operation, "parameter", page.parameter, "integer")
        yield from _wrong_argument(operation, "limit", page.limit, "integer")
        total = operation.description.field(operation.results[0], page.total) if page.total else {"type": "integer"}
        if total is None or "integer" not in operation.description.types(total):
            yield f"total: the answer has no integer {page.total}"
        return
    lead = operation.description.field(operation.results[0], page.next)
    if lead is None or not operation.description.types(lead) <= {"string", "null"}:
        yield f"next: the answer has no string {page.next}"
    elif not _can_be_missing(operation, page.next):
        yield f"next: {page.next} can never be missing or null, so a walk would not end"
    if isinstance(page, Token):
        yield from _wrong_argument(operation, "parameter", page.parameter, "string")


def _wrong_argument(operation: Operation, key: str, name: str, kind: str) -> Iterator[str]:
    for argument in operation.arguments.get(name, []):
        if kind in operation.description.types(argument.schema) and not argument.required:
            return
    yield f"{key}: there is no optional {kind} argument {name}"


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
    for method, common in methods(operation):
        where = f"{operation.name}.x-sdk.{method.name}.set"
        used = [*method.omit, *common.omit, *method.require, *common.require, *_grouped(method), *_grouped(common)]
        for name, value in method.fixed.items():
            if not _can_be(operation, name, value):
                yield where, f"there is no argument {name} that can be {value!r}"
            if name in used:
                yield where, f"{name} is always the same, so no other key can be about it"


def _grouped(checks: Checks) -> Iterator[str]:
    for group in (*checks.exactly_one, *checks.at_most_one, *checks.at_least_one):
        yield from group


def _can_be(operation: Operation, name: str, value: object) -> bool:
    schemas = [operation.description.target(argument.schema) for argument in operation.arguments.get(name, [])]
    return any(jsonschema_rs.is_valid(schema, value) for schema in schemas)


def fixes_arguments(operation: Operation) -> bool:
    return any(method.fixed for method, _ in methods(operation))


def says_which_response_each_method_has(operation: Operation) -> Faults:
    choices = [answer_choices(schema) for schema in operation.results]
    for method, _ in methods(operation):
        where = f"{operation.name}.x-sdk.{method.name}.response"
        for names in choices:
            if names and not method.response:
                yield where, f"the answer is one of {', '.join(names)}: say which this method has"
            elif method.response and method.response not in names:
                yield where, f"{method.response} is no member of an anyOf that the operation answers"


def answer_choices(schema: Json) -> list[str]:
    """Return the names of the components that an answer is one of, empty if it is of one kind."""
    return [member["$ref"].rsplit("/", 1)[1] for member in schema.get("anyOf", []) if "$ref" in member]


def chooses_answers(operation: Operation) -> bool:
    chosen = any(method.response for method, _ in methods(operation))
    return chosen or any(answer_choices(schema) for schema in operation.results)


def is_walked(operation: Operation) -> bool:
    return "page" in operation.sdk


def is_walked_if_its_answer_leads_on(operation: Operation) -> Faults:
    if not is_walked(operation):
        yield f"{operation.name}.x-sdk", "its answer is one page of many: say in page how the list is walked"


def leads_on(operation: Operation) -> bool:
    fields = PLATFORMS[operation.description.platform].next_fields
    return any(operation.description.field(result, field) for result in operation.results for field in fields)


def unwraps_a_field_of_its_answer(operation: Operation) -> Faults:
    sdk = readable(operation)
    if sdk and not any(operation.description.field(result, sdk.unwrap) for result in operation.results):
        yield f"{operation.name}.x-sdk.unwrap", f"the answer has no field {sdk.unwrap}"


def is_unwrapped(operation: Operation) -> bool:
    return "unwrap" in operation.sdk


SDK_RULES = (
    Rule(says_how_the_client_offers_it),
    Rule(says_when_it_may_be_retried),
    Rule(restricts_only_arguments_it_has, restricts_arguments),
    Rule(fixes_only_what_it_can_take, fixes_arguments),
    Rule(says_which_response_each_method_has, chooses_answers),
    Rule(walks_its_list_along_fields_it_has, is_walked),
    Rule(is_walked_if_its_answer_leads_on, leads_on),
    Rule(unwraps_a_field_of_its_answer, is_unwrapped),
)
