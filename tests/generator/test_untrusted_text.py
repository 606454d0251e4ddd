"""Text of a description stays text, whatever is in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from generator.docstrings import docstring

ENDS = ['"""', "'''", '"', "'", "\\", '\\"""', '"""\\', "\n", "\r\n", "#", "{", "}", "%s", "\x00", "\u2028", "\a"]
TEXTS = [f"{end}; raise SystemExit('injected') #{end}" for end in ENDS] + ["A sentence. " + 'x\\"' * 200]
PROSE = ("description", "summary", "title")
OWN_ERROR = "AttributeError(f'module {__name__!r} has no attribute {name!r}')"


def replace_prose(node: Any, texts: Iterator[str]) -> None:
    """Put one text after the other in the place of summaries, descriptions and titles."""
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        if key in PROSE and isinstance(value, str):
            node[key] = next(texts)
        elif isinstance(value, (dict, list)):
            replace_prose(value, texts)


def nodes(folder: Path) -> Iterator[ast.AST]:
    for path in folder.rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def raised(folder: Path) -> set[str]:
    return {ast.unparse(node.exc) for node in nodes(folder) if isinstance(node, ast.Raise) and node.exc}


def texts(folder: Path) -> set[object]:
    return {node.value for node in nodes(folder) if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("indent", [0, 4, 8])
@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_no_text_ends_the_docstring_it_stands_in(text: str, indent: int) -> None:
    body = ast.parse(docstring(text, indent)).body

    assert len(body) == 1
    assert isinstance(body[0], ast.Expr)
    assert isinstance(body[0].value, ast.Constant)


@pytest.fixture(scope="module", params=[0, 6, 12])
def package(request: pytest.FixtureRequest, workshop: Any) -> Path:
    """A package whose prose is all hostile; each one begins with another text."""
    start = request.param
    hostile = cycle((*TEXTS[start:], *TEXTS[:start]))
    folder: Path = workshop.make("tiny", f"hostile{start}", edit=lambda document: replace_prose(document, hostile))
    return folder


def test_prose_cannot_become_code(package: Path) -> None:
    assert raised(package) == {OWN_ERROR}
    assert any("injected" in text for text in texts(package) if isinstance(text, str))


def test_a_package_of_hostile_prose_can_be_used(workshop: Any, package: Path, client: Any) -> None:
    models: ModuleType = workshop.load(f"{package.name}.models")
    client.response = {"id": 1, "text": "hello"}

    assert workshop.load(f"{package.name}.resources.notes").Notes(client).create(text="hello").id == 1
    assert all(getattr(models, name) for name in models.__all__)


def test_names_and_choices_cannot_become_code(workshop: Any) -> None:
    nasty = '"); raise SystemExit("injected") #'

    def edit(document: dict[str, Any]) -> None:
        schemas = document["components"]["schemas"]
        schemas["Mood"]["enum"].append(nasty)
        schemas["Problem"]["properties"][nasty] = {"type": "string"}
        schemas["Animal"]["discriminator"]["mapping"][nasty] = "#/components/schemas/Cat"
        parameters = document["paths"]["/pets"]["get"]["parameters"]
        parameters.append({"name": nasty, "in": "query", "schema": {"type": "string"}})

    folder = workshop.make("torture", "nasty", edit=edit)
    problem = workshop.load("nasty.models").Problem.from_dict({"message": "no", nasty: "kept"})

    assert raised(folder) == {OWN_ERROR}
    assert nasty in texts(folder)
    assert problem.to_dict() == {"message": "no", nasty: "kept"}
