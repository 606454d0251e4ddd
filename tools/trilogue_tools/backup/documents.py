"""Files that are the same for the same content: sorted, indented, without what changes by itself."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from trilogue_tools.errors import UsageError

FORMAT = 1
"""The version of the layout of a backup, in `backup.json`."""

VOLATILE = frozenset(
    {
        *("count", "counts", "runs", "usages", "modified_on", "site", "url", "updatedAt", "status", "rows"),
        *("lastUpdatedAt", "webhookUrl", "iconUrl", "indexingStack", "failedStatusReason", "statusReason"),
        *("failedAttempts", "lastFailureReason"),
    }
)
"""Fields that change without anybody changing the definition, or that lead to another place each time."""

_SECRET = re.compile(r"secret|token|password|api_?key", re.IGNORECASE)
LEFT_OUT = "(left out of the backup)"


def stable(value: Any) -> Any:
    """Return a document without volatile fields at its top, and with secrets left out at any depth."""
    if isinstance(value, dict):
        document = cast("dict[str, Any]", value)
        return {key: _without_secrets(key, item) for key, item in document.items() if key not in VOLATILE}
    return value


def _without_secrets(key: str, value: Any) -> Any:
    if _SECRET.search(key) and isinstance(value, str) and value:
        return LEFT_OUT
    if isinstance(value, dict):
        return {inner: _without_secrets(inner, item) for inner, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_without_secrets("", item) for item in value]
    return value


def write(file: Path, document: Any) -> None:
    """Write a document as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False, default=str)
    file.write_text(text + "\n", encoding="utf-8")


def write_list(file: Path, documents: Iterable[Any]) -> None:
    """Write documents in the order of their names."""
    write(file, sorted(map(stable, documents), key=_order))


def read(file: Path) -> Any:
    """Return a document; an empty list if there is no such file.

    Raises:
        UsageError: it is no JSON.
    """
    try:
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    except ValueError as error:
        raise UsageError(f"{file} is no JSON: {error}") from error


def file_name(name: str, identity: str) -> str:
    """Return a name for a file: readable, and different for different identities."""
    readable = re.sub(r"[^\w]+", "-", name.lower()).strip("-")[:60]
    return f"{readable or 'unnamed'}.{identity}"


def _order(document: Any) -> tuple[str, str]:
    names = ("name", "key", "email")
    name = next((str(document[key]) for key in names if document.get(key)), "")
    return name.lower(), json.dumps(document, sort_keys=True, default=str)


@contextmanager
def replaced(folder: Path) -> Generator[Path]:
    """Give an empty folder to fill in a block, and put it in place of the old one when it is complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new, old = (folder.with_name(f".{folder.name}.{word}") for word in ("new", "old"))
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)
    new.mkdir()
    try:
        yield new
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
