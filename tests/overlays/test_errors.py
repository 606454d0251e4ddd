"""Which errors are raised, and that nothing else is."""

from __future__ import annotations

import copy
import json
import pickle
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import trilogue
from trilogue import errors
from trilogue._http.messages import HttpResponse
from trilogue.rapidpro._error_responses import read_error

from .support import Harness, RecordingTransport, json_response, operation, raw_response

READ = operation(id="look", name="things.look", method="GET", retry="idempotent", content_type=None)


def error_for(harness: Harness, reply: httpx.Response) -> trilogue.ApiError:
    client = harness.client(RecordingTransport(lambda request: reply), max_attempts=1)
    with pytest.raises(trilogue.ApiError) as raised:
        harness.result(client._caller.call(READ, {}))
    return raised.value


# The error responses of RapidPro.

ERROR_RESPONSES: list[tuple[Any, str, dict[str, list[str]]]] = [
    ({"detail": "Invalid cursor"}, "Invalid cursor", {}),
    (
        {"name": ["This field is required."]},
        "name: This field is required.",
        {"name": ["This field is required."]},
    ),
    (
        {"name": ["Too long.", "This field must be unique."], "group": ["No such object: x"]},
        "name: Too long. This field must be unique.; group: No such object: x",
        {"name": ["Too long.", "This field must be unique."], "group": ["No such object: x"]},
    ),
    (
        {"non_field_errors": ["Request body should be a single JSON object"]},
        "Request body should be a single JSON object",
        {"": ["Request body should be a single JSON object"]},
    ),
    ({"urns": {"0": ["Invalid URN: x"]}}, "urns[0]: Invalid URN: x", {"urns[0]": ["Invalid URN: x"]}),
    (
        {"quick_replies": {"1": {"type": ["Not a choice."], "text": ["Blank."]}}},
        "quick_replies[1].type: Not a choice.; quick_replies[1].text: Blank.",
        {"quick_replies[1].type": ["Not a choice."], "quick_replies[1].text": ["Blank."]},
    ),
    (
        {"text": {"eng": ["This field may not be blank."]}},
        "text.eng: This field may not be blank.",
        {"text.eng": ["This field may not be blank."]},
    ),
    (
        {"quick_replies": {"eng": {"0": ["Too long."]}}},
        "quick_replies.eng[0]: Too long.",
        {"quick_replies.eng[0]": ["Too long."]},
    ),
    (
        {"quick_replies": {"0": {"non_field_errors": ["Odd."]}}},
        "quick_replies[0]: Odd.",
        {"quick_replies[0]": ["Odd."]},
    ),
    (
        {"quick_replies": [{}, {"text": ["Blank."]}]},
        "quick_replies[1].text: Blank.",
        {"quick_replies[1].text": ["Blank."]},
    ),
    (["First.", "Second."], "First. Second.", {"": ["First.", "Second."]}),
    ({"name": "A bare string."}, "name: A bare string.", {"name": ["A bare string."]}),
    ({"detail": ["In a list."]}, "detail: In a list.", {"detail": ["In a list."]}),
    ({"detail": "Both.", "name": ["Wrong."]}, "Both.", {"name": ["Wrong."]}),
    ({"code": 17, "flag": True}, "code: 17; flag: True", {"code": ["17"], "flag": ["True"]}),
]


@pytest.mark.parametrize(("body", "message", "fields"), ERROR_RESPONSES, ids=range(len(ERROR_RESPONSES)))
def test_every_form_of_an_error_response_is_read(
    harness: Harness, body: Any, message: str, fields: dict[str, list[str]]
) -> None:
    error = error_for(harness, json_response(400, json=body))

    assert type(error) is trilogue.BadRequest
    assert error.message == message
    assert error.field_errors == fields
    assert str(error) == f"RapidPro things.look: 400 {message}"
    assert error.body == body
    assert error.status == 400


