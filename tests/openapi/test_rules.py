"""Every operation, every schema and every description keeps the rules."""

from __future__ import annotations

from typing import Any

import pytest
from description_rules import Rule
from description_rules.check import applied
from description_rules.description import descriptions


@pytest.mark.parametrize(
    ("rule", "subject"),
    [
        pytest.param(rule, subject, id=f"{description.platform.name}-{getattr(subject, 'name', 'whole')}-{rule.name}")
        for description in descriptions()
        for rule, subject in applied(description)
    ],
)
def test_a_description_keeps_the_rule(rule: Rule[Any], subject: Any) -> None:
    failures = rule.failures(subject)

    assert not failures, "\n".join(map(str, failures))
