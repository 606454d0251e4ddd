"""All 26 types of errors, and how each comes about.

Three come about only because `refuse_next` says so (Internal, Unknown) or an action was set to take too long
(OperationTimeout); the others by themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.botpress.errors import ERROR_TYPES, ERRORS
from trilogue_sandbox.kernel.faults import Fault

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_files import upload
from tests.sandbox.botpress.test_messages import make_parties
from tests.sandbox.botpress.test_tables import make_table

USERS = "/v1/chat/users"
NOBODY = "user_00000000000000000000000000"


def planned(error: str) -> Callable[[Caller], Any]:
    """Return how an error comes about that is planned by `refuse_next`."""

    def plan_error(api: Caller) -> Any:
        api.control("refuse_next", type=error, operation_id="listUsers")
        return api.error(error, "GET", USERS)

    return plan_error


def too_large(api: Caller) -> Any:
    """Send more than a body of the runtime may have."""
    return api.error("PayloadTooLarge", "POST", USERS, {"tags": {"name": "x" * 1024 * 1024}})


def wrong_media_type(api: Caller) -> Any:
    """Send a form."""
    response = api.call("POST", USERS, raw=b"tags=", content_type="application/x-www-form-urlencoded")
    return json.loads(response.body)


def not_there(api: Caller) -> Any:
    """Ask for nobody."""
    return api.error("ResourceNotFound", "GET", f"{USERS}/{NOBODY}")


def unfit_data(api: Caller) -> Any:
    """Send a text message without a text."""
    said = {**make_parties(api), "type": "text", "payload": {"words": "Hi"}, "tags": {}}
    return api.error("InvalidDataFormat", "POST", "/v1/chat/messages", said)


def no_schema(api: Caller) -> Any:
    """Describe a column by a type there is not."""
    columns = {"type": "object", "properties": {"age": {"type": "years"}}}
    return api.error("InvalidJsonSchema", "POST", "/v1/tables", {"name": "Wrong", "schema": columns})


def unrelated(api: Caller) -> Any:
    """Make an event about a message of another conversation."""
    here, there = make_parties(api), make_parties(api)
    said = {**here, "type": "text", "payload": {"text": "Hi"}, "tags": {}}
    message = api.create("/v1/chat/messages", **said)["message"]
    event = {"type": "x", "payload": {}, "messageId": message["id"], "conversationId": there["conversationId"]}
    return api.error("RelationConflict", "POST", "/v1/chat/events", event)


def referred_to(api: Caller) -> Any:
    """Delete a user of whom a workflow is at work."""
    user = make_parties(api)["userId"]
    api.create("/v1/chat/workflows", name="order", status="pending", userId=user)
    return api.error("ReferenceConstraint", "DELETE", f"{USERS}/{user}")


def locked(api: Caller) -> Any:
    """Delete a table that is being imported into."""
    make_table(api)
    api.post("/v1/tables/Cities/import", fileId=upload(api, "rows.csv", b"city\nPorto\n")["id"])
    return api.error("ResourceLockedConflict", "DELETE", "/v1/tables/Cities")


def gone(api: Caller) -> Any:
    """Read a state that has expired."""
    path = f"/v1/chat/states/conversation/{make_parties(api)['conversationId']}/order"
    api.post(path, payload={}, expiry=1)
    api.post(path, payload={}, expiry=1)
    return api.error("ResourceGone", "GET", path)


def points_to_nothing(api: Caller) -> Any:
    """Let nobody say something."""
    said = {**make_parties(api), "userId": NOBODY, "type": "text", "payload": {"text": "Hi"}, "tags": {}}
    return api.error("ReferenceNotFound", "POST", "/v1/chat/messages", said)


def failed(api: Caller) -> Any:
    """Call an action that fails."""
    api.control("set_action", type="lookUp", error="the service is down")
    return api.error("Runtime", "POST", "/v1/chat/actions", {"type": "lookUp", "input": {}})


def slow(api: Caller) -> Any:
    """Call an action that takes too long."""
    api.control("set_action", type="lookUp", timeout=True)
    return api.error("OperationTimeout", "POST", "/v1/chat/actions", {"type": "lookUp", "input": {}})


def there_already(api: Caller) -> Any:
    """Make a table twice."""
    make_table(api)
    return api.error("AlreadyExists", "POST", "/v1/tables", {"name": "Cities", "schema": {"city": "Porto"}})


def too_often(api: Caller) -> Any:
    """Call twice where one call a second is allowed."""
    api.control("set_limit", name="requests_per_second", value=1)
    api.get(USERS)
    return api.error("RateLimited", "GET", USERS)


def unpaid(api: Caller) -> Any:
    """Make something while the workspace is blocked."""
    api.control("block_workspace")
    return api.error("PaymentRequired", "POST", USERS, {"tags": {}})


def used_up(api: Caller) -> Any:
    """Add more rows than the plan of the workspace has room for."""
    make_table(api)
    api.control("set_quota", feature="table_rows", value=1)
    return api.error("QuotaExceeded", "POST", "/v1/tables/Cities/rows", {"rows": [{"city": "A"}, {"city": "B"}]})


def too_many(api: Caller) -> Any:
    """Make a table of more than 20 columns."""
    columns = {f"column{number}": 1 for number in range(21)}
    return api.error("LimitExceeded", "POST", "/v1/tables", {"name": "Wide", "schema": columns})


def wrong_name(api: Caller) -> Any:
    """Make an integration whose name begins with a digit."""
    body = {"name": "9lives", "version": "1.0.0"}
    return api.error("InvalidIdentifier", "POST", "/v1/admin/integrations", body)


def breaking(api: Caller) -> Any:
    """Take an action away from an integration that others may use."""
    telegram = api.get("/v1/admin/integrations", name="telegram")["integrations"][0]["id"]
    change = {"actions": {"startTyping": None}}
    return api.error("BreakingChanges", "PUT", f"/v1/admin/integrations/{telegram}", change)


WAYS: dict[str, Callable[[Caller], Any]] = {
    "Unknown": planned("Unknown"),
    "Internal": planned("Internal"),
    "Unauthorized": lambda api: api.with_headers(Authorization=None).error("Unauthorized", "GET", USERS),
    "Forbidden": lambda api: Caller.of(api.sandbox, "iak").error("Forbidden", "GET", "/v1/tables"),
    "PayloadTooLarge": too_large,
    "InvalidPayload": lambda api: api.error("InvalidPayload", "POST", USERS, {"tags": {"name": 1}}),
    "UnsupportedMediaType": wrong_media_type,
    "MethodNotFound": lambda api: api.error("MethodNotFound", "PATCH", USERS),
    "ResourceNotFound": not_there,
    "InvalidJsonSchema": no_schema,
    "InvalidIdentifier": wrong_name,
    "BreakingChanges": breaking,
    "InvalidDataFormat": unfit_data,
    "RelationConflict": unrelated,
    "ReferenceConstraint": referred_to,
    "ResourceLockedConflict": locked,
    "ResourceGone": gone,
    "ReferenceNotFound": points_to_nothing,
    "InvalidQuery": lambda api: api.error("InvalidQuery", "GET", USERS, pageSize=0),
    "Runtime": failed,
    "AlreadyExists": there_already,
    "RateLimited": too_often,
    "PaymentRequired": unpaid,
    "QuotaExceeded": used_up,
    "LimitExceeded": too_many,
    "OperationTimeout": slow,
}


def test_a_wrong_method_is_responded_to_with_those_there_are(api: Caller) -> None:
    assert api.call("PATCH", USERS).headers["Allow"] == "GET, POST"
    assert "Allow" not in api.call("GET", "/v1/chat/nothing").headers


@pytest.mark.parametrize("error", ERROR_TYPES)
def test_each_type_of_error_comes_about(api: Caller, error: str) -> None:
    document = WAYS[error](api)

    assert document["type"] == error
    assert document["code"] == document["status"] == ERRORS[document["type"]].status
    assert document["description"] == ERRORS[document["type"]].description
    assert re.fullmatch(r"err_\d{14}x[0-9A-F]{8}", document["id"])
    assert document["message"]


def test_what_a_failed_request_has_written_is_undone(api: Caller) -> None:
    make_table(api)
    api.control("set_quota", feature="table_rows", value=1)
    api.error("QuotaExceeded", "POST", "/v1/tables/Cities/rows", {"rows": [{"city": "A"}, {"city": "B"}]})

    assert api.get("/v1/tables/Cities")["rows"] == 0


def test_a_planned_error_strikes_the_calls_it_is_meant_for(api: Caller) -> None:
    api.control("refuse_next", type="Internal", operation_id="*User", times=2, message="the disk is full")
    api.get(USERS)
    first = api.error("Internal", "POST", USERS, {"tags": {}})
    api.error("Internal", "GET", f"{USERS}/{NOBODY}")
    api.error("ResourceNotFound", "GET", f"{USERS}/{NOBODY}")

    assert first["message"] == "the disk is full"


def test_the_rate_limit_is_on_every_response_and_is_over_after_a_second(api: Caller) -> None:
    api.control("set_limit", name="requests_per_second", value=2)
    responses = [api.call("GET", USERS), api.call("GET", f"{USERS}/{NOBODY}"), api.call("GET", USERS)]
    limits = [
        [response.headers[f"ratelimit-{name}"] for name in ("limit", "remaining", "reset")] for response in responses
    ]
    others = Caller.of(api.sandbox, "bak").call("GET", USERS)
    api.sandbox.advance(timedelta(seconds=1))

    assert [response.status for response in responses] == [200, 404, 429]
    assert limits == [["2", "1", "1"], ["2", "0", "1"], ["2", "0", "1"]]
    assert responses[2].headers["retry-after"] == "1"
    assert others.status == 200
    assert api.call("GET", USERS).status == 200


@pytest.mark.parametrize(
    ("fault", "error", "status"),
    [
        (Fault("expired_token"), "Unauthorized", 401),
        (Fault("rate_limit"), "RateLimited", 429),
        (Fault("status", status=500), "Internal", 500),
        (Fault("status", status=504), "OperationTimeout", 504),
        (Fault("status", status=503), "Unknown", 503),
        (Fault("status", status=409), "RelationConflict", 409),
    ],
    ids=lambda value: str(getattr(value, "type", value)),
)
def test_a_fault_has_the_error_format_of_the_platform(api: Caller, fault: Fault, error: str, status: int) -> None:
    api.sandbox.faults.add(fault)
    response = api.call("GET", USERS)
    document = json.loads(response.body)

    assert response.status == document["status"] == document["code"] == status
    assert document["type"] == error
    assert (response.headers["ratelimit-remaining"] == "0") == (error == "RateLimited")


def test_a_token_for_the_next_page_opens_that_list_only(api: Caller) -> None:
    for _ in range(21):
        api.create(USERS, tags={})
    token = api.get(USERS)["meta"]["nextToken"]

    assert all(character in token for character in "+/=")
    api.error("InvalidQuery", "GET", "/v1/chat/conversations", nextToken=token)
    api.error("InvalidQuery", "GET", USERS, nextToken=token[:-6] + "AAAA==")
    api.error("InvalidQuery", "GET", USERS, nextToken="no token")
    assert len(api.get(USERS, nextToken=token)["users"]) >= 1


def test_the_same_seed_gives_the_same_tokens_and_another_one_others() -> None:
    def token(seed: int) -> str:
        with Sandbox(seed=seed) as sandbox:
            api = Caller.of(sandbox, "pat")
            for _ in range(21):
                api.create(USERS, tags={})
            return str(api.get(USERS)["meta"]["nextToken"])

    assert token(1) == token(1) != token(2)


def test_rows_that_come_in_between_are_neither_skipped_nor_repeated(api: Caller) -> None:
    made = [api.create(USERS, tags={"plan": "free"})["user"]["id"] for _ in range(6)]
    first = api.get(USERS, tags={"plan": "free"}, pageSize=3)
    api.create(USERS, tags={"plan": "free"})
    api.delete(f"{USERS}/{made[0]}")
    second = api.get(USERS, tags={"plan": "free"}, pageSize=3, nextToken=first["meta"]["nextToken"])

    assert [user["id"] for user in first["users"]] == made[:2:-1]
    assert [user["id"] for user in second["users"]] == [made[2], made[1]]


def test_a_query_that_the_operation_does_not_know_is_an_error(api: Caller) -> None:
    api.error("InvalidQuery", "GET", USERS, colour="red")
    api.error("InvalidPayload", "POST", USERS, {"tags": {}, "colour": "red"})
    api.error("InvalidPayload", "POST", USERS, None)
    broken = api.call("POST", USERS, raw=b"{")
    assert json.loads(broken.body)["type"] == "InvalidPayload"
