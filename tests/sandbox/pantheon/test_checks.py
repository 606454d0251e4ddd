"""The checks that all methods share, their order, and what they say."""

from __future__ import annotations

import json
import re

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.faults import Fault
from trilogue_sandbox.kernel.http import Request
from trilogue_sandbox.pantheon.explanations import MAPS

from tests.sandbox.pantheon.caller import Caller, document
from tests.sandbox.pantheon.resources import conversation, file, message

REQUEST_ID = re.compile(r"req_[0-9A-Za-z]{1,40}")
HEADERS = ("X-RateLimit-Total", "X-RateLimit-Remaining", "X-Request-Id", "Content-Type", "Date")


@pytest.mark.parametrize(
    ("verb", "method"),
    [
        ("POST", "contacts/nothing"),
        ("GET", "contacts/listContacts"),
        ("DELETE", "contacts/deleteContact"),
        ("POST", ""),
    ],
)
def test_what_is_no_method_is_a_404_before_all_else(sandbox: Sandbox, verb: str, method: str) -> None:
    response = Caller(sandbox).call(method, verb=verb)

    assert document(response, 404) == {"message": "There is no such method."}
    assert REQUEST_ID.fullmatch(response.headers["x-request-id"])


def test_a_version_that_is_not_there_is_a_404_that_names_the_current_one(sandbox: Sandbox) -> None:
    response = sandbox.respond(Request("POST", "/pantheon/v2.0/contacts/listContacts"))

    assert document(response, 404) == {"message": "There is no such version of the API; the current one is v1.0."}


def test_every_response_has_the_same_headers(sandbox: Sandbox, api: Caller) -> None:
    sandbox.faults.add(Fault("status", operation_id="apps_get", status=501), Fault("rate_limit", tag="files"))
    responses = [
        api.call("contacts/listContacts"),
        api.with_key("k", "contacts/createContact"),
        api.with_key("k", "contacts/createContact"),
        api.call("contacts/listContacts", {"limit": 0}),
        Caller(sandbox).call("contacts/listContacts"),
        Caller(sandbox).call("auth/getAccessToken"),
        api.call("contacts/getContact", {"contact_id": "cont_nothing"}),
        api.call("contacts/nothing"),
        api.call("contacts/listContacts", verb="GET"),
        sandbox.respond(Request("POST", "/pantheon/v2.0/contacts/listContacts")),
        sandbox.respond(Request("GET", "/pantheon/files/file_nothing")),
        api.call("apps/getApp"),
        api.call("files/listFiles"),
    ]

    assert [response.status for response in responses] == [
        *(200, 200, 200, 400, 401, 401, 404, 404, 404, 404, 403, 501, 429)
    ]
    for response in responses:
        assert [name for name in HEADERS if name not in response.headers] == []
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert int(response.headers["x-ratelimit-total"]) >= int(response.headers["x-ratelimit-remaining"])


def test_the_checks_come_in_the_described_order(sandbox: Sandbox) -> None:
    """One call that is wrong in every way loses one fault after the other, and is responded to with the next."""
    api = Caller.of(sandbox, "free")
    talk, others = conversation(api, "whatsapp"), conversation(api, "webchat")
    api.ok("conversations/closeConversation", conversation_id=talk["id"])
    body = {"conversation_id": talk["id"], "content": {"type": "text", "text": "Hello"}}
    missing = {**body, "reply_to_id": "msg_nothing"}
    closed = {**body, "reply_to_id": message(api, others["id"])["id"]}

    assert Caller(sandbox).call("messages/sendMessage", {"strange": 1}).status == 401
    assert api.call("messages/sendMessage", {**missing, "strange": 1}, Idempotency_Key="k").status == 400
    assert api.field_errors("messages/sendMessage", **missing, strange=1) == ["body"]
    assert api.with_key("k", "messages/sendMessage", **missing).status == 404
    assert api.field_errors("messages/sendMessage", **closed) == ["conversation_id", "reply_to_id"]


def test_a_call_over_the_limit_is_refused_before_its_body_is_looked_at(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "free")
    statuses = [api.call("contacts/createContact", {"strange": 1}).status for _ in range(61)]

    assert statuses == [400] * 60 + [429]


def test_a_used_key_with_another_body_is_refused_before_ids_are_looked_up(api: Caller) -> None:
    api.with_key("k", "contacts/updateContact", contact_id=api.ids("contacts/listContacts")[0])
    response = api.with_key("k", "contacts/updateContact", contact_id="cont_nothing")

    assert document(response, 400)["errors"] == [
        {"Idempotency-Key": "The Idempotency-Key header was used with another body"}
    ]


