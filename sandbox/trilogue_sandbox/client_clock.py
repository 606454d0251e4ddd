"""The sandbox's clock as a client takes it: what the client waits passes there, and takes no real time."""

from __future__ import annotations

import random
from datetime import timedelta

import anyio.lowlevel

from trilogue_sandbox.kernel.engine import Engine


class ClientClock:
    """A `trilogue.Clock` for clients of a sandbox whose clock stands still."""

    def __init__(self, sandbox: Engine) -> None:
        self._sandbox = sandbox
        self._random = random.Random(sandbox.seed)

    def now(self) -> float:
        """Return the time in the sandbox in seconds since 1970, UTC."""
        return self._sandbox.now().timestamp()

    def monotonic(self) -> float:
        """Return the same: this clock never goes back."""
        return self.now()

    def sleep(self, seconds: float) -> None:
        """Move the clock of the sandbox forward."""
        if seconds > 0:
            self._sandbox.advance(timedelta(seconds=seconds))

    async def sleep_async(self, seconds: float) -> None:
        """Move the clock of the sandbox forward, and let other tasks run."""
        self.sleep(seconds)
        await anyio.lowlevel.checkpoint()

    def random(self) -> float:
        """Return a number from 0 up to 1, which follows from the seed."""
        return self._random.random()
