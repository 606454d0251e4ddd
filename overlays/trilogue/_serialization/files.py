"""Turns a file argument, a path, bytes or an open file, into a `FilePart`."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path
from typing import Any, TypeGuard

from trilogue_generated.runtime.operation import Upload

from .._http.file_parts import FilePart, is_seekable
from ..errors import InvalidArgument
from .strings import is_encodable

DEFAULT_NAME = "upload"
DEFAULT_TYPE = "application/octet-stream"


def file_part(value: Any, name: str) -> FilePart:
    """Return the part for a file argument; `name` is the argument.

    Raises:
        InvalidArgument: it is not a path, bytes, a file opened for bytes or an `Upload`, or there is no such file.
    """
    if isinstance(value, Upload):
        return _part(name, value.content, _require_filename(value.filename, name), value.content_type)
    if _is_path(value):
        return _from_path(name, Path(os.fsdecode(value)))
    return _part(name, value, _require_filename(_name_of(value), name), None)


def _is_path(value: object) -> TypeGuard[str | os.PathLike[str]]:
    return isinstance(value, (str, os.PathLike))


def _is_binary(value: object) -> TypeGuard[bytes | bytearray | memoryview[int]]:
    return isinstance(value, (bytes, bytearray, memoryview))


def _from_path(name: str, path: Path) -> FilePart:
    if not path.is_file():
        raise InvalidArgument(f"{name}: no file at {path}; check the path")
    return FilePart(name, _require_filename(path.name, name), _guess_type(path.name), str(path))


def _part(name: str, content: Any, filename: str, content_type: str | None) -> FilePart:
    media_type = content_type or _guess_type(filename)
    if not isinstance(media_type, str) or not media_type.isascii() or not media_type.isprintable():
        raise InvalidArgument(f"{name}: expected a content type such as image/png")
    if _is_binary(content):
        return FilePart(name, filename, media_type, bytes(content))
    if not hasattr(content, "read"):
        raise InvalidArgument(f"{name}: expected a path, bytes, a file or an Upload, not {type(content).__name__}")
    if not isinstance(_read_nothing(content), bytes):
        raise InvalidArgument(f"{name}: cannot be read as bytes; open the file with mode 'rb'")
    return FilePart(name, filename, media_type, content, content.tell() if is_seekable(content) else 0)


def _read_nothing(file: Any) -> object:
    try:
        return file.read(0)
    except (OSError, ValueError):  # it is closed, or only writable
        return None


def _require_filename(filename: object, name: str) -> str:
    if isinstance(filename, str) and filename and is_encodable(filename):
        return filename
    raise InvalidArgument(f"{name}: its file name cannot be sent; pass another with Upload(content, filename=...)")


def _name_of(file: Any) -> str:
    name = getattr(file, "name", None)
    return os.path.basename(name) if isinstance(name, str) else DEFAULT_NAME


def _guess_type(filename: str) -> str:
    return mimetypes.guess_type(filename)[0] or DEFAULT_TYPE