UNREADABLE: list[tuple[bytes, str, Any]] = [
    (b"<html><h1>Bad Gateway</h1></html>", "text/html; charset=utf-8", "<html><h1>Bad Gateway</h1></html>"),
    (b"", "text/html", None),
    (b"Server Error. Site administrators have been notified.", "text/html", "Server Error. Site administrators"),
    (b'{"detail": "cut', "application/json", '{"detail": "cut'),
    (b"[]", "application/json", []),
    (b"{}", "application/json", {}),
    (b"null", "application/json", None),
    (b"17", "application/json", 17),
    (b'""', "application/json", ""),
    (b'"text"', "application/json", "text"),
    (b"\xff\xfe\x00", "application/octet-stream", "\ufffd\ufffd\x00"),
    (b'{"detail": null, "name": []}', "application/json", {"detail": None, "name": []}),
    (b"[" * 100_000, "application/json", "[["),
    (b'{"a":' * 100_000, "application/json", '{"a":'),
    (b"[" * 1000 + b"]" * 1000, "application/json", ...),
    (b'{"a":' * 1000 + b"1" + b"}" * 1000, "application/json", ...),
    (b"[" * 900 + b'"x"' + b"]" * 900, "application/json", ...),
    (b"1" * 10_000, "application/json", ...),
]


@pytest.mark.parametrize(("content", "content_type", "body"), UNREADABLE, ids=range(len(UNREADABLE)))
@pytest.mark.parametrize(("status", "error_class"), [(400, trilogue.BadRequest), (503, trilogue.ServerError)])
def test_an_unexpected_body_raises_an_error_with_readable_text(
    harness: Harness, content: bytes, content_type: str, body: Any, status: int, error_class: type[Exception]
) -> None:
    error = error_for(harness, raw_response(status, content, content_type))

    assert type(error) is error_class
    assert str(error).startswith(f"RapidPro things.look: {status} ")
    assert len(str(error)) < 200
    if isinstance(body, str):
        assert error.body.startswith(body)
    elif body is not ...:
        assert error.body == body


def test_an_unexpected_body_asks_whether_the_host_is_right(harness: Harness) -> None:
    error = error_for(harness, raw_response(404, b"<html>No such page</html>", "text/html; charset=utf-8"))

    assert error.message == "unexpected 25-byte text/html response; is `host` a RapidPro server?"


CREDENTIAL_ERRORS = [
    "Authentication credentials were not provided.",
    "Invalid token",
    "Invalid token header. No credentials provided.",
    "Invalid token header. Token string should not contain spaces.",
    "Invalid token header. Token string should not contain invalid characters.",
    "Invalid token or email",
    "Invalid basic header. Credentials not correctly base64 encoded.",
]


@pytest.mark.parametrize("text", CREDENTIAL_ERRORS)
def test_a_403_about_the_credentials_is_also_a_failed_authentication(harness: Harness, text: str) -> None:
    error = error_for(harness, json_response(403, json={"detail": text}))

    assert type(error) is trilogue.CredentialsRefused
    assert isinstance(error, trilogue.AuthenticationFailed)
    assert isinstance(error, trilogue.PermissionDenied)


@pytest.mark.parametrize(
    "text",
    [
        "You do not have permission to perform this action.",
        "Cannot modify system object.",
        "Cannot delete system object.",
    ],
)
def test_a_403_about_a_permission_is_not_about_credentials(harness: Harness, text: str) -> None:
    error = error_for(harness, json_response(403, json={"detail": text}))

    assert type(error) is trilogue.PermissionDenied


@pytest.mark.parametrize("status", [*range(300, 309), *range(400, 432), 451, 499, *range(500, 512), 520, 561, 599, 999])
def test_every_status_has_a_class(harness: Harness, status: int) -> None:
    error = error_for(harness, json_response(status, json={"detail": "No."}))

    assert error.status == status
    assert isinstance(error, trilogue.ServerError) is (status >= 500)
    assert error.platform == "RapidPro"


