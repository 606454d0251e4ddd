"""The page of the sandbox has every magic input, and no other."""

from __future__ import annotations

import re

from trilogue_sandbox.botpress import magic_inputs as botpress
from trilogue_sandbox.pantheon import identities
from trilogue_sandbox.pantheon import magic_inputs as pantheon
from trilogue_sandbox.rapidpro import magic_inputs as rapidpro

from tests.conftest import ROOT

ROW = re.compile(r"^\| `(\d{4})` \|(.*)\|(.*)\|$", re.MULTILINE)
PAGE = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_every_number_of_rapidpro_is_in_the_table() -> None:
    written = {int(digits) for digits, text, _ in ROW.findall(PAGE) if text.strip()}

    assert written == {*rapidpro.MAGIC_STEPS, rapidpro.STOPS, rapidpro.REPLIES}


def test_every_number_of_pantheon_is_in_the_table() -> None:
    answers = (
        *(pantheon.MESSAGE_ANSWERS, pantheon.PAYMENT_ANSWERS, pantheon.LOGIN_ANSWERS, pantheon.OTP_ANSWERS),
        identities.MAGIC_REACHES,
    )
    written = {int(digits) for digits, _, text in ROW.findall(PAGE) if text.strip()}

    assert written == {number for numbers in answers for number in numbers}


def test_every_word_and_card_of_botpress_is_in_the_table() -> None:
    for word in (botpress.FAILING_CARD, botpress.FAILS, botpress.STAYS_PENDING, botpress.TIMES_OUT):
        assert f"`{word}`" in PAGE
