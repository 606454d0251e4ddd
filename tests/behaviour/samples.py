"""Which requests of a run to explore: for each thing to be seen, those soonest reached and those that show most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs
from msgspec.structs import replace

from tests.behaviour.descriptions import Document, Fact
from tests.behaviour.requests import inputs
from tests.replay.collecting import of_platform
from tests.replay.sessions import Exchange, Session

SESSION_STEPS = 200
"""How many steps of a session are kept."""

SHORTEST, RICHEST = 4, 3
"""How many requests are explored for one fact: those soonest reached, and those with the longest responses."""

FOLLOWING = 8
"""How many of the steps after a request show what it changed."""


def wanted(document: Document, exchange: Exchange) -> Iterator[Fact]:
    """Return what exploring a request may show."""
    operation = document.operations.get(exchange.operation)
    if operation is None or not 200 <= exchange.response.status < 300:
        return
    yield Fact(operation.id, "status", str(exchange.response.status))
    for given in inputs(operation, exchange.request):
        yield operation.input_fact(given.type, given.name)
    for link in operation.links:
        if link.status == str(exchange.response.status):
            yield Fact(operation.id, "link", link.fact_name)


def find(recorded: Iterable[Session], document: Document) -> list[tuple[Session, dict[int, set[Fact]]]]:
    """Return the sessions to explore, the shortest ways first, and at which steps of them to stop for what."""
    by_id = {session.id: session for session in recorded}
    ways: dict[Fact, list[_Way]] = {}
    for session in by_id.values():
        before = _steps_before(session)
        for index, step in enumerate(session.steps):
            for fact in wanted(document, step) if isinstance(step, Exchange) else ():
                ways.setdefault(fact, []).append(_Way(before + index, _order(session.id), index, step))
    stops: dict[str, dict[int, set[Fact]]] = {}
    for fact, found in ways.items():
        for way in _best(found):
            stops.setdefault("#".join(map(str, way.session)), {}).setdefault(way.index, set()).add(fact)
    ordered = sorted(stops, key=lambda id: (_steps_before(by_id[id]) + max(stops[id]), _order(id)))
    return [(by_id[id], stops[id]) for id in ordered]


@attrs.frozen(order=True)
class _Way:
    """How a request is reached: after how many steps, and where in which session it is."""

    length: int
    session: tuple[str, int]
    index: int
    exchange: Exchange = attrs.field(order=False)


def _best(ways: Iterable[_Way]) -> list[_Way]:
    shortest = sorted(ways)
    richest = sorted(shortest, key=lambda way: -len(way.exchange.response.body))
    return [*shortest[:SHORTEST], *richest[:RICHEST]]


def _order(id: str) -> tuple[str, int]:
    """Return what sessions are ordered by: their source and number, whichever process ran them."""
    source, _, number = id.rpartition("#")
    return source, int(number)


def choose(recorded: Iterable[Session], platform: str, document: Document) -> list[Session]:
    """Return the sessions to explore and those they branch from, without what comes after."""
    own = of_platform(recorded, platform)
    by_id = {session.id: session for session in own}
    lengths: dict[str, int] = {}
    for session, stops in find(own, document):
        lengths[session.id] = max(lengths.get(session.id, 0), max(stops) + 1 + FOLLOWING)
        while session.parent is not None:
            lengths[session.parent] = max(lengths.get(session.parent, 0), session.at)
            session = by_id[session.parent]
    return [replace(session, steps=session.steps[: lengths[session.id]]) for session in own if session.id in lengths]


def _steps_before(session: Session) -> int:
    """Return what the way to the beginning of a session counts; a shared beginning is played once for all."""
    return 0 if session.parent is None else 1
