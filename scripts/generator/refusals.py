"""What a description may say that the parser would drop without a word, or understand in another way."""

from __future__ import annotations

from collections.abc import Iterator

from .description import DescribedOperation, Description, Node
from .errors import GenerationError

STYLES = {"path": ("simple",), "query": ("form", "deepObject"), "header": ("simple",)}
WRITTEN_BY_THE_CLIENT = ("accept", "authorization", "content-type")
SENT = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data", "application/octet-stream")


def refuse_what_is_dropped(operation: DescribedOperation, description: Description) -> None:
    """Check an operation before it is parsed.

    Raises:
        GenerationError: it says something that would not come out in the code.
    """
    for problem in _problems(operation, description):
        raise GenerationError(f"{operation.id}: {problem}")


def _problems(operation: DescribedOperation, description: Description) -> Iterator[str]:
    for (place, name), parameter in operation.parameters.items():
        yield from (f"parameter {name} {problem}" for problem in _of_parameter(place, name, parameter, description))
    if "servers" in operation.node:
        yield "an operation cannot have `servers` of its own"
    body = description.resolve(operation.node.get("requestBody", {})).get("content", {})
    if any(_media_type(kind) not in SENT for kind in body):
        yield f"the content type of a body must be one of {', '.join(SENT)}"
    yield from _of_answers(operation.node.get("responses", {}), description)


def _of_parameter(place: str, name: str, parameter: Node, description: Description) -> Iterator[str]:
    if "schema" not in parameter or place not in STYLES:
        yield "needs a `schema` and may not be a cookie"
        return
    if parameter.get("style", STYLES[place][0]) not in STYLES[place]:
        yield f"may have no other `style` than {' or '.join(STYLES[place])}"
    if place == "path" and description.value_of(parameter).get("type") in ("array", "object"):
        yield "stands in the path and must be a single value"
    if place == "header" and name.lower() in WRITTEN_BY_THE_CLIENT:
        yield "is a header that the client writes by itself"


def _of_answers(responses: Node, description: Description) -> Iterator[str]:
    successes = [description.resolve(answer) for status, answer in responses.items() if str(status).startswith("2")]
    if not successes:
        yield "it needs an answer of 2xx"
    if any(len(answer.get("content", {})) > 1 for answer in successes):
        yield "a successful answer has one content type"


def _media_type(kind: str) -> str:
    return kind.partition(";")[0].strip()
