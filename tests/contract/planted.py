"""Sandboxes with a bug each, by which the suite is itself tested."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import attrs
import msgspec
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.rapidpro.sign_ins import ACCOUNTS

Respond: TypeAlias = Callable[[Request], Response]
Bug: TypeAlias = Callable[[Request, Respond], Response]

LABELS = "/rapidpro/api/v2/labels.json"
USERS = "/botpress/v1/chat/users"
_TOKEN = ACCOUNTS[0].credentials["token"]


class Buggy(Sandbox):
    """A sandbox with a bug in what it does below a path."""

    def __init__(self, bug: Bug, path: str, **settings: Any) -> None:
        super().__init__(**settings)
        self._bug = bug
        self._path = path

    def respond(self, request: Request) -> Response:
        """Answer a request, wrongly."""
        answer = super().respond
        return self._bug(request, answer) if request.path.startswith(self._path) else answer(request)


def with_bug(bug: Bug, path: str = LABELS) -> Callable[..., Sandbox]:
    """Return how a sandbox with this bug is made."""
    return partial(Buggy, bug, path)


def delete_does_not_delete(request: Request, answer: Respond) -> Response:
    """Answer a DELETE that would have been granted without doing it."""
    if request.method != "DELETE":
        return answer(request)
    found = answer(attrs.evolve(request, method="GET"))
    is_there = found.status == 200 and bool(msgspec.json.decode(found.body)["results"])
    return (
        Response.empty(204, {"X-Temba-Workspace": found.headers["X-Temba-Workspace"]}) if is_there else answer(request)
    )


def create_is_not_stored(request: Request, answer: Respond) -> Response:
    """Delete what was created before saying that it was."""
    response = answer(request)
    if response.status == 201:
        uuid = msgspec.json.decode(response.body)["uuid"]
        answer(attrs.evolve(request, method="DELETE", query=[("uuid", uuid)], body=b""))
    return response


def required_field_is_missing(request: Request, answer: Respond) -> Response:
    """Leave the count out of each label."""
    response = answer(request)
    if request.method != "GET" or response.status != 200:
        return response
    page = msgspec.json.decode(response.body)
    for label in page["results"]:
        del label["count"]
    return attrs.evolve(response, body=msgspec.json.encode(page))


def nobody_is_asked_for_a_token(request: Request, answer: Respond) -> Response:
    """Take everyone for the administrator."""
    return answer(attrs.evolve(request, headers=request.headers.set("Authorization", f"Token {_TOKEN}")))


def some_input_is_an_error_of_the_server(request: Request, answer: Respond) -> Response:
    """Fail where a name is nearly as long as it may be."""
    is_long = request.method == "POST" and len(request.body) > 70
    return Response.html("Server Error", 500) if is_long else answer(request)


def a_status_is_not_described(request: Request, answer: Respond) -> Response:
    """Refuse with 422 what is refused with 400."""
    response = answer(request)
    return attrs.evolve(response, status=422) if response.status == 400 else response


def a_body_is_not_looked_at(request: Request, answer: Respond) -> Response:
    """Create a label of some name where none was given."""
    response = answer(request)
    if request.method != "POST" or response.status != 400 or b"name" not in response.body:
        return response
    return answer(attrs.evolve(request, body=msgspec.json.encode({"name": f"Label {len(request.body)}"})))


def a_page_repeats_a_row(request: Request, answer: Respond) -> Response:
    """Give the first row of each page twice."""
    response = answer(request)
    if request.method != "GET" or response.status != 200:
        return response
    page = msgspec.json.decode(response.body)
    return attrs.evolve(
        response, body=msgspec.json.encode({**page, "results": [*page["results"][:1], *page["results"]]})
    )


def a_deleted_user_stays(request: Request, answer: Respond) -> Response:
    """Answer a DELETE that would have been granted without doing it."""
    if request.method != "DELETE":
        return answer(request)
    found = answer(attrs.evolve(request, method="GET", body=b""))
    return attrs.evolve(found, body=b"{}") if found.status == 200 else answer(request)


def a_created_user_is_not_stored(request: Request, answer: Respond) -> Response:
    """Delete a user before saying that it was created."""
    response = answer(request)
    if response.status == 201:
        user_id = msgspec.json.decode(response.body)["user"]["id"]
        answer(attrs.evolve(request, method="DELETE", path=f"{request.path}/{user_id}", body=b""))
    return response


def an_error_has_the_type_of_another(request: Request, answer: Respond) -> Response:
    """Say of an invalid body that something is not there."""
    response = answer(request)
    return attrs.evolve(response, body=response.body.replace(b"InvalidPayload", b"ResourceNotFound"))


def a_later_page_repeats_a_user(request: Request, answer: Respond) -> Response:
    """Give the first user of each page but the first twice."""
    response = answer(request)
    if "nextToken" not in dict(request.query) or response.status != 200:
        return response
    page = msgspec.json.decode(response.body)
    return attrs.evolve(response, body=msgspec.json.encode({**page, "users": [*page["users"][:1], *page["users"]]}))
