"""Holds a description against all rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .description import Description
from .documents import DOCUMENT_RULES
from .methods import METHOD_RULES
from .operations import OPERATION_RULES, WEBHOOK_RULES
from .rule import Failure, Rule
from .schemas import SCHEMA_RULES

RULES: tuple[Rule[Any], ...] = (*DOCUMENT_RULES, *OPERATION_RULES, *METHOD_RULES, *WEBHOOK_RULES, *SCHEMA_RULES)


def applied(description: Description) -> Iterator[tuple[Rule[Any], Any, str]]:
    """Yield each rule with each subject that it concerns, and the name of the subject."""
    whole: Sequence[tuple[tuple[Rule[Any], ...], Sequence[tuple[str, Any]]]] = (
        (DOCUMENT_RULES, [("", description)]),
        ((*METHOD_RULES, *OPERATION_RULES), [(each.name, each) for each in description.operations]),
        (WEBHOOK_RULES, [(each.name, each) for each in description.webhooks]),
        (SCHEMA_RULES, [(each.name, each) for each in description.schemas]),
    )
    for rules, subjects in whole:
        for rule in rules:
            yield from ((rule, subject, name) for name, subject in subjects if rule.concerns(subject))


def failures(description: Description) -> Iterator[Failure]:
    """Yield each breach of a rule."""
    for rule, subject, _ in applied(description):
        yield from rule.failures(subject)
