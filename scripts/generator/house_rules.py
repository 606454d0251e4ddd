"""The house rules of the descriptions, which are tests, asked before anything is generated."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any


def breaches(root: Path, platform: str, document: Mapping[str, object]) -> list[str]:
    """Return a line for each house rule that a bundled description breaks; `root` is that of the repository."""
    sys.path.append(str(root))
    rules: Any = import_module("tests.openapi.rules")
    description: Any = import_module("tests.openapi.description").Description(platform, document)
    return sorted({str(failure) for failure in _failures(rules, description)})


def _failures(rules: Any, description: Any) -> Iterator[Any]:
    subjects = (
        ((*rules.SDK_RULES, *rules.OPERATION_RULES), description.operations),
        (rules.SCHEMA_RULES, description.schemas),
        (rules.DOCUMENT_RULES, (description,)),
    )
    for listed, members in subjects:
        for rule in listed:
            yield from (failure for member in members if rule.concerns(member) for failure in rule.failures(member))
