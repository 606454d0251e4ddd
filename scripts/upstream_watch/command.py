"""The command: fetch, compare, print, raise the versions."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from platforms import ROOT

from .parser_changes import generated_differences, missing_names
from .releases import (
    PACKAGE_JSON,
    PARSER,
    REQUIREMENTS,
    fetch_declarations,
    install_newest_parser,
    pin,
    pinned_npm_packages,
    pinned_parser,
)
from .type_changes import against_description, changes

_PLATFORMS = {"@botpress/client": "botpress", "@botpress/chat": "botpress_chat"}
"""The platform whose operations each package calls."""

_WRITTEN_BY_HAND = {"uploadFile"}
"""Methods of the official client that are no operation of the API."""


def main() -> int:
    """Run the command and return its exit status."""
    with tempfile.TemporaryDirectory() as folder:
        found = [_watch_package(name, version, Path(folder)) for name, version in pinned_npm_packages().items()]
        found.append(_watch_parser(Path(folder) / "parser"))
    if any(found):
        print("\nVersions were raised; `git diff` shows it. Run scripts/lock, scripts/generate and scripts/test next.")
    return 0


def _watch_package(package: str, pinned: str, folder: Path) -> bool:
    newest, declarations = fetch_declarations(package, "latest", folder)
    for line in against_description(declarations, described(package) | _WRITTEN_BY_HAND):
        print(f"{package}: {line}")
    if newest == pinned:
        print(f"{package}: {pinned} is the newest")
        return False
    _, before = fetch_declarations(package, pinned, folder)
    print(f"{package}: {pinned} -> {newest}")
    for line in changes(before, declarations):
        print(f"  {line}")
    pin(PACKAGE_JSON, f'"{package}": "{pinned}"', f'"{package}": "{newest}"')
    return True


def described(package: str) -> set[str]:
    """Return the operations that the description of a package's platform has."""
    bundle = ROOT / "generated" / "trilogue_generated" / _PLATFORMS[package] / "openapi.json"
    paths = json.loads(bundle.read_text(encoding="utf-8"))["paths"]
    return {operation["operationId"] for item in paths.values() for operation in item.values()}


def _watch_parser(folder: Path) -> bool:
    pinned, newest = pinned_parser(), install_newest_parser(folder)
    if newest == pinned:
        print(f"{PARSER}: {pinned} is the newest")
        return False
    print(f"{PARSER}: {pinned} -> {newest}")
    lines = missing_names(folder) or generated_differences(folder).splitlines() or ["generated code stays the same"]
    print("\n".join(f"  {line}" for line in lines))
    pin(REQUIREMENTS, f"{PARSER}=={pinned}", f"{PARSER}=={newest}")
    return True
