"""How bugs are planted: a sandbox whose requests or responses are changed on the way, after it has checked them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import msgspec
from trilogue_sandbox.kernel.http import Headers, Request, Response

from tests.contract.planted import Bug, Respond

Change = Callable[[Any], Any]


def anywhere(request: Request) -> bool:
    """Whether a bug is in the way of a request: always."""
    return True


def reading(request: Request) -> bool:
    """Whether a request reads."""
    return request.method == "GET" or "/list" in request.path or "/get" in request.path


def writing(request: Request) -> bool:
    """Whether a request writes."""
    return not reading(request) and request.method != "DELETE"


def without_input(path: str, name: str, when: Callable[[Request], bool] = anywhere) -> Bug:
    """Return the bug that a server does not look at an input."""

    def bug(request: Request, respond: Respond) -> Response:
        if path not in request.path or not when(request):
            return respond(request)
        query = [(key, value) for key, value in request.query if key.partition("[")[0] != name]
        body = request.body
        if body and name.encode() in body and request.headers.get("content-type", "").startswith("application/json"):
            document = msgspec.json.decode(body)
            body = msgspec.json.encode({key: value for key, value in document.items() if key != name})
        return respond(attrs.evolve(request, query=query, body=body))

    return bug


def with_body(path: str, change: Change, when: Callable[[Request], bool] = reading) -> Bug:
    """Return the bug that a server responds with another body where it grants a request."""

    def bug(request: Request, respond: Respond) -> Response:
        response = respond(request)
        is_there = path in request.path and when(request) and 200 <= response.status < 300 and response.body
        if not is_there or response.content_type != "application/json":
            return response
        return attrs.evolve(response, body=msgspec.json.encode(change(msgspec.json.decode(response.body))))

    return bug


def rows(change: Callable[[list[Any]], list[Any]], *items: str) -> Change:
    """Return the change of the rows of a page, which are in the first of these fields that it has."""

    def change_page(page: Any) -> Any:
        name = next((name for name in items if isinstance(page, dict) and name in page), None)
        return page if name is None else {**page, name: change(page[name])}

    return change_page


def setting(name: str, value: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return the change that sets a field of an object."""
    return lambda row: {**row, name: value}


def without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return the change that leaves out a field of an object."""
    return lambda row: {key: value for key, value in row.items() if key != name}


def each(change: Callable[[dict[str, Any]], dict[str, Any]], *items: str) -> Change:
    """Return the change of each row of a page."""
    return rows(lambda found: [change(row) for row in found], *items)


def with_status(path: str, statuses: Mapping[int, int]) -> Bug:
    """Return the bug that a server responds with another status."""

    def bug(request: Request, respond: Respond) -> Response:
        response = respond(request)
        is_there = path in request.path and response.status in statuses
        return attrs.evolve(response, status=statuses[response.status]) if is_there else response

    return bug


def with_header(name: str, value: str) -> Bug:
    """Return the bug that a header has always the same value, where there is one."""

    def bug(request: Request, respond: Respond) -> Response:
        response = respond(request)
        return response.with_headers(response.headers.set(name, value)) if name in response.headers else response

    return bug


def without_header(name: str) -> Bug:
    """Return the bug that a server does not look at a header."""

    def bug(request: Request, respond: Respond) -> Response:
        kept = Headers((key, value) for key, value in request.headers.items() if key.lower() != name.lower())
        return respond(attrs.evolve(request, headers=kept))

    return bug


def as_caller(path: str, credentials: str, instead: Callable[[str | None], bool], header: str = "Authorization") -> Bug:
    """Return the bug that a server takes callers for another one, if `instead` says so of their header."""

    def bug(request: Request, respond: Respond) -> Response:
        if path in request.path and instead(request.headers.get(header.lower())):
            return respond(attrs.evolve(request, headers=request.headers.set(header, credentials)))
        return respond(request)

    return bug


def instead(path: str, method: str, response: Response) -> Bug:
    """Return the bug that a server says it has done something, and has not."""

    def bug(request: Request, respond: Respond) -> Response:
        if request.method == method and path in request.path and respond(_as_read(request)).status == 200:
            return response
        return respond(request)

    return bug


def _as_read(request: Request) -> Request:
    return attrs.evolve(request, method="GET", body=b"") if request.method == "DELETE" else request