def test_headers_are_found_in_any_case(harness: Harness) -> None:
    error = error_for(harness, json_response(400, json={}, x_temba_org="7"))

    assert error.headers["X-TEMBA-ORG"] == "7"


# Successful responses that cannot be decoded.


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"<html>Sign in to the hotel wifi</html>", "text/html"),
        (b'{"uuid": "1"', "application/json"),
        (b"", ""),
        (b"[]", "application/json"),
        (b"17", "application/json"),
        (b'"text"', "application/json"),
        (b"null", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"[" * 900 + b"]" * 900, "application/json"),
        (b"\xff\xfe", "application/json"),
    ],
)
def test_a_successful_response_that_cannot_be_decoded_names_its_operation(
    harness: Harness, content: bytes, content_type: str
) -> None:
    client = harness.client(RecordingTransport(lambda request: raw_response(200, content, content_type)))

    with pytest.raises(trilogue.DecodeError) as raised:
        harness.result(client.workspace.get())

    error = raised.value
    assert (error.platform, error.operation, error.status) == ("RapidPro", "workspace.get", 200)
    assert str(error).startswith("RapidPro workspace.get: 200 ")
    assert error.content == content


def test_a_raw_response_is_decoded_only_when_it_is_parsed(harness: Harness) -> None:
    client = harness.client(RecordingTransport(lambda request: raw_response(200, b"<html>", "text/html")))

    response = harness.result(client.with_raw_response.workspace.get())

    assert (response.status, response.content, response.headers["Content-Type"]) == (200, b"<html>", "text/html")
    for look in (response.parse, response.json):
        with pytest.raises(trilogue.DecodeError, match=r"^RapidPro workspace\.get: 200 expected JSON, got text/html"):
            look()


def test_a_raw_response_can_be_parsed(harness: Harness) -> None:
    client, _ = harness.scripted(json_response(201, json={"uuid": "1", "name": "Ben"}))

    response = harness.result(client.with_raw_response.contacts.create(name="Ben"))

    assert response.parse().name == "Ben"
    assert response.json() == {"uuid": "1", "name": "Ben"}
    assert repr(response) == "RawResponse(status=201)"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", '"\\ud83d"'])
def test_what_only_pythons_own_parser_reads_is_read(harness: Harness, number: str) -> None:
    client = harness.client(RecordingTransport(lambda request: raw_response(200, b'{"odd": ' + number.encode() + b"}")))

    assert harness.result(client.workspace.get()).additional_properties["odd"] is not None


# The errors themselves.


def every_error() -> list[trilogue.TrilogueError]:
    """One of each class, with all that it can carry."""
    made: list[trilogue.TrilogueError] = [trilogue.InvalidArgument("name: wrong")]
    for name in trilogue.__all__:
        error_class = getattr(trilogue, name)
        if isinstance(error_class, type) and issubclass(error_class, trilogue.RequestError):
            made.append(error_class("No.", **details_of(error_class)))
    return made


def details_of(error_class: type[trilogue.RequestError]) -> dict[str, Any]:
    response = {"status": 499, "headers": httpx.Headers({"Retry-After": "5"})}
    details: dict[str, Any] = {"platform": "RapidPro", "operation": "contacts.create", "attempts": 3}
    if issubclass(error_class, trilogue.ApiError):
        details |= {**response, "body": {"a": 1}, "type": "T", "request_id": "r", "field_errors": {"a": ["b"]}}
        details |= {"retry_after": 5.0, "retry_at": datetime.now(UTC)}
    if issubclass(error_class, trilogue.DecodeError):
        details |= {**response, "content": b"<"}
    if issubclass(error_class, trilogue.OutcomeUnknown):
        details |= {"sent_at": datetime.now(UTC)}
    if issubclass(error_class, trilogue.WaitError):
        details |= {"key": "a", "last": None, "state": "pending"}
    if issubclass(error_class, trilogue.BulkStopped):
        details |= {"result": trilogue.BulkResult()}
    return details


