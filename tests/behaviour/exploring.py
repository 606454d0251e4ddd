"""Goes back to requests of the tests and asks what else would have happened: with other input, other credentials, along a link."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs
from trilogue_sandbox import Sandbox

from tests.behaviour import provoking, samples
from tests.behaviour.collecting import observe
from tests.behaviour.descriptions import JSON, Fact, Link, Operation, Schema
from tests.behaviour.observing import Observer
from tests.behaviour.requests import (
    REMOVED,
    Addition,
    Input,
    absent_parameters,
    additions,
    body_of,
    header,
    inputs,
    other_values,
    values_to_add,
    with_body,
)
from tests.replay.replaying import Player, begin, to_request
from tests.replay.sessions import Exchange, Sent, Session, Step

_ECHOED = frozenset({"next", "previous", "next_cursor", "nextToken"})
"""What leads to other pages repeats the query, so that it differs although the handler may have ignored a parameter."""

ROUNDS = 4

BODIES = 8
"""How many bodies of other requests are tried where a link leaves open what goes into the body."""

VALUES = 10
"""How many other values are tried for one input of one request."""


@attrs.frozen
class Answer:
    """What came of a request."""

    status: int
    content_type: str
    body: bytes

    @property
    def is_granted(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    def differs_from(self, other: Answer) -> bool:
        """Whether two responses differ, apart from what repeats the query."""
        return (self.status, self.content_type, self._shown()) != (other.status, other.content_type, other._shown())

    def _shown(self) -> Any:
        try:
            return _without_echo(json.loads(self.body))
        except ValueError:
            return self.body


def _without_echo(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_echo(item) for key, item in value.items() if key not in _ECHOED}
    return [_without_echo(item) for item in value] if isinstance(value, list) else value


class Explorer:
    """Explores the sessions of one platform."""

    def __init__(self, observer: Observer, recorded: Iterable[Session]) -> None:
        self.observer = observer
        self.document = observer.document
        self._by_id = {session.id: session for session in recorded}
        self._open: dict[tuple[str, int], Player] = {}
        self._bodies: dict[str, list[Sent]] = {}
        self.failed: dict[Fact, str] = {}

    def explore(self) -> None:
        """Go through all samples, as long as they may show something that is still missing."""
        for session, stops in samples.find(self._by_id.values(), self.document):
            for index in stops:
                self._note_body(session.steps[index])
        for session, stops in samples.find(self._by_id.values(), self.document):
            if any(self._is_open(fact) for facts in stops.values() for fact in facts):
                self._explore_session(session, stops)
        for player in self._open.values():
            player.sandbox.close()

    def _note_body(self, step: Step) -> None:
        if isinstance(step, Exchange):
            bodies = self._bodies.setdefault(step.operation, [])
            if len(bodies) < BODIES and step.request.body not in (one.body for one in bodies):
                bodies.append(step.request)

    def _is_open(self, fact: Fact) -> bool:
        """Whether a sample may still show something; the status of a granted request stands for the refused ones."""
        if fact.kind == "status":
            return any(one.operation == fact.operation and one.kind == "status" for one in self.observer.missing)
        return fact in self.observer.missing

    def _explore_session(self, session: Session, stops: Mapping[int, set[Fact]]) -> None:
        player = self._reach(session)
        with player.sandbox:
            for index, step in enumerate(session.steps[: max(stops) + 1]):
                if any(self._is_open(fact) for fact in stops.get(index, ())) and isinstance(step, Exchange):
                    following = session.steps[index + 1 : index + 1 + samples.FOLLOWING]
                    self._explore_request(player, step, following)
                player.play(step)

    def _reach(self, session: Session) -> Player:
        if session.parent is None:
            return begin(session)
        key = session.parent, session.at
        if key not in self._open:
            player = self._reach(self._by_id[session.parent])
            for step in self._by_id[session.parent].steps[: session.at]:
                player.play(step)
            self._open[key] = player
        return self._open[key].branch()

    def _explore_request(self, player: Player, step: Exchange, following: list[Step]) -> None:
        operation = self.document.operations[step.operation]
        sent = player.translate(step.request)
        base = player.branch()
        with base.sandbox:
            answer = self._ask(base.sandbox, sent)
            if answer.status != step.response.status:
                return
            self._provoke(player, operation, sent)
            self._follow(base, operation, sent, answer)
        self._vary(player, operation, sent, following)
        if operation.request_contents and self._misses(operation, "request", "response"):
            richest = self._enrich(player, operation, sent)
            if richest != sent:
                self._vary(player, operation, richest, following)
        for credentials in provoking.credentials(self.observer.platform, sent):
            if self._misses(operation, "parameter"):
                self._vary_absent(player, operation, credentials)

    def _misses(self, operation: Operation, *kinds: str) -> bool:
        return any(fact.operation == operation.id and fact.kind in kinds for fact in self.observer.missing)

    def _vary(self, player: Player, operation: Operation, sent: Sent, following: list[Step]) -> None:
        """Change each input that is there, and see whether that changes anything."""
        base = player.branch()
        with base.sandbox:
            answer = self._ask(base.sandbox, sent)
            self._follow(base, operation, sent, answer)
            for given in inputs(operation, sent):
                fact = Fact(operation.id, given.kind, given.name)
                if fact in self.observer.missing and self._changes(player, base, given, answer, following):
                    self.observer.add(fact)

    def _vary_absent(self, player: Player, operation: Operation, sent: Sent) -> None:
        """Add each parameter that is not there, and see whether that changes anything."""
        with player.branch().sandbox as sandbox:
            answer = self._ask(sandbox, sent)
        if not answer.is_granted:
            return
        for given in absent_parameters(operation, sent):
            fact = Fact(operation.id, given.kind, given.name)
            if fact in self.observer.missing and self._added_changes(player, operation, given, answer):
                self.observer.add(fact)

    def _added_changes(self, player: Player, operation: Operation, given: Input, answer: Answer) -> bool:
        parameter = next(one for one in operation.parameters if one.fact_name == given.name)
        for value in itertools.islice(values_to_add(self.document, given, iter(parameter.examples)), VALUES):
            with player.branch().sandbox as sandbox:
                if self._is_change(given, answer, self._ask(sandbox, given.change(value))):
                    return True
        return False

    def _enrich(self, player: Player, operation: Operation, sent: Sent) -> Sent:
        """Add to the body whatever it lacks and the sandbox takes."""
        schema = operation.request_contents.get(JSON)
        body = body_of(sent)
        if schema is None or not isinstance(body, dict):
            return sent
        for _ in range(ROUNDS):
            before, refused = sent, set[str]()
            while (addition := self._next_addition(schema, body_of(sent), refused)) is not None:
                refused.add(addition.name)
                sent = next(filter(lambda one: self._is_granted(player, one), self._with(sent, addition)), sent)
            if sent == before:
                break
        return sent

    def _next_addition(self, schema: Schema, body: Any, refused: set[str]) -> Addition | None:
        return next((one for one in additions(self.document, schema, body) if one.name not in refused), None)

    def _with(self, sent: Sent, addition: Addition) -> Iterator[Sent]:
        return (with_body(sent, body) for body in addition.bodies)

    def _is_granted(self, player: Player, sent: Sent) -> bool:
        with player.branch().sandbox as sandbox:
            return self._ask(sandbox, sent).is_granted

    def _ask(self, sandbox: Sandbox, sent: Sent) -> Answer:
        request = to_request(sent)
        response = sandbox.respond(request)
        if (entry := next(reversed(sandbox.journal.entries), None)) is not None and entry.request is request:
            observe(self.observer, entry.operation_id, response)
        return Answer(response.status, response.headers.get("content-type", ""), response.body)

    def _changes(self, player: Player, base: Player, given: Input, answer: Answer, following: list[Step]) -> bool:
        """Whether another value, or none, changes the response, or what is responded to the steps that follow."""
        values = [*other_values(self.document, given)][:VALUES]
        if given.kind == "parameter" or not given.is_required:
            values.append(REMOVED)
        for value in values:
            if value is REMOVED and (given.is_required or given.name.startswith("path")):
                continue
            with player.branch().sandbox as sandbox:
                other = self._ask(sandbox, given.change(value))
                if self._is_change(given, answer, other) or self._differs_when_repeated(base, given, value):
                    return True
                if other.is_granted and given.kind == "request" and self._differ_later(base, sandbox, following):
                    return True
        return False

    def _differs_when_repeated(self, base: Player, given: Input, value: Any) -> bool:
        """Whether a header such as an idempotency key decides what a second request like the first one does."""
        if not given.name.startswith("header"):
            return False
        with base.branch().sandbox as one, base.branch().sandbox as other:
            again, changed = self._ask(one, given.change(given.value)), self._ask(other, given.change(value))
            return again.is_granted and changed.differs_from(again)

    def _is_change(self, given: Input, answer: Answer, other: Answer) -> bool:
        if other.is_granted:
            return other.differs_from(answer)
        return other.status in (403, 404, 409, 410) or (given.is_required and other.status == 400)

    def _differ_later(self, base: Player, sandbox: Sandbox, following: list[Step]) -> bool:
        with base.branch().sandbox as one:
            other = Player(sandbox, base.renaming.copy())
            for step in following:
                if isinstance(step, Exchange):
                    sent = other.translate(step.request)
                    if self._ask(one, sent).differs_from(self._ask(sandbox, sent)):
                        return True
                else:
                    Player(one, base.renaming.copy()).play(step)
                    other.play(step)
        return False

    def _provoke(self, player: Player, operation: Operation, sent: Sent) -> None:
        def missing() -> bool:
            return any(self.observer.is_missing(operation.id, "status", status) for status in operation.responses)

        for provocation in provoking.provocations(self.observer.platform, operation, sent):
            if not missing():
                return
            if provocation.aims_at and not any(
                self.observer.is_missing(operation.id, "status", status) for status in provocation.aims_at
            ):
                continue
            with player.branch().sandbox as sandbox:
                provocation.prepare(sandbox)
                for request in provocation.requests:
                    self._ask(sandbox, request)

    def _follow(self, base: Player, operation: Operation, sent: Sent, answer: Answer) -> None:
        for link in operation.links:
            fact = Fact(operation.id, "link", link.fact_name)
            if link.status == str(answer.status) and fact in self.observer.missing:
                for request in self._requests_of(link, operation, sent, answer):
                    with base.branch().sandbox as sandbox:
                        got = self._ask(sandbox, request)
                        if got.is_granted:
                            self.observer.add(fact)
                            break
                        self.failed.setdefault(fact, f"{got.status} {got.body[:200]!r}")

    def _requests_of(self, link: Link, operation: Operation, sent: Sent, answer: Answer) -> Iterator[Sent]:
        """Return requests to where a link leads, with what else such a request needs from one that was granted."""
        target = self.document.operations[link.target]
        sampled = self._bodies.get(target.id, [])
        values = {name: _evaluate(value, operation, sent, answer) for name, value in link.parameters.items()}
        body = _evaluate_all(link.body, operation, sent, answer)
        yield from provoking.link_requests(target, operation, sent, sampled, values, body)


def _evaluate_all(value: Any, operation: Operation, sent: Sent, answer: Answer) -> Any:
    if isinstance(value, dict):
        return {key: _evaluate_all(item, operation, sent, answer) for key, item in value.items()}
    if isinstance(value, list):
        return [_evaluate_all(item, operation, sent, answer) for item in value]
    return _evaluate(value, operation, sent, answer)


def _evaluate(expression: Any, operation: Operation, sent: Sent, answer: Answer) -> Any:
    """Return the value of a runtime expression such as `$response.body#/id`, or a constant."""
    if not isinstance(expression, str) or not expression.startswith("$"):
        return expression
    source, _, rest = expression.removeprefix("$").partition(".")
    if rest.startswith("body"):
        document = json.loads(answer.body) if source == "response" else body_of(sent)
        for key in filter(None, rest.partition("#")[2].split("/")):
            document = document[int(key) if isinstance(document, list) else key]
        return document
    location, _, name = rest.partition(".")
    return next(
        (given.value for given in inputs(operation, sent) if given.name == f"{location} {name}"), header(sent, name)
    )
