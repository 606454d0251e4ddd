"""Where the body of a response is written as it arrives, so that it need not fit into memory."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from io import TextIOBase
from typing import IO
from uuid import uuid4

from trilogue_generated.runtime.operation import DownloadTarget

from ..errors import InvalidArgument
from .file_parts import is_seekable


class Destination:
    """A path, which names the file only once it is complete, or an open file, which is written from where it stands.

    `keeps_encoding`: what is written is what was sent, not decompressed.
    """

    keeps_encoding = False

    def __init__(self, target: DownloadTarget) -> None:
        """Write nothing yet; raises InvalidArgument where that cannot be done."""
        self._target = os.fspath(target) if isinstance(target, (str, os.PathLike)) else target
        if isinstance(self._target, str):
            if not os.path.isdir(_folder(self._target)):
                raise InvalidArgument(f"to: there is no folder {_folder(self._target)}; create it first")
        elif not hasattr(target, "write") or isinstance(target, TextIOBase) or not is_seekable(self._target):
            raise InvalidArgument("to: expected a path, or a file opened for writing bytes that can be rewound")
        else:
            self._start = self._target.tell()

    @contextmanager
    def open(self, status: int, headers: Mapping[str, str]) -> Generator[IO[bytes]]:
        """Return a file for the body of one response; what an earlier one has written is dropped."""
        if not isinstance(self._target, str):
            self._target.seek(self._start)
            self._target.truncate()
            yield self._target
            return
        part = f"{os.path.abspath(self._target)}.{uuid4().hex}.part"
        try:
            with open(part, "xb") as file:  # not by `tempfile`, whose files nobody else may read
                yield file
        except BaseException:  # ctrl-C too leaves no half a file behind
            with suppress(OSError):
                os.unlink(part)
            raise
        os.replace(part, self._target)


def _folder(path: str) -> str:
    return os.path.dirname(os.path.abspath(path))
