"""What each messaging platform takes: what it can carry, how addresses look on it, and what opens it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_EMAIL = re.compile(r"[^\s@]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PLATFORM_ID = re.compile(r"[A-Za-z0-9@_.:-]{1,128}")
_ALL_MEDIA = ("image", "audio", "video", "document")


@attrs.frozen
class ChannelType:
    """One messaging platform. `reports_delivery` says whether it tells when a message reached the device."""

    max_text_length: int
    media_types: tuple[str, ...]
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
        media_types: list[Json] = [*self.media_types]
        return {
            "max_text_length": self.max_text_length,
            "media_types": media_types,
            "max_buttons": self.max_buttons,
            "templates": self.templates,
            "locations": self.locations,
            "reactions": self.reactions,
            "read_receipts": self.read_receipts,
            "payments": self.payments,
        }

    @property
    def has_phone_numbers(self) -> bool:
        """Whether addresses are phone numbers."""
        return self.address is _E164

    def normal(self, address: str) -> str | None:
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
        *(1000, ("image", "audio", "video"), 3, False, False, True, True, "link"), ("page_id", "access_token")
    ),
    "telegram": ChannelType(
        *(4096, _ALL_MEDIA, 8, False, True, True, False, "native"), ("bot_token",), reports_delivery=False
    ),
    "viber": ChannelType(
        *(7000, ("image", "video", "document"), 6, False, True, False, True, "link"), ("auth_token",), _E164
    ),
    "line": ChannelType(
        *(5000, ("image", "audio", "video"), 4, False, True, False, False, "link"),
        ("channel_secret", "access_token"),
        reports_delivery=False,
    ),
    "sms": ChannelType(*(1600, (), 0, False, False, False, False, "link"), ("provider", "api_key"), _E164),
    "email": ChannelType(
        *(10000, _ALL_MEDIA, 0, False, False, False, False, "link"),
        ("host", "username", "password"),
        _EMAIL,
        reports_delivery=False,
    ),
    "webchat": ChannelType(*(10000, _ALL_MEDIA, 10, False, True, True, True, "link"), ()),
}
