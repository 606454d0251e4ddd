"""What is recorded: sessions of steps, kept as compressed JSON lines, one file per platform."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

Pairs: TypeAlias = tuple[tuple[str, str], ...]


class Sent(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request. The body is Latin-1, which holds any byte."""

    method: str
    path: str
    base_url: str
    query: Pairs = ()
    headers: Pairs = ()
    body: str = ""


class Received(msgspec.Struct, frozen=True, omit_defaults=True):
    """A response. The body is Latin-1, as above."""

    status: int
    headers: Pairs = ()
    body: str = ""


class Exchange(msgspec.Struct, frozen=True, tag="exchange", omit_defaults=True):
    """A request to a platform or to the control plane, and its response."""

    request: Sent
    response: Received
    platform: str = ""
    operation: str = ""


class Control(msgspec.Struct, frozen=True, tag="control", omit_defaults=True):
    """A control action and its result, or the message of its error."""

    platform: str
    action: str
    arguments: dict[str, Any]
    result: Any = None
    error: str | None = None


class Seed(msgspec.Struct, frozen=True, tag="seed", omit_defaults=True):
    """Seed data and what was made of it, or the message of the error."""

    platform: str
    data: dict[str, Any]
    result: Any = None
    error: str | None = None


class Mount(msgspec.Struct, frozen=True, tag="mount"):
    """The first look at a platform, which fills it with its default data."""

    platform: str


class Advance(msgspec.Struct, frozen=True, tag="advance"):
    """A move of the clock to a time in ISO 8601."""

    to: str


class Settle(msgspec.Struct, frozen=True, tag="settle"):
    """A wait for the background jobs."""


class Reset(msgspec.Struct, frozen=True, tag="reset"):
    """A reset of one platform, or of all."""

    platform: str | None = None


Step: TypeAlias = Exchange | Control | Seed | Mount | Advance | Settle | Reset


class Session(msgspec.Struct, omit_defaults=True):
    """One sandbox and what was done with it.

    A session with a `parent` begins as a copy of that session after its first `at` steps.
    """

    id: str
    source: str
    seed: int
    start: str
    parent: str | None = None
    at: int = 0
    flavour: str | None = None
    steps: list[Step] = []

    @property
    def exchanges(self) -> Iterator[Exchange]:
        """The requests to platforms."""
        return (step for step in self.steps if isinstance(step, Exchange) and step.platform)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Session)


def write(path: Path, sessions: Iterable[Session]) -> None:
    """Write sessions, parents before their children."""
    with gzip.open(path, "wb", compresslevel=6) as file:
        for session in sessions:
            file.write(_encoder.encode(session) + b"\n")


def read(path: Path) -> list[Session]:
    """Read the sessions of a file."""
    with gzip.open(path, "rb") as file:
        return [_decoder.decode(line) for line in file]


def platform_of(step: Step) -> str | None:
    """Return the platform a step is about, if it is about one."""
    return getattr(step, "platform", None) or None


def with_ancestors(sessions: Iterable[Session], is_wanted: Callable[[Session], bool]) -> list[Session]:
    """Return the sessions that are wanted and those they branch from."""
    by_id = {session.id: session for session in sessions}
    needed: set[str] = set()
    for session in filter(is_wanted, by_id.values()):
        one: Session | None = session
        while one is not None and one.id not in needed:
            needed.add(one.id)
            one = by_id.get(one.parent or "")
    return [session for session in by_id.values() if session.id in needed]
