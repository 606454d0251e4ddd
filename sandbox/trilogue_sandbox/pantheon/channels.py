"""Channels: their rows, and what each messaging platform takes (contents, addresses, credentials)."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import CHANGED, INTEGER, JSON, TEXT, TIMESTAMP, Table
from trilogue_sandbox.kernel.views import View, each
from trilogue_sandbox.pantheon.accounts import Account, account_table

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_EMAIL = re.compile(r"[^\s@]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PLATFORM_ID = re.compile(r"[A-Za-z0-9@_.:-]{1,128}")
_ALL_MEDIA = ["image", "audio", "video", "document"]


@attrs.frozen
class ChannelType:
    """One messaging platform. `reports_delivery`: whether it reports that a message has reached the device."""

    max_text_length: int
    media_types: list[str]
    max_buttons: int
    templates: bool
    locations: bool
    reactions: bool
    read_receipts: bool
    payments: str
    credentials: tuple[str, ...]
    address: re.Pattern[str] = _PLATFORM_ID
    reports_delivery: bool = True

    @property
    def capabilities(self) -> JsonObject:
        """What a channel can carry, as the API shows it."""
        hidden = attrs.filters.exclude("credentials", "address", "reports_delivery")
        return attrs.asdict(self, filter=hidden)

    @property
    def has_phone_numbers(self) -> bool:
        """Whether addresses are phone numbers."""
        return self.address is _E164

    def normalize(self, address: str) -> str | None:
        """Return an address as it is stored, or None if it does not have the form of this type."""
        if not self.address.fullmatch(address):
            return None
        return address.lower() if self.address is _EMAIL else address


CHANNEL_TYPES: Mapping[str, ChannelType] = {
    "whatsapp": ChannelType(
        *(4096, _ALL_MEDIA, 3, True, True, True, True, "native"), ("phone_number_id", "access_token"), _E164
    ),
    "messenger": ChannelType(*(2000, _ALL_MEDIA, 3, False, False, True, True, "link"), ("page_id", "access_token")),
    "instagram": ChannelType(
        *(1000, ["image", "audio", "video"], 3, False, False, True, True, "link"), ("page_id", "access_token")
    ),
    "telegram": ChannelType(
        *(4096, _ALL_MEDIA, 8, False, True, True, False, "native"), ("bot_token",), reports_delivery=False
    ),
    "viber": ChannelType(
        *(7000, ["image", "video", "document"], 6, False, True, False, True, "link"), ("auth_token",), _E164
    ),
    "line": ChannelType(
        *(5000, ["image", "audio", "video"], 4, False, True, False, False, "link"),
        ("channel_secret", "access_token"),
        reports_delivery=False,
    ),
    "sms": ChannelType(*(1600, list[str](), 0, False, False, False, False, "link"), ("provider", "api_key"), _E164),
    "email": ChannelType(
        *(10000, _ALL_MEDIA, 0, False, False, False, False, "link"),
        ("host", "username", "password"),
        _EMAIL,
        reports_delivery=False,
    ),
    "webchat": ChannelType(*(10000, _ALL_MEDIA, 10, False, True, True, True, "link"), ()),
}


CHANNELS = account_table(
    "channels",
    "chan",
    {
        "type": TEXT,
        "name": TEXT,
        "address": TEXT,
        "status": TEXT.default("pending"),
        "status_reason": TEXT.nullable(),
        "credentials": JSON.default({}),
        "trial": INTEGER.default(0),
        "metadata": JSON.default({}),
        "updated_at": CHANGED,
        "connected_at": TIMESTAMP.nullable(),
    },
    unique_indexes=("account_id, type, address WHERE status <> 'disconnected'",),
)

TEMPLATES = Table(
    "pantheon_templates", {"account_id": TEXT, "name": TEXT, "language": TEXT}, primary_key="account_id, name, language"
)
"""The templates that messaging platforms have approved."""

CHANNEL = View[Account](
    "Channel", CHANNELS, {"capabilities": each(lambda account, row: CHANNEL_TYPES[row["type"]].capabilities)}
)


def type_of_channel(account: Account, channel_id: str) -> ChannelType:
    """Return what the platform of a channel takes."""
    return CHANNEL_TYPES[account.find(CHANNELS, channel_id)["type"]]
