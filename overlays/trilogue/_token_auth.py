"""Signs calls with an access token: fetched on first use, renewed before it ends, by one caller for all."""

from __future__ import annotations

import copy
from contextlib import suppress
from functools import partial
from typing import Any

from attrs import evolve
from msgspec.structs import replace
from trilogue_generated.runtime.operation import Operation

from ._calls import prepare
from ._core import Core
from ._deadline import Deadline
from ._flow import Block, Flow
from ._locks import FlowLock, Release
from ._options import Options
from ._records import Record
from ._sending import send
from ._tokens import Token, TokenCache, read_token
from .errors import InvalidArgument, RequestError, TimedOut

RENEWAL_BACKOFF = 10.0
"""Seconds for which a token that could not be renewed early is used on, if it lasts that long."""

BEARER = "Bearer"

WAITED_FOR_TOKEN = "the deadline ended while another call was fetching the access token; nothing was sent"


class _Failure(Record, frozen=True, eq=True):
    """Why no token could be fetched, and with which options that was tried."""

    error: RequestError
    options: Options


class TokenAuth:
    """OAuth 2.0 client credentials: signs calls with an access token, calls about tokens with the app's credentials."""

    def __init__(self, app_credentials: str, token_operation: Operation[Any], cache: TokenCache | None) -> None:
        """`app_credentials` is the value of the header for HTTP Basic, which `token_operation` asks for."""
        self._app_credentials, self._token_operation, self._cache = app_credentials, token_operation, cache
        self._token: Token | None = None
        self._failure: _Failure | None = None
        self._lock = FlowLock()

    def authorize(self, operation: Operation[Any], core: Core, deadline: Deadline) -> Flow[str | None]:
        """Return the value of the header; fetches a token if there is none that lasts."""
        if operation.security == self._token_operation.security:
            return self._app_credentials
        token = yield from self._current(core, deadline, refused=None)
        return f"{BEARER} {token.access}"

    def renew(self, refused: str | None, core: Core, deadline: Deadline) -> Flow[bool]:
        """Replace the token that was refused, unless another caller has done so."""
        scheme, _, token = (refused or "").partition(" ")
        if scheme != BEARER:
            return False
        yield from self._current(core, deadline, token)
        return True

    def _current(self, core: Core, deadline: Deadline, refused: str | None) -> Flow[Token]:
        """Return a token that works. One caller at a time fetches one; those who waited share the outcome."""
        token = self._usable(core, refused)
        if token is not None:
            return token
        before = self._failure
        release: Release | None = yield self._lock.acquire(deadline.left())
        if release is None:
            raise TimedOut(WAITED_FOR_TOKEN, platform=core.platform.label, operation=self._token_operation.name)
        try:
            token = self._usable(core, refused, is_holder=True)
            return token if token is not None else (yield from self._renew(core, deadline, refused, before))
        finally:
            release()

    def _usable(self, core: Core, refused: str | None, *, is_holder: bool = False) -> Token | None:
        """Return the token, unless it was refused or is due for renewal; while one caller renews it, others use it."""
        token = self._token
        if token is None or token.access == refused:
            return None
        usable_until = token.ends_at if self._lock.is_held and not is_holder else token.renew_at
        return token if core.clock.now() < usable_until else None

    def _renew(self, core: Core, deadline: Deadline, refused: str | None, before: _Failure | None) -> Flow[Token]:
        """Return the token that another process saved in the cache, or else a new one, which is saved for them."""
        self._raise_shared(before, core)
        cached = yield from self._load()
        if cached is not None and cached.access != refused and core.clock.now() < cached.renew_at:
            self._token = cached
            return cached
        token = self._token = yield from self._new(core, deadline, refused)
        if self._cache is not None:
            yield Block(partial(self._cache.save, token))
        return token

    def _raise_shared(self, before: _Failure | None, core: Core) -> None:
        """Raise the error of the fetch this caller waited for; with other options it might have succeeded."""
        latest = self._failure
        if latest is not None and latest is not before and latest.options == core.options:
            raise copy.copy(latest.error)

    def _load(self) -> Flow[Token | None]:
        cached: object = None if self._cache is None else (yield Block(self._cache.load))
        if cached is None or isinstance(cached, Token):
            return cached
        raise InvalidArgument(f"token_cache: load() returned a {type(cached).__name__}; return a Token or None")

    def _new(self, core: Core, deadline: Deadline, refused: str | None) -> Flow[Token]:
        """Return a new token; if none can be fetched, the old one as long as it works."""
        old = self._token
        try:
            return (yield from self._fetch(core, deadline, refused))
        except RequestError as error:
            now = core.clock.now()
            if old is None or old.access == refused or now >= old.ends_at:
                self._failure = _Failure(copy.copy(error), core.options)
                raise
            return evolve(old, refresh=None, renew_at=min(now + RENEWAL_BACKOFF, old.ends_at))

    def _fetch(self, core: Core, deadline: Deadline, refused: str | None) -> Flow[Token]:
        """Use the refresh token, which works once; if it fails, the app's credentials, which always work."""
        old = self._token
        if old is not None and old.refresh and old.access != refused:
            self._token = evolve(old, refresh=None)
            with suppress(RequestError):
                return (yield from self._request(core, deadline, grant_type="refresh_token", refresh_token=old.refresh))
        return (yield from self._request(core, deadline, grant_type="client_credentials"))

    def _request(self, core: Core, deadline: Deadline, **arguments: str) -> Flow[Token]:
        """Call the token endpoint, without what the caller adds to the query or the body."""
        plain = replace(core, options=replace(core.options, extra_query={}, extra_body={}))
        requested_at = core.clock.now()
        response = yield from send(prepare(plain, self._token_operation, arguments), plain, deadline)
        return response.decode(partial(read_token, requested_at), response.json())
