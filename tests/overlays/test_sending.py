"""What is retried and what is not: each type of operation against each failure."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from email.utils import format_datetime
from threading import Thread
from typing import Any

import httpx
import pytest
import trilogue
from attrs import frozen
from trilogue import (
    ApiError,
    BadRequest,
    Conflict,
    ConnectionFailed,
    OutcomeUnknown,
    OutcomeUnknownAfterConnectionLoss,
    OutcomeUnknownAfterServerError,
    OutcomeUnknownAfterTimeout,
    RateLimited,
    ServerError,
    TimedOut,
)
from trilogue._clock import SystemClock

from .servers import Connection, Received, http, serving, unused_port
from .support import START, Harness, RecordingTransport, Reply, always, json_response, operation, script

IDEMPOTENT = operation(id="set", name="things.set", method="PUT", retry="idempotent")
WITH_KEY = operation(id="pay", name="things.pay", retry="idempotency-key", key_header="Idempotency-Key")
NON_IDEMPOTENT = operation(id="make", name="things.make", retry="non-idempotent")
OPERATIONS = {"idempotent": IDEMPOTENT, "idempotency-key": WITH_KEY, "non-idempotent": NON_IDEMPOTENT}


@frozen
class Cell:
    """A lasting failure: how often each type of operation arrives, and what is raised in the end."""

    fails: Callable[[], Reply]
    tried: dict[str, int]
    raised: dict[str, type[Exception]]


def same(value: Any) -> dict[str, Any]:
    return dict.fromkeys(OPERATIONS, value)


def but_non(value: Any, other: Any) -> dict[str, Any]:
    return {"idempotent": value, "idempotency-key": value, "non-idempotent": other}


def unsent(error: httpx.TransportError) -> Cell:
    return Cell(lambda: error, same(3), same(ConnectionFailed))


def lost(error: Exception) -> Cell:
    return Cell(lambda: error, but_non(3, 1), but_non(ConnectionFailed, OutcomeUnknownAfterConnectionLoss))


def late(error: httpx.TransportError) -> Cell:
    return Cell(lambda: error, but_non(3, 1), but_non(TimedOut, OutcomeUnknownAfterTimeout))


def failed(status: int) -> Cell:
    return Cell(
        lambda: json_response(status),
        but_non(3, 1),
        but_non(ServerError, OutcomeUnknownAfterServerError),
    )


def refused(status: int, error_class: type[Exception]) -> Cell:
    return Cell(lambda: json_response(status), same(1), same(error_class))


TABLE = {
    "connection refused": unsent(httpx.ConnectError("refused")),
    "connect timeout": unsent(httpx.ConnectTimeout("slow")),
    "no free connection": unsent(httpx.PoolTimeout("busy")),
    "proxy refused": unsent(httpx.ProxyError("407 Proxy Authentication Required")),
    "write error": lost(httpx.WriteError("broken pipe")),
    "read error": lost(httpx.ReadError("reset")),
    "closed after the request": lost(httpx.RemoteProtocolError("server disconnected")),
    "a response that the transport cannot decode": lost(httpx.DecodingError("incorrect header check")),
    "too many redirects in the transport": lost(httpx.TooManyRedirects("20")),
    "a protocol of the transport violated": lost(httpx.LocalProtocolError("RECV_DATA in state CLOSED")),
    "TLS broken": lost(ssl.SSLError("wrong version number")),
    "read timeout": late(httpx.ReadTimeout("slow")),
    "write timeout": late(httpx.WriteTimeout("slow")),
    "500": failed(500),
    "502": failed(502),
    "503": failed(503),
    "504": failed(504),
    "520": failed(520),
    "408": Cell(
        lambda: json_response(408),
        but_non(3, 1),
        but_non(ApiError, OutcomeUnknownAfterServerError),
    ),
    "501": Cell(lambda: json_response(501), same(1), but_non(ServerError, OutcomeUnknownAfterServerError)),
    "400": refused(400, BadRequest),
    "401": refused(401, trilogue.AuthenticationFailed),
    "403": refused(403, trilogue.PermissionDenied),
    "404": refused(404, trilogue.NotFound),
    "405": refused(405, trilogue.MethodNotAllowed),
    "409": refused(409, Conflict),
    "410": refused(410, trilogue.Gone),
    "413": refused(413, trilogue.PayloadTooLarge),
    "415": refused(415, trilogue.UnsupportedMediaType),
    "418": refused(418, ApiError),
    "499": refused(499, ApiError),
    "429 without a time": Cell(lambda: json_response(429), same(3), same(RateLimited)),
    "429 for an hour": Cell(lambda: json_response(429, retry_after="3600"), same(1), same(RateLimited)),
}


@pytest.mark.parametrize("retry", OPERATIONS)
@pytest.mark.parametrize("failure", TABLE)
def test_each_failure_has_the_effect_that_the_table_names_for_its_operation(
    harness: Harness, failure: str, retry: str
) -> None:
    cell = TABLE[failure]
    tries: list[httpx.Request] = []

    def fail(request: httpx.Request) -> Reply:
        tries.append(request)
        return cell.fails()

    client = harness.client(RecordingTransport(fail))
    with pytest.raises(trilogue.RequestError) as raised:
        harness.result(client._caller.call(OPERATIONS[retry], {}))

    error = raised.value
    assert len(tries) == cell.tried[retry]
    assert type(error) is cell.raised[retry]
    sent = 0 if "nothing was sent" in str(error) else len(tries)
    assert (error.platform, error.operation, error.attempts) == ("RapidPro", OPERATIONS[retry].name, sent)
    assert error.__cause__ is None
    assert error.__suppress_context__


@pytest.mark.parametrize("failure", [name for name, cell in TABLE.items() if cell.tried["idempotent"] > 1])
def test_a_safe_call_succeeds_after_transient_failures(harness: Harness, failure: str) -> None:
    client, transport = harness.scripted(
        TABLE[failure].fails(), TABLE[failure].fails(), json_response(json={"done": True})
    )

    assert harness.result(client._caller.call(IDEMPOTENT, {})) == {"done": True}
    assert len(harness.clock.slept) == 2
    assert len({request.content for request in transport.requests}) == 1


@pytest.mark.parametrize("error", [UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"), OSError("full"), ValueError("no")])
def test_an_error_that_says_nothing_of_the_request_is_raised_as_it_is(harness: Harness, error: Exception) -> None:
    client = harness.client(RecordingTransport(lambda request: error))

    with pytest.raises(type(error)) as raised:
        harness.result(client._caller.call(OPERATIONS["non-idempotent"], {}))

    assert raised.value is error


def test_a_request_that_was_never_sent_is_retried_whatever_the_operation(harness: Harness) -> None:
    client, transport = harness.scripted(httpx.ConnectError("refused"), json_response(json={}))

    harness.result(client._caller.call(NON_IDEMPOTENT, {}))

    assert len(transport.requests) == 1


def test_the_idempotency_key_is_sent_and_is_the_same_for_each_attempt(harness: Harness) -> None:
    client, transport = harness.scripted(
        httpx.ReadError("reset"), json_response(503), json_response(429, retry_after="1"), json_response(json={})
    )

    harness.result(client.with_options(max_attempts=4)._caller.call(WITH_KEY, {}))
    keys = [request.headers["Idempotency-Key"] for request in transport.requests]

    assert len(keys) == 4
    assert len(set(keys)) == 1


def test_two_calls_have_two_idempotency_keys(harness: Harness) -> None:
    client, transport = harness.scripted(json_response(json={}), json_response(json={}))
    harness.result(client._caller.call(WITH_KEY, {}))
    harness.result(client._caller.call(WITH_KEY, {}))

    first, second = (request.headers["Idempotency-Key"] for request in transport.requests)
    assert first != second


@pytest.mark.parametrize("name", ["Idempotency-Key", "idempotency-key"])
def test_an_own_idempotency_key_replaces_the_generated_one(harness: Harness, name: str) -> None:
    client, transport = harness.scripted(json_response(json={}))

    harness.result(client.with_options(headers={name: "order-17"})._caller.call(WITH_KEY, {}))

    assert transport.last.headers.get_list("Idempotency-Key") == ["order-17"]


def test_an_update_is_retried_but_not_one_that_adds_a_note(harness: Harness) -> None:
    uuid = "5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9"
    client, transport = harness.scripted(json_response(502), json_response(json={}), json_response(502))

    harness.result(client.contacts.update(uuid=uuid, name="Ben"))
    with pytest.raises(OutcomeUnknown):
        harness.result(client.contacts.update(uuid=uuid, name="Ben", note="called back"))

    assert len(transport.requests) == 3


def test_a_contact_is_not_deleted_twice_by_a_urn_that_may_be_a_new_contacts_by_then(harness: Harness) -> None:
    client, transport = harness.scripted(json_response(502), json_response(204), json_response(502))

    harness.result(client.contacts.delete(uuid="5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9"))
    with pytest.raises(OutcomeUnknown):
        harness.result(client.contacts.delete(urn="tel:+250788123123"))

    assert len(transport.requests) == 3


def test_a_message_whose_response_is_lost_is_not_sent_twice(harness: Harness) -> None:
    client, transport = harness.scripted(httpx.ReadError("reset"))
    harness.clock.time += 7.25

    with pytest.raises(OutcomeUnknownAfterConnectionLoss) as raised:
        harness.result(client.messages.send(contact="tel:+250788123123", text="Hello"))

    assert len(transport.requests) == 1
    assert raised.value.sent_at == datetime.fromtimestamp(START + 7.25, UTC)
    assert "messages.send" in str(raised.value)
    assert isinstance(raised.value, ConnectionFailed)


def test_an_unknown_outcome_after_a_server_error_has_the_details_of_the_response(harness: Harness) -> None:
    client, _ = harness.scripted(json_response(503, json={"detail": "down for maintenance"}, retry_after="60"))

    with pytest.raises(OutcomeUnknownAfterServerError) as raised:
        harness.result(client.messages.send(contact="tel:+250788123123", text="Hello"))

    error = raised.value
    assert isinstance(error, ServerError)
    assert (error.status, error.body, error.headers["Retry-After"]) == (503, {"detail": "down for maintenance"}, "60")
    assert error.sent_at == datetime.fromtimestamp(START, UTC)


def test_sent_at_is_the_time_of_the_attempt_that_was_sent(harness: Harness) -> None:
    client, _ = harness.scripted(
        httpx.ConnectError("refused"), json_response(429, retry_after="30"), httpx.ReadTimeout("slow")
    )

    with pytest.raises(OutcomeUnknownAfterTimeout) as raised:
        harness.result(client._caller.call(NON_IDEMPOTENT, {}))

    assert raised.value.sent_at == datetime.fromtimestamp(harness.clock.time, UTC)
    assert raised.value.attempts == 2


# How long a wait is.

FORMS = {
    "seconds": ("7", 7.0),
    "with spaces": (" 7 ", 7.0),
    "a fraction": ("1.5", 1.5),
    "a date": (format_datetime(datetime.fromtimestamp(START + 9, UTC), usegmt=True), 9.0),
    "a date without a zone": (datetime.fromtimestamp(START + 9, UTC).strftime("%a, %d %b %Y %H:%M:%S"), 9.0),
    "a long wait": ("100", 100.0),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_wait_is_never_shorter_than_the_platform_asks_for(harness: Harness, form: str) -> None:
    header, seconds = FORMS[form]
    client, transport = harness.scripted(json_response(429, retry_after=header), json_response(json={}))

    harness.result(client._caller.call(NON_IDEMPOTENT, {}))

    assert harness.clock.time - START == pytest.approx(seconds, abs=0.01)
    assert harness.clock.time - START >= seconds
    assert len(transport.requests) == 2


UNSAID = {
    "missing": None,
    "empty": "",
    "garbage": "soon",
    "two values": "5, 6",
    "not a number": "nan",
    "endless": "inf",
    "too large for a float": "1e999",
    "zero": "0",
    "negative": "-5",
    "a date that has passed": "Mon, 01 Jan 2001 00:00:00 GMT",
    "a date that does not exist": "Mon, 41 Foo 2001 00:00:00 GMT",
    "a date of no calendar": f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT",
    "a date of no zone": f"Mon, 01 Jan 2030 00:00:00 +{'9' * 20}",
}


@pytest.mark.parametrize("header", UNSAID.values(), ids=UNSAID)
def test_attempts_count_where_the_platform_names_no_time_to_wait(harness: Harness, header: str | None) -> None:
    client = harness.client(
        transport := RecordingTransport(
            always(lambda: json_response(429, **({} if header is None else {"retry_after": header})))
        )
    )

    with pytest.raises(RateLimited) as raised:
        harness.result(client.with_options(deadline=None)._caller.call(NON_IDEMPOTENT, {}))

    assert len(transport.requests) == 3
    assert raised.value.retry_at is None or raised.value.retry_after == 0
    assert all(0.25 <= seconds <= 1.0 for seconds in harness.clock.slept)


@pytest.mark.parametrize("seconds", ["99999999999", "99999999999999999999", "9" * 300])
def test_a_wait_beyond_the_calendar_raises_as_any_long_one(harness: Harness, seconds: str) -> None:
    client, transport = harness.scripted(json_response(429, retry_after=seconds))

    with pytest.raises(RateLimited) as raised:
        harness.result(client._caller.call(NON_IDEMPOTENT, {}))

    assert len(transport.requests) == 1
    assert raised.value.retry_after == float(seconds)
    assert raised.value.retry_at is not None


def test_the_system_clock_starts_a_wait_beyond_the_calendar() -> None:
    sleeper = Thread(target=SystemClock().sleep, args=(1e300,), daemon=True)
    sleeper.start()
    sleeper.join(0.05)

    assert sleeper.is_alive()


def test_a_server_error_with_a_time_to_wait_is_retried_after_it(harness: Harness) -> None:
    client, _ = harness.scripted(json_response(503, retry_after="20"), json_response(json={}))

    harness.result(client._caller.call(IDEMPOTENT, {}))

    assert harness.clock.slept == [20.0]


@pytest.mark.parametrize(("chance", "waits"), [(0.0, [0.25, 0.5, 1, 2, 4, 4]), (1.0, [0.5, 1, 2, 4, 8, 8])])
def test_backoff_doubles_up_to_eight_seconds_and_half_of_it_is_random(
    harness: Harness, chance: float, waits: list[float]
) -> None:
    harness.clock.chance = chance
    client = harness.client(RecordingTransport(always(lambda: json_response(500))), max_attempts=7)

    with pytest.raises(ServerError):
        harness.result(client._caller.call(IDEMPOTENT, {}))

    assert harness.clock.slept == waits


def test_a_lasting_rate_limit_is_retried_for_ever_without_a_deadline(harness: Harness) -> None:
    client, _ = harness.scripted(*[json_response(429, retry_after="1") for _ in range(1100)], json_response(json={}))

    harness.result(client.with_options(deadline=None)._caller.call(NON_IDEMPOTENT, {}))

    assert harness.clock.time == START + 1100


# The deadline.


def test_a_wait_past_the_deadline_raises_at_once_and_says_when_to_try_again(harness: Harness) -> None:
    client, _ = harness.scripted(json_response(429, json={"detail": "Request was throttled."}, retry_after="121"))

    with pytest.raises(RateLimited) as raised:
        harness.result(client._caller.call(IDEMPOTENT, {}))

    assert harness.clock.slept == []
    assert raised.value.retry_after == 121.0
    assert raised.value.retry_at == datetime.fromtimestamp(START + 121, UTC)


def test_a_single_call_may_take_two_minutes_and_no_longer(harness: Harness) -> None:
    client, transport = harness.scripted(
        json_response(429, retry_after="60"),
        json_response(429, retry_after="60"),
        json_response(json={}),
        json_response(429, retry_after="120.5"),
    )

    harness.result(client._caller.call(IDEMPOTENT, {}))
    with pytest.raises(RateLimited):
        harness.result(client._caller.call(IDEMPOTENT, {}))

    assert harness.clock.time == START + 120
    assert len(transport.requests) == 4


def test_the_deadline_bounds_the_sum_of_all_waits(harness: Harness) -> None:
    client = harness.client(RecordingTransport(always(lambda: json_response(429, retry_after="50"))))

    with pytest.raises(RateLimited):
        harness.result(client._caller.call(IDEMPOTENT, {}))

    assert harness.clock.time == START + 100


def test_an_iteration_waits_as_long_as_the_platform_asks(harness: Harness) -> None:
    client, _ = harness.scripted(
        json_response(429, retry_after="3600"), json_response(json={"next": None, "results": [{"uuid": "1"}]})
    )

    assert len(harness.rows(client.contacts.list())) == 1
    assert harness.clock.time == START + 3600


@pytest.mark.parametrize(("seconds", "waited"), [("86400", [86_400.0]), ("86401", []), ("9" * 40, [])])
def test_nothing_waits_longer_than_a_day(harness: Harness, seconds: str, waited: list[float]) -> None:
    client, _ = harness.scripted(
        json_response(429, retry_after=seconds), json_response(json={"next": None, "results": []})
    )

    with nullcontext() if waited else pytest.raises(RateLimited):
        harness.rows(client.contacts.list())

    assert harness.clock.slept == waited


def test_a_time_to_wait_of_more_than_a_day_holds_no_later_call_back(harness: Harness) -> None:
    client, transport = harness.scripted(json_response(429, retry_after="9" * 40), json_response(json={}))

    with pytest.raises(RateLimited):
        harness.result(client._caller.call(IDEMPOTENT, {}))

    assert harness.result(client._caller.call(IDEMPOTENT, {})) == {}
    assert len(transport.requests) == 2


def test_an_iteration_keeps_to_a_deadline_that_was_set(harness: Harness) -> None:
    client, _ = harness.scripted(json_response(429, retry_after="3600"))

    with pytest.raises(RateLimited):
        harness.rows(client.with_options(deadline=60).contacts.list())

    assert harness.clock.slept == []


def test_no_deadline_means_that_a_single_call_waits_as_long_as_it_takes(harness: Harness) -> None:
    client, _ = harness.scripted(json_response(429, retry_after="3600"), json_response(json={}))

    harness.result(client.with_options(deadline=None)._caller.call(NON_IDEMPOTENT, {}))

    assert harness.clock.time == START + 3600


def test_no_backoff_passes_the_deadline(harness: Harness) -> None:
    client = harness.client(
        transport := RecordingTransport(always(lambda: json_response(500))), deadline=1.0, max_attempts=50
    )

    with pytest.raises(ServerError):
        harness.result(client._caller.call(IDEMPOTENT, {}))

    assert harness.clock.time <= START + 1.0
    assert len(transport.requests) == 2


def test_an_attempt_has_no_more_time_than_the_deadline_leaves(harness: Harness) -> None:
    client, transport = harness.scripted(json_response(429, retry_after="15"), json_response(json={}), deadline=20.0)

    harness.result(client._caller.call(NON_IDEMPOTENT, {}))
    first, second = (request.extensions["timeout"] for request in transport.requests)

    assert first == {"connect": 10.0, "pool": 10.0, "read": 20.0, "write": 20.0}
    assert second == {"connect": 5.0, "pool": 5.0, "read": 5.0, "write": 5.0}


# What a person sees of a wait.


def test_a_wait_of_more_than_a_second_is_reported_once_by_callback_and_by_log(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    waits: list[trilogue.Wait] = []
    client, _ = harness.scripted(
        json_response(429, retry_after="75"),
        json_response(json={"next": None, "results": []}),
        on_wait=waits.append,
    )

    harness.rows(client.contacts.list(urn="tel:+250788123123"))

    assert waits == [
        trilogue.Wait(
            reason="rate limit",
            seconds=75.0,
            until=datetime.fromtimestamp(START + 75, UTC),
            operation="contacts.list",
            attempt=1,
            total=75.0,
        )
    ]
    assert [(record.levelname, record.getMessage()) for record in caplog.records if record.levelname == "INFO"] == [
        ("INFO", f"contacts.list waits 75 s (rate limit), continues at {waits[0].until:%H:%M:%S} UTC; 75 s in all")
    ]


def test_a_wait_after_failures_names_its_reason(harness: Harness) -> None:
    waits: list[trilogue.Wait] = []
    client, _ = harness.scripted(json_response(503, retry_after="5"), json_response(json={}), on_wait=waits.append)

    harness.result(client._caller.call(IDEMPOTENT, {}))

    assert [(wait.reason, wait.attempt) for wait in waits] == [("failure", 1)]


@pytest.mark.parametrize(("seconds", "reported"), [("1", 0), ("1.25", 1)])
def test_a_wait_is_reported_from_just_above_a_second(harness: Harness, seconds: str, reported: int) -> None:
    waits: list[trilogue.Wait] = []
    client, _ = harness.scripted(json_response(429, retry_after=seconds), json_response(json={}), on_wait=waits.append)

    harness.result(client._caller.call(NON_IDEMPOTENT, {}))

    assert len(waits) == reported


def test_many_short_waits_are_reported_by_their_sum(harness: Harness) -> None:
    waits: list[trilogue.Wait] = []
    replies = [json_response(429, retry_after="1") for _ in range(60)]
    client, transport = harness.scripted(*replies, json_response(json={}), on_wait=waits.append)

    harness.result(client._caller.call(NON_IDEMPOTENT, {}))

    assert len(transport.requests) == 61
    assert [wait.total for wait in waits] == [2.0 * number for number in range(1, 31)]


def test_a_date_to_wait_for_is_relative_to_the_clock_of_the_platform(harness: Harness) -> None:
    there = START - 3600
    date, until = (format_datetime(datetime.fromtimestamp(t, UTC), usegmt=True) for t in (there, there + 7))
    client, _ = harness.scripted(json_response(429, retry_after=until, date=date), json_response(json={}))

    harness.result(client._caller.call(NON_IDEMPOTENT, {}))

    assert harness.clock.slept == [7.0]


def test_a_short_wait_is_not_reported(harness: Harness, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    waits: list[trilogue.Wait] = []
    client, _ = harness.scripted(json_response(429, retry_after="1"), json_response(json={}), on_wait=waits.append)

    harness.result(client._caller.call(IDEMPOTENT, {}))

    assert waits == []
    assert [record for record in caplog.records if record.levelname == "INFO"] == []


def test_an_error_in_the_callback_ends_the_call_and_is_raised(harness: Harness) -> None:
    class Stop(Exception):
        pass

    def stop(_: trilogue.Wait) -> None:
        raise Stop

    client, transport = harness.scripted(json_response(429, retry_after="75"), on_wait=stop)
    with pytest.raises(Stop):
        harness.result(client._caller.call(IDEMPOTENT, {}))

    assert len(transport.requests) == 1


# Options.


@pytest.mark.parametrize("most", [1, 2, 5])
def test_max_attempts_bounds_the_attempts(harness: Harness, most: int) -> None:
    client = harness.client(transport := RecordingTransport(always(lambda: json_response(502))))

    with pytest.raises(ServerError) as raised:
        harness.result(client.with_options(max_attempts=most)._caller.call(IDEMPOTENT, {}))

    assert len(transport.requests) == most
    assert raised.value.attempts == most


def test_waits_for_the_rate_limit_do_not_use_up_the_attempts(harness: Harness) -> None:
    client, transport = harness.scripted(
        *[json_response(429, retry_after="2") for _ in range(9)], json_response(json={}), max_attempts=1
    )

    harness.result(client._caller.call(NON_IDEMPOTENT, {}))

    assert len(transport.requests) == 10


def test_waits_for_the_rate_limit_leave_all_attempts_for_failures(harness: Harness) -> None:
    replies = [json_response(429, retry_after="2") for _ in range(5)]
    client, transport = harness.scripted(
        *replies, json_response(503), json_response(503), json_response(json={}), max_attempts=3
    )

    harness.result(client._caller.call(IDEMPOTENT, {}))

    assert len(transport.requests) == 8


def test_extra_fields_are_added_to_a_form_with_a_file_too(harness: Harness) -> None:
    client, transport = harness.scripted(json_response(201, json={"uuid": "1"}))

    harness.result(client.with_options(extra_body={"is_new": True}).media.upload(file=b"x"))

    assert b'name="is_new"\r\n\r\ntrue\r\n' in transport.last.content


@pytest.mark.parametrize("extra", [{"a": [1]}, {"a": {"b": 1}}, {"a": None}])
def test_extra_fields_that_a_form_cannot_hold_are_invalid_arguments(harness: Harness, extra: dict[str, Any]) -> None:
    client, transport = harness.scripted()

    with pytest.raises(trilogue.InvalidArgument, match=r"extra_body\.a: "):
        harness.result(client.with_options(extra_body=extra).media.upload(file=b"x"))

    assert transport.requests == []


def test_extra_fields_for_a_body_without_fields_are_invalid_arguments(harness: Harness) -> None:
    client, transport = harness.scripted()

    with pytest.raises(trilogue.InvalidArgument, match=r"^extra_body: "):
        harness.result(client.with_options(extra_body={"a": 1}).request("POST", "/things.json", json=[1]))

    assert transport.requests == []


def test_with_options_leaves_the_parent_as_it_was(harness: Harness) -> None:
    client, transport = harness.scripted(*[json_response(json={}) for _ in range(3)], headers={"X-From": "parent"})
    child = client.with_options(
        timeout=5, headers={"X-Child": "1"}, extra_query={"beta": "1"}, extra_body={"more": True}, max_attempts=1
    )

    harness.result(child._caller.call(IDEMPOTENT, {}))
    harness.result(client._caller.call(IDEMPOTENT, {}))
    harness.result(child.with_options(headers={"X-From": "grandchild"})._caller.call(IDEMPOTENT, {}))
    by_child, by_parent, by_grandchild = transport.requests

    assert by_child.headers["X-From"] == "parent"
    assert by_child.headers["X-Child"] == "1"
    assert by_child.url.query == b"beta=1"
    assert by_child.content == b'{"more":true}'
    assert by_child.extensions["timeout"]["read"] == 5
    assert "X-Child" not in by_parent.headers
    assert (by_parent.url.query, by_parent.content) == (b"", b"{}")
    assert by_parent.extensions["timeout"]["read"] == 60.0
    assert (by_grandchild.headers["X-From"], by_grandchild.headers["X-Child"]) == ("grandchild", "1")


def test_with_options_shares_the_connections(harness: Harness) -> None:
    with serving(lambda request, connection: http(200, b"{}")) as server:
        client = harness.client(host=server.url)
        harness.result(client._caller.call(IDEMPOTENT, {}))
        harness.result(client.with_options(timeout=5, max_attempts=1)._caller.call(IDEMPOTENT, {}))
        assert server.connections == 1


@pytest.mark.parametrize("name", ["user-agent", "USER-AGENT", "User-Agent"])
def test_an_own_header_replaces_the_usual_one_in_any_case(harness: Harness, name: str) -> None:
    client, transport = harness.scripted(json_response(json={}), headers={name: "mine/1"})

    harness.result(client._caller.call(IDEMPOTENT, {}))

    assert transport.last.headers.get_list("user-agent") == ["mine/1"]


WRONG_OPTIONS: list[dict[str, Any]] = [
    {"timeout": 0},
    {"timeout": -1},
    {"timeout": float("nan")},
    {"timeout": float("inf")},
    {"timeout": 1e300},
    {"timeout": 10**400},
    {"timeout": trilogue.Timeout(connect=1e300)},
    {"timeout": "5"},
    {"timeout": True},
    {"timeout": trilogue.Timeout(connect=0)},
    {"timeout": trilogue.Timeout(read=float("nan"))},
    {"deadline": 0},
    {"deadline": -5},
    {"deadline": "60"},
    {"deadline": float("nan")},
    {"deadline": 10**400},
    {"max_attempts": 0},
    {"max_attempts": "3"},
    {"max_attempts": 1.5},
    {"on_wait": "print"},
    {"headers": "X: y"},
    {"headers": {"X": 5}},
    {"headers": {"X-Name": "Zoë"}},
    {"headers": {"X-Name": "a\r\nX-Other: b"}},
    {"headers": {"authorization": "Token x"}},
    {"headers": {"X-Key": " secret"}},
    {"headers": {"X-Key": "secret "}},
    {"headers": {"X Key": "secret"}},
    {"headers": {"X-Key:": "secret"}},
    {"headers": {"": "secret"}},
    {"headers": {"Content-Length": "5"}},
    {"headers": {"Transfer-Encoding": "chunked"}},
]


@pytest.mark.parametrize("options", WRONG_OPTIONS, ids=str)
def test_a_wrong_option_is_an_invalid_argument_that_names_it(harness: Harness, options: dict[str, Any]) -> None:
    (name,) = options
    client, _ = harness.scripted()

    with pytest.raises(trilogue.InvalidArgument, match=f"^{name}: "):
        client.with_options(**options)
    with pytest.raises(trilogue.InvalidArgument, match=f"^{name}: "):
        harness.client(**options)


@pytest.mark.parametrize(
    "options",
    [{"extra_query": "a=1"}, {"extra_query": {"a": 1}}, {"extra_query": {"a": "\ud800"}}, {"extra_body": [1]}],
    ids=ascii,
)
def test_extras_of_a_wrong_type_are_invalid_arguments_that_name_them(harness: Harness, options: dict[str, Any]) -> None:
    (name,) = options
    client, _ = harness.scripted()

    with pytest.raises(trilogue.InvalidArgument, match=f"^{name}: "):
        client.with_options(**options)


# What only a socket shows.


def test_a_port_without_a_listener_is_a_failed_connection(harness: Harness) -> None:
    client = harness.client(host=f"http://127.0.0.1:{unused_port()}")

    with pytest.raises(ConnectionFailed, match="nothing was sent") as raised:
        harness.result(client.messages.send(contact="tel:+250788123123", text="Hello"))

    assert type(raised.value) is ConnectionFailed
    assert raised.value.attempts == 0


def close_without_a_response(request: Received, connection: Connection) -> None:
    return None


def cut_the_body(request: Received, connection: Connection) -> None:
    connection.write(http(201, b'{"uuid": ', content_length="500"))


def cut_the_headers(request: Received, connection: Connection) -> None:
    connection.write(b"HTTP/1.1 201 Created\r\ncontent-le")


def talk_nonsense(request: Received, connection: Connection) -> None:
    connection.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


@pytest.mark.parametrize("misbehave", [close_without_a_response, cut_the_body, cut_the_headers, talk_nonsense])
@pytest.mark.parametrize(("retry", "arrivals"), [("idempotent", 3), ("idempotency-key", 3), ("non-idempotent", 1)])
def test_a_connection_that_breaks_after_the_request_arrived_is_counted_at_the_server(
    harness: Harness, misbehave: Callable[[Received, Connection], None], retry: str, arrivals: int
) -> None:
    with serving(misbehave) as server:
        client = harness.client(host=server.url)
        with pytest.raises(ConnectionFailed) as raised:
            harness.result(client._caller.call(OPERATIONS[retry], {}))

    assert len(server.requests) == arrivals
    assert isinstance(raised.value, OutcomeUnknownAfterConnectionLoss) is (retry == "non-idempotent")


@pytest.mark.parametrize(("retry", "arrivals"), [("idempotent", 3), ("idempotency-key", 3), ("non-idempotent", 1)])
def test_a_server_that_does_not_respond_in_time_is_counted_at_the_server(
    harness: Harness, retry: str, arrivals: int
) -> None:
    def hang(request: Received, connection: Connection) -> None:
        connection.read()

    with serving(hang) as server:
        client = harness.client(host=server.url, timeout=trilogue.Timeout(read=0.1))
        with pytest.raises(TimedOut) as raised:
            harness.result(client._caller.call(OPERATIONS[retry], {}))

    assert len(server.requests) == arrivals
    assert isinstance(raised.value, OutcomeUnknownAfterTimeout) is (retry == "non-idempotent")


def test_a_server_that_hangs_does_not_hold_a_call_beyond_its_deadline(harness: Harness) -> None:
    def hang(request: Received, connection: Connection) -> None:
        connection.read()

    with serving(hang) as server:
        client = harness.client(host=server.url, deadline=0.2, max_attempts=1)
        began = time.monotonic()
        with pytest.raises(TimedOut):
            harness.result(client._caller.call(IDEMPOTENT, {}))

    assert time.monotonic() - began < 10.0  # without the deadline it would be the timeout, a minute


def test_a_429_is_retried_over_the_same_connection(harness: Harness) -> None:
    responses = iter([http(429, b"{}", retry_after="3"), http(200, b'{"uuid": "1"}')])
    with serving(lambda request, connection: next(responses)) as server:
        client = harness.client(host=server.url)
        harness.result(client._caller.call(NON_IDEMPOTENT, {}))

    assert len(server.requests) == 2
    assert server.connections == 1
    assert harness.clock.slept == [3.0]


# Redirects.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_that_names_its_target_and_is_not_followed(harness: Harness, status: int) -> None:
    target = "https://www.example.org/api/v2/contacts.json?urn=tel%3A%2B250788123123"
    client = harness.client(transport := RecordingTransport(script(json_response(status, location=target))))

    with pytest.raises(ApiError, match=r"redirect.*https://www\.example\.org.*host=") as raised:
        harness.rows(client.contacts.list(urn="tel:+250788123123"))

    assert len(transport.requests) == 1
    assert raised.value.status == status
    assert "250788123123" not in str(raised.value)


def test_a_redirect_without_a_target_is_an_error_too(harness: Harness) -> None:
    client, _ = harness.scripted(json_response(302))

    with pytest.raises(ApiError, match="redirect"):
        harness.result(client.workspace.get())
