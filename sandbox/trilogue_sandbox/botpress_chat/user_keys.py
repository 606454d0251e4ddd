"""The keys of users: JSON Web Tokens with the id of the user, signed with HS256."""

from __future__ import annotations

import base64
import hashlib
import hmac

import msgspec

from trilogue_sandbox.kernel.http import JsonObject

_HEADER: JsonObject = {"alg": "HS256", "typ": "JWT"}


class _Claims(msgspec.Struct):
    id: str


def make(user_id: str, encryption_key: str) -> str:
    """Return the key of a user."""
    content = f"{_encode(msgspec.json.encode(_HEADER))}.{_encode(msgspec.json.encode({'id': user_id}))}"
    return f"{content}.{_encode(_sign(content, encryption_key))}"


def read(key: str, encryption_key: str) -> str | None:
    """Return the id of the user in a key; None if the key is not valid."""
    content, _, signature = key.rpartition(".")
    header, _, claims = content.partition(".")
    try:
        is_signed = hmac.compare_digest(_decode(signature), _sign(content, encryption_key))
        if not is_signed or msgspec.json.decode(_decode(header))["alg"] != "HS256":
            return None
        return msgspec.json.decode(_decode(claims), type=_Claims).id
    except (ValueError, KeyError, TypeError):
        return None


def _sign(content: str, encryption_key: str) -> bytes:
    return hmac.digest(encryption_key.encode(), content.encode(), hashlib.sha256)


def _encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _decode(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
