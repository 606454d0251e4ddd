"""Goes back, at the end of a session, to operations beside its own and with other rows, as there is more to show by then."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.behaviour.descriptions import Operation
from tests.behaviour.observing import Observer
from tests.behaviour.probing import Probe
from tests.behaviour.requests import inputs
from tests.replay.replaying import Player
from tests.replay.sessions import Sent, Session

SAMPLES = 2
"""How many requests of each operation are made again."""

ROWS = 12
"""How many rows each of them is made for."""

TRIES = 150
"""How many requests are made for one operation that shows nothing new."""

_ID = re.compile(r"\b(?:((?:[a-z]+_)+)[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")


class Revisits:
    """Makes requests at the end of sessions, as long as they may show something that is still missing."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._tried: Counter[str] = Counter()

    def make(self, session: Session, player: Player, samples: Mapping[str, Sequence[Sent]]) -> None:
        """Ask for what the operations of the tags of a session show at its end."""
        operations = self._observer.document.operations
        tags = {operations[step.operation].tag for step in session.exchanges if step.operation}
        known = _ids(step.response.body for step in session.exchanges)
        for operation in operations.values():
            probe = Probe(self._observer, operation, player, Sent("", "", ""), session, (), samples)
            if operation.tag in tags and probe.misses(operation, "response"):
                self._revisit(probe, known)

    def _revisit(self, probe: Probe, known: Mapping[str, Sequence[str]]) -> None:
        for sent in _requests(probe, known):
            if self._tried[probe.operation.id] >= TRIES or not probe.misses(probe.operation, "response"):
                return
            before = len(self._observer.missing)
            self._tried[probe.operation.id] += 1
            if probe.operation.is_read:
                probe.ask(probe.player.sandbox, sent)
            else:
                probe.ask_before(sent)
            if len(self._observer.missing) < before:
                self._tried[probe.operation.id] = 0


def _requests(probe: Probe, known: Mapping[str, Sequence[str]]) -> Iterator[Sent]:
    own = [step.request for step in probe.session.exchanges if step.operation == probe.operation.id]
    samples = (*own[-SAMPLES:], *probe.samples.get(probe.operation.id, ())[:SAMPLES])
    for sent in {str(sent): sent for sent in map(probe.player.translate, samples)}.values():
        yield sent
        yield from _for_other_rows(probe.operation, sent, known)


def _for_other_rows(operation: Operation, sent: Sent, known: Mapping[str, Sequence[str]]) -> Iterator[Sent]:
    for given in inputs(operation, sent):
        found = _ID.fullmatch(given.value) if isinstance(given.value, str) else None
        if found is not None:
            for id in itertools.islice(known.get(found[1] or "", ()), ROWS):
                yield given.change(id)


def _ids(bodies: Iterable[str]) -> dict[str, list[str]]:
    """Return the ids in some responses by their kind, which the prefix tells, the latest first."""
    known: dict[str, list[str]] = {}
    for found in _ID.finditer(" ".join(bodies)):
        known.setdefault(found[1] or "", []).append(found[0])
    return {kind: list(dict.fromkeys(reversed(ids))) for kind, ids in known.items()}
