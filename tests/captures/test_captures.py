"""The description, the models and the errors, held against answers of a real server."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from bundle import bundle
from trilogue import RapidPro
from trilogue._custom_calls import prepare_custom
from trilogue._outcomes import Attempt, error_for_response
from trilogue._retries import Attempts
from trilogue.errors import ApiError, BadRequest, CredentialsRefused, PermissionDenied, RateLimited, error_class
from trilogue.rapidpro._error_responses import read_error
from trilogue_generated.runtime.unset import UNSET

from tests.captures.captures import Capture, captures

DESCRIPTION = bundle("rapidpro")
VALIDATORS = jsonschema_rs.validator_map_for(DESCRIPTION, validate_formats=True)

UNDESCRIBED = {
    "archives-POST-1": "405: a method that the endpoint does not have, so nothing describes its answer",
    "contact_actions-GET-1": "405",
    "contacts-HEAD-1": "405",
    "contacts-OPTIONS-1": "405",
    "contacts-PATCH-1": "405",
    "contacts-PUT-1": "405",
    "fields-DELETE-1": "405",
    "flows-DELETE-1": "405",
    "media-GET-1": "405",
    "tickets-POST-1": "405",
    "topics-DELETE-1": "405",
    "nosuffix-GET-1": "the page of documentation of an endpoint, which is no part of the API",
    "nosuffix-GET-3": "the same",
    "nosuffix-POST-1": "the same; RapidPro 9 carries the request out, TextIt refuses it",
    "notfound-GET-1": "an endpoint that does not exist: a page of HTML",
    "root-GET-1": "the list of endpoints, which is no part of the API",
    "root-GET-3": "the same",
}


def ids(capture: Capture) -> str:
    return capture.name


def described(capture: Capture) -> dict[str, Any] | None:
    item = DESCRIPTION["paths"].get(capture.path, {})
    answer = item.get(capture.method.lower(), {}).get("responses", {}).get(str(capture.status))
    return answer and (_resolved(answer["$ref"]) if "$ref" in answer else answer)


def _resolved(reference: str) -> dict[str, Any]:
    _, _, kind, name = reference.split("/")
    return DESCRIPTION["components"][kind][name]


def _errors(schema: dict[str, Any], value: Any) -> list[str]:
    components = {"components": DESCRIPTION["components"], **schema}
    return [error.message for error in jsonschema_rs.iter_errors(components, value, validate_formats=True)]


ALL = captures()
PLAIN = [capture for capture in ALL if not capture.name.startswith("raw204")]


def test_there_are_as_many_captures_as_were_taken() -> None:
    assert len(ALL) == 167


@pytest.mark.parametrize("capture", PLAIN, ids=ids)
def test_an_answer_of_the_real_server_is_what_the_description_promises(capture: Capture) -> None:
    answer = described(capture)
    if answer is None:
        assert capture.name in UNDESCRIBED, f"{capture.method} {capture.path} {capture.status} is not described"
        return

    assert capture.name not in UNDESCRIBED
    content = answer.get("content", {})
    media_type = capture.headers.get("Content-Type", "").partition(";")[0]
    if capture.status == 204 or not content:
        return
    assert media_type in content
    if capture.is_json:
        assert _errors(content[media_type]["schema"], capture.body) == []


def test_every_reason_for_an_undescribed_answer_is_still_needed() -> None:
    names = {capture.name for capture in PLAIN if described(capture) is None}

    assert names == set(UNDESCRIBED)


SUCCESSES = [c for c in PLAIN if 200 <= c.status < 300 and c.is_json and c.operation() is not None]
FAILURES = [c for c in PLAIN if c.status >= 400]


@pytest.mark.parametrize("capture", SUCCESSES, ids=ids)
def test_a_success_decodes_into_models_and_becomes_the_same_json_again(capture: Capture) -> None:
    operation = capture.operation()
    assert operation is not None
    if capture.status == 204:
        assert operation.decode(None) in (None, [])
        return

    result = operation.decode(json.loads(capture.content))

    body = capture.body[operation.name] if isinstance(result, list) else capture.body
    assert result.to_dict() == body


def error_of(capture: Capture) -> ApiError:
    """The error that a captured response is raised as."""
    response = capture.response()
    client = RapidPro(token="t" * 40)
    call = prepare_custom(client._core, "GET", "/", None, UNSET, None)
    attempt = Attempt(call, client._core.platform, Attempts(), sent_at=0.0, first_sent_at=0.0)
    error = error_for_response(read_error(response), response, None, 0.0, attempt)
    error.operation = ""
    return error


@pytest.mark.parametrize("capture", FAILURES, ids=ids)
def test_a_failure_becomes_the_right_exception_with_its_field_errors(capture: Capture) -> None:
    error = error_of(capture)

    assert error.status == capture.status
    assert isinstance(error, error_class(capture.status))
    assert str(error).startswith(str(capture.status))
    assert error.message
    if capture.is_json and capture.status == 400 and "detail" not in capture.body:
        fields = {name.partition("[")[0].partition(".")[0] for name in error.field_errors}
        assert fields == {"" if name == "non_field_errors" else name for name in capture.body}
        assert all(messages for messages in error.field_errors.values())


@pytest.mark.parametrize(
    ("name", "path", "message"),
    [
        ("contacts-POST-11", "fields", 'Expected a dictionary of items but got type "str".'),
        ("contacts-POST-7", "urns", "URN belongs to another contact: tel:+250788123001"),
        ("broadcasts-POST-7", "urns[0]", "Invalid URN: tel:12. Ensure phone numbers contain country codes."),
        ("broadcasts-POST-3", "", "Must provide either urns, contacts or groups."),
    ],
)
def test_the_path_of_a_field_error_leads_to_the_value_at_fault(name: str, path: str, message: str) -> None:
    (capture,) = (capture for capture in ALL if capture.name == name)

    error = error_of(capture)

    assert isinstance(error, BadRequest)
    assert message in error.field_errors[path]


@pytest.mark.parametrize("name", ["contacts-GET-13", "contacts-GET-15", "contacts-GET-17", "workspace-GET-5"])
def test_bad_credentials_are_told_from_a_missing_permission(name: str) -> None:
    (capture,) = (capture for capture in ALL if capture.name == name)

    assert type(error_of(capture)) is CredentialsRefused


@pytest.mark.parametrize("name", ["contacts-GET-19", "archives-GET-5", "contacts-POST-1", "groups-DELETE-1"])
def test_a_missing_permission_is_no_failure_of_the_credentials(name: str) -> None:
    (capture,) = (capture for capture in ALL if capture.name == name)

    assert type(error_of(capture)) is PermissionDenied


def test_a_throttled_answer_is_one_with_and_without_the_seconds_to_wait() -> None:
    throttled = [capture for capture in ALL if capture.status == 429]

    assert len(throttled) == 3
    assert all(isinstance(error_of(capture), RateLimited) for capture in throttled)
    assert sum("Retry-After" in capture.headers for capture in throttled) == 2
