"""What is known of the Pantheon server that its description cannot say, each with the fact it rests on."""

from __future__ import annotations

from collections.abc import Iterable

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import UnsupportedMethodResponse
from trilogue_sandbox.kernel.http import Json

from tests.contract import pantheon_checks, pantheon_references
from tests.contract.known import ApiError, Leniency, accept

__all__ = ["pantheon_checks", "pantheon_references"]  # imported for what they register

_SIGN_IN = ("auth_get_access_token",)
_CREDENTIALS = ("channels_connect", "channels_update")
_ADDRESSES = ("channels_connect", "contacts_create", "contacts_link_identity")
_IN_CONVERSATIONS = (
    *("conversations_start", "conversations_switch_channel", "conversations_close", "conversations_reopen"),
    *("logins_request", "messages_send", "otps_resend", "otps_send", "payments_request"),
)

_LENIENCIES = (
    Leniency(("files_upload",), ("body/file",), ("minLength", "maxLength"), "a file is no string; its size is checked"),
)

_REFUSALS = (
    ApiError(_SIGN_IN, r"refresh_token: .*", "it depends on `grant_type`, and must have been issued"),
    ApiError(
        _CREDENTIALS,
        r"credentials(\.\w+)?: The (\S+ field is required|credentials field has unknown keys;) for the type .*",
        "they depend on `type`",
    ),
    ApiError(
        ("channels_update",),
        "credentials: The type and address of the channel are in use by another channel by now",
        "they were free when the channel was disconnected",
    ),
    ApiError(
        (*_ADDRESSES, "otps_send"),
        r"(identities\.\d+\.)?address: The \S+ field must be an address of the type \w+",
        "it depends on the type",
    ),
    ApiError(
        _ADDRESSES,
        r"(identities\.\d+\.)?address: The \S+ field (belongs to another contact|is in use by another channel .*)",
        "it does by now",
    ),
    ApiError(
        ("contacts_create",), r"identities\.\d+\.channel_type: .* is that of an earlier identity", "one for each type"
    ),
    ApiError(("channels_disconnect",), "channel_id: The channel is already disconnected", "it is by now"),
    ApiError(
        _IN_CONVERSATIONS,
        r"(channel_id|conversation_id|otp_id): The (channel is not connected|contact has no identity on \w+)",
        "which channels reach a contact is a matter of state",
    ),
    ApiError(
        _IN_CONVERSATIONS,
        r"(conversation_id|otp_id): The (conversation is (already closed|closed|open)|contact of .* was deleted)",
        "the conversation was closed or opened by now",
    ),
    ApiError(
        ("contacts_link_identity", "contacts_unlink_identity"),
        r"channel_type: The contact has (an open conversation|another address|no identity) on this type .*",
        "which identities a contact has is a matter of state",
    ),
    ApiError(
        ("contacts_merge",),
        r"duplicate_id: The (contacts both have an identity on \w+; unlink one first|.*same contact)",
        "which identities the two have is a matter of state, and the two must differ",
    ),
    ApiError(
        ("messages_send",),
        r"content\.file_id: The \S+ field must name a file of a content type that begins with \w+/",
        "the file that exists is of one type only",
    ),
    ApiError(
        ("messages_send",),
        r"content\.(type: The channel cannot carry this type of content|\w+: The channel takes at most \d+ .*)",
        "what a channel carries is among its capabilities",
    ),
    ApiError(("messages_send",), r"content\.buttons\.\d+\.id: .* is that of an earlier button", "one for each button"),
    ApiError(("messages_send",), "reply_to_id: .* names a message of another conversation", "the two ids depend"),
    ApiError(("messages_mark_as_read",), r"message_id: The message is outbound; .*", "it is"),
    ApiError(
        ("messages_react",),
        r"message_id: The (conversation is closed|channel of .* (is not connected|has no reactions)|message is \w+)",
        "what is possible depends on the channel, the conversation and the message",
    ),
    ApiError(
        ("payments_request",),
        "currency: The currency field must be a currency of ISO 4217",
        "its codes are a list of 180",
    ),
    ApiError(
        ("payments_cancel", "payments_refund"),
        r"(payment_id|amount): .*",
        "a payment moves along its arrows only, and no more is refunded than was paid",
    ),
    ApiError(("logins_revoke",), r"login_id: The login is \w+, neither pending nor approved", "it ended by now"),
    ApiError(
        ("otps_send",),
        r"\w+: The \w+ field (is required (with|without)|does not go with) the \w+ field",
        "either a conversation or an address and a channel",
    ),
    ApiError(
        ("otps_cancel", "otps_resend", "otps_verify"),
        r"otp_id: The one-time password is (\w+, not pending|too recent; see resend_after)",
        "it ended by now, or it was sent just now",
    ),
    ApiError(
        ("webhooks_redeliver",),
        r"delivery_id: The (delivery is still pending|webhook of the delivery is disabled)",
        "what can be delivered again is a matter of state",
    ),
)


def _sentences(document: Json) -> Iterable[str]:
    """Return `field: message` for each error."""
    errors = document.get("errors", []) if isinstance(document, dict) else []
    found = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    return [f"{field}: {message}" for error in found for field, message in error.items()]


accept("pantheon", "/pantheon/v1.0", _LENIENCIES, _REFUSALS, _sentences)


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """Let other methods than POST be 404, as the description says in the first of its checks."""
    return not (isinstance(failure, UnsupportedMethodResponse) and response.status_code == 404)
