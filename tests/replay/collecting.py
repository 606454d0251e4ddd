"""Makes a recording of what was recorded raw: what replays equal, split by platform."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from . import sessions
from .replaying import replay
from .sessions import Mount, Session, platform_of

RAW = "raw"

PASSES = 2
"""How often the recording must replay equal before it is taken."""


def collect(folder: Path) -> None:
    """Write `<platform>.jsonl.gz` from what stands in the folder's `raw`."""
    raw = [session for path in sorted((folder / RAW).glob("*.jsonl.gz")) for session in sessions.read(path)]
    for platform in sorted({name for session in raw for step in session.steps if (name := platform_of(step))}):
        kept = of_platform(raw, platform)
        for _ in range(PASSES):
            kept = repeatable(kept)
        sessions.write(folder / f"{platform}.jsonl.gz", kept)


def of_platform(raw: Iterable[Session], platform: str) -> list[Session]:
    """Return the sessions about one platform, with those they branch from."""
    by_id = {session.id: session for session in raw}
    kept = {session.id for session in by_id.values() if _is_about(session, by_id, platform)}
    needed = {ancestor.id for id in kept for ancestor in _lineage(by_id[id], by_id)}
    return [_without_other_mounts(by_id[id], by_id, platform) for id in by_id if id in needed]


def _is_about(session: Session, by_id: Mapping[str, Session], platform: str) -> bool:
    steps = [step for one in _lineage(session, by_id) for step in one.steps if not isinstance(step, Mount)]
    return any(True for _ in session.exchanges) and {platform_of(step) for step in steps} <= {None, platform}


def _lineage(session: Session, by_id: Mapping[str, Session]) -> Iterator[Session]:
    yield session
    while session.parent is not None:
        session = by_id[session.parent]
        yield session


def _without_other_mounts(session: Session, by_id: Mapping[str, Session], platform: str) -> Session:
    """Leave out where other platforms are mounted, which changes nothing for this one."""
    steps = [step for step in session.steps if _is_kept(step, platform)]
    parent = by_id[session.parent].steps[: session.at] if session.parent is not None else []
    return msgspec.structs.replace(session, steps=steps, at=sum(_is_kept(step, platform) for step in parent))


def _is_kept(step: sessions.Step, platform: str) -> bool:
    return not isinstance(step, Mount) or step.platform == platform


def repeatable(kept: list[Session]) -> list[Session]:
    """Cut each session where a replay differs, and leave out what branches from the rest of it."""
    ends: dict[str, int] = {}
    for result in replay(kept):
        if result.outcome != "equal":
            ends.setdefault(result.session.id, result.index)
    cut: dict[str, Session] = {}
    for session in kept:
        if session.parent is None or (session.parent in cut and session.at <= len(cut[session.parent].steps)):
            steps = session.steps[: ends.get(session.id)]
            cut[session.id] = msgspec.structs.replace(session, steps=steps)
    return list(cut.values())
