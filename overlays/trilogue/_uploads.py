"""Makes a part of a multipart body out of a path, bytes or a file."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path
from typing import Any, TypeGuard

from trilogue_generated.runtime.operation import Upload

from ._http import FilePart, is_seekable
from .errors import InvalidArgument

_UNNAMED = "upload"
_UNKNOWN_TYPE = "application/octet-stream"


def file_part(value: Any, name: str) -> FilePart:
    """Return the part for a file argument; `name` is the argument.

    Raises:
        InvalidArgument: it is none of a path, bytes, a file opened for bytes or an `Upload`, or there is no such file.
    """
    if isinstance(value, Upload):
        return _part(name, value.content, _sendable(value.filename, name), value.content_type)
    if _is_path(value):
        return _from_path(name, Path(os.fsdecode(value)))
    return _part(name, value, _sendable(_name_of(value), name), None)


def _is_path(value: object) -> TypeGuard[str | os.PathLike[str]]:
    return isinstance(value, (str, os.PathLike))


def _is_binary(value: object) -> TypeGuard[bytes | bytearray | memoryview[int]]:
    return isinstance(value, (bytes, bytearray, memoryview))


def _from_path(name: str, path: Path) -> FilePart:
    if not path.is_file():
        raise InvalidArgument(f"{name}: there is no file at {path}")
    return FilePart(name, _sendable(path.name, name), _guess(path.name), str(path))


def _part(name: str, content: Any, filename: str, content_type: str | None) -> FilePart:
    media_type = content_type or _guess(filename)
    if not isinstance(media_type, str) or not media_type.isascii() or not media_type.isprintable():
        raise InvalidArgument(f"{name}: expected a content type such as image/png")
    if _is_binary(content):
        return FilePart(name, filename, media_type, bytes(content))
    if not hasattr(content, "read"):
        raise InvalidArgument(f"{name}: expected a path, bytes, a file or an Upload, not {type(content).__name__}")
    if not isinstance(_nothing_read(content), bytes):
        raise InvalidArgument(f"{name}: open the file for reading bytes, mode 'rb'")
    return FilePart(name, filename, media_type, content, content.tell() if is_seekable(content) else 0)


def _nothing_read(file: Any) -> object:
    try:
        return file.read(0)
    except (OSError, ValueError):  # it is closed, or only written to
        return None


def _sendable(filename: object, name: str) -> str:
    try:
        if isinstance(filename, str) and filename.encode():
            return filename
    except UnicodeEncodeError:
        pass
    raise InvalidArgument(f"{name}: its file name cannot be sent; give another with Upload(content, filename=...)")


def _name_of(file: Any) -> str:
    name = getattr(file, "name", None)
    return os.path.basename(name) if isinstance(name, str) else _UNNAMED


def _guess(filename: str) -> str:
    return mimetypes.guess_type(filename)[0] or _UNKNOWN_TYPE
