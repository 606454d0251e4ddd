"""Calls repeated with a key."""

from __future__ import annotations

import re

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.faults import Fault

from tests.sandbox.pantheon.caller import Caller, document
from tests.sandbox.pantheon.resources import conversation, otp, paid, upload, wrong_code


def test_the_same_key_and_body_get_the_same_response_and_nothing_is_done_again(api: Caller) -> None:
    before = len(api.ids("contacts/listContacts"))
    first = api.with_key("k", "contacts/createContact", name="Amina")
    second = api.with_key("k", "contacts/createContact", name="Amina")

    assert second.body == first.body
    assert ("idempotent-replayed" in first.headers, second.headers["idempotent-replayed"]) == (False, "true")
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert len(api.ids("contacts/listContacts")) == before + 1


def test_bodies_are_the_same_if_they_are_the_same_json_value(api: Caller) -> None:
    talk = conversation(api)
    one = b'{"conversation_id":"%s","amount":500,"currency":"EUR","description":"x"}' % talk["id"].encode()
    same = b'{ "description":"\\u0078", "currency":"EUR","amount":5.0e2,\n"conversation_id":"%s"}' % talk["id"].encode()
    first, second = (api.call("payments/requestPayment", raw=raw, Idempotency_Key="k") for raw in (one, same))

    assert document(second, 200) == document(first, 200)
    assert second.headers["idempotent-replayed"] == "true"


def test_another_body_with_a_used_key_is_refused(api: Caller) -> None:
    api.with_key("k", "contacts/createContact", name="Amina")
    response = api.with_key("k", "contacts/createContact", name="Bruno")

    assert document(response, 400)["errors"] == [
        {"Idempotency-Key": "The Idempotency-Key header was used with another body"}
    ]


def test_keys_belong_to_the_account_and_the_endpoint(sandbox: Sandbox, api: Caller) -> None:
    made = document(api.with_key("k", "contacts/createContact", name="Amina"), 200)
    renamed = api.with_key("k", "contacts/updateContact", contact_id=made["id"], name="Amina B.")
    by_other_app = Caller.of(sandbox, "scale_second").with_key("k", "contacts/createContact", name="Amina")
    by_other_account = Caller.of(sandbox, "standard").with_key("k", "contacts/createContact", name="Amina")

    assert document(renamed, 200)["name"] == "Amina B."
    assert document(by_other_app, 200)["id"] == made["id"]
    assert document(by_other_account, 200)["id"] != made["id"]


def test_a_key_is_free_again_after_24_hours(sandbox: Sandbox, api: Caller) -> None:
    first = document(api.with_key("k", "contacts/createContact"), 200)
    api.advance(hours=24, seconds=-1)
    kept = document(Caller.of(sandbox, "scale").with_key("k", "contacts/createContact"), 200)
    api.advance(seconds=1)
    new = document(Caller.of(sandbox, "scale").with_key("k", "contacts/createContact", name="Bruno"), 200)

    assert kept["id"] == first["id"]
    assert new["id"] != first["id"]


def test_a_refused_call_leaves_its_key_free(api: Caller) -> None:
    assert api.with_key("k", "contacts/createContact", name="").status == 400
    assert api.with_key("k", "contacts/createContact", name="Amina").status == 200


def test_a_call_whose_response_was_lost_is_not_done_twice(sandbox: Sandbox, api: Caller) -> None:
    before = len(api.ids("contacts/listContacts"))
    sandbox.faults.add(Fault("commit_then_drop", operation_id="contacts_create", times=1))
    lost = api.with_key("k", "contacts/createContact", name="Amina")
    again = api.with_key("k", "contacts/createContact", name="Amina")

    assert lost.delivery.failure == "drop"
    assert again.headers["idempotent-replayed"] == "true"
    assert len(api.ids("contacts/listContacts")) == before + 1


def test_a_call_that_never_arrived_is_done_when_it_is_repeated(sandbox: Sandbox, api: Caller) -> None:
    sandbox.faults.add(Fault("status", status=503, operation_id="contacts_create", times=1))

    assert api.with_key("k", "contacts/createContact").status == 503
    assert "idempotent-replayed" not in api.with_key("k", "contacts/createContact").headers


def test_a_repeated_refund_gives_the_money_back_once(api: Caller) -> None:
    payment = paid(api, conversation(api)["id"], 1000)
    for _ in range(3):
        api.with_key("k", "payments/refundPayment", payment_id=payment["id"], amount=400)

    assert api.ok("payments/getPayment", payment_id=payment["id"])["amount_refunded"] == 400


def test_a_repeated_wrong_code_uses_up_one_try(api: Caller) -> None:
    sent = otp(api, conversation(api)["id"])
    for _ in range(3):
        api.with_key("k", "otps/verifyOtp", otp_id=sent["id"], code=wrong_code(api, sent["id"]))

    assert api.ok("otps/getOtp", otp_id=sent["id"])["attempts_left"] == 4


@pytest.mark.parametrize(
    "other", [{"data": b"other"}, {"content_type": "image/gif"}, {"filename": "other.png"}, {"name": "other"}]
)
def test_an_upload_is_the_same_by_bytes_type_filename_and_name(api: Caller, other: dict[str, object]) -> None:
    given: dict[str, object] = {"data": b"data", "Idempotency_Key": "k"}
    first, same = upload(api, **given), upload(api, **given)

    assert same.body == first.body
    assert upload(api, **{**given, **other}).status == 400


def test_every_method_that_changes_something_outside_auth_takes_a_key() -> None:
    operations = Description.load("pantheon").operations.values()
    with_key = {
        operation.path for operation in operations if "Idempotency-Key" in {p.name for p in operation.parameters}
    }
    changing = {op.path for op in operations if op.tag != "auth" and not re.search("/(get|list)[A-Z]", op.path)}

    assert with_key == changing
