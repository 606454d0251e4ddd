"""Access tokens: one for all callers, renewed in time, never the reason for a doubt about a call."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from threading import Event, Thread, get_ident
from typing import Any

import attrs
import httpx
import pytest
import trilogue
from trilogue import AsyncPantheon, Pantheon
from trilogue.pantheon import Token

from .pantheon import CLIENT_ID, CLIENT_SECRET, LIFE, Issuer, PantheonHarness, is_for_a_token
from .support import START, FakeClock, RecordingTransport, Reply, json_response, raw_response

AHEAD = LIFE - 60.0
"""Seconds after which a token is renewed."""


@pytest.fixture
def issuer(pantheon: PantheonHarness) -> Issuer:
    return Issuer(pantheon.clock)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class SharedCache:
    """Keeps a token as JSON text, as a file or a database shared by several processes would."""

    def __init__(self, text: str | None = None) -> None:
        self.text = text
        self.threads: list[int] = []

    def load(self) -> Token | None:
        self.threads.append(get_ident())
        return None if self.text is None else Token(**json.loads(self.text))

    def save(self, token: Token) -> None:
        self.threads.append(get_ident())
        self.text = json.dumps(attrs.asdict(token))


def get_app(pantheon: PantheonHarness, client: Any) -> Any:
    return pantheon.result(client.apps.get())


# One token for all callers


def test_nothing_is_sent_before_the_first_call_which_fetches_a_token(pantheon: PantheonHarness, issuer: Issuer) -> None:
    client = pantheon.client(transport := RecordingTransport(issuer))
    assert transport.requests == []

    get_app(pantheon, client)
    get_app(pantheon, client)

    assert [request.url.path for request in transport.requests] == [
        "/v1.0/auth/getAccessToken",
        "/v1.0/apps/getApp",
        "/v1.0/apps/getApp",
    ]
    assert issuer.grants == ["client_credentials"]
    assert issuer.calls == ["access-1", "access-1"]


def test_two_hundred_callers_at_first_use_fetch_one_token(pantheon: PantheonHarness, issuer: Issuer) -> None:
    client = pantheon.client(RecordingTransport(issuer))

    outcomes = pantheon.at_once(client.apps.get)

    assert issuer.grants == ["client_credentials"]
    assert issuer.calls == ["access-1"] * 200
    assert not any(isinstance(outcome, Exception) for outcome in outcomes)


def test_two_hundred_callers_at_expiry_renew_it_once(pantheon: PantheonHarness, issuer: Issuer) -> None:
    client = pantheon.client(RecordingTransport(issuer))
    get_app(pantheon, client)
    pantheon.clock.time += LIFE

    pantheon.at_once(client.apps.get)

    assert issuer.grants == ["client_credentials", "refresh_token"]
    assert issuer.calls[1:] == ["access-2"] * 200


def test_two_hundred_calls_with_a_401_renew_the_token_once_and_are_each_retried(
    pantheon: PantheonHarness, issuer: Issuer
) -> None:
    client = pantheon.client(RecordingTransport(issuer))
    get_app(pantheon, client)
    issuer.revoke_all()

    outcomes = pantheon.at_once(client.apps.get)

    assert issuer.grants == ["client_credentials", "client_credentials"]
    assert issuer.calls.count("access-2") == 200
    assert not any(isinstance(outcome, Exception) for outcome in outcomes)


def test_copies_of_a_client_share_its_token(pantheon: PantheonHarness, issuer: Issuer) -> None:
    client = pantheon.client(RecordingTransport(issuer))

    get_app(pantheon, client)
    get_app(pantheon, client.with_options(timeout=5))

    assert len(issuer.grants) == 1


def test_one_client_serves_several_event_loops_one_after_the_other() -> None:
    clock = FakeClock()
    issuer = Issuer(clock)
    client = AsyncPantheon(CLIENT_ID, CLIENT_SECRET, clock=clock, transport=RecordingTransport(issuer))

    async def call_at_once() -> None:
        await asyncio.gather(*(client.apps.get() for _ in range(20)))

    for _ in range(3):
        asyncio.run(call_at_once())
        clock.time += LIFE

    assert issuer.grants == ["client_credentials", "refresh_token", "refresh_token"]
    assert len(issuer.calls) == 60


# In time


@pytest.mark.parametrize(("life", "renewed_after"), [(LIFE, AHEAD), (86_400.0, 86_340.0), (100.0, 90.0)])
def test_a_token_is_renewed_a_minute_or_a_tenth_of_its_life_before_its_end(
    pantheon: PantheonHarness, life: float, renewed_after: float
) -> None:
    issuer = Issuer(pantheon.clock, life)
    client = pantheon.client(RecordingTransport(issuer))
    get_app(pantheon, client)

    pantheon.clock.time = START + renewed_after - 0.5
    get_app(pantheon, client)
    assert issuer.calls == ["access-1", "access-1"]

    pantheon.clock.time = START + renewed_after
    get_app(pantheon, client)
    assert issuer.calls == ["access-1", "access-1", "access-2"]


class Gate(RecordingTransport):
    """A wire on which requests for a token wait until the gate is opened."""

    def __init__(self, issuer: Issuer) -> None:
        super().__init__(issuer)
        self.is_shut = False
        self.reached, self.opened = Event(), Event()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._stops(request):
            assert self.opened.wait(5)
        return super().handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        while self._stops(request) and not self.opened.is_set():
            await asyncio.sleep(0)
        return await super().handle_async_request(request)

    def _stops(self, request: httpx.Request) -> bool:
        if self.is_shut and is_for_a_token(request):
            self.reached.set()
            return True
        return False


def test_other_threads_use_the_old_token_while_one_renews_it() -> None:
    clock = FakeClock()
    issuer = Issuer(clock)
    gate = Gate(issuer)
    with Pantheon(CLIENT_ID, CLIENT_SECRET, clock=clock, transport=gate) as client:
        client.apps.get()
        clock.time += AHEAD
        gate.is_shut = True
        renewing = Thread(target=client.apps.get)
        renewing.start()
        assert gate.reached.wait(5)

        client.apps.get()
        gate.opened.set()
        renewing.join(5)

    assert issuer.calls == ["access-1", "access-1", "access-2"]


@pytest.mark.anyio
async def test_other_tasks_use_the_old_token_while_one_renews_it() -> None:
    clock = FakeClock()
    issuer = Issuer(clock)
    gate = Gate(issuer)
    async with AsyncPantheon(CLIENT_ID, CLIENT_SECRET, clock=clock, transport=gate) as client:
        await client.apps.get()
        clock.time += AHEAD
        gate.is_shut = True
        renewing = asyncio.create_task(client.apps.get())
        while not gate.reached.is_set():
            await asyncio.sleep(0)

        await client.apps.get()
        gate.opened.set()
        await renewing

    assert issuer.calls == ["access-1", "access-1", "access-2"]


def test_an_early_renewal_that_fails_leaves_the_old_token_in_use_and_is_retried(
    pantheon: PantheonHarness, issuer: Issuer
) -> None:
    client = pantheon.client(RecordingTransport(issuer), max_attempts=1)
    get_app(pantheon, client)
    pantheon.clock.time += AHEAD
    issuer.replies = [json_response(503), json_response(503)]

    get_app(pantheon, client)
    get_app(pantheon, client)
    assert issuer.grants == ["client_credentials", "refresh_token", "client_credentials"]
    assert issuer.calls == ["access-1"] * 3

    pantheon.clock.time += 10
    get_app(pantheon, client)
    assert issuer.calls[-1] == "access-4"


def test_an_expired_token_is_not_used_even_if_none_can_be_fetched(pantheon: PantheonHarness, issuer: Issuer) -> None:
    client = pantheon.client(RecordingTransport(issuer), max_attempts=1)
    get_app(pantheon, client)
    pantheon.clock.time += LIFE
    issuer.replies = [json_response(503), json_response(503)]

    with pytest.raises(trilogue.ServerError):
        get_app(pantheon, client)
    assert issuer.calls == ["access-1"]

    get_app(pantheon, client)
    assert issuer.grants == ["client_credentials", "refresh_token", "client_credentials", "client_credentials"]


# The refresh token


def test_each_refresh_token_is_used_once(pantheon: PantheonHarness, issuer: Issuer) -> None:
    client = pantheon.client(transport := RecordingTransport(issuer))
    for _ in range(4):
        get_app(pantheon, client)
        pantheon.clock.time += LIFE

    used = [
        json.loads(request.content).get("refresh_token") for request in transport.requests if is_for_a_token(request)
    ]

    assert used == [None, "refresh-1", "refresh-2", "refresh-3"]


@pytest.mark.parametrize(
    "reply",
    [
        json_response(400, json={"message": "Invalid.", "errors": [{"refresh_token": "It was used before"}]}),
        json_response(401, json={"message": "No."}),
        json_response(503),
        httpx.ReadError("the connection broke"),
        httpx.ReadTimeout("too slow"),
        raw_response(200, b"<html>", "text/html"),
        json_response(json={"access_token": None, "refresh_token": None, "token_type": "bearer", "expires_in": None}),
    ],
    ids=["used", "refused", "failed", "lost", "late", "html", "empty"],
)
def test_a_failed_refresh_is_not_retried_and_falls_back_to_the_credentials(
    pantheon: PantheonHarness, issuer: Issuer, reply: Reply
) -> None:
    client = pantheon.client(RecordingTransport(issuer))
    get_app(pantheon, client)
    pantheon.clock.time += LIFE
    issuer.replies = [reply]

    get_app(pantheon, client)

    assert issuer.grants == ["client_credentials", "refresh_token", "client_credentials"]
    assert issuer.calls == ["access-1", "access-3"]


# A 401


def test_a_401_renews_the_token_and_retries_once_and_a_second_one_is_raised(
    pantheon: PantheonHarness, issuer: Issuer
) -> None:
    client = pantheon.client(transport := RecordingTransport(refusing_calls(issuer)))

    with pytest.raises(trilogue.AuthenticationFailed) as raised:
        get_app(pantheon, client)

    assert [is_for_a_token(request) for request in transport.requests] == [True, False, True, False]
    assert issuer.grants == ["client_credentials", "client_credentials"]
    assert (raised.value.operation, raised.value.attempts) == ("apps.get", 2)
    assert transport.last.headers["authorization"] == "Bearer access-2"


def refusing_calls(issuer: Issuer) -> Callable[[httpx.Request], Reply]:
    return lambda request: issuer(request) if is_for_a_token(request) else json_response(401, json={"message": "No."})


def test_a_refused_token_is_not_used_even_if_none_can_be_fetched(pantheon: PantheonHarness, issuer: Issuer) -> None:
    client = pantheon.client(RecordingTransport(issuer), max_attempts=1)
    get_app(pantheon, client)
    issuer.revoke_all()
    issuer.replies = [json_response(503)]

    with pytest.raises(trilogue.ServerError) as raised:
        get_app(pantheon, client)

    assert raised.value.operation == "auth.get_access_token"
    assert issuer.calls == ["access-1", "access-1"]


def test_a_method_that_creates_something_is_retried_after_a_401_too(pantheon: PantheonHarness, issuer: Issuer) -> None:
    client = pantheon.client(transport := RecordingTransport(issuer))
    get_app(pantheon, client)
    issuer.revoke_all()

    pantheon.result(client.contacts.create(name="Ana"))

    first, _, second = transport.requests[-3:]
    assert first.content == second.content
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


def test_a_wrong_secret_is_tried_once_and_the_error_names_the_token_endpoint(
    pantheon: PantheonHarness, issuer: Issuer
) -> None:
    issuer.replies = [json_response(401, json={"message": "The client id or the client secret is wrong."})]
    client = pantheon.client(RecordingTransport(issuer))

    with pytest.raises(trilogue.AuthenticationFailed, match="client secret is wrong") as raised:
        get_app(pantheon, client)

    assert raised.value.operation == "auth.get_access_token"
    assert len(issuer.grants) == 1
    assert issuer.calls == []


def test_methods_about_tokens_send_the_credentials_of_the_app(pantheon: PantheonHarness, issuer: Issuer) -> None:
    client = pantheon.client(transport := RecordingTransport(issuer))

    pair = pantheon.result(client.auth.get_access_token(grant_type="client_credentials"))

    assert pair.access_token == "access-1"
    assert len(transport.requests) == 1


# A token endpoint that fails


@pytest.mark.parametrize(
    ("reply", "error_class", "attempts"),
    [
        (httpx.ConnectError("refused"), trilogue.ConnectionFailed, 3),
        (httpx.ReadError("broke"), trilogue.ConnectionFailed, 3),
        (httpx.ReadTimeout("slow"), trilogue.TimedOut, 3),
        (json_response(500, json={"message": "Broken."}), trilogue.ServerError, 3),
        (json_response(503), trilogue.ServerError, 3),
        (json_response(404), trilogue.NotFound, 1),
        (raw_response(200, b"<html>", "text/html"), trilogue.DecodeError, 1),
    ],
    ids=["unreachable", "lost", "late", "500", "503", "404", "html"],
)
def test_a_failing_token_endpoint_raises_an_error_that_names_it(
    pantheon: PantheonHarness, issuer: Issuer, reply: Reply, error_class: type[trilogue.RequestError], attempts: int
) -> None:
    issuer.replies = [reply] * 3
    client = pantheon.client(RecordingTransport(issuer))

    with pytest.raises(error_class) as raised:
        pantheon.result(client.messages.send(conversation_id="conv_1", content={"type": "text", "text": "Hello"}))

    assert not isinstance(raised.value, trilogue.OutcomeUnknown)
    assert raised.value.operation == "auth.get_access_token"
    assert len(issuer.grants) == attempts
    assert issuer.calls == []


def test_two_hundred_callers_share_a_failure_and_each_gets_an_error_of_its_own(
    pantheon: PantheonHarness, issuer: Issuer
) -> None:
    issuer.replies = [json_response(401, json={"message": "The client id or the client secret is wrong."})] * 200
    client = pantheon.client(RecordingTransport(issuer))

    outcomes = pantheon.at_once(client.apps.get)

    assert len(issuer.grants) == 1
    assert {type(outcome) for outcome in outcomes} == {trilogue.AuthenticationFailed}
    assert len({id(outcome) for outcome in outcomes}) == 200


def test_a_failure_is_not_shared_with_later_callers(pantheon: PantheonHarness, issuer: Issuer) -> None:
    client = pantheon.client(RecordingTransport(issuer), max_attempts=1)
    issuer.replies = [json_response(503)]
    with pytest.raises(trilogue.ServerError):
        get_app(pantheon, client)

    get_app(pantheon, client)

    assert issuer.calls == ["access-2"]


@pytest.mark.anyio
async def test_a_failure_is_not_shared_with_callers_that_have_more_attempts_or_time() -> None:
    clock = FakeClock()
    issuer = Issuer(clock)
    issuer.replies = [json_response(503)]
    async with AsyncPantheon(CLIENT_ID, CLIENT_SECRET, clock=clock, transport=RecordingTransport(issuer)) as client:
        outcomes = await asyncio.gather(
            client.with_options(max_attempts=1).apps.get(), client.apps.get(), return_exceptions=True
        )

    assert isinstance(outcomes[0], trilogue.ServerError)
    assert not isinstance(outcomes[1], Exception)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"access_token": None, "refresh_token": "r", "token_type": "bearer", "expires_in": 60},
        {"access_token": "a", "refresh_token": "r", "token_type": "bearer", "expires_in": None},
        {"access_token": "a", "refresh_token": "r", "token_type": "bearer", "expires_in": "soon"},
        {"access_token": "a\r\nX-Other: b", "refresh_token": "r", "token_type": "bearer", "expires_in": 60},
        {"access_token": "", "refresh_token": "r", "token_type": "bearer", "expires_in": 60},
    ],
)
def test_a_response_that_is_not_a_token_is_an_error_that_does_not_show_it(
    pantheon: PantheonHarness, issuer: Issuer, body: Any
) -> None:
    issuer.replies = [json_response(json=body)]
    client = pantheon.client(RecordingTransport(issuer))

    with pytest.raises(trilogue.DecodeError, match=r"^Pantheon auth\.get_access_token: 200 ") as raised:
        get_app(pantheon, client)

    assert "X-Other" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("refresh_token", [None, "", 7])
def test_a_pair_without_a_refresh_token_is_followed_by_one_for_the_credentials(
    pantheon: PantheonHarness, issuer: Issuer, refresh_token: Any
) -> None:
    issuer.changes = {"refresh_token": refresh_token}
    client = pantheon.client(RecordingTransport(issuer))
    get_app(pantheon, client)
    pantheon.clock.time += LIFE

    get_app(pantheon, client)

    assert issuer.grants == ["client_credentials", "client_credentials"]


def test_extra_query_and_body_are_not_sent_to_the_token_endpoint(pantheon: PantheonHarness, issuer: Issuer) -> None:
    client = pantheon.client(transport := RecordingTransport(issuer))
    wider = client.with_options(extra_query={"preview": "yes"}, extra_body={"tone": "warm"})

    pantheon.result(wider.contacts.create(name="Ana"))

    token, call = transport.requests
    assert (token.url.query, json.loads(token.content)) == (b"", {"grant_type": "client_credentials"})
    assert (call.url.query, json.loads(call.content)["tone"]) == (b"preview=yes", "warm")


# Tasks that end early


@pytest.mark.anyio
async def test_a_task_cancelled_while_it_fetches_releases_the_lock() -> None:
    clock = FakeClock()
    issuer = Issuer(clock)
    gate = Gate(issuer)
    gate.is_shut = True
    async with AsyncPantheon(CLIENT_ID, CLIENT_SECRET, clock=clock, transport=gate) as client:
        fetching, waiting = asyncio.create_task(client.apps.get()), asyncio.create_task(client.apps.get())
        while not gate.reached.is_set():
            await asyncio.sleep(0)

        fetching.cancel()
        gate.is_shut = False
        await waiting

    assert fetching.cancelled()
    assert issuer.calls == ["access-1"]


@pytest.mark.anyio
async def test_a_task_cancelled_while_it_waits_for_the_lock_blocks_nobody() -> None:
    clock = FakeClock()
    issuer = Issuer(clock)
    gate = Gate(issuer)
    gate.is_shut = True
    async with AsyncPantheon(CLIENT_ID, CLIENT_SECRET, clock=clock, transport=gate) as client:
        fetching, waiting, last = (asyncio.create_task(client.apps.get()) for _ in range(3))
        while not gate.reached.is_set():
            await asyncio.sleep(0)

        waiting.cancel()
        gate.opened.set()
        await asyncio.gather(fetching, last)

    assert waiting.cancelled()
    assert issuer.calls == ["access-1", "access-1"]


def test_an_event_loop_that_ends_during_a_fetch_does_not_block_the_next_one() -> None:
    clock = FakeClock()
    issuer = Issuer(clock)
    gate = Gate(issuer)
    gate.is_shut = True
    client = AsyncPantheon(CLIENT_ID, CLIENT_SECRET, clock=clock, transport=gate)

    async def give_up() -> None:
        await asyncio.wait_for(client.apps.get(), 0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(give_up())
    gate.is_shut = False
    asyncio.run(call_and_close(client))

    assert issuer.calls == ["access-1"]


async def call_and_close(client: AsyncPantheon) -> None:
    async with client:
        await client.apps.get()


# Several processes


def test_clients_with_one_cache_share_one_token_and_its_renewals(pantheon: PantheonHarness, issuer: Issuer) -> None:
    cache = SharedCache()
    one, other = (pantheon.client(RecordingTransport(issuer), token_cache=cache) for _ in range(2))

    for _ in range(2):
        get_app(pantheon, one)
        get_app(pantheon, other)
        pantheon.clock.time += LIFE

    assert issuer.grants == ["client_credentials", "refresh_token"]
    assert issuer.calls == ["access-1", "access-1", "access-2", "access-2"]


def test_a_token_of_the_cache_that_is_refused_is_replaced_there(pantheon: PantheonHarness, issuer: Issuer) -> None:
    cache = SharedCache(json.dumps({"access": "gone", "refresh": None, "renew_at": START + 60, "ends_at": START + 70}))
    client = pantheon.client(RecordingTransport(issuer), token_cache=cache)

    get_app(pantheon, client)

    assert issuer.calls == ["gone", "access-1"]
    assert cache.load() == Token("access-1", "refresh-1", START + AHEAD, START + LIFE)


@pytest.mark.parametrize("renew_at", [START - 3600, START], ids=["long ended", "due now"])
def test_a_token_of_the_cache_that_is_due_for_renewal_is_not_used(
    pantheon: PantheonHarness, issuer: Issuer, renew_at: float
) -> None:
    old = {"access": "old", "refresh": "used by another process", "renew_at": renew_at, "ends_at": renew_at + 60}
    cache = SharedCache(json.dumps(old))
    client = pantheon.client(RecordingTransport(issuer), token_cache=cache)

    get_app(pantheon, client)

    assert (issuer.grants, issuer.calls) == (["client_credentials"], ["access-1"])
    assert cache.load() == Token("access-1", "refresh-1", START + AHEAD, START + LIFE)


def test_the_cache_is_read_only_when_the_own_token_does_not_work(pantheon: PantheonHarness, issuer: Issuer) -> None:
    cache = SharedCache()
    client = pantheon.client(RecordingTransport(issuer), token_cache=cache)

    for _ in range(5):
        get_app(pantheon, client)

    assert len(cache.threads) == 2


@pytest.mark.anyio
async def test_a_cache_that_blocks_does_not_block_the_event_loop() -> None:
    clock = FakeClock()
    cache = SharedCache()
    async with AsyncPantheon(
        CLIENT_ID, CLIENT_SECRET, clock=clock, transport=RecordingTransport(Issuer(clock)), token_cache=cache
    ) as client:
        await client.apps.get()

    assert len(cache.threads) == 2
    assert get_ident() not in cache.threads


def test_a_cache_that_is_empty_is_a_cache(pantheon: PantheonHarness, issuer: Issuer) -> None:
    class Shelf(SharedCache):
        def __len__(self) -> int:
            return 0

    get_app(pantheon, pantheon.client(RecordingTransport(issuer), token_cache=(shelf := Shelf())))
    get_app(pantheon, pantheon.client(RecordingTransport(issuer), token_cache=shelf))

    assert issuer.calls == ["access-1", "access-1"]


class BrokenCache(SharedCache):
    """A cache that fails once."""

    def __init__(self, failing: str) -> None:
        super().__init__()
        self.failing = failing

    def load(self) -> Token | None:
        self._fail("load")
        return super().load()

    def save(self, token: Token) -> None:
        self._fail("save")
        super().save(token)

    def _fail(self, name: str) -> None:
        if self.failing == name:
            self.failing = ""
            raise ConnectionResetError("the cache is away")


@pytest.mark.parametrize("failing", ["load", "save"])
def test_an_error_of_the_cache_is_raised_and_the_next_call_works(
    pantheon: PantheonHarness, issuer: Issuer, failing: str
) -> None:
    client = pantheon.client(RecordingTransport(issuer), token_cache=BrokenCache(failing))
    with pytest.raises(ConnectionResetError):
        get_app(pantheon, client)

    get_app(pantheon, client)

    assert issuer.grants == ["client_credentials"]
    assert issuer.calls == ["access-1"]


def test_a_cache_that_returns_something_else_is_an_invalid_argument(pantheon: PantheonHarness, issuer: Issuer) -> None:
    class Careless(SharedCache):
        def load(self) -> Any:
            return {"access": "a"}

    client = pantheon.client(RecordingTransport(issuer), token_cache=Careless())

    with pytest.raises(
        trilogue.InvalidArgument, match=r"^token_cache: load\(\) returned a dict; return a Token or None"
    ):
        get_app(pantheon, client)


# Secrets


def test_no_secret_is_shown_by_repr_logs_errors_or_tracebacks(
    pantheon: PantheonHarness, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    client = pantheon.client(RecordingTransport(refusing_calls(issuer)), headers={"X-Trace": "1"})
    with caplog.at_level(logging.DEBUG), pytest.raises(trilogue.AuthenticationFailed) as raised:
        get_app(pantheon, client)

    token = Token("access-1", "refresh-1", 1.0, 2.0)
    shown = [repr(client), repr(token), str(token), repr(client._core), repr(client._core.auth), caplog.text]
    shown += ["".join(traceback.format_exception(raised.value)), repr(raised.value), repr(vars(raised.value))]

    for secret in ("access-", "refresh-", CLIENT_SECRET, "Basic "):
        assert [text for text in shown if secret in text] == []


def test_a_client_cannot_be_pickled_with_its_secrets(pantheon: PantheonHarness, issuer: Issuer) -> None:
    with pytest.raises(TypeError, match="holds connections and credentials"):
        pickle.dumps(pantheon.client(RecordingTransport(issuer)))


@pytest.mark.parametrize("name", ["client_id", "client_secret"])
@pytest.mark.parametrize("value", ["", "two words", "line\nbreak", "schlüssel"])
def test_invalid_credentials_are_named_without_being_shown(pantheon: PantheonHarness, name: str, value: str) -> None:
    with pytest.raises(trilogue.InvalidArgument, match=f"^{name}: ") as raised:
        pantheon.client(RecordingTransport(lambda _: json_response()), **{name: value})

    assert value == "" or value not in str(raised.value)


def test_credentials_and_host_default_to_the_environment(
    pantheon: PantheonHarness, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("CLIENT_ID", CLIENT_ID), ("CLIENT_SECRET", CLIENT_SECRET), ("HOST", "https://p.example")):
        monkeypatch.setenv(f"PANTHEON_{name}", value)

    get_app(pantheon, pantheon.client(transport := RecordingTransport(issuer), client_id=None, client_secret=None))

    assert {request.url.host for request in transport.requests} == {"p.example"}
