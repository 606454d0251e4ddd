"""URNs: the addresses of contacts, as scheme and path."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import attrs
import phonenumbers

from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.rapidpro.serializer_fields import String
from trilogue_sandbox.rapidpro.serializers import Field, InvalidValue, Serializer

_EMAIL = re.compile(r"[^@\s\"]+@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_BSUID = r"[A-Z]{2}\.[A-Za-z0-9]{1,128}"

_PATHS = {
    "tel": "",
    "mailto": "",
    "bsuid": _BSUID,
    "ext": ".+",
    "facebook": r"[0-9]+|ref:.+",
    "fcm": ".+",
    "freshchat": f"{_UUID}/{_UUID}",
    "instagram": "[0-9]+",
    "jiochat": ".+",
    "line": ".+",
    "rocketchat": ".+",
    "slack": ".+",
    "telegram": "[0-9]+",
    "twitterid": "[0-9]+",
    "twitter": "[A-Za-z0-9_]{1,15}",
    "viber": "[A-Za-z0-9_=+/]{1,24}",
    "vk": ".+",
    "wechat": ".+",
    "webchat": ".+",
    "whatsapp": f"[0-9]+|{_BSUID}",
    "discord": ".+",
}
"""What the normal path of a scheme looks like; of `tel` and `mailto` code decides."""

SCHEMES = tuple(_PATHS)
"""The schemes that can be submitted."""

MAX_LENGTH = 255


@attrs.frozen
class Urn:
    """One address."""

    scheme: str
    path: str = attrs.field(repr=False)
    display: str | None = attrs.field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.scheme}:{self.path}"


def parse(text: str, country: str) -> Urn | None:
    """Return a URN, normalized; None if it is none.

    `country` is where phone numbers without a country code are; empty where they need one.
    """
    urn = normalize(text, country)
    return urn if urn and is_valid(urn) else None


def normalize(text: str, country: str) -> Urn | None:
    """Return what a contact is looked up by, which need not be valid; None without a known scheme and a path."""
    scheme, colon, rest = text.strip().partition(":")
    scheme = scheme.strip().lower()
    if not colon or scheme not in _PATHS:
        return None
    path, _, display = rest.partition("#")
    normalizer = _NORMALIZERS.get(scheme)
    normal = path.strip() if normalizer is None else normalizer(path.strip(), country)
    return Urn(scheme, normal, display or None) if normal else None


def is_valid(urn: Urn) -> bool:
    """Whether the normalized path is one of its scheme."""
    if urn.scheme == "mailto":
        return _EMAIL.fullmatch(urn.path) is not None
    if urn.scheme == "tel":
        return _read_number(urn.path, None) is not None
    return re.fullmatch(_PATHS[urn.scheme], urn.path, re.DOTALL) is not None


def _normal_number(path: str, country: str) -> str:
    """Return a phone number with its country code, or just its digits if it is not a possible one."""
    number = re.sub("[^0-9a-z]", "", path.lower())
    written = f"+{number}" if path.startswith("+") or _is_international(number) else number
    region = None if written.startswith("+") else country
    return _read_number(written, region) or _read_number(written, None) or number


def _is_international(number: str) -> bool:
    return len(number) >= 11 and not number.startswith("0")


@lru_cache(1024)  # since a number that was normalized is read again to see whether it is valid
def _read_number(written: str, country: str | None) -> str | None:
    try:
        number = phonenumbers.parse(written, country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _normal_handle(path: str, country: str) -> str:
    return path.lower().removeprefix("@")


def _lower(path: str, country: str) -> str:
    return path.lower()


def _raise_country(path: str, country: str) -> str:
    """Write the country of a business-scoped id in capital letters."""
    prefix, dot, rest = path.partition(".")
    return f"{prefix.upper()}{dot}{rest}"


_NORMALIZERS: dict[str, Callable[[str, str], str]] = {
    "tel": _normal_number,
    "twitter": _normal_handle,
    "mailto": _lower,
    "whatsapp": _raise_country,
    "bsuid": _raise_country,
}


@attrs.frozen
class UrnField(Field[Urn]):
    """A URN; phone numbers without a country code are of the workspace's country."""

    def read(self, value: Json, serializer: Serializer) -> Urn:
        """Return the normalized URN."""
        text = str(value)
        if not text.strip():
            raise InvalidValue("This field may not be blank.")
        urn = parse(text, serializer.context.workspace.country)
        if urn is None:
            raise InvalidValue(f"Invalid URN: {text}. Ensure phone numbers contain country codes.")
        String(MAX_LENGTH).read(str(urn), serializer)
        return urn
