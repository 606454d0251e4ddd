"""No circle among the modules of the client, whether at run time, for type checkers or within functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
import trilogue
import trilogue_generated

OVERLAYS = Path(trilogue.__file__).parent
GENERATED = Path(trilogue_generated.__file__).parent

MAX_LINES = 250


def modules_in(package: Path) -> dict[str, Path]:
    """The modules of a package, by their full names."""
    names: dict[str, Path] = {}
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


def import_graph(package: Path) -> dict[str, set[str]]:
    """The modules that each module of a package imports anywhere within it."""
    modules = modules_in(package)
    return {name: set(imports_of(name, path, modules)) & modules.keys() for name, path in modules.items()}


def imports_of(name: str, path: Path, modules: dict[str, Path]) -> Iterator[str]:
    parents = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = parents[: len(parents) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield submodule if (submodule := f"{source}.{alias.name}") in modules else source


def cycle_in(graph: dict[str, set[str]]) -> list[str]:
    """The modules of one circle, empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("package", [OVERLAYS, GENERATED / "runtime"], ids=["trilogue", "runtime"])
def test_no_module_imports_itself_through_others(package: Path) -> None:
    graph = import_graph(package)

    assert any(graph.values())
    assert cycle_in(graph) == []


@pytest.mark.parametrize(
    "statement",
    [
        "from .first import A",
        "from . import first",
        "import package.first",
        "from package import first",
        "if TYPE_CHECKING:\n    from .first import A",
        "def function():\n    from .first import A",
    ],
)
def test_a_circle_is_found_wherever_the_import_stands(tmp_path: Path, statement: str) -> None:
    package = tmp_path / "package"
    package.mkdir()
    for name, content in {"__init__": "", "first": "from .second import B", "second": statement}.items():
        (package / f"{name}.py").write_text(content)

    assert set(cycle_in(import_graph(package))) == {"package.first", "package.second"}


def test_only_one_folder_knows_the_http_library() -> None:
    knowing = {
        path.relative_to(OVERLAYS).parts[0]
        for path in modules_in(OVERLAYS).values()
        if "import httpx" in path.read_text(encoding="utf-8")
    }

    assert knowing == {"_http"}


@pytest.mark.parametrize("name", sorted(modules_in(OVERLAYS)))
def test_a_module_is_short_enough_to_hold_one_idea(name: str) -> None:
    assert len(modules_in(OVERLAYS)[name].read_text(encoding="utf-8").splitlines()) <= MAX_LINES
