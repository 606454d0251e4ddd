"""Plays recorded sessions on a new `Sandbox` and compares each response."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias

import attrs
import msgspec
from trilogue_sandbox import ControlError, Sandbox
from trilogue_sandbox.kernel.http import Headers, Request

from .comparing import Difference, Renaming, are_equal, compare, compare_values
from .sessions import Advance, Control, Exchange, Mount, Pairs, Received, Reset, Seed, Sent, Session, Settle, Step

Outcome: TypeAlias = Literal["equal", "renamed", "different"]


@attrs.frozen
class Result:
    """What became of one step."""

    session: Session
    index: int
    platform: str
    operation: str
    status: int
    outcome: Outcome
    differences: tuple[Difference, ...] = ()

    @property
    def is_exchange(self) -> bool:
        """Whether the step was a request to a platform."""
        return self.status != 0


@attrs.define
class Player:
    """A sandbox under way in a session."""

    sandbox: Sandbox
    renaming: Renaming

    def branch(self) -> Player:
        """Return a copy to go on from here."""
        return Player(self.sandbox.copy(), self.renaming.copy())

    def play(self, step: Step) -> tuple[Outcome, list[Difference]]:
        """Do what was recorded and compare what comes of it."""
        try:
            return _PLAY[type(step)](self, step)
        except Exception as error:  # whatever a sandbox raises is what the check is to show
            return "different", [Difference("raised", "", f"{type(error).__name__}: {error}")]

    def _exchange(self, step: Exchange) -> tuple[Outcome, list[Difference]]:
        response = self.sandbox.respond(to_request(self.translate(step.request)))
        replayed = Received(response.status, response.headers.pairs, response.body.decode("latin-1"))
        if are_equal(step.response, replayed):
            self.renaming.note_equal(replayed.body, *(value for _, value in replayed.headers))
            return "equal", []
        differences = compare(step.response, replayed, self.renaming)
        return ("different" if differences else "renamed"), differences

    def translate(self, sent: Sent) -> Sent:
        """Return a recorded request with the ids of this sandbox."""
        if not self.renaming.forth:
            return sent
        return msgspec.structs.replace(
            sent,
            path=self.renaming.translate(sent.path),
            query=self._translate_pairs(sent.query),
            headers=self._translate_pairs(sent.headers),
            body=self.renaming.translate(sent.body),
        )

    def _translate_pairs(self, pairs: Pairs) -> Pairs:
        return tuple((name, self.renaming.translate(value)) for name, value in pairs)

    def _control(self, step: Control) -> tuple[Outcome, list[Difference]]:
        arguments = self._translate(step.arguments)
        return self._compare_call(step, lambda: self.sandbox.control(step.platform, step.action, arguments))

    def _seed(self, step: Seed) -> tuple[Outcome, list[Difference]]:
        data = self._translate(step.data)
        return self._compare_call(step, lambda: self.sandbox.seed_data(step.platform, data))

    def _translate(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.renaming.translate(value)
        if isinstance(value, dict):
            return {self.renaming.translate(key): self._translate(item) for key, item in value.items()}
        return [self._translate(item) for item in value] if isinstance(value, list) else value

    def _compare_call(self, step: Control | Seed, call: Callable[[], object]) -> tuple[Outcome, list[Difference]]:
        try:
            result, message = msgspec.to_builtins(call()), None
        except ControlError as error:
            result, message = None, str(error)
        differences = list(compare_values(step.result, result, "result", self.renaming))
        differences += compare_values(step.error, message, "error", self.renaming)
        return ("different" if differences else "equal"), differences

    def _mount(self, step: Mount) -> tuple[Outcome, list[Difference]]:
        self.sandbox.url(step.platform)
        return "equal", []

    def _advance(self, step: Advance) -> tuple[Outcome, list[Difference]]:
        self.sandbox.set_clock(datetime.fromisoformat(step.to))
        return "equal", []

    def _settle(self, step: Settle) -> tuple[Outcome, list[Difference]]:
        self.sandbox.settle()
        return "equal", []

    def _reset(self, step: Reset) -> tuple[Outcome, list[Difference]]:
        self.sandbox.reset(step.platform)
        return "equal", []


_PLAY: Mapping[type, Callable[[Player, Any], tuple[Outcome, list[Difference]]]] = {
    Exchange: Player._exchange,
    Control: Player._control,
    Seed: Player._seed,
    Mount: Player._mount,
    Advance: Player._advance,
    Settle: Player._settle,
    Reset: Player._reset,
}


def replay(sessions: Iterable[Session], operations: Collection[str] = ("*",)) -> Iterator[Result]:
    """Play the sessions in which one of these operations is called; yield what became of each of its calls.

    Control actions and seed data count as calls of the operations `control <action>` and `seed`.
    """
    plan = Plan.of(sessions, operations)
    for session in plan.children.get(None, ()):
        player = begin(session)
        with player.sandbox:
            yield from _play(session, player, plan)


def begin(session: Session) -> Player:
    """Return a new sandbox for a session that branches from no other."""
    start = datetime.fromisoformat(session.start)
    sandbox = Sandbox(seed=session.seed, start=start, flavour=session.flavour)
    return Player(sandbox, Renaming())


def to_request(sent: Sent) -> Request:
    """Make the sandbox's request of a recorded one."""
    return Request(
        sent.method, sent.path, sent.query, Headers(sent.headers), sent.body.encode("latin-1"), sent.base_url
    )


