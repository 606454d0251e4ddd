"""A file as a body, or as a part of one."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import IO

from msgspec.structs import replace

from .._records import Record


class FilePart(Record, frozen=True):
    """A file to send; `open` returns its content from the start, for each attempt."""

    name: str
    filename: str
    content_type: str
    source: bytes | IO[bytes] | str
    start: int = 0

    @contextmanager
    def open(self) -> Generator[bytes | IO[bytes]]:
        """Return the content from its start."""
        if isinstance(self.source, str):
            with open(self.source, "rb") as file:
                yield file
            return
        if not isinstance(self.source, bytes) and is_seekable(self.source):
            self.source.seek(self.start)
        yield self.source

    @property
    def size(self) -> int:
        """The number of bytes."""
        if isinstance(self.source, bytes):
            return len(self.source)
        if isinstance(self.source, str):
            return os.path.getsize(self.source)
        end = self.source.seek(0, os.SEEK_END)
        self.source.seek(self.start)
        return end - self.start

    @property
    def is_rewindable(self) -> bool:
        """Whether the content can be sent a second time."""
        return isinstance(self.source, (bytes, str)) or is_seekable(self.source)

    def buffered(self) -> FilePart:
        """Return it with its content in memory if httpx would send something else: a stream, a file in the middle.

        httpx takes the length of a stream to be 0, and sends a file from its start.
        """
        if isinstance(self.source, (bytes, str)) or (self.is_rewindable and self.start == 0):
            return self
        return replace(self, source=self.source.read(), start=0)


def is_seekable(file: IO[bytes]) -> bool:
    """Return whether a file can be read again; some file-like objects lack the method that says so."""
    return hasattr(file, "seekable") and file.seekable()