@pytest.mark.parametrize("error", every_error(), ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "clone", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy], ids=["pickle", "copy", "deep"]
)
def test_an_error_survives_pickle_and_copy(
    error: trilogue.TrilogueError, clone: Callable[[Exception], Exception]
) -> None:
    again = clone(error)

    assert type(again) is type(error)
    assert (str(again), repr(again), again.args) == (str(error), repr(error), error.args)
    assert visible(again) == visible(error)


def visible(error: Exception) -> dict[str, Any]:
    return {name: value for name, value in vars(error).items() if name not in ("_hidden", "_attempt")}


def test_the_text_of_an_error_says_what_where_and_how_often() -> None:
    def error(**context: Any) -> trilogue.NotFound:
        return trilogue.NotFound("No such.", status=404, headers={}, body=None, **context)

    where = {"platform": "RapidPro", "operation": "flows.list"}

    assert str(error()) == "404 No such."
    assert str(error(**where)) == "RapidPro flows.list: 404 No such."
    assert str(error(**where, attempts=3)) == "RapidPro flows.list: 404 No such. (after 3 attempts)"
    assert repr(error(**where, attempts=3)) == "NotFound('RapidPro flows.list: 404 No such. (after 3 attempts)')"


TREE = re.compile(r"(?P<indent>[│ ├└─]*)(?P<name>\w+) *(\(also (?P<others>[\w, ]+)\))?")


def drawn_tree() -> dict[str, list[str]]:
    """Each class drawn at the top of the module, with its bases: the one it is drawn below, then the others."""
    tree: dict[str, list[str]] = {}
    path: list[str] = []
    lines = (errors.__doc__ or "").splitlines()
    for match in filter(None, map(TREE.match, lines[lines.index("TrilogueError") :])):
        depth = len(match["indent"]) // 4
        others = (match["others"] or "").split(", ")
        tree[match["name"]] = [*path[depth - 1 : depth], *filter(None, others)]
        path[depth:] = [match["name"]]
    return tree


def test_the_tree_at_the_top_of_the_module_is_the_tree_of_its_classes() -> None:
    classes = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]
    bases = {each.__name__: [base.__name__ for base in each.__bases__] for each in classes}

    assert drawn_tree() | {"TrilogueError": ["Exception"]} == bases


def test_each_status_raises_the_class_that_declares_it() -> None:
    assert {
        400: trilogue.BadRequest,
        401: trilogue.AuthenticationFailed,
        402: trilogue.PaymentRequired,
        403: trilogue.PermissionDenied,
        404: trilogue.NotFound,
        405: trilogue.MethodNotAllowed,
        409: trilogue.Conflict,
        410: trilogue.Gone,
        413: trilogue.PayloadTooLarge,
        415: trilogue.UnsupportedMediaType,
        429: trilogue.RateLimited,
    } == errors.BY_STATUS


def test_redacting_a_long_text_takes_linear_time() -> None:
    """A platform may echo whatever it was sent; the search for personal data in it must not take for ever."""
    began = time.process_time()
    for text in ("a" * 200_000, "1" * 200_000, "a@" * 100_000, "tel:" * 50_000, "+1 " * 70_000, "a." * 100_000):
        str(trilogue.BadRequest(text, status=400, headers={}, body=None))

    assert time.process_time() - began < 20.0  # it takes a fifth of a second; with the square of the length, minutes


def test_messages_in_a_deeply_nested_body_are_not_searched_for_ever() -> None:
    body: Any = "deep"
    for _ in range(300):
        body = {"a": body}

    details = read_error(HttpResponse(400, httpx.Headers(), json.dumps(body).encode()))

    assert details.body == body
    assert len(details.message) < 1000
