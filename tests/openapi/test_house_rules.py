"""Every operation, every schema and every description keeps the house rules."""

from __future__ import annotations

from typing import Any

import pytest

from .description import Description, Operation, Schemas, descriptions
from .rules import DOCUMENT_RULES, OPERATION_RULES, SCHEMA_RULES, SDK_RULES, WEBHOOK_RULES, Rule


def cases(rules: tuple[Rule[Any], ...], subjects: list[tuple[str, Any]]) -> pytest.MarkDecorator:
    """Parametrize a test with each rule and each subject that the rule concerns."""
    return pytest.mark.parametrize(
        ("rule", "subject"),
        [
            pytest.param(rule, subject, id=f"{name}-{rule.name}")
            for name, subject in subjects
            for rule in rules
            if rule.concerns(subject)
        ],
    )


DESCRIPTIONS = [(description.platform, description) for description in descriptions()]
OPERATIONS = [(f"{platform}-{each.name}", each) for platform, whole in DESCRIPTIONS for each in whole.operations]
WEBHOOKS = [(f"{platform}-{each.name}", each) for platform, whole in DESCRIPTIONS for each in whole.webhooks]
SCHEMAS = [(f"{platform}-{each.name}", each) for platform, whole in DESCRIPTIONS for each in whole.schemas]


@cases((*SDK_RULES, *OPERATION_RULES), OPERATIONS)
def test_an_operation_keeps_the_rule(rule: Rule[Operation], subject: Operation) -> None:
    check(rule, subject)


@cases(WEBHOOK_RULES, WEBHOOKS)
def test_a_webhook_keeps_the_rule(rule: Rule[Operation], subject: Operation) -> None:
    check(rule, subject)


@cases(SCHEMA_RULES, SCHEMAS)
def test_a_schema_keeps_the_rule(rule: Rule[Schemas], subject: Schemas) -> None:
    check(rule, subject)


@cases(DOCUMENT_RULES, DESCRIPTIONS)
def test_a_description_keeps_the_rule(rule: Rule[Description], subject: Description) -> None:
    check(rule, subject)


def check(rule: Rule[Any], subject: Any) -> None:
    failures = rule.failures(subject)

    assert not failures, "\n".join(map(str, failures))
