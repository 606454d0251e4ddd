"""Arguments of control actions are refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from trilogue_sandbox.kernel import control_arguments as arguments
from trilogue_sandbox.kernel.platform import ControlError


@pytest.mark.parametrize(
    ("read", "given", "message"),
    [
        (lambda given: arguments.text(given, "name"), {}, "`name` is a text and must be given"),
        (lambda given: arguments.text(given, "name"), {"name": 5}, "`name` is a text"),
        (lambda given: arguments.integer(given, "limit"), {}, "`limit` is a whole number and must be given"),
        (lambda given: arguments.integer(given, "limit"), {"limit": True}, "`limit` is a whole number"),
        (lambda given: arguments.integer(given, "limit"), {"limit": 2**63}, "`limit` is a whole number"),
        (lambda given: arguments.count(given["rows"], "rows"), {"rows": -1}, "`rows` is a whole number, not below 0"),
        (lambda given: arguments.choice(given, "kind", ("a", "b")), {"kind": "c"}, "`kind` is one of: a, b"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(
    read: Callable[[Any], object], given: dict[str, object], message: str
) -> None:
    with pytest.raises(ControlError) as raised:
        read(given)

    assert str(raised.value) == message


def test_a_default_stands_in_for_what_is_not_given() -> None:
    assert arguments.text({}, "name", "x") == "x"
    assert arguments.integer({"limit": 2**63 - 1}, "limit") == 2**63 - 1
    assert arguments.choice({}, "kind", ("a", "b"), "b") == "b"