def test_every_response_has_an_id_of_its_own(api: Caller) -> None:
    responses = [api.call("contacts/listContacts"), api.call("contacts/listContacts", {"x": 1}), api.call("nothing")]
    ids = [response.headers["x-request-id"] for response in responses]

    assert len(set(ids)) == 3
    assert all(REQUEST_ID.fullmatch(request_id) for request_id in ids)


def test_every_fault_of_a_body_is_named_by_its_path(api: Caller) -> None:
    errors = api.field_errors(
        "contacts/createContact",
        name=5,
        language="??",
        identities=[{"channel_type": "fax", "address": ""}, {"channel_type": "sms", "extra": 1}],
        metadata={"a": 1, "b c": "x"},
        extra=1,
    )

    assert sorted(errors) == [
        "body",
        "identities.0.address",
        "identities.0.channel_type",
        "identities.1",
        "identities.1.address",
        "language",
        "metadata",
        "metadata",
        "name",
    ]


@pytest.mark.parametrize(
    ("content", "errors"),
    [
        ({"type": "text"}, ["content.text"]),
        ({"type": "text", "text": "", "caption": "x"}, ["content", "content.text"]),
        ({"type": "carrier pigeon"}, ["content.type"]),
        ({"type": "otp", "otp_id": "otp_1"}, ["content.type"]),
        ({"text": "Hello"}, ["content.type"]),
        ("Hello", ["content"]),
        (
            {"type": "buttons", "text": "x", "buttons": [{"id": "", "title": "y" * 21}]},
            ["content.buttons.0.id", "content.buttons.0.title"],
        ),
        ({"type": "location", "latitude": 91, "longitude": "x"}, ["content.latitude", "content.longitude"]),
        (
            {"type": "template", "name": "A", "language": "e", "variables": {"a b": "x"}},
            ["content.language", "content.name", "content.variables"],
        ),
    ],
)
def test_errors_of_a_content_are_those_of_the_type_it_names(api: Caller, content: object, errors: list[str]) -> None:
    assert sorted(api.field_errors("messages/sendMessage", conversation_id="conv_1", content=content)) == errors


