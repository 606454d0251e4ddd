"""The types of @botpress/client, as it comes from npm, against those of the description: each must fit the other.

openapi-typescript makes the description's types, and tsc checks every request and response both ways, so that a new
release of the client shows what it changed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from trilogue_sandbox.kernel.description import Description

from tests.conftest import ROOT

PACKAGES = ROOT / "scripts" / "node" / "node_modules"
BUNDLE = ROOT / "generated" / "trilogue_generated" / "botpress" / "openapi.json"
TYPES = Path(__file__).with_name("botpress") / "types.ts"
SECONDS = 300

ACCEPTED = {
    # Its comment takes `true` or an array of page numbers, its type neither.
    ("upsertFile", "request of the client"),
    ("upsertFile", "request of the description"),
    # A header, which it takes among its arguments.
    ("copyFile", "request properties of the client"),
}

COMPARISONS = {
    "{side} of the client": "const ours: {ours} = some<{theirs}>()",
    "{side} of the description": "const theirs: {theirs} = some<{ours}>()",
    "{side} properties of the client": (
        "const missing: never = some<Exclude<Properties<{theirs}>, Properties<{ours}>>>()"
    ),
    "{side} properties of the description": (
        "const surplus: never = some<Exclude<Properties<{ours}>, Properties<{theirs}>>>()"
    ),
}
SIDES = {"request": ("Request", "Inputs"), "response": ("Response", "Outputs")}


def comparisons(ours: str, theirs: str) -> Iterator[tuple[str, str]]:
    """The comparisons of an operation of the description with one of the client: the name and the code of each."""
    for side, (mine, yours) in SIDES.items():
        for name, code in COMPARISONS.items():
            types = {"ours": f"{mine}<operations['{ours}']>", "theirs": f"{yours}['{theirs}']"}
            yield name.format(side=side), code.format(**types)


def run(command: Sequence[str | Path], folder: Path) -> str:
    """The output of a command, which may fail."""
    if not Path(command[0]).exists():
        pytest.fail("the type checkers are not installed; run: npm ci --prefix scripts/node --ignore-scripts")
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False).stdout


@pytest.fixture(scope="module")
def differences(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """The operations with the comparisons that fail; as `control` those of two that have nothing in common."""
    folder = tmp_path_factory.mktemp("types")
    (folder / "node_modules").symlink_to(PACKAGES)
    pairs = [(name, name, name) for name in Description.load("botpress").operations]
    checks = [
        (name, comparison, code)
        for name, ours, theirs in (*pairs, ("control", "updateUser", "findTableRows"))
        for comparison, code in comparisons(ours, theirs)
    ]
    shutil.copy(TYPES, folder / "check.ts")
    before = TYPES.read_text(encoding="utf-8").count("\n")
    with (folder / "check.ts").open("a", encoding="utf-8") as file:
        file.writelines(f"{{ {code} }}\n" for _, _, code in checks)
    run(
        [PACKAGES / ".bin" / "openapi-typescript", BUNDLE, "--default-non-nullable=false", "-o", "description.d.ts"],
        folder,
    )
    options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "esnext", "--module", "esnext"]
    report = run([PACKAGES / ".bin" / "tsc", *options, "--moduleResolution", "bundler", "check.ts"], folder)
    lines = [int(found) - before - 1 for found in re.findall(r"^check\.ts\((\d+),", report, re.MULTILINE)]
    assert lines, report
    assert min(lines) >= 0, report
    return {checks[line][:2] for line in lines}


def test_a_comparison_of_different_types_fails(differences: set[tuple[str, str]]) -> None:
    names = {name for operation, name in differences if operation == "control"}

    assert names == {name for name, _ in comparisons("updateUser", "findTableRows")}


def test_the_types_of_the_client_and_the_description_fit_each_other(differences: set[tuple[str, str]]) -> None:
    assert {found for found in differences if found[0] != "control"} == ACCEPTED
