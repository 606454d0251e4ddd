"""Inputs that say what happens, for tests in any language.

The payment method is one of Stripe's test cards. Names of files and strings in the input of an action are
words of the sandbox.
"""

from __future__ import annotations

from trilogue_sandbox.kernel.http import Json

FAILING_CARD = "pm_card_chargeCustomerFail"
"""The payment method with which payments fail."""

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
