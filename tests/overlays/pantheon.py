"""What the tests of the Pantheon client share: a client with its own clock, and a server that issues tokens."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, get_ident
from typing import Any

import httpx
from trilogue import AsyncPantheon, Pantheon

from .support import Async, FakeClock, Harness, Reply, Sync, json_response

CLIENT_ID, CLIENT_SECRET = "PANTHEONTEST", "secret-of-test"
BASIC = "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
LIFE = 14_400.0
TIMEOUT, TRANSIT = 30.0, 0.05
"""Real seconds that the token endpoint waits for everybody at most, and that it takes in any case."""


def is_for_a_token(request: httpx.Request) -> bool:
    return request.url.path.endswith("/v1.0/auth/getAccessToken")


class NotingClock(FakeClock):
    """A clock that notes which threads have asked it, as each does before it needs a token.

    `crowd` is how many are expected to.
    """

    def __init__(self) -> None:
        super().__init__()
        self.crowd = 0
        self.askers: set[int] = set()

    def now(self) -> float:
        self.askers.add(get_ident())
        return super().now()


class Issuer:
    """A server that issues tokens and responds `{}` to calls with a valid one.

    `replies` are what the token endpoint responds next instead of a token, `changes` what differs in each pair.
    When the clock expects a crowd, a token is issued once that is there, so that all callers meet the fetch.
    """

    def __init__(self, clock: FakeClock, life: float = LIFE) -> None:
        self.clock, self.life = clock, life
        self.changes: dict[str, Any] = {}
        self.replies: list[Reply] = []
        self.grants: list[str] = []
        self.calls: list[str] = []
        self._ends: dict[str, float] = {}
        self._unspent: set[str] = set()

    def __call__(self, request: httpx.Request) -> Reply:
        if is_for_a_token(request):
            return self._grant(request)
        token = request.headers["authorization"].removeprefix("Bearer ")
        self.calls.append(token)
        if self._ends.get(token, 0.0) > self.clock.now():
            return json_response(json={})
        return json_response(401, json={"message": "The access token has expired."})

    def revoke_all(self) -> None:
        """Let no access token work any more."""
        self._ends.clear()

    def _grant(self, request: httpx.Request) -> Reply:
        self._wait_for_the_crowd()
        body = json.loads(request.content)
        assert request.headers["authorization"] == BASIC
        self.grants.append(body["grant_type"])
        if self.replies:
            return self.replies.pop(0)
        if "refresh_token" in body and body["refresh_token"] not in self._unspent:
            return json_response(400, json={"message": "Invalid.", "errors": [{"refresh_token": "It does not work"}]})
        self._unspent.discard(body.get("refresh_token", ""))
        return self._pair(len(self.grants))

    def _wait_for_the_crowd(self) -> None:
        if not isinstance(self.clock, NotingClock) or not self.clock.crowd:
            return
        end = time.monotonic() + TIMEOUT
        while len(self.clock.askers) < self.clock.crowd and time.monotonic() < end:
            time.sleep(TRANSIT / 10)
        time.sleep(TRANSIT)

    def _pair(self, number: int) -> httpx.Response:
        self._ends[f"access-{number}"] = self.clock.now() + self.life
        self._unspent.add(f"refresh-{number}")
        return json_response(
            json={
                "access_token": f"access-{number}",
                "refresh_token": f"refresh-{number}",
                "token_type": "bearer",
                "expires_in": self.life,
                **self.changes,
            }
        )


class PantheonHarness(Harness):
    """A `Harness` whose clients are Pantheon's."""

    clock: NotingClock

    def __init__(self, mode: Sync | Async) -> None:
        super().__init__(mode)
        self.clock = NotingClock()

    def client(self, transport: Any = None, **options: Any) -> Any:
        client_class = Pantheon if isinstance(self.mode, Sync) else AsyncPantheon
        settings = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "clock": self.clock, **options}
        client = client_class(**settings) if transport is None else client_class(**settings, transport=transport)
        self._clients.append(client)
        return client

    def at_once(self, call: Callable[[], Any], times: int = 200) -> list[Any]:
        """Make a call from so many threads or tasks at the same time; return what each returned or raised."""
        if isinstance(self.mode, Sync):
            self.clock.crowd = times
            self.clock.askers.clear()
            return _in_threads(call, times)
        return self.result(_in_tasks(call, times))


def _in_threads(call: Callable[[], Any], times: int) -> list[Any]:
    start = Barrier(times)

    def begin() -> Any:
        start.wait(10)
        try:
            return call()
        except Exception as error:
            return error

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(begin) for _ in range(times)]]


async def _in_tasks(call: Callable[[], Awaitable[Any]], times: int) -> list[Any]:
    return await asyncio.gather(*(call() for _ in range(times)), return_exceptions=True)
