"""Goes back to requests of the tests and asks what else would have happened: with other input, other credentials, along a link."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs
from msgspec.structs import replace
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
    linked,
    other_values,
    values_to_add,
    with_body,
    with_parameter,
)
from tests.replay.replaying import Player, begin, to_request
from tests.replay.sessions import Exchange, Sent, Session, Step

_ECHOED = frozenset({"next", "previous", "next_cursor", "nextToken"})
"""What leads to other pages repeats the query, so that it differs although the handler may have ignored a parameter."""

ENRICHED = 2
"""How many requests of an operation are enriched."""

ROUNDS = 4

TRIES = 6
"""In how many requests a parameter or property is changed before it counts as one that changes nothing."""

LATER = 2
"""For how many other values it is also looked at what is responded later."""

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
        self._enriched: Counter[str] = Counter()
        self._tried: Counter[Fact] = Counter()

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
                    self._session = session
                    self._explore_request(player, step, following)
                player.play(step)
            self._revisit(player, session)

    def _revisit(self, player: Player, session: Session) -> None:
        """Read again what operations like those of a session show at its end."""
        tags = {self.document.operations[step.operation].tag for step in session.exchanges if step.operation}
        for operation in self.document.operations.values():
            if operation.tag in tags and operation.is_read and self._misses(operation, "response"):
                own = [
                    one.request
                    for one in session.exchanges
                    if one.operation == operation.id and one.response.status == 200
                ]
                for sent in {
                    one.path + one.body: one for one in (*own, *self._bodies.get(operation.id, [])[:2])
                }.values():
                    self._ask(player.sandbox, player.translate(sent))

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
        if (
            operation.request_contents
            and self._misses(operation, "request", "response")
            and self._may_enrich(operation)
        ):
            richest = self._enrich(player, operation, sent)
            if richest != sent:
                self._vary(player, operation, richest, following)
                self._read_back(player, operation, richest)
        for credentials in provoking.credentials(self.observer.platform, sent):
            if any(
                one.input_fact("parameter", one_.fact_name) in self.observer.missing
                for one in (operation,)
                for one_ in operation.parameters
            ):
                self._vary_absent(player, operation, credentials)
        self._turn_page(player, operation, sent)

    def _may_enrich(self, operation: Operation) -> bool:
        self._enriched[operation.id] += 1
        return self._enriched[operation.id] <= ENRICHED

    def _turn_page(self, player: Player, operation: Operation, sent: Sent) -> None:
        """Ask for a page of one row, and for the one after it."""
        names = {parameter.name for parameter in operation.parameters}
        name = operation.page.get("parameter", "cursor")
        fact = Fact(operation.id, "parameter", f"query {name}")
        if not operation.page or fact not in self.observer.missing:
            return
        with player.branch().sandbox as sandbox:
            small = _with_page_size(operation, names, sent)
            first = self._ask(sandbox, small)
            if (token := _next_page(operation, first)) is not None:
                second = self._ask(sandbox, with_parameter(small, name, token))
                if second.is_granted and second.differs_from(first):
                    self.observer.add(fact)

    def _misses(self, operation: Operation, *kinds: str) -> bool:
        return any(fact.operation == operation.id and fact.kind in kinds for fact in self.observer.missing)

    def _read_back(self, player: Player, operation: Operation, sent: Sent) -> None:
        """Read what a request has made, along its links and in the lists beside it."""
        base = player.branch()
        with base.sandbox:
            answer = self._ask(base.sandbox, sent)
            for link in operation.links:
                target = self.document.operations[link.target]
                if link.status == str(answer.status) and target.is_read and self._misses(target, "response"):
                    for request, _ in itertools.islice(self._requests_of(link, operation, sent, answer), BODIES):
                        self._ask(base.sandbox, request)
            self._read_lists(base, {operation.tag})

    def _read_lists(self, player: Player, tags: set[str]) -> None:
        for operation in self.document.operations.values():
            if operation.tag in tags and operation.is_read and self._misses(operation, "response"):
                for sent in self._bodies.get(operation.id, [])[:2]:
                    self._ask(player.sandbox, player.translate(sent))

    def _vary(self, player: Player, operation: Operation, sent: Sent, following: list[Step]) -> None:
        """Change each input that is there, and see whether that changes anything."""
        base = player.branch()
        with base.sandbox:
            answer = self._ask(base.sandbox, sent)
            self._follow(base, operation, sent, answer)
            for given in inputs(operation, sent):
                fact = operation.input_fact(given.kind, given.name)
                if self._may_try(fact) and self._changes(player, base, given, answer, following):
                    self.observer.add(fact)

    def _may_try(self, fact: Fact) -> bool:
        if fact not in self.observer.missing:
            return False
        self._tried[fact] += 1
        return self._tried[fact] <= TRIES

    def _vary_absent(self, player: Player, operation: Operation, sent: Sent) -> None:
        """Add each parameter that is not there, and see whether that changes anything."""
        with player.branch().sandbox as sandbox:
            answer = self._ask(sandbox, sent)
        if not answer.is_granted:
            return
        for given in absent_parameters(operation, sent):
            fact = operation.input_fact(given.kind, given.name)
            if self._may_try(fact) and self._added_changes(player, operation, given, answer):
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
        for number, value in enumerate(values):
            if value is REMOVED and (given.is_required or given.name.startswith("path")):
                continue
            with player.branch().sandbox as sandbox:
                other = self._ask(sandbox, given.change(value))
                if self._is_change(given, answer, other) or self._differs_when_repeated(base, given, value):
                    return True
                shows_later = number < LATER or value is REMOVED
                if (
                    shows_later
                    and other.is_granted
                    and given.kind == "request"
                    and self._differ_later(base, sandbox, following)
                ):
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
                if self._leads_somewhere(base, link, operation, sent, answer):
                    self.observer.add(fact)

    def _leads_somewhere(self, base: Player, link: Link, operation: Operation, sent: Sent, answer: Answer) -> bool:
        """Whether a link's operation finds what the link names: it grants the request, or refuses it for the state of that."""
        for request, is_complete in self._requests_of(link, operation, sent, answer):
            with base.branch().sandbox as sandbox:
                status = self._ask(sandbox, request).status
                if 200 <= status < 300 or (is_complete and status in (400, 409)):
                    return True
        return False

    def _requests_of(self, link: Link, operation: Operation, sent: Sent, answer: Answer) -> Iterator[tuple[Sent, bool]]:
        """Return requests to where a link leads, and whether they have all that such a request needs."""
        target = self.document.operations[link.target]
        values = {name: _evaluate(value, operation, sent, answer) for name, value in link.parameters.items()}
        bare = linked(operation, target, sent, values)
        body = _evaluate_all(link.body, operation, sent, answer)
        yield (bare if body is None else with_body(bare, body)), False
        own = [step.request for step in self._session.exchanges if step.operation == target.id]
        for sample in (*own[:BODIES], *self._bodies.get(target.id, ())):
            if not target.request_contents:
                yield (
                    replace(bare, query=(*bare.query, *(pair for pair in sample.query if pair[0] not in values))),
                    True,
                )
            elif isinstance(whole := body_of(sample), dict):
                yield with_body(bare, {**whole, **(body or {})}), True
                yield with_body(bare, {**self._with_ids_of_session(whole), **(body or {})}), True

    def _with_ids_of_session(self, body: Any) -> Any:
        """Put ids that are known in this session in the place of those of another one."""
        known = dict(_ID.findall(" ".join(step.response.body for step in self._session.exchanges)))
        return json.loads(_ID.sub(lambda found: found[1] + known.get(found[1], found[2]), json.dumps(body)))


_ID = re.compile(r"\b((?:[a-z]+_)+)([0-9A-HJKMNP-TV-Z]{26})\b")


def _with_page_size(operation: Operation, names: set[str], sent: Sent) -> Sent:
    size = next((name for name in ("pageSize", "limit") if name in names), None)
    if size is not None:
        return with_parameter(sent, size, "1")
    body = body_of(sent)
    return with_body(sent, {**body, "limit": 1}) if isinstance(body, dict) and operation.request_contents else sent


def _next_page(operation: Operation, answer: Answer) -> str | None:
    if not answer.is_granted:
        return None
    value: Any = json.loads(answer.body)
    for key in operation.page.get("next", "").split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, str) and "://" in value:
        return dict(parse_qsl(urlsplit(value).query)).get("cursor")
    return value if isinstance(value, str) else None


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
