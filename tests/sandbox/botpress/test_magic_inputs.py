"""Inputs that say what happens, without the control plane."""

from __future__ import annotations

import pytest
from trilogue_sandbox.botpress.magic_inputs import FAILING_CARD

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_files import settled, upload
from tests.sandbox.botpress.test_payments import BILLING, unpaid

ACTIONS = "/v1/chat/actions"


def test_payments_with_a_card_that_is_declined_fail(api: Caller) -> None:
    invoice = unpaid(api)[0]
    api.post(f"{BILLING}/payment-methods", paymentMethodId=FAILING_CARD)
    error = api.error("PaymentRequired", "POST", f"{BILLING}/invoices/{invoice['id']}/pay", {})

    assert error["message"] == "the payment failed: the card was declined"


@pytest.mark.parametrize(
    ("key", "status"), [("sandbox-fails.txt", "indexing_failed"), ("a/sandbox-stays-pending.txt", "indexing_pending")]
)
def test_the_key_of_a_file_says_what_becomes_of_it(api: Caller, key: str, status: str) -> None:
    assert settled(api, upload(api, key, index=True))["status"] == status


@pytest.mark.parametrize(
    ("word", "error_type"), [("sandbox-fails", "Runtime"), ("sandbox-times-out", "OperationTimeout")]
)
def test_a_word_in_the_input_of_an_action_says_that_it_fails(api: Caller, word: str, error_type: str) -> None:
    api.control("set_action", type="lookUp", output={"found": True})
    for given in ({"order": word}, {"orders": [{"id": word}]}):
        api.error(error_type, "POST", ACTIONS, {"type": "lookUp", "input": given})
    api.post(ACTIONS, type="lookUp", input={"order": f"not {word}"})
