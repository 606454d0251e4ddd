"""Signs in, and lets cases that are meant to be valid name what exists."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

import schemathesis
from schemathesis import AuthContext, Case, HookContext

from tests.contract.known import is_meant_well, operation_id
from tests.contract.pantheon_server import BASIC, access_token, items, move_clock, server
from tests.contract.references import Find, leave_one_of_each_group, refer


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


def _oldest(method: str, **body: Any) -> Find:
    return lambda: next((item["id"] for item in items(method, order="asc", **body)), None)


def _newest(method: str, **body: Any) -> Find:
    return lambda: next((item["id"] for item in items(method, **body)), None)


def _conversation() -> Any:
    """Return an open conversation whose channel is connected."""
    connected = {channel["id"] for channel in items("/channels/listChannels", status="connected")}
    found = items("/conversations/listConversations", status="open", order="asc")
    return next((item["id"] for item in found if item["active_channel_id"] in connected), None)


def _delivered_message() -> Any:
    conversation = _conversation()
    return conversation and _oldest("/messages/listMessages", conversation_id=conversation, status="delivered")()


def _sent_otp() -> dict[str, Any]:
    otp: dict[str, Any] = server().post("/otps/sendOtp", json={"conversation_id": _conversation()}).json()
    return otp


def _otp() -> Any:
    return _sent_otp().get("id")


def _otp_to_resend() -> Any:
    """Return a one-time password for which it is not too early any more."""
    otp = _sent_otp()
    if "id" in otp:
        move_clock(otp["resend_after"])
    return otp.get("id")


_ULID = re.compile("_0[0-9A-HJKMNP-TV-Z]{25}$")
_numbers = itertools.count(1)

IDS: Mapping[str, Find] = {
    "channel_id": _oldest("/channels/listChannels", status="connected"),
    "contact_id": _oldest("/contacts/listContacts"),
    "conversation_id": _conversation,
    "delivery_id": _oldest("/webhooks/listDeliveries"),
    "duplicate_id": _newest("/contacts/listContacts"),
    "file_id": _oldest("/files/listFiles"),
    "login_id": _oldest("/logins/listLogins"),
    "message_id": _oldest("/messages/listMessages"),
    "otp_id": _otp,
    "payment_id": _oldest("/payments/listPayments"),
    "reply_to_id": _oldest("/messages/listMessages"),
    "webhook_id": _oldest("/webhooks/listWebhooks"),
}
"""The fields of bodies that are ids; the oldest things are those that have a past."""

IDS_OF_ITS_OWN: Mapping[str, Mapping[str, Find]] = {
    "channels_disconnect": {"channel_id": _newest("/channels/listChannels", status="pending")},
    "contacts_delete": {"contact_id": _newest("/contacts/listContacts")},
    "conversations_close": {"conversation_id": _newest("/conversations/listConversations", status="open")},
    "conversations_reopen": {"conversation_id": _newest("/conversations/listConversations", status="closed")},
    "files_delete": {"file_id": _newest("/files/listFiles")},
    "logins_revoke": {"login_id": _newest("/logins/listLogins", status="pending")},
    "messages_delete": {"message_id": _newest("/messages/listMessages")},
    "messages_mark_as_read": {"message_id": _oldest("/messages/listMessages", direction="inbound")},
    "messages_react": {"message_id": _delivered_message},
    "otps_resend": {"otp_id": _otp_to_resend},
    "payments_cancel": {"payment_id": _newest("/payments/listPayments", status="requested")},
    "payments_refund": {"payment_id": _newest("/payments/listPayments", status="paid")},
    "webhooks_delete": {"webhook_id": _newest("/webhooks/listWebhooks")},
}
"""What ends something, or wants it in a certain state, is called for another one."""


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Put what exists in the place of what was made up."""
    if not is_meant_well(case):
        return
    leave_one_of_each_group(case)
    if isinstance(case.body, dict):
        _refer_unless_linked(case.body, {**IDS, **IDS_OF_ITS_OWN.get(operation_id(case), {})})
        _refer_unless_linked(case.body.get("content", {}), IDS)
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = f"call-{next(_numbers)}"  # a key is for one call; the checks repeat it
    case.query.pop("cursor", None)  # cursors are not made up; the iterations follow those that were given


def _refer_unless_linked(container: Any, finders: Mapping[str, Find]) -> None:
    """Leave alone the ids that come from an earlier response, which are ULIDs as nobody makes up."""
    refer(container, {name: find for name, find in finders.items() if not _ULID.search(str(container.get(name)))})
