"""The receivers of webhooks in the documentation take what Pantheon signs, and nothing else."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from trilogue_sandbox.pantheon.deliveries import sign

from tests.conftest import ROOT

SECRET = "whsec_4kT9vXq2LmZ7bR1yWc8NfJ5pHd3Gs6Qa"
BUNDLE = ROOT / "generated" / "trilogue_generated" / "pantheon" / "openapi.json"
PAGE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")

Post = Callable[[bytes, Mapping[str, str]], int]


def example(schema: str) -> bytes:
    schemas = json.loads(BUNDLE.read_text(encoding="utf-8"))["components"]["schemas"]
    return json.dumps(schemas[schema]["examples"][0]).encode()


def code_that_holds(words: str) -> str:
    """Return the one block of code on the page with these words."""
    (found,) = (block for block in re.findall(r"^```py(?:thon)?\n(.*?)^```", PAGE, re.M | re.S) if words in block)
    return str(found)


def app_of(receiver: str) -> Any:
    """Return the app of the page, with the function of the page that it hands events to."""
    names: dict[str, Any] = {"__name__": __name__}
    for words in ("def handle", receiver):
        exec(compile(code_that_holds(words), "docs/webhooks.md", "exec", dont_inherit=True), names)
    return names["app"]


def fastapi() -> Post:
    transport = httpx.ASGITransport(app_of("FastAPI()"))

    async def post(body: bytes, headers: Mapping[str, str]) -> int:
        async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as client:
            return (await client.post("/pantheon/events", content=body, headers=headers)).status_code

    return lambda body, headers: asyncio.run(post(body, headers))


def flask() -> Post:
    client = app_of("Flask(__name__)").test_client()
    return lambda body, headers: int(client.post("/pantheon/events", data=body, headers=dict(headers)).status_code)


@pytest.fixture(params=[fastapi, flask])
def post(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Post:
    monkeypatch.setenv("PANTHEON_WEBHOOK_SECRET", SECRET)
    return request.param()


def signed(body: bytes, secret: str = SECRET, age: int = 0) -> dict[str, str]:
    signature = sign(body, int(time.time()) - age, [secret])
    return {"Content-Type": "application/json", "X-Pantheon-Signature": signature}


def test_an_event_is_passed_on_and_responded_to_with_204(post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    for schema in ("MessageReceivedEvent", "PaymentPaidEvent"):
        body = example(schema)
        assert post(body, signed(body)) == 204

    assert re.fullmatch(r"from cont_\w+\npaid: pay_\w+\n", capsys.readouterr().out)


def test_an_event_of_a_new_type_is_responded_to_with_204_too(post: Post) -> None:
    body = b'{"id": "evt_1", "type": "message.telepathic", "created_at": "2026-03-02T10:00:00.000Z", "data": {}}'

    assert post(body, signed(body)) == 204


BODY = example("MessageReceivedEvent")
REFUSED: dict[str, tuple[bytes, Callable[[], dict[str, str]]]] = {
    "no signature": (BODY, lambda: {"Content-Type": "application/json"}),
    "another secret": (BODY, lambda: signed(BODY, "whsec_another")),
    "another body": (BODY + b" ", lambda: signed(BODY)),
    "too old": (BODY, lambda: signed(BODY, age=400)),
    "no JSON": (b"hello", lambda: signed(b"hello")),
}


@pytest.mark.parametrize(("body", "headers"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_proved_is_responded_to_with_400_and_not_passed_on(
    post: Post, body: bytes, headers: Callable[[], dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert post(body, headers()) == 400
    assert capsys.readouterr().out == ""
