"""Which module of the sandbox may import which."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import trilogue_sandbox
from trilogue_generated.platforms import PLATFORMS

ROOT = Path(trilogue_sandbox.__file__).parent


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(file): file for file in ROOT.rglob("*.py")}


def imports_of(name: str) -> Iterator[str]:
    """Yield the modules of the sandbox that a module imports anywhere, also within functions and for types only."""
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from (inner & MODULES.keys() or {node.module})


def test_no_module_imports_itself_through_others() -> None:
    graph = {name: set(imports_of(name)) for name in MODULES if name != "trilogue_sandbox"}

    assert len(list(TopologicalSorter(graph).static_order())) >= len(graph)  # raises CycleError


def test_the_kernel_stands_alone_and_platforms_stand_on_nothing_but_it() -> None:
    def outside(layer: str, *allowed: str) -> set[str]:
        own = tuple(f"trilogue_sandbox.{name}." for name in (layer, *allowed))
        names = [name for name in MODULES if f"{name}.".startswith(f"trilogue_sandbox.{layer}.")]
        return {imported for name in names for imported in imports_of(name) if not f"{imported}.".startswith(own)}

    assert outside("kernel") == set()
    for platform in PLATFORMS:
        assert outside(platform, "kernel") == set()
