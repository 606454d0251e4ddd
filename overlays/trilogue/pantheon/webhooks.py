"""Verifies and decodes the events that Pantheon posts to a webhook."""

from __future__ import annotations

import hmac
import math
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import DecodeError
from msgspec.json import decode
from trilogue_generated.pantheon.unions import WebhookEvent, decode_webhook_event
from trilogue_generated.runtime.model import is_object

from .._numbers import is_number
from ..errors import InvalidArgument, TrilogueError

__all__ = ["WebhookEvent", "WebhookRefused", "verify"]

HEADER = "X-Pantheon-Signature"
HEADER_IN_LOWER_CASE = HEADER.lower()
STAMP = re.compile(r"[0-9]{1,12}")


class WebhookRefused(TrilogueError):
    """A request could not be verified as an event of Pantheon: respond with 400 and do nothing else.

    The message says why; it contains nothing of the body, the signature or the secret.
    """


def verify(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str | Sequence[str],
    *,
    tolerance: float = 300.0,
    now: float | None = None,
) -> WebhookEvent | dict[str, Any]:
    """Verify that a request comes from Pantheon, and return its event.

    An event of a type that this version does not know stays a dict. The same event may be delivered more than once:
    store the `id` of each one you have processed.

    Args:
        body: the body as received, not parsed and serialized again.
        headers: those of the request, with names in any case.
        secret: the webhook's `secret` with its prefix; several while one replaces another.
        tolerance: the maximum age of the signature in seconds, and how far it may be ahead of this clock.
        now: the time in seconds since 1970-01-01 UTC; default: the time of this machine.

    Raises:
        WebhookRefused: the signature is missing, malformed, wrong or too old, or the body is not a JSON object.
        InvalidArgument: `body`, `secret` or `tolerance` is not usable.
    """
    content, keys = _content(body), _keys(secret)
    if not is_number(tolerance, 0, math.inf):
        raise InvalidArgument("tolerance: expected the maximum age of a signature in seconds, 0 or more")
    stamp, signatures = _read(_header(headers))
    if not _is_signed(content, stamp, signatures, keys):
        raise WebhookRefused("the signature is wrong; check the secret, and that the body is unchanged")
    age = (time.time() if now is None else now) - int(stamp)
    if abs(age) > tolerance:
        raise WebhookRefused(
            f"the signature is {age:.0f} seconds old, more than {tolerance:g} seconds off; a replay, or a wrong clock"
        )
    return decode_webhook_event(_event(content))


def _is_signed(content: bytes, stamp: str, signatures: list[str], keys: list[bytes]) -> bool:
    """Return whether a signature is that of one of the secrets; compares in constant time."""
    signed = stamp.encode() + b"." + content
    received = [signature.encode(errors="replace") for signature in signatures]
    expected = [hmac.digest(key, signed, "sha256").hex().encode() for key in keys]
    return any(hmac.compare_digest(signature, other) for signature in received for other in expected)


def _content(body: bytes | str) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    raise InvalidArgument("body: expected the bytes of the request as received, before anything parses them")


def _keys(secret: str | Sequence[str]) -> list[bytes]:
    secrets = [secret] if isinstance(secret, str) or not isinstance(secret, Iterable) else [*secret]
    if not secrets or not all(isinstance(each, str) and each for each in secrets):
        raise InvalidArgument("secret: expected the secret of the webhook as a string that is not empty")
    return [each.encode() for each in secrets]


def _header(headers: Mapping[str, str]) -> str:
    found = [value for name, value in headers.items() if name.lower() == HEADER_IN_LOWER_CASE]
    if not found:
        raise WebhookRefused(f"the header {HEADER} is missing; the request is not from Pantheon, or a proxy dropped it")
    return ",".join(found)


def _read(header: str) -> tuple[str, list[str]]:
    """Return when the request was signed, and its signatures, one for each secret."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    values = [value for name, _, value in pairs if name == "v1"]
    if len(stamps) != 1 or not STAMP.fullmatch(stamps[0]) or not values:
        raise WebhookRefused(f"the header {HEADER} is malformed; expected t=<time>,v1=<signature>")
    return stamps[0], values


def _event(content: bytes) -> dict[str, Any]:
    event = _parsed(content)
    if not is_object(event):
        raise WebhookRefused("the body is signed but not a JSON object; report it to Pantheon's support")
    return event


def _parsed(content: bytes) -> Any:
    try:
        return decode(content)
    except (DecodeError, RecursionError):  # it holds the body, so it must not become the context of our error
        return None
