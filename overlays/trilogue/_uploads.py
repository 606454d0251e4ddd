"""Makes a part of a multipart body out of a path, bytes or a file."""

from __future__ import annotations

import io
import mimetypes
import os
from pathlib import Path
from typing import Any

from trilogue_generated.runtime.operation import Upload

from ._http import FilePart
from .errors import InvalidArgument

_UNNAMED = "upload"
_UNKNOWN_TYPE = "application/octet-stream"


def file_part(value: Any, name: str) -> FilePart:
    """Return the part for a file argument; `name` is the argument.

    Raises:
        InvalidArgument: it is none of a path, bytes, a file opened for bytes or an `Upload`, or there is no such file.
    """
    if isinstance(value, Upload):
        return _part(name, value.content, value.filename, value.content_type)
    if isinstance(value, (str, os.PathLike)):
        return _from_path(name, Path(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _part(name, bytes(value), _UNNAMED, None)
    if isinstance(value, io.TextIOBase):
        raise InvalidArgument(f"{name}: open the file for reading bytes, mode 'rb'")
    if hasattr(value, "read"):
        return _part(name, value, _name_of(value), None)
    raise InvalidArgument(f"{name}: expected a path, bytes, a file or an Upload, not {type(value).__name__}")


def _from_path(name: str, path: Path) -> FilePart:
    if not path.is_file():
        raise InvalidArgument(f"{name}: there is no file at {path}")
    return FilePart(name, path.name, _guess(path.name), str(path))


def _part(name: str, content: Any, filename: str, content_type: str | None) -> FilePart:
    start = content.tell() if hasattr(content, "seekable") and content.seekable() else 0
    return FilePart(name, filename, content_type or _guess(filename), content, start)


def _name_of(file: Any) -> str:
    name = getattr(file, "name", None)
    return os.path.basename(name) if isinstance(name, str) else _UNNAMED


def _guess(filename: str) -> str:
    return mimetypes.guess_type(filename)[0] or _UNKNOWN_TYPE
