"""Any sequence of moves of payments, held against a model of a few lines."""

from __future__ import annotations

from typing import Any

import attrs
import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from trilogue_sandbox import Sandbox

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.resources import payment

QUICK = settings(
    max_examples=20,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@attrs.define
class Expected:
    """What the model knows of a payment; times are seconds since the beginning."""

    amount: int
    expires_at: int
    status: str = "requested"
    pending_until: int = 0
    refunds: list[int] = attrs.field(factory=list)

    @property
    def left(self) -> int:
        """What can still be given back."""
        return self.amount - sum(self.refunds) if self.status in ("paid", "partially_refunded") else 0


class PaymentMachine(RuleBasedStateMachine):
    """Calls of the app, and what contacts, providers and time do."""

    payments = Bundle("payments")

    def __init__(self, default_sandbox: Sandbox) -> None:
        super().__init__()
        self.sandbox = default_sandbox.copy()
        self.api = Caller.of(self.sandbox, "scale")
        self.conversation = self.api.ids("conversations/listConversations", status="open")[0]
        self.expected: dict[str, Expected] = {}
        self.seconds = 0

    def teardown(self) -> None:
        """Close the sandbox, which must not have met a defect of its own."""
        drift = self.sandbox.drift
        self.sandbox.close()
        assert not drift

    @rule(target=payments, amount=st.integers(1, 1000), expires_in=st.sampled_from([300, 3600]))
    def request(self, amount: int, expires_in: int) -> str:
        """Ask for a payment."""
        made: str = payment(self.api, self.conversation, amount, expires_in=expires_in)["id"]
        self.expected[made] = Expected(amount, self.seconds + expires_in)
        return made

    @rule(made=payments)
    def cancel(self, made: str) -> None:
        """Take a request back."""
        self.move("payments/cancelPayment", made, {"requested": "canceled"})

    @rule(made=payments)
    def confirm(self, made: str) -> None:
        """Begin to pay."""
        if self.do("confirm_payment", made, {"requested": "pending"}):
            self.expected[made].pending_until = self.seconds + 7 * 86400

    @rule(made=payments)
    def pay(self, made: str) -> None:
        """Pay."""
        self.do("pay", made, {"requested": "paid", "pending": "paid"})

    @rule(made=payments)
    def decline(self, made: str) -> None:
        """Let the provider refuse."""
        self.do("decline_payment", made, {"requested": "failed", "pending": "failed"})

    @rule(made=payments, amount=st.none() | st.integers(1, 1100))
    def refund(self, made: str, amount: int | None) -> None:
        """Give back a part, or all that is left."""
        expected, body = self.expected[made], {} if amount is None else {"amount": amount}
        given = expected.left if amount is None else amount
        response = self.api.call("payments/refundPayment", {"payment_id": made, **body})
        assert (response.status == 200) == (0 < given <= expected.left)
        if response.status == 200:
            expected.refunds.append(given)
            expected.status = "refunded" if sum(expected.refunds) == expected.amount else "partially_refunded"

    @rule(seconds=st.sampled_from([60, 300, 3600, 7 * 86400]))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.api = self.api.later(seconds=seconds)
        self.seconds += seconds
        for expected in self.expected.values():
            if expected.status == "requested" and expected.expires_at <= self.seconds:
                expected.status = "expired"
            if expected.status == "pending" and expected.pending_until <= self.seconds:
                expected.status = "failed"

    @invariant()
    def payments_are_as_expected(self) -> None:
        """Compare everything the API shows with the model; no money comes from nowhere."""
        for made, expected in self.expected.items():
            shown: Any = self.api.ok("payments/getPayment", payment_id=made)
            refunds = self.api.items("payments/listRefunds", payment_id=made, order="asc")
            assert (shown["status"], shown["amount"]) == (expected.status, expected.amount)
            assert [refund["amount"] for refund in refunds] == expected.refunds
            assert 0 <= shown["amount_refunded"] == sum(expected.refunds) <= shown["amount"]

    def move(self, method: str, made: str, arrows: dict[str, str]) -> None:
        """Call a method, which must be refused unless there is an arrow."""
        outcome = arrows.get(self.expected[made].status)
        response = self.api.call(method, {"payment_id": made})
        assert response.status == (200 if outcome else 400)
        self.expected[made].status = outcome or self.expected[made].status

    def do(self, action: str, made: str, arrows: dict[str, str]) -> bool:
        """Do a control action, which must be refused unless there is an arrow; return whether there was."""
        outcome = arrows.get(self.expected[made].status)
        if outcome is None:
            assert self.api.rejected_argument(action, payment_id=made) == "payment_id"
            return False
        self.api.control(action, payment_id=made)
        self.expected[made].status = outcome
        return True


def test_money_is_never_negative_and_never_more_than_was_paid(default_sandbox: Sandbox) -> None:
    run_state_machine_as_test(lambda: PaymentMachine(default_sandbox), settings=QUICK)
