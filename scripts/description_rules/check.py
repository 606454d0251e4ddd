"""Holds a description against all rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .description import Description
from .documents import DOCUMENT_RULES
from .effects import EFFECT_RULES
from .methods import METHOD_RULES
from .operations import OPERATION_RULES, WEBHOOK_RULES
from .rule import Failure, Rule, Subject
from .schemas import SCHEMA_RULES
from .servers import SERVER_RULES
from .waits import WAIT_RULES

RULES: tuple[Rule[Any], ...] = (
    *DOCUMENT_RULES,
    *SERVER_RULES,
    *OPERATION_RULES,
    *METHOD_RULES,
    *WAIT_RULES,
    *EFFECT_RULES,
    *WEBHOOK_RULES,
    *SCHEMA_RULES,
)


def applied(description: Description) -> Iterator[tuple[Rule[Any], Any]]:
    """Yield each rule with each subject that it concerns."""
    yield from _applied((*DOCUMENT_RULES, *SERVER_RULES), [description])
    yield from _applied((*METHOD_RULES, *WAIT_RULES, *EFFECT_RULES, *OPERATION_RULES), description.operations)
    yield from _applied(WEBHOOK_RULES, description.webhooks)
    yield from _applied(SCHEMA_RULES, description.schemas)


def _applied(rules: Iterable[Rule[Subject]], subjects: Sequence[Subject]) -> Iterator[tuple[Rule[Any], Any]]:
    for rule in rules:
        yield from ((rule, subject) for subject in subjects if rule.concerns(subject))


def failures(description: Description) -> Iterator[Failure]:
    """Yield each breach of a rule."""
    for rule, subject in applied(description):
        yield from rule.failures(subject)
