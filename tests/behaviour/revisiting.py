"""Goes back, at the end of a session, to operations beside its own and with other rows: there is more to show then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tests.behaviour.identifiers import Ids, others_like
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


class Revisits:
    """Makes requests at the end of sessions, as long as they may show something that is still missing."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._tried: Counter[str] = Counter()

    def make(self, session: Session, player: Player, samples: Mapping[str, Sequence[Sent]], ids: Ids) -> None:
        """Ask for what the operations of the tags of a session show at its end."""
        operations = self._observer.document.operations
        tags = {operations[step.operation].tag for step in session.exchanges if step.operation}
        for operation in operations.values():
            probe = Probe(self._observer, operation, player, Sent("", "", ""), session, (), samples, ids)
            if operation.tag in tags and probe.observer.misses(operation.id, "response"):
                self._revisit(probe)

    def _revisit(self, probe: Probe) -> None:
        for sent in _requests(probe):
            if self._tried[probe.operation.id] >= TRIES or not probe.observer.misses(probe.operation.id, "response"):
                return
            before = len(self._observer.missing)
            self._tried[probe.operation.id] += 1
            if probe.operation.is_read:
                probe.ask(probe.player.sandbox, sent)
            else:
                probe.ask_before(sent)
            if len(self._observer.missing) < before:
                self._tried[probe.operation.id] = 0


def _requests(probe: Probe) -> Iterator[Sent]:
    own = [step.request for step in probe.session.exchanges if step.operation == probe.operation.id]
    samples = (*own[-SAMPLES:], *probe.samples.get(probe.operation.id, ())[:SAMPLES])
    for sent in {str(sent): sent for sent in map(probe.player.translate, samples)}.values():
        yield sent
        for given in inputs(probe.operation, sent):
            yield from map(given.change, others_like(given.value, probe.ids)[:ROWS])
