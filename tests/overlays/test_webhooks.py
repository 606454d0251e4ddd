"""`trilogue.pantheon.webhooks`: what it accepts as an event of Pantheon, and what it refuses."""

from __future__ import annotations

import hashlib
import json
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from trilogue import InvalidArgument, TrilogueError
from trilogue.pantheon import models
from trilogue.pantheon.webhooks import WebhookEvent, WebhookRefused, verify
from trilogue_generated.pantheon import models as generated

NOW = 1_772_445_600
SECRET = "whsec_4kT9vXq2LmZ7bR1yWc8NfJ5pHd3Gs6Qa"
OTHER = "whsec_another"
BUNDLE = Path(generated.__file__).parents[1] / "openapi.json"


def hmac_sha256(key: bytes, message: bytes) -> str:
    """Compute the signature as RFC 2104 writes it down, without the library that the code under test uses."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in padded) + inner).hexdigest()


def signature(body: bytes, secret: str = SECRET, time: int = NOW) -> str:
    return hmac_sha256(secret.encode(), f"{time}.".encode() + body)


def signed(body: bytes, secret: str = SECRET, time: int = NOW) -> dict[str, str]:
    return {"Content-Type": "application/json", "X-Pantheon-Signature": f"t={time},v1={signature(body, secret, time)}"}


def examples() -> list[Any]:
    schemas = json.loads(BUNDLE.read_text(encoding="utf-8"))["components"]["schemas"]
    members = schemas["WebhookEvent"]["discriminator"]["mapping"].values()
    return [example for member in members for example in schemas[member.rsplit("/", 1)[1]]["examples"]]


RECEIVED = next(example for example in examples() if example["type"] == "message.received")
BODY = json.dumps(RECEIVED).encode()


def check(headers: Mapping[str, str], body: bytes | str = BODY, **more: Any) -> Any:
    return verify(body, headers, more.pop("secret", SECRET), now=more.pop("now", NOW), **more)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example["type"])
def test_every_type_of_event_becomes_its_class(example: dict[str, Any]) -> None:
    body = json.dumps(example).encode()
    event = check(signed(body), body)

    assert isinstance(event, get_args(WebhookEvent))
    assert (event.id, event.type) == (example["id"], example["type"])
    assert not event.additional_properties


def test_an_event_is_typed() -> None:
    event = check(signed(BODY))

    assert isinstance(event, models.MessageReceivedEvent)
    assert event.id == RECEIVED["id"]
    assert event.data.message.contact_id == RECEIVED["data"]["message"]["contact_id"]


@pytest.mark.parametrize("type_name", ["message.telepathic", None, ["message.received"], 7])
def test_an_event_of_an_unknown_type_stays_a_dict(type_name: object) -> None:
    event = {**RECEIVED, "type": type_name}
    body = json.dumps(event).encode()

    assert check(signed(body), body) == event


def test_what_is_signed_is_the_time_a_full_stop_and_the_body() -> None:
    message = f"{NOW}.".encode() + b"{}"

    assert hmac_sha256(b"key", b"The quick brown fox jumps over the lazy dog").startswith("f7bc83f430538424")
    assert check({"X-Pantheon-Signature": f"t={NOW},v1={hmac_sha256(SECRET.encode(), message)}"}, b"{}") == {}


@pytest.mark.parametrize("name", ["X-Pantheon-Signature", "x-pantheon-signature", "X-PANTHEON-SIGNATURE"])
def test_the_header_is_found_in_any_case(name: str) -> None:
    assert check({name: signed(BODY)["X-Pantheon-Signature"]}).id == RECEIVED["id"]


def test_a_string_is_verified_like_its_bytes() -> None:
    body = json.dumps({**RECEIVED, "note": "śnieg ❄"}, ensure_ascii=False)

    assert check(signed(body.encode()), body).additional_properties == {"note": "śnieg ❄"}


@pytest.mark.parametrize(
    "values", [(SECRET, OTHER), (OTHER, SECRET)], ids=["the new secret first", "the new secret last"]
)
def test_one_right_signature_of_several_is_enough(values: tuple[str, str]) -> None:
    both = ",".join(f"v1={signature(BODY, secret)}" for secret in values)

    assert check({"X-Pantheon-Signature": f"t={NOW},{both}"}).id == RECEIVED["id"]


def test_one_right_secret_of_several_is_enough() -> None:
    assert check(signed(BODY), secret=[OTHER, SECRET]).id == RECEIVED["id"]
    assert check(signed(BODY), secret=(SECRET, OTHER)).id == RECEIVED["id"]


def test_unknown_names_in_the_header_are_ignored() -> None:
    value = signed(BODY)["X-Pantheon-Signature"]

    assert check({"X-Pantheon-Signature": f"v0=1, {value}, v2=x"}).id == RECEIVED["id"]


@pytest.mark.parametrize("off", [-300, 0, 300])
def test_a_signature_is_valid_within_the_tolerance(off: int) -> None:
    assert check(signed(BODY, time=NOW + off)).id == RECEIVED["id"]
    assert check(signed(BODY, time=NOW + off), tolerance=float("inf")).id == RECEIVED["id"]


def test_the_time_is_that_of_this_machine_unless_given() -> None:
    with pytest.raises(WebhookRefused, match="seconds off"):
        verify(BODY, signed(BODY, time=1_000_000_000), SECRET)


def header(value: str) -> dict[str, str]:
    return {"X-Pantheon-Signature": value}


RIGHT = signature(BODY)
REFUSED = {
    "no header": ({}, BODY, "is missing"),
    "an empty header": (header(""), BODY, "is malformed"),
    "no time": (header(f"v1={RIGHT}"), BODY, "is malformed"),
    "no signature": (header(f"t={NOW}"), BODY, "is malformed"),
    "two times": (header(f"t={NOW},t={NOW},v1={RIGHT}"), BODY, "is malformed"),
    "a time in words": (header(f"t=now,v1={RIGHT}"), BODY, "is malformed"),
    "a time with a sign": (header(f"t=+{NOW},v1={RIGHT}"), BODY, "is malformed"),
    "a time in other digits": (header(f"t=١٧٧٢٤٤٥٦٠٠,v1={RIGHT}"), BODY, "is malformed"),
    "a time beyond all calendars": (header(f"t={'9' * 5000},v1={RIGHT}"), BODY, "is malformed"),
    "a signature of another version": (header(f"t={NOW},v2={RIGHT}"), BODY, "is malformed"),
    "too old": (signed(BODY, time=NOW - 301), BODY, "300 seconds off"),
    "too early": (signed(BODY, time=NOW + 301), BODY, "300 seconds off"),
    "another secret": (signed(BODY, OTHER), BODY, "is wrong"),
    "another body": (signed(BODY), BODY + b" ", "is wrong"),
    "another time": (header(f"t={NOW + 1},v1={RIGHT}"), BODY, "is wrong"),
    "half a signature": (header(f"t={NOW},v1={RIGHT[:32]}"), BODY, "is wrong"),
    "a signature in capitals": (header(f"t={NOW},v1={RIGHT.upper()}"), BODY, "is wrong"),
    "a signature that is not ASCII": (header(f"t={NOW},v1=ä"), BODY, "is wrong"),
    "a signature that is no text": (header(f"t={NOW},v1=\udcff"), BODY, "is wrong"),
    "an empty signature": (header(f"t={NOW},v1="), BODY, "is wrong"),
    "no JSON": (signed(b"private <html>"), b"private <html>", "not a JSON object"),
    "no text": (signed(b"\xff\xfe"), b"\xff\xfe", "not a JSON object"),
    "an empty body": (signed(b""), b"", "not a JSON object"),
    "a list": (signed(b"[]"), b"[]", "not a JSON object"),
    "JSON without end": (signed(b"[" * 100_000), b"[" * 100_000, "not a JSON object"),
}


@pytest.mark.parametrize(("headers", "body", "says"), REFUSED.values(), ids=REFUSED)
def test_a_request_that_cannot_be_verified_is_refused(headers: dict[str, str], body: bytes, says: str) -> None:
    with pytest.raises(WebhookRefused, match=says) as caught:
        check(headers, body)

    shown = "".join(traceback.format_exception(caught.value))
    assert not any(private in shown for private in (SECRET, RIGHT, RECEIVED["id"], "private"))
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_webhook_refused_is_one_of_our_errors() -> None:
    assert issubclass(WebhookRefused, TrilogueError)


@pytest.mark.parametrize("secret", ["", [], [SECRET, ""], SECRET.encode(), [SECRET, None], None, 5])
def test_an_empty_secret_is_an_invalid_argument(secret: Any) -> None:
    with pytest.raises(InvalidArgument, match="secret"):
        check(signed(BODY, ""), secret=secret)


@pytest.mark.parametrize("tolerance", [-1, float("nan"), "300"])
def test_a_tolerance_that_is_not_a_number_of_seconds_is_an_invalid_argument(tolerance: Any) -> None:
    with pytest.raises(InvalidArgument, match="tolerance"):
        check(signed(BODY), tolerance=tolerance)


def test_a_parsed_body_is_an_invalid_argument() -> None:
    parsed: Any = RECEIVED

    with pytest.raises(InvalidArgument, match="body: expected the bytes"):
        check(signed(BODY), parsed)
