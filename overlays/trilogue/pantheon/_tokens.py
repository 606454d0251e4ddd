"""Access tokens: fetched on first use, renewed before they end, by one caller for all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol

from attrs import define, field
from trilogue_generated.pantheon.operations.auth import GET_ACCESS_TOKEN

from .._clock import Clock
from .._core import Call, Core
from .._http import AsyncHttp, HttpRequest, SyncHttp
from .._responses import decode
from .._sending import Flow, send
from ..errors import ApiError, ConnectionFailed, OutcomeUnknown

EARLY = 60.0
"""Seconds before its end at which a token is renewed, or a tenth of its life if that is less."""

APP_CREDENTIALS = "appCredentials"


@define
class Token:
    """An access token, and the seconds since 1970 at which it is to be renewed and at which it ends."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    renew_at: float
    ends_at: float


class TokenCache(Protocol):
    """A place that several processes share a token in. Both methods may be called from any thread."""

    def load(self) -> Token | None:
        """Return the token that was kept last, or None."""
        ...

    def save(self, token: Token) -> None:
        """Keep a token for the others."""
        ...


class NoCache:
    """Keeps nothing: each client has its own token."""

    def load(self) -> Token | None:
        """Return None."""
        return None

    def save(self, token: Token) -> None:
        """Keep nothing."""


class _Turn:
    """A lock that threads wait for by blocking and tasks by yielding to the event loop."""

    def __init__(self) -> None:
        self._threads = Lock()
        self._tasks: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None
        self.release: Callable[[], None] = self._threads.release

    def run(self, http: SyncHttp, clock: Clock) -> None:
        self._threads.acquire()

    async def run_async(self, http: AsyncHttp, clock: Clock) -> None:
        lock = self._lock_of(asyncio.get_running_loop())
        await lock.acquire()
        self.release = lock.release

    def _lock_of(self, loop: asyncio.AbstractEventLoop) -> asyncio.Lock:
        if self._tasks is None or self._tasks[0] is not loop:
            self._tasks = loop, asyncio.Lock()
        return self._tasks[1]


class TokenAuth:
    """Signs calls with an access token, and calls about tokens with the app's own credentials."""

    def __init__(self, app_credentials: str, cache: TokenCache) -> None:
        """`app_credentials` is the value of the header for HTTP Basic."""
        self._app_credentials, self._cache = app_credentials, cache
        self._token: Token | None = None
        self._turn = _Turn()

    def signed(self, call: Call, core: Core) -> Flow[HttpRequest]:
        """Return the request with its credentials; fetches a token where there is none that lasts."""
        request = call.request()
        if APP_CREDENTIALS in call.operation.security:
            request.headers["Authorization"] = self._app_credentials
        else:
            token = yield from self._current(core, refused=None)
            request.headers["Authorization"] = f"Bearer {token.access}"
        return request

    def renewed(self, request: HttpRequest, core: Core) -> Flow[bool]:
        """Fetch another token in place of the one that was refused, unless another caller has done so."""
        kind, _, refused = request.headers["Authorization"].partition(" ")
        if kind != "Bearer":
            return False
        yield from self._current(core, refused)
        return True

    def _current(self, core: Core, refused: str | None) -> Flow[Token]:
        token = self._usable(self._token, core, refused)
        return token if token is not None else (yield from self._in_turn(core, refused))

    def _in_turn(self, core: Core, refused: str | None) -> Flow[Token]:
        """Fetch a token, one caller at a time; those who waited find the one that was fetched."""
        yield self._turn
        release = self._turn.release
        try:
            token = self._usable(self._token, core, refused) or self._usable(self._cache.load(), core, refused)
            if token is None:
                token = yield from self._fetched(core, refused)
                self._cache.save(token)
            self._token = token
            return token
        finally:
            release()

    def _usable(self, token: Token | None, core: Core, refused: str | None) -> Token | None:
        if token is None or token.access == refused or core.clock.now() >= token.renew_at:
            return None
        return token

    def _fetched(self, core: Core, refused: str | None) -> Flow[Token]:
        """Use the refresh token, which works once; if it does not, use the app's credentials, which always do."""
        token = self._token
        if token is not None and token.refresh and token.access != refused:
            refresh, token.refresh = token.refresh, None
            try:
                return (yield from self._granted(core, grant_type="refresh_token", refresh_token=refresh))
            except (ApiError, ConnectionFailed, OutcomeUnknown):
                pass
        return (yield from self._granted(core, grant_type="client_credentials"))

    def _granted(self, core: Core, **arguments: Any) -> Flow[Token]:
        call = core.call(GET_ACCESS_TOKEN, arguments)
        asked_at = core.clock.now()
        answer = decode(GET_ACCESS_TOKEN, (yield from send(call, core)), core.platform.label)
        life = float(answer.expires_in)
        ends_at = asked_at + life
        return Token(answer.access_token, answer.refresh_token, ends_at - min(EARLY, life / 10), ends_at)
