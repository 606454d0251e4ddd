"""Events that Pantheon posts to your webhook: proof that they come from it, and their classes."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from attrs import field, frozen
from trilogue_generated.pantheon.unions import WebhookEvent, decode_webhook_event
from trilogue_generated.runtime.model import is_object

from ..errors import InvalidArgument, TrilogueError

__all__ = ["WebhookEvent", "WebhookRefused", "verify"]

HEADER = "X-Pantheon-Signature"


class WebhookRefused(TrilogueError):
    """A request is not proved to be an event of Pantheon: answer it with 400 and do nothing else.

    The message says why, and shows nothing of the body, the signature or the secret.
    """


def verify(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str | Sequence[str],
    *,
    tolerance: float = 300.0,
    now: float | None = None,
) -> WebhookEvent | dict[str, Any]:
    """Return the event that a request carries, after proving that it comes from Pantheon.

    An event of a type that this version does not know stays a dict. The same event may be posted more than once: keep
    the `id` of each one that is done.

    Args:
        body: the body as it came, not parsed and written again.
        headers: those of the request, with names in any case.
        secret: the webhook's `secret` with its prefix; several while one takes the place of another.
        tolerance: how many seconds the signature may be old, or ahead of this clock.
        now: the time in seconds since 1970-01-01 UTC; default: that of this machine.

    Raises:
        WebhookRefused: the signature is missing, malformed, wrong or too old, or the body is no JSON object.
        InvalidArgument: `body`, `secret` or `tolerance` is not usable.
    """
    content, keys = _content(body), _keys(secret)
    if not tolerance >= 0:
        raise InvalidArgument("tolerance: write the number of seconds that a signature may be old, 0 or more")
    signature = _read(_header(headers))
    if not signature.fits(content, keys):
        raise WebhookRefused("the signature is wrong: the secret is that of another webhook, or the body was changed")
    if abs((time.time() if now is None else now) - signature.time) > tolerance:
        raise WebhookRefused(f"the signature is more than {tolerance:g} seconds off: a replay, or a clock is wrong")
    return decode_webhook_event(_event(content))


@frozen
class _Signature:
    """When the request was signed, as it stands there, and the signatures by each secret."""

    stamp: str
    values: list[str] = field(repr=False)

    @property
    def time(self) -> int:
        return int(self.stamp)

    def fits(self, content: bytes, keys: list[bytes]) -> bool:
        """Compare each signature with what each secret gives, in constant time."""
        signed = self.stamp.encode() + b"." + content
        given = [value.encode(errors="replace") for value in self.values]
        expected = [hmac.new(key, signed, "sha256").hexdigest().encode() for key in keys]
        return any(hmac.compare_digest(value, wanted) for value in given for wanted in expected)


def _content(body: bytes | str) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    raise InvalidArgument("body: give the bytes of the request as they came, before anything parses them")


def _keys(secret: str | Sequence[str]) -> list[bytes]:
    secrets = [secret] if isinstance(secret, str) else [*secret]
    if not secrets or not all(isinstance(each, str) and each for each in secrets):
        raise InvalidArgument("secret: give the secret of the webhook as text; an empty one would prove nothing")
    return [each.encode() for each in secrets]


def _header(headers: Mapping[str, str]) -> str:
    found = [value for name, value in headers.items() if name.lower() == HEADER.lower()]
    if not found:
        raise WebhookRefused(f"the header {HEADER} is missing: this does not come from Pantheon, or a proxy dropped it")
    return ",".join(found)


def _read(header: str) -> _Signature:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    values = [value for name, _, value in pairs if name == "v1"]
    if len(stamps) != 1 or not re.fullmatch(r"[0-9]{1,12}", stamps[0]) or not values:
        raise WebhookRefused(f"the header {HEADER} is malformed: it must read t=<time>,v1=<signature>")
    return _Signature(stamps[0], values)


def _event(content: bytes) -> dict[str, Any]:
    event = _parsed(content)
    if not is_object(event):
        raise WebhookRefused("the body is not a JSON object, although it is signed: write to Pantheon's support")
    return event


def _parsed(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:  # it holds the body, so it must not become the context of ours
        return None
