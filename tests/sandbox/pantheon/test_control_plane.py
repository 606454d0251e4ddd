"""Control actions over HTTP."""

from __future__ import annotations

import json
import re
from typing import Any

from trilogue_sandbox.kernel.http import Request
from trilogue_sandbox.pantheon.platform import Pantheon

from tests.conftest import ROOT
from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.resources import conversation, otp, payment

ACTIONS, JOBS = Pantheon.resources.actions, Pantheon.resources.jobs


def act(api: Caller, action: str, body: object) -> tuple[int, Any]:
    response = api.sandbox.respond(Request("POST", f"/__sandbox__/pantheon/{action}", body=json.dumps(body).encode()))
    return response.status, json.loads(response.body)


def test_actions_are_there_over_http(api: Caller) -> None:
    talk = conversation(api)
    status, shown = act(api, "pay", {"payment_id": payment(api, talk["id"])["id"]})
    read, code = act(api, "read_otp", {"otp_id": otp(api, talk["id"])["id"]})

    assert (status, shown["status"]) == (200, "paid")
    assert (read, list(code)) == (200, ["code", "text"])


def test_what_is_wrong_is_a_400_that_names_the_field(api: Caller) -> None:
    assert act(api, "pay", {"payment_id": "pay_nothing"}) == (
        400,
        {"error": "`payment_id` names no payment", "field": "payment_id"},
    )
    assert act(api, "pay", {})[1]["field"] == "payment_id"
    assert act(api, "pay", {"payment_id": "x", "amount": 1})[1]["field"] == "amount"
    status, error = act(api, "dance", {})
    assert (status, error["field"]) == (400, None)
    assert all(action in error["error"] for action in ACTIONS)


def test_what_timers_do_comes_to_nothing_before_it_is_due(api: Caller) -> None:
    made = payment(api, conversation(api)["id"])
    before = api.ok("payments/getPayment", payment_id=made["id"])
    for action in ("expire_payment", "time_out_payment"):
        assert act(api, action, {"id": made["id"]})[0] == 200

    assert api.ok("payments/getPayment", payment_id=made["id"]) == before


def test_what_timers_do_comes_to_nothing_for_what_is_gone(api: Caller) -> None:
    for action in JOBS:
        body = {} if action == "wake_deliveries" else {"id": "gone", "trial": 0}
        assert act(api, action, body) == (200, None)


def test_every_action_says_what_it_does() -> None:
    assert [name for name, action in {**ACTIONS, **JOBS}.items() if not action.__doc__] == []


def test_every_action_and_no_other_is_in_the_documentation() -> None:
    page = (ROOT / "docs" / "pantheon.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", page, re.MULTILINE)

    assert sorted(name for row in rows for name in re.findall(r"\w+", row)) == sorted(ACTIONS)
