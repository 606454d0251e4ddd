"""Signs in, and lets cases that are meant to be valid name what exists."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import schemathesis
from schemathesis import AuthContext, Case, HookContext

from tests.contract.known import is_meant_well
from tests.contract.pantheon_server import BASIC, access_token, items, server
from tests.contract.references import Find, follows_links, leave_one_of_each_group, refer


@schemathesis.auth()
class ClientCredentials:
    """An access token for all namespaces but `auth`, where the app shows its id and secret."""

    def get(self, case: Case, context: AuthContext) -> str:
        """Return the token."""
        return access_token()

    def set(self, case: Case, data: str, context: AuthContext) -> None:
        """Sign a request."""
        if case.path.startswith("/auth/"):
            case.headers["Authorization"] = BASIC
        else:
            case.headers["Authorization"] = f"Bearer {data}"


def _first(method: str, **body: Any) -> Find:
    return lambda: next((item["id"] for item in items(method, **body)), None)


def _otp() -> Any:
    sent = server().post("/otps/sendOtp", json={"conversation_id": _open_conversation()})
    return sent.json().get("id")


_numbers = itertools.count(1)
_contact = _first("/contacts/listContacts")
_open_conversation = _first("/conversations/listConversations", status="open", order="asc")

IDS: Mapping[str, Find] = {
    "channel_id": _first("/channels/listChannels", status="connected"),
    "contact_id": _contact,
    "conversation_id": _open_conversation,
    "delivery_id": _first("/webhooks/listDeliveries"),
    "duplicate_id": _first("/contacts/listContacts", order="asc"),
    "file_id": _first("/files/listFiles"),
    "login_id": _first("/logins/listLogins"),
    "message_id": _first("/messages/listMessages"),
    "otp_id": _otp,
    "payment_id": _first("/payments/listPayments"),
    "reply_to_id": _first("/messages/listMessages"),
    "webhook_id": _first("/webhooks/listWebhooks"),
}
"""The fields of bodies that are ids."""


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Put what exists in the place of what was made up."""
    if not is_meant_well(case):
        return
    leave_one_of_each_group(case)
    if isinstance(case.body, dict) and not follows_links(case):
        refer(case.body, IDS)
        refer(case.body.get("content", {}), IDS)
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = f"call-{next(_numbers)}"  # a key is for one call; the checks repeat it
    case.query.pop("cursor", None)  # cursors are not made up; the walks follow those that were given
