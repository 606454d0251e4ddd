"""Contacts whose address says how they are reached, and how they answer: see `kernel.magic_numbers`.

How they are reached is set when they get the address (`identities`), and their one-time passwords consist of zeros
(`otps`). What they answer comes three seconds after a message was sent to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from trilogue_sandbox.kernel.magic_numbers import magic_number
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.pantheon import contents, logins, messages, otps, payments
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.channels import CHANNELS
from trilogue_sandbox.pantheon.identities import find_address
from trilogue_sandbox.pantheon.logins import LOGINS
from trilogue_sandbox.pantheon.messages import MESSAGES
from trilogue_sandbox.pantheon.operations import AppExchange, job
from trilogue_sandbox.pantheon.otps import OTPS
from trilogue_sandbox.pantheon.payments import PAYMENTS
from trilogue_sandbox.pantheon.simulated_contacts import receive

_Answer: TypeAlias = Callable[[Account, Row], object]


def _read(account: Account, row: Row) -> None:
    if row["status"] == "delivered" and messages.channel_type_of(account, row).read_receipts:
        messages.reach(account, row, "read")


def _reply(account: Account, row: Row) -> None:
    channel = account.find(CHANNELS, row["channel_id"])
    if row["status"] in ("sent", "delivered") and channel["status"] == "connected":
        receive(account, channel, row["contact_id"], contents.text("Yes"), reply_to_id=row["id"])


def _fail_to_pay(code: str) -> _Answer:
    return lambda account, row: payments.fail(account, payments.confirm(account, row), code)


MESSAGE_ANSWERS: Mapping[int | None, _Answer] = {7: _read, 8: _reply}
PAYMENT_ANSWERS: Mapping[int | None, _Answer] = {
    10: lambda account, row: payments.settle(account, payments.confirm(account, row)),
    11: _fail_to_pay("declined"),
    12: _fail_to_pay("insufficient_funds"),
    13: payments.confirm,
    14: payments.expire,
}
LOGIN_ANSWERS: Mapping[int | None, _Answer] = {10: logins.approve, 11: logins.deny, 14: logins.expire}
OTP_ANSWERS: Mapping[int | None, _Answer] = {14: otps.expire}

_REQUESTS = {
    "payment_request": (PAYMENTS, "payment_id", "requested", PAYMENT_ANSWERS),
    "login_request": (LOGINS, "login_id", "pending", LOGIN_ANSWERS),
    "otp": (OTPS, "otp_id", "pending", OTP_ANSWERS),
}


def _answer(account: Account, row: Row) -> None:
    """Let a contact do with a message, and with what it asks for, what the number says."""
    channel = account.find(CHANNELS, row["channel_id"])
    number = magic_number(find_address(account, row["contact_id"], channel["type"]))
    if number in MESSAGE_ANSWERS:
        MESSAGE_ANSWERS[number](account, row)
    if row["type"] in _REQUESTS:
        table, field, status, answers = _REQUESTS[row["type"]]
        asked = account.get(table, row["content"][field])
        if number in answers and asked is not None and asked["status"] == status:
            answers[number](account, asked)


RESOURCE = Resource[AppExchange](jobs={"answer_message": job(MESSAGES, _answer)})