@attrs.frozen
class Plan:
    """Which sessions to play, by their parent, and how many steps of each."""

    children: Mapping[str | None, list[Session]]
    lengths: Mapping[str, int]
    operations: Collection[str]

    @classmethod
    def of(cls, sessions: Iterable[Session], operations: Collection[str]) -> Plan:
        """Leave out what leads to no call of these operations."""
        children: dict[str | None, list[Session]] = {}
        lengths: dict[str, int] = {}
        for session in reversed(list(sessions)):  # children before their parents
            branches = children.get(session.id, ())
            own = (index + 1 for index, step in enumerate(session.steps) if _is_wanted(step, operations))
            lengths[session.id] = max((*own, *(child.at for child in branches)), default=0)
            if branches or lengths[session.id]:
                children.setdefault(session.parent, []).append(session)
        return cls(children, lengths, operations)


def _play(session: Session, player: Player, plan: Plan) -> Iterator[Result]:
    waiting: dict[int, list[Session]] = {}
    for child in plan.children.get(session.id, ()):
        waiting.setdefault(child.at, []).append(child)
    for index in range(plan.lengths[session.id] + 1):
        for child in waiting.get(index, ()):
            branch = player.branch()
            with branch.sandbox:
                yield from _play(child, branch, plan)
        if index < plan.lengths[session.id]:
            step = session.steps[index]
            outcome, differences = player.play(step)
            if differences or _is_wanted(step, plan.operations):
                yield _result(session, index, step, outcome, differences)


def _is_wanted(step: Step, operations: Collection[str]) -> bool:
    name = name_of(step)
    return bool(name) and ("*" in operations or any(fnmatchcase(name, pattern) for pattern in operations))


def name_of(step: Step) -> str:
    """Return what the report calls a step; a request to an unknown path is "(no operation)"."""
    if isinstance(step, Exchange):
        return (step.operation or "(no operation)") if step.platform else ""
    if isinstance(step, Control):
        return f"control {step.action}"
    return "seed" if isinstance(step, Seed) else ""


def _result(session: Session, index: int, step: Step, outcome: Outcome, differences: list[Difference]) -> Result:
    is_exchange = isinstance(step, Exchange) and bool(step.platform)
    status = step.response.status if isinstance(step, Exchange) and is_exchange else 0
    platform = getattr(step, "platform", "") or ""
    name = name_of(step) or type(step).__name__.lower()
    return Result(session, index, platform, name, status, outcome, tuple(differences))
