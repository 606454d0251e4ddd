"""What it costs to check and to serialize arguments, and to verify a webhook."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

from trilogue import Botpress, RapidPro
from trilogue._calls import prepare
from trilogue.pantheon import webhooks
from trilogue_generated.botpress.operations.tables_rows import CREATE as CREATE_ROWS
from trilogue_generated.rapidpro.operations.contacts import CREATE as CREATE_CONTACT

from benchmarks.examples import example
from benchmarks.measure import Case, interleaved

CONTACT: dict[str, Any] = {
    "name": "Ana",
    "urns": [f"tel:+25078800{number:04}" for number in range(100)],
    "fields": {f"field_{number}": f"value {number}" for number in range(100)},
}
ROWS = [
    {"name": f"row {number}", "quantity": number, "price": number * 1.5, "active": number % 2 == 0, "note": None}
    for number in range(1000)
]
SECRET = "whsec_benchmark"


def measure() -> Iterator[Case]:
    """Measure two bodies and an event."""
    rapidpro: Any = RapidPro("x" * 40)
    botpress: Any = Botpress("x" * 40, bot_id="bot", workspace_id="workspace")
    yield Case(
        "body with 100 URNs and 100 fields",
        "json.dumps",
        interleaved(
            {
                "json.dumps": lambda: json.dumps(CONTACT),
                "trilogue: all of a request": lambda: prepare(rapidpro._core, CREATE_CONTACT, CONTACT),
            },
            rounds=60,
            repeats=10,
        ),
        "us",
    )
    rows = {"table": "orders", "rows": ROWS}
    yield Case(
        "body with 1,000 table rows",
        "json.dumps",
        interleaved(
            {
                "json.dumps": lambda: json.dumps(rows),
                "trilogue: all of a request": lambda: prepare(botpress._core, CREATE_ROWS, rows),
            },
            rounds=30,
        ),
    )
    yield _verify()


def _verify() -> Case:
    body, now = json.dumps(example("pantheon", "MessageReceivedEvent")).encode(), int(time.time())
    signed = f"{now}.".encode() + body
    signature = hmac.new(SECRET.encode(), signed, "sha256").hexdigest()
    headers = {"content-type": "application/json", "x-pantheon-signature": f"t={now},v1={signature}"}

    def verify_bare() -> object:
        expected = hmac.new(SECRET.encode(), f"{now}.".encode() + body, "sha256").hexdigest()
        return hmac.compare_digest(expected, signature) and json.loads(body)

    candidates = {
        "hmac and json.loads": verify_bare,
        "trilogue: webhooks.verify()": lambda: webhooks.verify(body, headers, SECRET, now=now),
    }
    return Case("verify a webhook", "hmac and json.loads", interleaved(candidates, rounds=60, repeats=50), "us")
