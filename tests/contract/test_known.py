"""What the contract runs let pass is what the sandbox says today."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.contract.contract import HERE, ROOT
from tests.contract.known import has_deep_object

_HOOKS = sorted(HERE.glob("*_hooks.py"))
_VARIABLE_PARTS = re.compile(r"(?<!\\)[()|]|: |\.\*|\\[wSd]\+|\\?\[[^ ]*\][+*]?")
_WORDS = 3


@pytest.mark.parametrize("hooks", _HOOKS, ids=lambda path: path.stem)
def test_every_error_that_is_accepted_is_one_that_the_sandbox_can_send(hooks: Path) -> None:
    unknown = [phrase for phrase in _phrases(ast.parse(hooks.read_text())) if phrase not in _texts_of_sandbox()]
    assert not unknown, "no text of the sandbox has these words"


def test_a_text_that_no_longer_exists_is_noticed() -> None:
    accepted = ast.parse('ApiError((), r"Invalid(A|B): body/.*: the moon is \\w+, not full", "")')
    assert [*_phrases(accepted)] == ["the moon is", ", not full"]
    assert "the moon is" not in _texts_of_sandbox()


@pytest.mark.parametrize(("query", "expected"), [("tags%5Ba%5D=", True), ("tags[a]=null", True), ("tags=null", False)])
def test_a_map_in_a_query_is_noticed(query: str, expected: bool) -> None:
    assert has_deep_object(f"http://127.0.0.1/v1/files?{query}&limit=1") is expected


def _phrases(module: ast.Module) -> Iterator[str]:
    """Yield the fixed parts of the accepted messages; all with several words, or else the longest."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ApiError":
            pattern = str(ast.literal_eval(node.args[1]))
            parts = [re.sub(r"\\(.)", r"\1", part).strip() for part in _VARIABLE_PARTS.split(pattern)]
            yield from [part for part in parts if len(part.split()) >= _WORDS] or [max(parts, key=len)]


@cache
def _texts_of_sandbox() -> str:
    """Return all string literals of the sandbox."""
    modules = (ast.parse(path.read_text()) for path in (ROOT / "sandbox").rglob("*.py"))
    nodes = (node for module in modules for node in ast.walk(module))
    return "\n".join(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
