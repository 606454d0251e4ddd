"""How what is posted to webhooks is signed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable


def sign(body: bytes, second: int, secrets: Iterable[str]) -> str:
    """Return the value of `X-Pantheon-Signature`: a time in seconds since 1970, and a signature by each secret."""
    signed = str(second).encode() + b"." + body
    signatures = [hmac.digest(secret.encode(), signed, hashlib.sha256).hex() for secret in secrets]
    return ",".join([f"t={second}", *(f"v1={signature}" for signature in signatures)])