def test_a_content_that_is_no_object_is_told_so_once(api: Caller) -> None:
    response = api.call("messages/sendMessage", {"conversation_id": "conv_1", "content": "Hello"})

    assert document(response, 400)["errors"] == [{"content": "The content field must be of the type object"}]


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"{", "body"),
        (b"[]", "body"),
        (b"null", "body"),
        (b'{"name": "\xff"}', "body"),
        (b'{"name": "\\ud800"}', "body"),
        (b'{"name": ' + b"[" * 300 + b"]" * 300 + b"}", "body"),
        (b'{"name": ' + b"[" * 5000 + b"]" * 5000 + b"}", "body"),
        (b'{"name": 1e999}', "body"),
        (b'{"created_after": "yesterday"}', "created_after"),
        (b'{"created_after": "2016-12-31T23:59:60Z"}', "created_after"),
        (b'{"created_before": "0000-01-01T00:00:00Z"}', "created_before"),
        (b'{"limit": 0}', "limit"),
        (b'{"limit": 101}', "limit"),
        (b'{"limit": 1.5}', "limit"),
        (b'{"order": "up"}', "order"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_on_what_is_wrong(api: Caller, raw: bytes, field: str) -> None:
    errors = document(api.call("contacts/listContacts", raw=raw), 400)["errors"]

    assert [name for entry in errors for name in entry] == [field]


def test_a_body_in_another_format_is_refused_on_its_content_type(api: Caller) -> None:
    response = api.call("contacts/createContact", raw=b"name=Amina", Content_Type="application/x-www-form-urlencoded")

    assert list(document(response, 400)["errors"][0]) == ["Content-Type"]


def test_a_body_may_be_left_out_where_every_field_is_optional(api: Caller) -> None:
    assert len(api.call("contacts/listContacts").body) > 100
    assert document(api.call("contacts/getContact"), 400)["errors"] == [{"body": "The body is required"}]


def test_unknown_query_parameters_are_refused(api: Caller) -> None:
    response = api.call("contacts/listContacts", query="limit=5&cursor=!")

    assert [name for entry in document(response, 400)["errors"] for name in entry] == ["query", "cursor"]


def test_nothing_of_a_request_is_repeated(api: Caller) -> None:
    own = {"rt_secret": "rt_secret"}
    responses = [
        api.call(
            "contacts/createContact", {**own, "metadata": {"rt_secret": "x", "rt secret": "x"}, "identities": [own]}
        ),
        api.call("contacts/createContact", {"name": ["rt_secret"], "identities": "rt_secret"}),
        api.call("messages/sendMessage", {"conversation_id": "conv_1", "content": {"type": "rt_secret"}}),
        api.call("channels/connectChannel", {"type": "sms", "name": "x", "address": "rt_secret", "credentials": own}),
        api.call("contacts/listContacts", query="rt_secret=rt_secret&cursor=rt_secret"),
        api.call("contacts/listContacts", raw=b"rt_secret=rt_secret"),
        api.call("contacts/listContacts", Idempotency_Key="rt_secret", Content_Type="rt/secret", raw=b"rt_secret"),
        api.with_key("rt secret", "contacts/createContact"),
    ]

    assert [response.status for response in responses] == [400] * len(responses)
    assert [response.body for response in responses if b"secret" in response.body] == []


def test_the_fields_that_callers_name_the_keys_of_are_known() -> None:
    schemas = Description.load("pantheon").root.at("#/components/schemas").children()
    properties = [found for _, schema in schemas if (found := schema.child("properties"))]
    maps = {name for found in properties for name, field in found.children() if field.child("additionalProperties")}

    assert maps == MAPS


@pytest.mark.parametrize("key", ["", "with space", "é", "k" * 256])
def test_an_idempotency_key_is_visible_ascii(api: Caller, key: str) -> None:
    response = api.with_key(key, "contacts/createContact")

    assert list(document(response, 400)["errors"][0]) == ["Idempotency-Key"]


def test_times_are_taken_with_any_offset_and_given_in_utc_with_milliseconds(api: Caller) -> None:
    made = api.ok("contacts/createContact")
    assert re.fullmatch(r"2026-01-01T12:00:0\d\.\d{3}Z", made["created_at"])

    local = made["created_at"].replace("T12", "t14").replace("Z", "+02:00")
    assert made["id"] in api.ids("contacts/listContacts", created_after=local)
    assert made["id"] not in api.ids("contacts/listContacts", created_before=local)


def test_lengths_are_counted_in_code_points(api: Caller) -> None:
    assert api.ok("contacts/createContact", name="\U0001f44d" * 128)["name"] == "\U0001f44d" * 128
    assert api.field_errors("contacts/createContact", name="\U0001f44d" * 129) == ["name"]


def test_a_refused_call_does_nothing(api: Caller) -> None:
    before = api.ids("contacts/listContacts")
    api.field_errors("contacts/createContact", identities=[{"channel_type": "sms", "address": "12"}])

    assert api.ids("contacts/listContacts") == before


@pytest.mark.parametrize("status", [400, 403, 500, 502, 503, 504])
def test_injected_faults_speak_in_the_shape_of_the_platform(sandbox: Sandbox, api: Caller, status: int) -> None:
    sandbox.faults.add(Fault("status", status=status, times=1))
    response = api.call("contacts/listContacts")

    assert response.status == status
    assert json.loads(response.body)["message"]
    assert ("errors" in json.loads(response.body)) == (status == 400)
    assert not sandbox.drift


@pytest.mark.parametrize(
    ("fault", "status", "header"),
    [
        (Fault("expired_token", times=1), 401, "www-authenticate"),
        (Fault("rate_limit", times=1), 429, "retry-after"),
    ],
)
def test_injected_faults_of_tokens_and_limits_look_like_the_real_ones(
    sandbox: Sandbox, api: Caller, fault: Fault, status: int, header: str
) -> None:
    sandbox.faults.add(fault)
    response = api.call("contacts/listContacts")

    assert response.status == status
    assert header in response.headers
    assert not sandbox.drift


def test_the_same_seed_and_calls_give_the_same_bytes() -> None:
    runs = []
    for seed in (7, 7, 8):
        with Sandbox(seed=seed) as sandbox:
            api = Caller.of(sandbox, "standard")
            talk = conversation(api, "webchat")
            responses = [file(api), message(api, talk["id"]), api.ok("messages/listMessages"), api.ok("apps/getApp")]
            runs.append(json.dumps(responses))

    assert runs[0] == runs[1]
    assert runs[0] != runs[2]
