"""What is known of the real servers that a schema cannot say, so that schemathesis does not take it for a failure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl, urlsplit

import attrs
import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import RejectedPositiveData
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.http import Headers, Json, Request
from trilogue_sandbox.kernel.validation import Violation


@attrs.frozen
class Leniency:
    """A location in which the real server takes what its description refuses.

    `operations` are ids, `locations` shell patterns such as `query/reverse` or `body/urns/*`, `keywords` those of the
    schema that may be broken there.
    """

    operations: Sequence[str]
    locations: Sequence[str]
    keywords: Sequence[str]
    reason: str

    def covers(self, operation: str, violation: Violation) -> bool:
        """Whether this is about such a violation."""
        return (
            operation in self.operations
            and violation.keyword in self.keywords
            and any(fnmatchcase(violation.location, pattern) for pattern in self.locations)
        )


@attrs.frozen
class ApiError:
    """A no to a request that fits the description, for a reason that no schema can foresee.

    `message` is a regular expression for the whole of what the server says.
    """

    operations: Sequence[str]
    message: str
    reason: str

    def covers(self, operation: str, said: str) -> bool:
        """Whether this is why the server says so."""
        return operation in self.operations and re.fullmatch(self.message, said, re.DOTALL) is not None


def accept(
    platform: str,
    prefix: str,
    leniencies: Sequence[Leniency],
    refusals: Sequence[ApiError],
    sentences: Callable[[Json], Iterable[str]],
) -> None:
    """Register a hook that drops the failures which these explain, and no other.

    `sentences` picks out of the body of a refusal (4xx) all that it says is wrong.
    """
    description = Description.load(platform)

    @schemathesis.hook
    def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
        operation = operation_id(case)
        if isinstance(failure, AcceptedNegativeData):
            found = _violations(description, prefix, response)
            if not found:
                return not has_deep_object(
                    str(response.request.url)
                )  # whose values are strings on the way, whatever they were
            return not all(any(known.covers(operation, item) for known in leniencies) for item in found)
        if isinstance(failure, RejectedPositiveData) and response.status_code < 500:
            said = [*sentences(json.loads(response.content))]
            return not said or not all(any(known.covers(operation, text) for known in refusals) for text in said)
        return True


def operation_id(case: Case) -> str:
    """Return the id of the operation that a case calls."""
    return str(case.operation.definition.raw["operationId"])


def is_meant_well(case: Case) -> bool:
    """Whether a case was made to fit the description."""
    return case.meta is not None and case.meta.generation.mode.is_positive


def sent_body(response: Response) -> bytes:
    """Return the body of the request that an answer is to."""
    body = response.request.body
    if isinstance(body, str):
        return body.encode()
    assert body is None or isinstance(body, bytes), "schemathesis sends no streams"
    return body or b""


def _violations(description: Description, prefix: str, response: Response) -> Sequence[Violation]:
    """Return what the description refuses of a request as it was sent."""
    sent = response.request
    url = urlsplit(str(sent.url))
    request = Request(
        method=str(sent.method),
        path=url.path.removeprefix(prefix),
        query=parse_qsl(url.query, keep_blank_values=True),
        headers=Headers([(name, str(value)) for name, value in sent.headers.items()]),
        body=sent_body(response),
    )
    match = description.match(request.method, request.path)
    return match.operation.read(request, match.path_values).violations if match and match.operation else ()


def has_deep_object(url: str) -> bool:
    """Whether a query has a map in it, as `tags[topic]=tea`."""
    return any(key.endswith("]") for key, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True))


def leaves(document: Json) -> Iterator[str]:
    """Yield every value in a document, as text."""
    if isinstance(document, dict):
        for value in document.values():
            yield from leaves(value)
    elif isinstance(document, list):
        for value in document:
            yield from leaves(value)
    else:
        yield str(document)
