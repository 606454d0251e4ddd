"""Constructs that the parser drops silently, or reads in another way."""

from __future__ import annotations

from collections.abc import Iterator

from .description import DescribedOperation, Description, Node
from .errors import GenerationError

STYLES = {"path": ("simple",), "query": ("form", "deepObject"), "header": ("simple",)}
SET_BY_THE_CLIENT = ("accept", "authorization", "content-type")
SENT = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data", "application/octet-stream")


def refuse_unsupported(operation: DescribedOperation, description: Description) -> None:
    """Check an operation before it is parsed.

    Raises:
        GenerationError: it says something that would not come out in the code.
    """
    for problem in _problems(operation, description):
        raise GenerationError(f"{operation.id}: {problem}")


def _problems(operation: DescribedOperation, description: Description) -> Iterator[str]:
    for (location, name), parameter in operation.parameters.items():
        yield from (f"parameter {name} {problem}" for problem in _of_parameter(location, name, parameter, description))
    if "servers" in operation.node:
        yield "an operation cannot have `servers` of its own"
    body = description.resolve(operation.node.get("requestBody", {})).get("content", {})
    if any(_media_type(each) not in SENT for each in body):
        yield f"the content type of a body must be one of {', '.join(SENT)}"
    yield from _of_responses(operation.node.get("responses", {}), description)


def _of_parameter(location: str, name: str, parameter: Node, description: Description) -> Iterator[str]:
    if "schema" not in parameter or location not in STYLES:
        yield "needs a `schema` and may not be a cookie"
        return
    if parameter.get("style", STYLES[location][0]) not in STYLES[location]:
        yield f"may have no other `style` than {' or '.join(STYLES[location])}"
    if location == "path" and description.value_of(parameter).get("type") in ("array", "object"):
        yield "is in the path and must be a single value"
    if location == "header" and name.lower() in SET_BY_THE_CLIENT:
        yield "is a header that the client sets itself"


def _of_responses(responses: Node, description: Description) -> Iterator[str]:
    successes = [description.resolve(response) for status, response in responses.items() if str(status).startswith("2")]
    if not successes:
        yield "document a 2xx response"
    if any(len(response.get("content", {})) > 1 for response in successes):
        yield "a 2xx response has one content type"


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip()
