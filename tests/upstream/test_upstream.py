"""What is said of newer releases of the packages that this project follows."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from upstream_watch.command import described
from upstream_watch.parser_changes import missing_names, names_taken
from upstream_watch.releases import pinned_npm_packages, pinned_parser
from upstream_watch.type_changes import against_description, changes, operations

from tests.conftest import ROOT

OLD = """\
interface Bot {
    id: string;
    name?: string;
}
type Tags = Record<string, string>;
declare class Client {
    readonly getBot: (input: GetBotInput) => Promise<Bot>;
    readonly listBots: (input: ListBotsInput) => Promise<Bot[]>;
}
"""


def test_a_release_without_changes_says_nothing() -> None:
    assert list(changes(OLD, OLD)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("getBot:", "getBot2:", ["operation getBot2 is new", "operation getBot is gone"]),
        ("interface Bot {", "interface Robot {", ["type Robot is new", "type Bot is gone"]),
        ("name?: string", "name: string", ["type Bot changed:\n  -    name?: string;\n  +    name: string;"]),
    ],
)
def test_what_came_went_or_changed_is_named(old: str, new: str, said: list[str]) -> None:
    assert list(changes(OLD, OLD.replace(old, new))) == said


def test_an_operation_that_no_description_has_is_named() -> None:
    assert list(against_description(OLD, {"getBot"})) == ["operation listBots is not described"]


@pytest.mark.parametrize("package", pinned_npm_packages())
def test_each_package_is_held_against_the_description_of_its_platform(package: str) -> None:
    files = sorted((ROOT / "scripts" / "node" / "node_modules" / package / "dist").rglob("*.d.ts"))
    declarations = "\n".join(path.read_text(encoding="utf-8") for path in files)

    assert operations(declarations) - {"uploadFile"} == described(package)


def test_the_declarations_of_the_official_client_are_understood() -> None:
    (declarations,) = (ROOT / "scripts" / "node" / "node_modules" / "@botpress" / "client").rglob("index.d.ts")
    text = declarations.read_text(encoding="utf-8")

    assert len(operations(text)) > 200
    assert list(changes(text, text)) == []
    narrowed = text.replace("type GetBotInput = ", "type GetBotInput = X & ")
    assert "type GetBotInput changed" in "\n".join(changes(text, narrowed))


@pytest.mark.parametrize(("module", "name"), list(names_taken()))
def test_the_pinned_parser_has_what_the_generator_takes_from_it(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name), f"{module}.{name} is gone"


def test_only_one_module_knows_the_parser() -> None:
    knowing = [
        path.name
        for path in (ROOT / "scripts" / "generator").glob("*.py")
        if "openapi_python_client" in path.read_text(encoding="utf-8")
    ]
    assert knowing == ["parser_internals.py"]


def test_a_name_that_another_release_lacks_is_named(tmp_path: Path) -> None:
    package = tmp_path / "openapi_python_client"
    package.mkdir()
    (package / "__init__.py").write_text("class Project: ...\n", encoding="utf-8")

    missing = missing_names(tmp_path)

    assert not any(line.startswith("openapi_python_client.Project ") for line in missing)
    assert len(missing) == len(list(names_taken())) - 1


def test_the_pinned_versions_are_found() -> None:
    assert "@botpress/client" in pinned_npm_packages()
    assert pinned_parser()[0].isdigit()
