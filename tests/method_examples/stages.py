"""What examples are run on: a client of one account of a sandbox, in which there is what they name."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import trilogue
from attrs import field, frozen
from trilogue import TrilogueError
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox

from tests.clients.conftest import SandboxClock
from tests.method_examples.described import MethodExample, same_values, with_values
from tests.method_examples.preparations import PREPARATIONS

_MAKES = re.compile(r"create|get_or_create|send|start|request|upload|upsert|connect")
_READS = re.compile(r"add|list|get|find|search|call|set")


@frozen(eq=False)
class Stage:
    """One account's view of a sandbox; `known` has what is there in the place of the ids of the description."""

    platform: str
    credentials: dict[str, str]
    sandbox: Sandbox
    known: dict[Any, Any] = field(factory=dict[Any, Any])
    _is_done: Event = field(factory=Event)
    _threads: list[Thread] = field(factory=list[Thread])

    @property
    def client(self) -> Any:
        """A client of the account."""
        make = getattr(trilogue, PLATFORMS[self.platform].client)
        return make(
            **self.credentials,
            host=self.sandbox.url(self.platform),
            transport=self.sandbox.transport(),
            clock=SandboxClock(self.sandbox),
        )

    def control(self, action: str, **arguments: Any) -> Any:
        """Do what people or channels do."""
        return self.sandbox.control(self.platform, action, arguments)

    def meanwhile(self, act: Callable[[], Any]) -> None:
        """Do something again and again until the example has printed what came of it."""

        def repeat() -> None:
            while not self._is_done.wait(0.02):
                act()

        self._threads.append(Thread(target=repeat))
        self._threads[-1].start()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.sandbox.advance(timedelta(seconds=seconds))

    def try_all(self, examples: Iterable[MethodExample]) -> Mapping[str, str]:
        """Run examples, those that make something first, again and again until no more of them run.

        Returns:
            what the others fail with, by their paths.
        """
        failures: dict[str, str] = {}
        left = sorted(examples, key=lambda each: _rank(each.path))
        while True:
            failures = {example.path: failure for example in left if (failure := self._try(example))}
            if len(failures) == len(left):
                return failures
            left = [example for example in left if example.path in failures]

    def _try(self, example: MethodExample) -> str:
        """Run an example and learn from its response; afterwards all is as before, unless it made something."""
        self.sandbox.snapshot("before")
        before = {**self.credentials}, {**self.known}
        learned: dict[Any, Any] = {}
        try:
            PREPARATIONS.get(f"{self.platform}.{example.path}", _nothing)(self)
            self._try_raw(example)
            learned = self._learn(example, self._run(example.code, example.path))
        except (TrilogueError, LookupError, StopIteration) as error:
            return f"{type(error).__name__}: {error}"
        finally:
            self._end_threads()
            if not learned or _rank(example.path) > 1:
                self._go_back(*before)
        self.known.update(learned)
        return ""

    def _try_raw(self, example: MethodExample) -> None:
        if example.raw_code is not None:
            self.sandbox.snapshot("prepared")
            self._run(example.raw_code, f"raw {example.path}")
            self.sandbox.restore("prepared")

    def _run(self, code: str, name: str) -> Any:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(_Heard):
            exec(
                compile(with_values(code, self.known), name, "exec"),
                {"client": self.client, "print": self._print},
            )
        body = self.sandbox.journal.entries[-1].response.body
        return json.loads(body) if body[:1] in (b"{", b"[") else None

    def _print(self, value: object) -> None:
        print(value)
        if self._threads:
            raise _Heard

    def _end_threads(self) -> None:
        self._is_done.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._is_done.clear()

    def _learn(self, example: MethodExample, body: Any) -> dict[Any, Any]:
        pairs = (pair for response in example.responses for pair in same_values(response, body))
        taken = set(self.known.values())
        return {value: other for value, other in pairs if value not in self.known and other not in taken}

    def _go_back(self, credentials: dict[str, str], known: dict[Any, Any]) -> None:
        self.sandbox.restore("before")
        for mine, others in ((self.credentials, credentials), (self.known, known)):
            mine.clear()
            mine.update(others)


class _Heard(Exception):
    """Ends the loop over a stream, which has no end of its own."""


def _rank(path: str) -> int:
    name = path.rpartition(".")[2]
    return 0 if _MAKES.match(name) else 1 if _READS.match(name) else 2


def _nothing(stage: Stage) -> None:
    """Prepare nothing."""
