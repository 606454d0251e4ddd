"""The package of one platform, from its bundled description to formatted files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import bundle

from .files import write
from .formatting import tidy
from .rendering import render
from .settings import Settings


def make_package(document: Mapping[str, object], settings: Settings, templates: Path, folder: Path) -> str:
    """Write the package of a platform into a folder and return what is in it, in words.

    Raises:
        GenerationError: no code can be made of the description.
    """
    rendered = render(document, settings, templates)
    write(folder, {**rendered.files, "openapi.json": bundle.to_json(dict(document)).decode()})
    tidy(folder)
    return f"{rendered.operations} operations, {rendered.methods} methods, {rendered.models} models"
