"""Checks of what schemathesis cannot see, since in Pantheon everything is a POST."""

from __future__ import annotations

import json
from collections.abc import Mapping

import schemathesis
from schemathesis import Case, CheckContext
from schemathesis.core.transport import Response

from tests.contract.known import operation_id, sent_body
from tests.contract.pantheon_server import items, server

_DELETES: Mapping[str, tuple[str, str, str]] = {
    "contacts_delete": ("contact_id", "/contacts/getContact", "/contacts/listContacts"),
    "files_delete": ("file_id", "/files/getFile", "/files/listFiles"),
    "messages_delete": ("message_id", "/messages/getMessage", "/messages/listMessages"),
    "webhooks_delete": ("webhook_id", "/webhooks/getWebhook", "/webhooks/listWebhooks"),
}
_CREATES: Mapping[str, tuple[str, str]] = {
    "channels_connect": ("channel_id", "/channels/getChannel"),
    "contacts_create": ("contact_id", "/contacts/getContact"),
    "conversations_start": ("conversation_id", "/conversations/getConversation"),
    "files_upload": ("file_id", "/files/getFile"),
    "logins_request": ("login_id", "/logins/getLogin"),
    "messages_send": ("message_id", "/messages/getMessage"),
    "otps_send": ("otp_id", "/otps/getOtp"),
    "payments_request": ("payment_id", "/payments/getPayment"),
    "webhooks_create": ("webhook_id", "/webhooks/getWebhook"),
}


@schemathesis.check
def what_was_deleted_is_gone(ctx: CheckContext, response: Response, case: Case) -> None:
    """What was deleted is 404 and in no list."""
    if response.status_code != 200 or operation_id(case) not in _DELETES:
        return
    name, get, list_all = _DELETES[operation_id(case)]
    deleted = json.loads(sent_body(response) or b"{}")[name]
    assert server().post(get, json={name: deleted}).status_code == 404, "it can still be got"
    assert deleted not in [item["id"] for item in items(list_all, limit=100)], "it is still in the list"


@schemathesis.check
def what_was_created_can_be_got(ctx: CheckContext, response: Response, case: Case) -> None:
    """What a method says it made can be got by its id."""
    if response.status_code != 200 or operation_id(case) not in _CREATES:
        return
    name, get = _CREATES[operation_id(case)]
    created = json.loads(response.content)
    found = server().post(get, json={name: created["id"]})
    assert found.status_code == 200, "it cannot be got"
    assert found.json()["id"] == created["id"], "another came"


@schemathesis.check
def a_repeated_call_gives_the_first_response(ctx: CheckContext, response: Response, case: Case) -> None:
    """A call sent again with its idempotency key is not done again."""
    sent = response.request
    if response.status_code != 200 or "Idempotency-Key" not in sent.headers:
        return
    headers = {name: str(sent.headers[name]) for name in ("Idempotency-Key", "Content-Type") if name in sent.headers}
    again = server().post(str(sent.url), content=sent_body(response), headers=headers)
    assert (again.status_code, again.content) == (200, response.content), "it has another response"
    assert again.headers.get("Idempotent-Replayed") == "true", "it does not say that it was not done again"
