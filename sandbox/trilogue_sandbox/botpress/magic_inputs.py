"""Inputs that say what happens, for tests in any language.

The ids of payment methods are those of Stripe's test cards. Names of files and strings in the input of an action are
words of the sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping

from trilogue_sandbox.kernel.http import Json

FAILING_CARDS: Mapping[str, str] = {
    "pm_card_chargeCustomerFail": "the card was declined",
    "pm_card_chargeDeclinedInsufficientFunds": "the card has insufficient funds",
    "pm_card_chargeDeclinedExpiredCard": "the card has expired",
    "pm_card_chargeDeclinedProcessingError": "the card could not be processed",
    "pm_card_authenticationRequired": "the owner of the card must confirm the payment",
}
"""The payment methods with which payments fail, and why."""

FAILS = "sandbox-fails"
"""In the key of a file: it cannot be indexed. As a string in the input of an action: the action fails."""

STAYS_PENDING = "sandbox-stays-pending"
"""In the key of a file: it is never indexed."""

TIMES_OUT = "sandbox-times-out"
"""As a string in the input of an action: the action takes too long."""


def has_string(value: Json, text: str) -> bool:
    """Whether a string stands anywhere in a JSON value."""
    if isinstance(value, dict | list):
        return any(has_string(item, text) for item in (value.values() if isinstance(value, dict) else value))
    return value == text
