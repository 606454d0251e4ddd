"""The kinds of things that ids name."""

from __future__ import annotations

import attrs


@attrs.frozen
class Kind:
    """What a thing is called in a sentence, the prefix of its ids, and the table with its rows."""

    label: str
    prefix: str
    table: str


CHANNEL = Kind("channel", "chan", "pantheon_channels")
CONTACT = Kind("contact", "cont", "pantheon_contacts")
CONVERSATION = Kind("conversation", "conv", "pantheon_conversations")
MESSAGE = Kind("message", "msg", "pantheon_messages")
FILE = Kind("file", "file", "pantheon_files")
PAYMENT = Kind("payment", "pay", "pantheon_payments")
REFUND = Kind("refund", "refund", "pantheon_refunds")
LOGIN = Kind("login", "login", "pantheon_logins")
OTP = Kind("one-time password", "otp", "pantheon_otps")
WEBHOOK = Kind("webhook", "hook", "pantheon_webhooks")
EVENT = Kind("event", "evt", "pantheon_events")
DELIVERY = Kind("delivery", "dlv", "pantheon_deliveries")
