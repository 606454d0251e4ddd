"""The rules about one operation: its texts, arguments, responses and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

from platforms import Conventions

from .description import Operation
from .methods import CREATING, methods
from .rule import Faults, Rule, repeated
from .walking import Json

WHOLE_SENTENCES = re.compile(r"""[A-Z0-9`"'(*].*[.!?]["'`)*]*""", re.DOTALL)
REQUEST_TYPES = (
    "application/json",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
)
RESPONSE_TYPES = ("application/json", "text/plain", "text/html", "application/octet-stream", "text/event-stream")
RESERVED_PARAMETERS = ("client", "headers", "params", "url")
"""Parameters that the generator renames, or mistakes for variables of its own."""
FOLLOW_UPS = ("get", "update", "delete")
"""Methods that take the id of one thing."""


def is_addressed_as_its_platform_does(operation: Operation) -> Faults:
    conventions = operation.description.platform.conventions
    resource = str(operation.sdk.get("resource", "")).replace(".", "_")
    pattern = conventions.operation_id.replace("{resource}", re.escape(resource))
    if operation.verb not in conventions.methods:
        yield (
            operation.name,
            f"this platform has no {operation.verb.upper()}, only {', '.join(sorted(conventions.methods))}",
        )
    if not re.fullmatch(conventions.path, operation.path):
        yield operation.name, f"correct the path {operation.path}: this platform's look like {conventions.path}"
    in_path = {parameter["name"] for parameter in operation.parameters if parameter["in"] == "path"}
    if set(re.findall(r"\{(\w+)\}", operation.path)) != in_path:
        yield operation.name, f"describe each part of the path {operation.path} that is in braces, and no other"
    if not re.fullmatch(pattern, operation.node.get("operationId", "")):
        yield operation.name, f"write an operationId of the form {pattern}"


def introduces_itself(operation: Operation) -> Faults:
    if len(operation.node.get("tags", [])) != 1:
        yield operation.name, "give it exactly one tag"
    if "resource" in operation.sdk and operation.sdk["resource"] not in operation.node.get("tags", []):
        yield operation.name, f"tag it with its resource: tags: [{operation.sdk['resource']}]"
    if not WHOLE_SENTENCES.fullmatch(operation.node.get("description", "").strip()):
        yield operation.name, "write a description that begins with a capital and ends with a full stop"
    for remedy in (*_wrong_summaries(operation), *_wrong_descriptions(operation)):
        yield operation.name, remedy


def _wrong_summaries(operation: Operation) -> Iterator[str]:
    own = [method.summary for method in methods(operation)] or [""]
    summaries = [summary or operation.node.get("summary", "") for summary in own]
    for summary in summaries:
        if not summary.strip() or "\n" in summary or summary.endswith("."):
            yield "write a summary of one line without a full stop"
    if len(set(summaries)) < len(summaries):
        yield "give each of its methods a summary of its own"


def _wrong_descriptions(operation: Operation) -> Iterator[str]:
    listed = methods(operation)
    for method in listed if len(listed) > 1 else ():
        if not WHOLE_SENTENCES.fullmatch(method.description.strip()):
            yield f"describe in whole sentences what {method.name} alone does"


def says_where_it_comes_from(operation: Operation) -> Faults:
    words, word = operation.description.provenance, operation.node.get("x-provenance")
    if words and word not in words:
        yield operation.name, f"write x-provenance: {' or '.join(words)}"
    if word and not words:
        yield operation.name, "explain the word of x-provenance in openapi.yaml, under the same key"


def links_to_the_page_of_the_platform(operation: Operation) -> Faults:
    if not str(operation.node.get("externalDocs", {}).get("url", "")).startswith("https://"):
        yield operation.name, "write externalDocs with the url of the platform's own page about it"


def describes_its_parameters_and_headers(operation: Operation) -> Faults:
    for parameter in operation.parameters:
        if not parameter.get("description", "").strip():
            yield f"{operation.name}.{parameter['name']}", "say what the parameter is for"
    for status, name, header in _headers(operation):
        if not header.get("description", "").strip():
            yield f"{operation.name}.{status}.{name}", "say what the header tells"


def _headers(operation: Operation) -> Iterator[tuple[str, str, Json]]:
    for status, response in operation.responses.items():
        for name, header in response.get("headers", {}).items():
            yield status, name, operation.description.target(header)


def writes_its_parameters_so_that_they_can_be_sent(operation: Operation) -> Faults:
    for parameter in operation.parameters:
        where = f"{operation.name}.{parameter['name']}"
        if "schema" not in parameter:
            yield where, "give the parameter a schema; one with content is left out by the generator"
            continue
        formats = {branch.get("format") for branch in operation.description.branches(parameter["schema"])}
        for remedy in _unsendable(parameter["in"], operation.description.types(parameter["schema"]), formats):
            yield where, remedy


def _unsendable(part: str, types: set[str], formats: set[Any]) -> Iterator[str]:
    if part == "header" and (types & {"array", "object"} or formats & {"date", "date-time"}):
        yield "make the header a string, number or boolean; the generator drops operations with other headers"
    if part == "path" and (types & {"array", "object"} or formats & {"date-time"}):
        yield "make the path parameter a string or number; the generator writes others wrongly"


def never_sends_an_empty_query_list(operation: Operation) -> Faults:
    for parameter in _query_parameters(operation, "array"):
        branches = operation.description.branches(parameter["schema"])
        if any(branch.get("type") == "array" and branch.get("minItems", 0) < 1 for branch in branches):
            yield f"{operation.name}.{parameter['name']}", "write minItems: 1; an empty list looks like one empty value"


def writes_query_objects_with_brackets(operation: Operation) -> Faults:
    for parameter in _query_parameters(operation, "object"):
        if parameter.get("style") != "deepObject" or parameter.get("explode") is not True:
            yield f"{operation.name}.{parameter['name']}", "write style: deepObject and explode: true"


def _query_parameters(operation: Operation, type_name: str) -> list[Json]:
    query = [parameter for parameter in operation.parameters if parameter["in"] == "query" and "schema" in parameter]
    return [parameter for parameter in query if type_name in operation.description.types(parameter["schema"])]


def keeps_its_arguments_apart(operation: Operation) -> Faults:
    names = [argument.name for arguments in operation.arguments.values() for argument in arguments]
    for name in sorted(repeated(names)):
        yield f"{operation.name}.{name}", "rename: two arguments of the method would have this name in Python"
    for parameter in operation.parameters:
        if parameter["name"] in RESERVED_PARAMETERS:
            yield f"{operation.name}.{parameter['name']}", "the generator uses this name itself"


def takes_one_body_and_has_one_result(operation: Operation) -> Faults:
    bodies = list(operation.bodies.values())
    if any(body.get("schema") != bodies[0].get("schema") for body in bodies):
        yield f"{operation.name}.requestBody", "give its content types one schema; the method can take but one body"
    for status, response in operation.successes.items():
        if len(response.get("content", {})) > 1:
            yield f"{operation.name}.{status}", "keep one content type in a successful response"
    if not operation.successes:
        yield operation.name, "document the response of a successful call"
    if any(schema != operation.results[0] for schema in operation.results):
        yield operation.name, "give its successful responses one schema; the method can have but one result"
    yield from _unread_bodies(operation)


def _unread_bodies(operation: Operation) -> Faults:
    for key in sorted(operation.bodies.keys() - set(REQUEST_TYPES)):
        yield f"{operation.name}.requestBody", f"the generator drops requests of type {key}"
    for status, response in operation.responses.items():
        for key in sorted(response.get("content", {}).keys() - set(RESPONSE_TYPES)):
            yield f"{operation.name}.{status}", f"the generator drops responses of type {key}"


def documents_the_usual_responses(operation: Operation) -> Faults:
    conventions = operation.description.platform.conventions
    for status in sorted(_expected_failures(operation, conventions) - operation.responses.keys()):
        yield operation.name, f"document the status {status}"
    for status, response in operation.responses.items():
        expected = conventions.response_headers | ({"Retry-After"} if status == "429" else set[str]())
        for name in sorted(expected - response.get("headers", {}).keys()):
            yield f"{operation.name}.{status}", f"add the header {name}"


def takes_its_failures_from_the_components(operation: Operation) -> Faults:
    for status, response in operation.node.get("responses", {}).items():
        reference = response.get("$ref", "")
        if not status.startswith("2") and not reference.startswith("#/components/responses/"):
            yield f"{operation.name}.{status}", "write the response in components/responses and refer to it"


def _expected_failures(operation: Operation, conventions: Conventions) -> set[str]:
    with_body = conventions.errors_with_body if operation.bodies else set[str]()
    with_look_up = {"404"} if _looks_something_up(operation, conventions) else set[str]()
    return {*conventions.errors, *with_body, *with_look_up}


def _looks_something_up(operation: Operation, conventions: Conventions) -> bool:
    arguments = [argument for named in operation.arguments.values() for argument in named]
    described = [f"{'required' if each.required else 'optional'} {each.part} {each.name}" for each in arguments]
    looks_up = any(re.fullmatch(conventions.lookup, argument) for argument in described)
    return looks_up and operation.name not in conventions.creates_what_it_looks_up


def shows_what_it_takes_and_gives(operation: Operation) -> Faults:
    bodies = [("requestBody", media) for media in operation.bodies.values()]
    for status, response in operation.successes.items():
        bodies += [(status, media) for media in response.get("content", {}).values()]
    for parameter in operation.parameters:
        if parameter.get("required") and not parameter.keys() & {"example", "examples"}:
            yield f"{operation.name}.{parameter['name']}", "give the required parameter an example"
    for where, media in bodies:
        if "schema" not in media:
            yield f"{operation.name}.{where}", "give the body a schema"
        if "example" not in media and not media.get("examples"):
            yield f"{operation.name}.{where}", "give the body an example"


def links_from_a_create_to_what_can_be_done_next(operation: Operation) -> Faults:
    resource = operation.sdk.get("resource")
    siblings = [other for other in operation.description.operations if other.sdk.get("resource") == resource]
    expected = {other.name for other in siblings if _methods(other) & set(FOLLOW_UPS)}
    linked = {link.get("operationId") for _, link in _links(operation)}
    for name in sorted(expected - linked):
        yield operation.name, f"add a link to {name} to the response that holds what was created"


def creates(operation: Operation) -> bool:
    return bool(_methods(operation) & set(CREATING)) or "201" in operation.responses


def _methods(operation: Operation) -> set[str]:
    return {method.name for method in methods(operation)}


def links_lead_to_operations_that_take_them(operation: Operation) -> Faults:
    for status, link in _links(operation):
        target = operation.description.operation(link.get("operationId", ""))
        where = f"{operation.name}.{status}.links"
        if target is None:
            yield where, f"there is no operation {link.get('operationId')}; name one by its operationId"
            continue
        given = {**link.get("parameters", {}), **_given_body(link)}
        for name in sorted(given.keys() - target.arguments.keys()):
            yield where, f"{target.name} takes no {name}"
        for name, expression in given.items():
            if not _has_value(operation, operation.responses[status], expression):
                yield where, f"{expression} (for {name}) names nothing in this response or its request"


def _links(operation: Operation) -> Iterator[tuple[str, Json]]:
    for status, response in operation.responses.items():
        for link in response.get("links", {}).values():
            yield status, operation.description.target(link)


def _given_body(link: Json) -> Json:
    body: Any = link.get("requestBody", {})
    return cast(Json, body) if isinstance(body, dict) else {}


def _has_value(operation: Operation, response: Json, expression: Any) -> bool:
    """Tell whether a run-time expression of a link has a value; anything but an expression is a value itself."""
    if not isinstance(expression, str) or not expression.startswith("$"):
        return True
    source, _, pointer = expression.partition("#/")
    if source == "$response.body":
        schemas = [media.get("schema", {}) for media in response.get("content", {}).values()]
        fields = [operation.description.field(schema, pointer.replace("/", ".")) for schema in schemas]
        return any(field is not None for field in fields)
    if source.startswith("$response.header."):
        return source.removeprefix("$response.header.") in response.get("headers", {})
    return (pointer or source.rsplit(".", 1)[-1]) in operation.arguments


def takes_parameters(operation: Operation) -> bool:
    return bool(operation.parameters)


def has_query_lists(operation: Operation) -> bool:
    return bool(_query_parameters(operation, "array"))


def has_query_objects(operation: Operation) -> bool:
    return bool(_query_parameters(operation, "object"))


def has_links(operation: Operation) -> bool:
    return any(True for _ in _links(operation))


OPERATION_RULES = (
    Rule(is_addressed_as_its_platform_does),
    Rule(introduces_itself),
    Rule(says_where_it_comes_from),
    Rule(links_to_the_page_of_the_platform),
    Rule(describes_its_parameters_and_headers),
    Rule(writes_its_parameters_so_that_they_can_be_sent, takes_parameters),
    Rule(never_sends_an_empty_query_list, has_query_lists),
    Rule(writes_query_objects_with_brackets, has_query_objects),
    Rule(keeps_its_arguments_apart),
    Rule(takes_one_body_and_has_one_result),
    Rule(takes_its_failures_from_the_components),
    Rule(documents_the_usual_responses),
    Rule(shows_what_it_takes_and_gives),
    Rule(links_from_a_create_to_what_can_be_done_next, creates),
    Rule(links_lead_to_operations_that_take_them, has_links),
)

WEBHOOK_RULES = tuple(
    Rule(check)
    for check in (
        introduces_itself,
        says_where_it_comes_from,
        describes_its_parameters_and_headers,
        writes_its_parameters_so_that_they_can_be_sent,
        takes_one_body_and_has_one_result,
        shows_what_it_takes_and_gives,
    )
)
