"""Access tokens: fetched on first use, renewed before they end, by one caller for all."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from attrs import evolve, field, frozen
from trilogue_generated.pantheon.operations.auth import GET_ACCESS_TOKEN

from .._auth import checked_token
from .._clock import Clock
from .._core import Call, Core
from .._http import AsyncHttp, HttpRequest, SyncHttp
from .._options import Options
from .._responses import answering, decode_with, parse_body
from .._sending import Flow, send
from ..errors import InvalidArgument, RequestError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from asyncio import Lock as TaskLock

EARLY = 60.0
"""Seconds before its end at which a token is renewed, or a tenth of its life if that is less."""

PATIENCE = 10.0
"""Seconds for which a token that could not be renewed ahead of time is used on, if it lasts that long."""

APP_CREDENTIALS = "appCredentials"


@frozen
class Token:
    """An access token, its refresh token, and the seconds since 1970 at which it is to be renewed and at which it ends.

    `attrs.asdict(token)` is what a `TokenCache` may keep as JSON, `Token(**...)` reads it. `repr` hides both tokens.
    """

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    renew_at: float
    ends_at: float


class TokenCache(Protocol):
    """A place that several processes share the token of one app in.

    It is asked only when the client's own token does not work any more. Both methods may block, and may be called from
    any thread; what they raise comes out of the call that needed the token.
    """

    def load(self) -> Token | None:
        """Return the token that was kept last, or None."""
        ...

    def save(self, token: Token) -> None:
        """Keep a token for the others."""
        ...


class _Turn:
    """A lock that threads wait for by blocking and tasks by yielding to the event loop; gives the way to release it."""

    def __init__(self) -> None:
        self._threads = Lock()
        self._tasks: tuple[AbstractEventLoop, TaskLock] | None = None

    def run(self, http: SyncHttp, clock: Clock) -> Callable[[], None]:
        self._threads.acquire()
        return self._threads.release

    async def run_async(self, http: AsyncHttp, clock: Clock) -> Callable[[], None]:
        lock = self._lock_of_this_loop()
        await lock.acquire()
        return lock.release

    def _lock_of_this_loop(self) -> TaskLock:
        import asyncio  # here, because programs without an event loop need not load it

        loop = asyncio.get_running_loop()
        if self._tasks is None or self._tasks[0] is not loop:
            self._tasks = loop, asyncio.Lock()
        return self._tasks[1]


@frozen(repr=False)
class _Ask:
    """Ask the cache, which may block; gives what it says."""

    question: Callable[[], Any]

    def run(self, http: SyncHttp, clock: Clock) -> Any:
        return self.question()

    async def run_async(self, http: AsyncHttp, clock: Clock) -> Any:
        import asyncio  # here, because programs without an event loop need not load it

        return await asyncio.to_thread(self.question)


@frozen(repr=False)
class _Failure:
    """Why no token could be fetched, and with which options that was tried."""

    error: RequestError
    options: Options


class TokenAuth:
    """Signs calls with an access token, and calls about tokens with the app's own credentials."""

    def __init__(self, app_credentials: str, cache: TokenCache | None) -> None:
        """`app_credentials` is the value of the header for HTTP Basic."""
        self._app_credentials, self._cache = app_credentials, cache
        self._token: Token | None = None
        self._failure: _Failure | None = None
        self._turn = _Turn()
        self._is_renewing = False

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
        """Return a token that works. One caller at a time fetches one; those who waited share the outcome."""
        token = self._usable(core, refused)
        if token is not None:
            return token
        before = self._failure
        release: Callable[[], None] = yield self._turn
        try:
            token = self._usable(core, refused)
            return token if token is not None else (yield from self._renew(core, refused, before))
        finally:
            self._is_renewing = False
            release()

    def _usable(self, core: Core, refused: str | None) -> Token | None:
        """Return the token, unless it was refused or is to be renewed; while one caller does that, others use it on."""
        token = self._token
        if token is None or token.access == refused:
            return None
        return token if core.clock.now() < (token.ends_at if self._is_renewing else token.renew_at) else None

    def _renew(self, core: Core, refused: str | None, before: _Failure | None) -> Flow[Token]:
        """Return the token that others keep in the cache, or else a new one, which is kept for them."""
        self._share(before, core)
        self._is_renewing = True
        kept = yield from self._kept()
        if kept is not None and kept.access != refused and core.clock.now() < kept.renew_at:
            self._token = kept
            return kept
        token = self._token = yield from self._new(core, refused)
        if self._cache is not None:
            yield _Ask(partial(self._cache.save, token))
        return token

    def _share(self, before: _Failure | None, core: Core) -> None:
        """Raise what the fetch failed with that this caller waited for; with other options it might have gone well."""
        latest = self._failure
        if latest is not None and latest is not before and latest.options == core.options:
            raise copy.copy(latest.error)

    def _kept(self) -> Flow[Token | None]:
        kept: object = None if self._cache is None else (yield _Ask(self._cache.load))
        if kept is None or isinstance(kept, Token):
            return kept
        raise InvalidArgument(f"token_cache: load() gave a {type(kept).__name__}; expected a Token or None")

    def _new(self, core: Core, refused: str | None) -> Flow[Token]:
        """Return a new token, or where there is none to be had the old one, as long as that works."""
        old = self._token
        try:
            return (yield from self._fetched(core, refused))
        except RequestError as error:
            now = core.clock.now()
            if old is None or old.access == refused or now >= old.ends_at:
                self._failure = _Failure(copy.copy(error), core.options)
                raise
            return evolve(old, refresh=None, renew_at=min(now + PATIENCE, old.ends_at))

    def _fetched(self, core: Core, refused: str | None) -> Flow[Token]:
        """Use the refresh token, which works once; if it does not, use the app's credentials, which always do."""
        old = self._token
        if old is not None and old.refresh and old.access != refused:
            self._token = evolve(old, refresh=None)
            with suppress(RequestError):
                return (yield from _granted(core, grant_type="refresh_token", refresh_token=old.refresh))
        return (yield from _granted(core, grant_type="client_credentials"))


def _granted(core: Core, **arguments: str) -> Flow[Token]:
    """Call the token endpoint; what the caller adds to the query or the body is not for it."""
    plain = evolve(core, options=evolve(core.options, extra_query={}, extra_body={}))
    asked_at = core.clock.now()
    response = yield from send(plain.call(GET_ACCESS_TOKEN, arguments), plain)
    with answering(GET_ACCESS_TOKEN, core.platform.label):
        token: Token = decode_with(response, partial(_read, asked_at), parse_body(response))
    return token


def _read(asked_at: float, body: Any) -> Token:
    """Make a token of an answer; what it raises for another answer is what `decode_with` expects."""
    life = float(body["expires_in"])
    access, refresh = checked_token(body["access_token"], "access_token"), body.get("refresh_token")
    ends_at = asked_at + life
    return Token(access, refresh if isinstance(refresh, str) else None, ends_at - min(EARLY, life / 10), ends_at)
