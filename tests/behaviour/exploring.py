"""Goes back to requests of the tests and asks copies of the sandbox what else would have happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from tests.behaviour import samples
from tests.behaviour.changing import Changes
from tests.behaviour.descriptions import Fact
from tests.behaviour.enriching import enrich, read_back
from tests.behaviour.identifiers import Ids, ids_in
from tests.behaviour.linking import follow
from tests.behaviour.observing import Observer
from tests.behaviour.paging import turn_page
from tests.behaviour.probing import Probe
from tests.behaviour.provoking import provoke
from tests.behaviour.revisiting import Revisits
from tests.replay.replaying import Player, begin
from tests.replay.sessions import Exchange, Sent, Session, Step

BODIES = 8
"""How many granted requests of each operation are at hand where others need what such a request has."""

ENRICHED, PROVOKED_OF_LISTED = 5, 1
"""How many requests of an operation are enriched, and provoked by where all that is missing is listed."""


class Explorer:
    """Explores the sessions of one platform; `listed` are the facts that nobody expects to see."""

    def __init__(self, observer: Observer, recorded: Iterable[Session], listed: Iterable[Fact] = ()) -> None:
        self.observer = observer
        self._by_id = {session.id: session for session in recorded}
        self._stops = samples.find(self._by_id.values(), observer.document)
        self._requests = _granted_requests(self._stops)
        self._beginnings: dict[tuple[str, int], Player] = {}
        observer.listed = frozenset(listed)
        self._changes = Changes(observer.listed)
        self._revisits = Revisits(observer)
        self._provoked: Counter[str] = Counter()
        self._enriched: Counter[str] = Counter()

    def explore(self) -> None:
        """Go through the sessions, as long as they may show something that is still missing."""
        for session, stops in self._stops:
            if any(map(self._may_show, stops.values())):
                self._explore_session(session, stops)
        for player in self._beginnings.values():
            player.sandbox.close()

    def _may_show(self, facts: Iterable[Fact]) -> bool:
        """Whether a request may still show something; the status it was granted with stands for all others."""
        missing = self.observer.missing
        open_statuses = {fact.operation for fact in missing if fact.type == "status"}
        return any(fact in missing or (fact.type == "status" and fact.operation in open_statuses) for fact in facts)

    def _explore_session(self, session: Session, stops: Mapping[int, set[Fact]]) -> None:
        player, ids = self._reach(session), ids_in(step.response.body for step in session.exchanges)
        with player.sandbox:
            for index, step in enumerate(session.steps[: max(stops) + 1]):
                if isinstance(step, Exchange) and self._may_show(stops.get(index, ())):
                    self._explore_request(self._probe(session, player, index, step, ids), step.response.status)
                player.play(step)
            self._revisits.make(session, player, self._requests, ids)

    def _reach(self, session: Session) -> Player:
        """Return a sandbox at the beginning of a session."""
        if session.parent is None:
            return begin(session)
        key = session.parent, session.at
        if key not in self._beginnings:
            parent = self._by_id[session.parent]
            player = self._reach(parent)
            for step in parent.steps[: session.at]:
                player.play(step)
            self._beginnings[key] = player
        return self._beginnings[key].branch()

    def _probe(self, session: Session, player: Player, index: int, step: Exchange, ids: Ids) -> Probe:
        operation = self.observer.document.operations[step.operation]
        following = session.steps[index + 1 : index + 1 + samples.FOLLOWING]
        return Probe(
            self.observer, operation, player, player.translate(step.request), session, following, self._requests, ids
        )

    def _explore_request(self, probe: Probe, status: int) -> None:
        if probe.ask_before(probe.sent).status != status:
            return  # the session cannot be repeated
        if self._may_provoke(probe):
            provoke(probe)
        follow(probe)
        self._changes.vary(probe)
        if self._may_enrich(probe):
            self._explore_enriched(probe)
        self._changes.add(probe)
        turn_page(probe)

    def _may_provoke(self, probe: Probe) -> bool:
        """Whether another request may show a status that several did not; fewer are tried if all of them are listed."""
        id = probe.operation.id
        missing = {fact for fact in self.observer.missing if fact.operation == id and fact.type == "status"}
        self._provoked[id] += 1
        return bool(missing) and (not missing <= self.observer.listed or self._provoked[id] <= PROVOKED_OF_LISTED)

    def _may_enrich(self, probe: Probe) -> bool:
        is_open = probe.observer.misses(probe.operation.id, "request", "response")
        self._enriched[probe.operation.id] += is_open
        return is_open and self._enriched[probe.operation.id] <= ENRICHED

    def _explore_enriched(self, probe: Probe) -> None:
        richest = enrich(probe)
        if richest.sent != probe.sent:
            self._changes.vary(richest)
            read_back(richest)


def _granted_requests(stops: Iterable[tuple[Session, Mapping[int, set[Fact]]]]) -> dict[str, list[Sent]]:
    requests: dict[str, list[Sent]] = {}
    for session, indexes in stops:
        for step in (session.steps[index] for index in indexes):
            _keep(requests, step)
    return requests


def _keep(requests: dict[str, list[Sent]], step: Step) -> None:
    if isinstance(step, Exchange):
        kept = requests.setdefault(step.operation, [])
        if len(kept) < BODIES and step.request.body not in (one.body for one in kept):
            kept.append(step.request)
