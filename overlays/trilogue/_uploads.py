"""Makes a part of a multipart body out of a path, bytes or a file."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path
from typing import IO, Any, TypeGuard

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
    if _is_path(value):
        return _from_path(name, Path(value))
    return _part(name, value, _name_of(value), None)


def _is_path(value: object) -> TypeGuard[str | os.PathLike[str]]:
    return isinstance(value, (str, os.PathLike))


def _from_path(name: str, path: Path) -> FilePart:
    if not path.is_file():
        raise InvalidArgument(f"{name}: there is no file at {path}")
    return FilePart(name, path.name, _guess(path.name), str(path))


def _part(name: str, content: Any, filename: str, content_type: str | None) -> FilePart:
    return FilePart(name, filename, content_type or _guess(filename), _repeatable(name, content))


def _repeatable(name: str, content: Any) -> bytes | IO[bytes]:
    """Return content that can be sent as often as need be, from where a file stands; a stream is read for that."""
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content)
    if not hasattr(content, "read"):
        raise InvalidArgument(f"{name}: expected a path, bytes, a file or an Upload, not {type(content).__name__}")
    if not isinstance(content.read(0), bytes):
        raise InvalidArgument(f"{name}: open the file for reading bytes, mode 'rb'")
    at_start = hasattr(content, "seekable") and content.seekable() and content.tell() == 0
    return content if at_start else content.read()  # type: ignore[no-any-return]  # its read gives bytes


def _name_of(file: Any) -> str:
    name = getattr(file, "name", None)
    return os.path.basename(name) if isinstance(name, str) else _UNNAMED


def _guess(filename: str) -> str:
    return mimetypes.guess_type(filename)[0] or _UNKNOWN_TYPE
