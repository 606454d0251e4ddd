"""Media types: which one the ending of a file name suggests, and what one looks like."""

from __future__ import annotations

import re

_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(;[ -~]*)?", re.ASCII)

_BY_ENDING = {
    "css": "text/css",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "gif": "image/gif",
    "gz": "application/gzip",
    "htm": "text/html",
    "html": "text/html",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "md": "text/markdown",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ogg": "audio/ogg",
    "pdf": "application/pdf",
    "png": "image/png",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "wav": "audio/wav",
    "webp": "image/webp",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "zip": "application/zip",
}


def suggested_by(key: str) -> str:
    """Return the media type of a file name; `application/octet-stream` where its ending says nothing."""
    return _BY_ENDING.get(key.rpartition(".")[2].lower(), "application/octet-stream")


def is_media_type(text: str) -> bool:
    """Whether a text is written as a media type is, such as `text/plain; charset=utf-8`."""
    return _MEDIA_TYPE.fullmatch(text) is not None
