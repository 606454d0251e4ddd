"""The command: read two descriptions, say what the change means, set the exit status."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from .documents import DocumentError, is_mapping
from .findings import Level
from .report import as_json, as_text, diff, worst

_USAGE = """OLD and NEW are each a file (JSON or YAML, bundled), or PLATFORM@REVISION: the description of that platform
as committed at a git revision or tag (rapidpro@HEAD, botpress@v0.1.0), or a platform's name alone: as it is now."""


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status: 1 for a finding of the level asked for, 2 for a wrong call."""
    parser = argparse.ArgumentParser(
        prog="scripts/spec-diff", description="Says what a change of a description means for callers.", epilog=_USAGE
    )
    parser.add_argument("old", metavar="OLD")
    parser.add_argument("new", metavar="NEW")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--fail-on", choices=("breaking", "risky", "compatible"), help="exit with 1 for such a finding")
    options = parser.parse_args(arguments)
    try:
        findings = diff(read(options.old), read(options.new))
    except DocumentError as error:
        print(f"scripts/spec-diff: {error}", file=sys.stderr)
        return 2
    print(as_json(findings) if options.format == "json" else as_text(findings))
    return int(bool(options.fail_on and findings and worst(findings) >= Level[options.fail_on.upper()]))


def read(name: str) -> dict[str, Any]:
    """Read a description.

    Raises:
        DocumentError: there is none of that name, or it is no OpenAPI document.
    """
    path = Path(name)
    if path.is_file():
        return _parse(path.read_text(encoding="utf-8"), name)
    platform, at, revision = name.partition("@")
    if at:
        return _parse(_committed(platform, revision), name)
    bundled = _bundle_path(platform)
    if bundled.is_file():
        return _parse(bundled.read_text(encoding="utf-8"), name)
    raise DocumentError(f"{name} is no file, no platform and no PLATFORM@REVISION")


def _bundle_path(platform: str) -> Path:
    return Path(__file__).resolve().parents[2] / "generated" / "trilogue_generated" / platform / "openapi.json"


def _committed(platform: str, revision: str) -> str:
    path = _bundle_path(platform)
    root = Path(__file__).resolve().parents[2]
    shown = subprocess.run(
        ("git", "show", f"{revision}:{path.relative_to(root).as_posix()}"),
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if shown.returncode:
        raise DocumentError(f"{platform}@{revision}: {shown.stderr.strip()}")
    return shown.stdout


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise DocumentError(f"{name}: {error}") from error
    if not is_mapping(document) or "openapi" not in document:
        raise DocumentError(f"{name} is no OpenAPI document: it has no `openapi`")
    return dict(document)
