"""The keys of users."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

HEADER = b'{"alg":"HS256","typ":"JWT"}'


def sign_user_key(user_id: str, encryption_key: str) -> str:
    """Return the key of a user: a JSON Web Token with the id, signed with HS256."""
    content = f"{_encode(HEADER)}.{_encode(json.dumps({'id': user_id}).encode())}"
    signature = hmac.digest(encryption_key.encode(), content.encode(), hashlib.sha256)
    return f"{content}.{_encode(signature)}"


def _encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
