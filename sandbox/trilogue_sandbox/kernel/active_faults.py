"""The active faults, drawn so that a run can be repeated."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import attrs

from trilogue_sandbox.kernel.clock import real_time
from trilogue_sandbox.kernel.faults import DELIVERY_FAULTS, Fault, Target


@attrs.define
class Rule:
    """An active fault: how many requests matched it, into how many of those it was injected, and when it ends."""

    number: int
    fault: Fault
    seen: int = 0
    fired: int = 0
    expires_at: datetime | None = None

    def count(self, seed: int, request_number: int) -> bool:
        """Count a request that matches, and decide whether the fault is injected."""
        self.seen += 1
        turn = self.seen - self.fault.after
        if turn < 1 or (self.fault.nth is not None and turn != self.fault.nth):
            return False
        if self.fault.times is not None and self.fired >= self.fault.times:
            return False
        return random.Random(f"{seed}:{self.number}:{request_number}").random() < self.fault.probability


def _accept(fault: Fault) -> None:
    pass


class Faults:
    """The active faults. The same seed, rules and requests give the same faults.

    `now` is the clock by which rules expire; `check` raises for a fault that can never fire.
    """

    def __init__(
        self,
        seed: int,
        faults: Iterable[Fault] = (),
        now: Callable[[], datetime] = real_time,
        check: Callable[[Fault], object] = _accept,
    ) -> None:
        self._seed = seed
        self._now = now
        self._check = check
        self._initial = tuple(faults)
        self._rules: tuple[Rule, ...] = ()
        self._added = 0
        self.reset()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The active rules, with their counts, in the order they were added."""
        if any(rule.expires_at for rule in self._rules):
            now = self._now()
            self._rules = tuple(rule for rule in self._rules if rule.expires_at is None or now < rule.expires_at)
        return self._rules

    def add(self, *faults: Fault) -> tuple[Rule, ...]:
        """Activate more faults.

        Raises:
            ControlError: one of them names a platform, an operation, a tag or a method that there is not.
        """
        for fault in faults:
            self._check(fault)
        rules = tuple(self._rule(self._added + position, fault) for position, fault in enumerate(faults, 1))
        self._added += len(rules)
        self._rules = (*self._rules, *rules)
        return rules

    def clear(self) -> None:
        """Deactivate all faults."""
        self._rules = ()

    def reset(self) -> None:
        """Go back to the faults of the start, and count from 0 again."""
        self.clear()
        self._added = 0
        self.add(*self._initial)

    def draw(self, request_number: int, target: Target) -> tuple[float, Fault | None]:
        """Return the seconds of latency for a request, and the one other fault that is injected.

        Of several such faults the first is injected; latency adds up and comes on top.
        """
        latency, injected = 0.0, None
        for rule in self.rules:
            if rule.fault.type in DELIVERY_FAULTS or not self._applies(rule, request_number, target):
                continue
            if rule.fault.type == "latency":
                latency += rule.fault.seconds
            elif injected is None:
                injected = rule.fault
            else:
                continue
            rule.fired += 1
        return latency, injected

    def draw_for_delivery(self, target: Target) -> list[Fault]:
        """Return the faults of an event that is to be posted."""
        rules = [rule for rule in self.rules if rule.fault.type in DELIVERY_FAULTS]
        applied = [rule for rule in rules if self._applies(rule, rule.seen, target)]
        for rule in applied:
            rule.fired += 1
        return [rule.fault for rule in applied]

    def _rule(self, number: int, fault: Fault) -> Rule:
        expires_in = fault.expires_in
        expires_at = None if expires_in is None else self._now() + timedelta(seconds=expires_in)
        return Rule(number, fault, expires_at=expires_at)

    def _applies(self, rule: Rule, number: int, target: Target) -> bool:
        return rule.fault.matches(target) and rule.count(self._seed, number)
