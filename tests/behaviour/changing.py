"""Whether another value of a parameter or a request property, or none, changes anything."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from trilogue_sandbox import Sandbox

from tests.behaviour import provoking
from tests.behaviour.descriptions import Fact
from tests.behaviour.identifiers import others_like
from tests.behaviour.looking import looks
from tests.behaviour.probing import Probe, Response
from tests.behaviour.requests import REMOVED, Input, absent_parameters, inputs
from tests.behaviour.values import other_values, values_to_add
from tests.replay.replaying import Player
from tests.replay.sessions import Exchange, Sent

VALUES = 10
"""How many other values are tried for one input of one request."""

LATER = 2
"""For how many of those that are granted it is also looked at what is responded later."""

TRIES, TRIES_OF_LISTED = 16, 1
"""In how many requests an input is changed before it counts as one that changes nothing; fewer if it is listed so."""


_ABOUT_WHAT_IS_NAMED = (403, 404, 409, 410)
"""The statuses that no description can cause."""


class Changes:
    """Finds the inputs that change something."""

    def __init__(self, listed: Iterable[Fact] = ()) -> None:
        self._listed = frozenset(listed)
        self._tried: Counter[Fact] = Counter()

    def vary(self, probe: Probe) -> None:
        """Change each input that a request has."""
        after, response = probe.after()
        with after.sandbox:
            for given in inputs(probe.operation, probe.sent):
                if self._may_try(probe, given) and _changes(probe, after, given, response):
                    probe.observer.add(probe.operation.input_fact(given.type, given.name))

    def add(self, probe: Probe) -> None:
        """Add each parameter that a request lacks, as each of the callers who may make it."""
        for sent in provoking.with_credentials(probe.observer.platform, probe.sent):
            absent = [given for given in absent_parameters(probe.operation, sent) if self._may_try(probe, given)]
            if absent and (response := probe.ask_before(sent)).is_granted:
                for given in absent:
                    if _added_changes(probe, given, response):
                        probe.observer.add(probe.operation.input_fact(given.type, given.name))

    def _may_try(self, probe: Probe, given: Input) -> bool:
        fact = probe.operation.input_fact(given.type, given.name)
        if fact not in probe.observer.missing:
            return False
        self._tried[fact] += 1
        return self._tried[fact] <= (TRIES_OF_LISTED if fact in self._listed else TRIES)


def _changes(probe: Probe, after: Player, given: Input, response: Response) -> bool:
    granted = 0
    for value in _values(probe, given):
        with probe.before() as sandbox:
            other = probe.ask(sandbox, given.change(value))
            if _is_change(probe, response, other, given.change(value)) or _differs_when_repeated(
                probe, after, given, value
            ):
                return True
            granted += other.is_granted
            may_show_later = granted <= LATER or value is REMOVED
            if may_show_later and other.is_granted and _differs_later(probe, after, response, sandbox):
                return True
    return False


def _values(probe: Probe, given: Input) -> Iterator[Any]:
    yield from others_like(given.value, probe.ids)[:VALUES]
    yield from itertools.islice(other_values(probe.document, given), VALUES)
    if not given.is_required:
        yield REMOVED


def _is_change(probe: Probe, response: Response, other: Response, sent: Sent) -> bool:
    """Whether the operation responds in another way; that the description refuses a value does not count."""
    if other.is_granted:
        return other.differs_from(response)
    return other.status in _ABOUT_WHAT_IS_NAMED or (other.status == 400 and probe.is_described(sent))


def _differs_when_repeated(probe: Probe, after: Player, given: Input, value: Any) -> bool:
    """Whether a header such as an idempotency key decides what a second request like the first one does."""
    if not given.name.startswith("header"):
        return False
    with after.branch().sandbox as one, after.branch().sandbox as other:
        again, changed = probe.ask(one, given.change(given.value)), probe.ask(other, given.change(value))
        return again.is_granted and changed.differs_from(again)


def _differs_later(probe: Probe, after: Player, response: Response, changed: Sandbox) -> bool:
    """Whether the sandbox shows something else, or responds to the steps that follow in another way."""
    with after.branch().sandbox as unchanged:
        if any(look(unchanged) != look(changed) for look in looks(probe, response)):
            return True
        players = [Player(sandbox, after.renaming.copy()) for sandbox in (unchanged, changed)]
        for step in probe.following:
            if isinstance(step, Exchange):
                sent = players[0].translate(step.request)
                if probe.ask(unchanged, sent).differs_from(probe.ask(changed, sent)):
                    return True
            else:
                for player in players:
                    player.play(step)
    return False


def _added_changes(probe: Probe, given: Input, response: Response) -> bool:
    parameter = next(one for one in probe.operation.parameters if one.fact_name == given.name)
    values = values_to_add(probe.document, parameter)
    requests = map(given.change, itertools.islice(values, VALUES))
    return any(_is_change(probe, response, probe.ask_before(sent), sent) for sent in requests)
