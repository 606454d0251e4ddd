"""What may be given is said in the docstring, once."""

from __future__ import annotations

from typing import Any

import pytest
from generator.limits import with_limits


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"maxLength": 200}, "A name. At most 200 characters."),
        ({"minLength": 28, "maxLength": 36}, "A name. 28 to 36 characters."),
        ({"minLength": 26, "maxLength": 26}, "A name. 26 characters."),
        ({"minLength": 1, "maxLength": 36}, "A name. At most 36 characters."),
        ({"minimum": 30}, "A name. At least 30."),
        ({"maxItems": 9, "maxProperties": 10}, "A name. At most 9 items. At most 10 keys."),
        ({"maxLength": 5, "format": "binary"}, "A name."),
        ({"minimum": 0}, "A name."),
    ],
)
def test_a_limit_is_said_after_the_text(schema: dict[str, Any], said: str) -> None:
    assert with_limits("A name.", schema) == said


def test_a_limit_that_the_text_says_is_not_said_again() -> None:
    text = "A text of 5 to 1,000 letters."

    assert with_limits(text, {"minLength": 5, "maxLength": 1000}) == text


def test_the_number_within_another_one_does_not_count_as_said() -> None:
    assert with_limits("One of 120.", {"maximum": 12}) == "One of 120. At most 12."
