"""The file in which a run notes what was sent and what became of it, so that another run can go on from there."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from os import PathLike
from typing import IO, Any, Literal
from uuid import uuid4

from .._clock import Clock
from .._records import Record
from ..errors import InvalidArgument

try:
    import fcntl
except ImportError:  # Windows, where nothing keeps two processes from using one ledger
    fcntl = None  # type: ignore[assignment]

Note = Literal["sent", "done", "failed", "withdrawn"]
"""`sent` comes before a call, one of the others after it; `withdrawn` says that nothing was carried out."""

VERSION = 1
BEGINNING = f'{{"ledger":{VERSION},'.encode()


class Entry(Record, frozen=True):
    """The last note about an item, and its wall-clock time."""

    note: Note
    at: float


class Ledger:
    """A file of JSON lines, appended to and synced before and after each call. It has digests of items, not the items.

    The first line says for what it is. A line that was cut off by a crash is dropped.
    """

    def __init__(self, path: str | PathLike[str], purpose: str, clock: Clock) -> None:
        """Open the file, or create it.

        Raises:
            InvalidArgument: it is of another purpose, another process uses it, or it is no ledger.
        """
        self._file, self._clock = _open(path), clock
        content = self._file.read()
        complete = content[: content.rfind(b"\n") + 1]
        try:
            head, *lines = _read_lines(content, complete) or [_head(purpose)]
            self.id: str = head["id"]
            is_same = head["purpose"] == purpose
            self._entries = {item: Entry(line["note"], line["at"]) for line in lines for item in line["items"]}
        except (LookupError, TypeError, ValueError):
            raise self._refuse("is no ledger of trilogue; name another file") from None
        if not is_same:
            raise self._refuse("is of another method, or of other arguments; name another file")
        self._file.truncate(len(complete))
        self._file.seek(0, os.SEEK_END)
        if not complete:
            self._append(head)

    def entry(self, item: str) -> Entry | None:
        """Return the last note about an item; None if there is none, or it was withdrawn."""
        entry = self._entries.get(item)
        return None if entry is None or entry.note == "withdrawn" else entry

    def note(self, note: Note, items: Iterable[str]) -> None:
        """Append a note about items, and return once it is on the disk."""
        self._append({"note": note, "at": self._clock.now(), "items": list(items)})

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _append(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _refuse(self, reason: str) -> InvalidArgument:
        self._file.close()
        return InvalidArgument(f"ledger: the file {reason}")


def _read_lines(content: bytes, complete: bytes) -> list[Any]:
    """Return the complete lines of a ledger; raises ValueError for another file, which is not to be touched."""
    if not BEGINNING.startswith(content[: len(BEGINNING)]):
        raise ValueError("another file")
    return [json.loads(line) for line in complete.splitlines()]


def _head(purpose: str) -> dict[str, Any]:
    return {"ledger": VERSION, "purpose": purpose, "id": uuid4().hex}


def _open(path: str | PathLike[str]) -> IO[bytes]:
    if not isinstance(path, (str, PathLike)):
        raise InvalidArgument("ledger: expected the path of a file")
    try:
        file = open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")  # noqa: SIM115  the ledger closes it
    except OSError as error:
        raise InvalidArgument(f"ledger: the file cannot be opened ({error.strerror})") from None
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise InvalidArgument("ledger: another process uses the file; wait for it, or name another") from None
    return file


class Identities:
    """Tells items apart by their content; of equal ones, by how many came before."""

    def __init__(self) -> None:
        """Start before the first item."""
        self._seen = Counter[str]()

    def of(self, item: Any) -> str:
        """Return the identity of the next item."""
        digest = to_digest(item)
        self._seen[digest] += 1
        return f"{digest}.{self._seen[digest]}"


def to_digest(value: Any) -> str:
    """Return a digest of JSON values, and of what can stand for them."""
    return sha256(json.dumps(value, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()[:24]
