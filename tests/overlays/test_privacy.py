"""Where personal data must not be: error attributes, tracebacks, pickles, Sentry, OpenTelemetry, the log."""

from __future__ import annotations

import io
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import httpx
import pytest
import trilogue
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from rich.pretty import pretty_repr
from trilogue._http.messages import HttpRequest, Timeout
from trilogue.otel import instrument

from .pantheon import PantheonHarness
from .servers import Connection, Received, http, serving
from .support import Harness

NAME, TEXT, CODE, PHONE, SECRET = "Canary Name", "canary text", "493817", "250788900900", "canaryToken493"
URN = f"tel:+{PHONE}"
CANARIES = (NAME, TEXT, CODE, PHONE, SECRET)
MESSAGE = f"{NAME} ({URN}) has {TEXT} with {CODE} already"


def assert_clean(text: str) -> None:
    assert [canary for canary in CANARIES if canary in text] == []


def refuse(request: Received, connection: Connection) -> bytes:
    """Refuse everything, in words that repeat what was sent."""
    return http(400, json.dumps({"detail": MESSAGE, "text": [TEXT]}).encode(), x_request_id="req-1")


def calls(client: Any) -> list[Any]:
    return [
        lambda: client.contacts.create(name=NAME, urns=[URN], fields={"code": CODE, "note": TEXT}),
        lambda: client.messages.send(contact=URN, text=f"{NAME} {TEXT} {CODE}"),
        lambda: client.request("POST", "/x.json", json={"name": NAME, "urn": URN, "text": TEXT, "code": CODE}),
    ]


def raised_by(harness: Harness, call: Any) -> trilogue.BadRequest:
    with pytest.raises(trilogue.BadRequest) as raised:
        harness.result(call())
    return raised.value


@pytest.mark.parametrize("number", [0, 2])
def test_an_error_holds_the_platforms_full_words_only_where_one_asks_for_them(harness: Harness, number: int) -> None:
    with serving(refuse) as server:
        error = raised_by(harness, calls(harness.client(host=server.url, token=SECRET))[number])

    for shown in (str(error), repr(error), repr(error.args), repr(vars(error)), error.message, json.dumps(error.args)):
        assert_clean(shown)
    assert error.full_message() == MESSAGE
    assert error.body["detail"] == MESSAGE
    assert error.field_errors["text"] == [TEXT]


def test_a_message_keeps_the_words_that_are_not_the_callers(harness: Harness) -> None:
    said = b'{"detail": "Invalid contact field key: nickname for 5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9, Ana"}'
    with serving(lambda request, connection: http(400, said)) as server:
        client = harness.client(host=server.url)
        error = raised_by(harness, lambda: client.contacts.create(name="Ana", fields={"nickname": "A"}))

    assert error.message == ("Invalid contact field key: nickname for 5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9, [hidden]")


def test_an_empty_value_hides_nothing(harness: Harness) -> None:
    said = b'{"detail": "body/name: \\"\\" is shorter than 1 character"}'
    with serving(lambda request, connection: http(400, said)) as server:
        client = harness.client(host=server.url)
        error = raised_by(harness, lambda: client.contacts.create(name="", fields={"nickname": ""}))

    assert error.message == 'body/name: "" is shorter than 1 character'


def test_a_pickled_error_holds_nothing_of_the_response(harness: Harness) -> None:
    with serving(refuse) as server:
        error = raised_by(harness, calls(harness.client(host=server.url, token=SECRET))[0])
    again = pickle.loads(pickle.dumps(error))

    assert_clean(pickle.dumps(error).decode("latin-1"))
    assert (type(again), again.status, str(again)) == (trilogue.BadRequest, 400, str(error))
    assert (again.body, again.field_errors, dict(again.headers)) == (None, {}, {})
    assert again.full_message() == again.message


def test_no_frame_of_the_package_has_an_argument_among_its_variables(harness: Harness) -> None:
    with serving(refuse) as server:
        client = harness.client(host=server.url, token=SECRET)
        for call in calls(client):
            with pytest.raises(trilogue.TrilogueError) as raised:
                harness.result(call())
            assert_clean(shown_variables(raised.value))
        with pytest.raises(trilogue.InvalidArgument) as invalid:
            harness.result(client.contacts.create(name=NAME, urns=[URN, 5]))
        assert_clean(shown_variables(invalid.value))
        with pytest.raises(trilogue.BadRequest) as listed:
            harness.rows(client.contacts.list(urn=URN, group=NAME))
        assert_clean(shown_variables(listed.value))


@pytest.mark.parametrize("show", [repr, pretty_repr])
def test_a_request_shows_nothing_of_itself(show: Callable[[object], str]) -> None:
    request = HttpRequest("POST", f"https://example.org/{URN}", {"authorization": SECRET}, Timeout(), MESSAGE.encode())

    assert "HttpRequest" in show(request)
    assert_clean(show(request))


def test_a_token_to_revoke_is_in_no_variable(pantheon: PantheonHarness) -> None:
    with serving(refuse) as server:
        client = pantheon.client(host=server.url)
        with pytest.raises(trilogue.BadRequest) as raised:
            pantheon.result(client.auth.revoke_token(token=SECRET))

    assert_clean(shown_variables(raised.value))


def shown_variables(error: BaseException) -> str:
    """The traceback with the variables of each frame of the package, as tools that report errors show it."""
    stack = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame for frame in stack.stack if "/trilogue" in frame.filename]
    assert frames
    return "".join(f"{frame.name} {frame.locals}\n" for frame in frames)


def test_sentry_is_sent_nothing(harness: Harness) -> None:
    import sentry_sdk

    events: list[Any] = []
    sentry_sdk.init(
        dsn="https://key@sentry.invalid/1",
        before_send=lambda event, hint: events.append(event),
        default_integrations=False,
        max_value_length=100_000,
    )
    try:
        with serving(refuse) as server:
            for call in calls(harness.client(host=server.url, token=SECRET)):
                sentry_sdk.capture_exception(raised_by(harness, call))
    finally:
        sentry_sdk.init()

    assert len(events) == 3
    for event in events:
        frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
        own = [frame for frame in frames if "/trilogue" in frame["abs_path"]]
        assert own
        assert_clean(json.dumps([own, [value["value"] for value in event["exception"]["values"]]], default=str))


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter: InMemorySpanExporter) -> TracerProvider:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider


@pytest.fixture
def stock_instrumentation(provider: TracerProvider) -> Iterator[None]:
    HTTPXClientInstrumentor().instrument(tracer_provider=provider)
    yield
    HTTPXClientInstrumentor().uninstrument()


@pytest.mark.usefixtures("stock_instrumentation")
def test_the_stock_instrumentation_of_httpx_sees_no_address(harness: Harness, exporter: InMemorySpanExporter) -> None:
    with serving(refuse) as server:
        client = harness.client(host=server.url, token=SECRET)
        raised_by(harness, lambda: client.contacts.list(urn=URN).page())

    assert_clean("".join(span.to_json() for span in exporter.get_finished_spans()))


@pytest.mark.usefixtures("stock_instrumentation")
def test_what_patches_transports_of_httpx_sees_a_client_that_is_given_one(
    harness: Harness, exporter: InMemorySpanExporter
) -> None:
    transport: Any = httpx.HTTPTransport() if harness.mode.name == "sync" else httpx.AsyncHTTPTransport()
    with serving(refuse) as server:
        client = harness.client(transport, host=server.url)
        raised_by(harness, lambda: client.groups.list(name="Farmers").page())
        harness.result(transport.close() if harness.mode.name == "sync" else transport.aclose())

    assert [span.name for span in exporter.get_finished_spans()] == ["GET"]


def test_instrumentation_of_aiohttp_sees_no_address(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses: list[str] = []

    async def note(session: object, context: object, start: aiohttp.TraceRequestStartParams) -> None:
        addresses.append(str(start.url))

    def instrumented(*args: Any, **settings: Any) -> None:
        tracing = aiohttp.TraceConfig()
        tracing.on_request_start.append(note)
        plain(*args, **settings, trace_configs=[tracing])

    plain = aiohttp.ClientSession.__init__
    monkeypatch.setattr(aiohttp.ClientSession, "__init__", instrumented)
    with serving(refuse) as server:
        client = harness.client(host=server.url, token=SECRET)
        raised_by(harness, lambda: client.contacts.list(urn=URN).page())

    assert addresses == []


def test_our_own_spans_name_operation_template_status_and_retry(
    harness: Harness, exporter: InMemorySpanExporter, provider: TracerProvider
) -> None:
    replies = iter([http(503), http(200, b'{"next": null, "results": []}')])
    with serving(lambda request, connection: next(replies)) as server:
        client = instrument(harness.client(host=server.url, token=SECRET), provider)
        harness.rows(client.contacts.list(urn=URN, group=NAME))

    first, second = exporter.get_finished_spans()
    assert_clean(first.to_json() + second.to_json())
    assert first.name == second.name == "RapidPro contacts.list"
    assert dict(first.attributes or {}) == {
        "http.request.method": "GET",
        "url.template": "/api/v2/contacts.json",
        "server.address": "127.0.0.1",
        "server.port": int(client._core.base_url.split(":")[2].split("/")[0]),
        "http.response.status_code": 503,
        "error.type": "503",
    }
    assert dict(second.attributes or {})["http.request.resend_count"] == 1


def test_hooks_see_each_attempt_and_never_what_it_holds(harness: Harness) -> None:
    seen: list[tuple[str, trilogue.AttemptEvent]] = []
    replies = iter([http(503), http(400, json.dumps({"detail": MESSAGE}).encode(), x_request_id="req-1")])
    with serving(lambda request, connection: next(replies)) as server:
        client = harness.client(
            host=server.url,
            token=SECRET,
            on_request=lambda event: seen.append(("request", event)),
            on_response=lambda event: seen.append(("response", event)),
            on_retry=lambda event: seen.append(("retry", event)),
        )
        raised_by(harness, lambda: client.contacts.list(urn=URN).page())

    assert [(name, event.attempt, event.status) for name, event in seen] == [
        ("request", 1, None),
        ("response", 1, 503),
        ("retry", 1, None),
        ("request", 2, None),
        ("response", 2, 400),
    ]
    assert seen[-1][1].request_id == "req-1"
    assert seen[2][1].error == "status 503"
    assert len({event.call for _, event in seen}) == 1
    assert_clean(repr(seen))


def test_a_hook_that_fails_does_not_end_a_call_that_was_sent(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: trilogue.AttemptEvent) -> None:
        raise RuntimeError(NAME)

    with serving(lambda request, connection: http(200, b"{}")) as server:
        client = harness.client(host=server.url, on_response=fail)
        harness.result(client.request("POST", "/x.json"))

    assert caplog.messages == ["a hook of the client raised RuntimeError"]


def test_the_log_shows_each_attempt_where_the_environment_asks_for_it(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = logging.getLogger("trilogue")
    monkeypatch.setenv("TRILOGUE_LOG", "debug")
    monkeypatch.setattr("sys.stderr", stream := io.StringIO())
    try:
        with serving(refuse) as server:
            client = harness.client(host=server.url, token=SECRET)
            raised_by(harness, lambda: client.contacts.list(urn=URN).page())
    finally:
        log.handlers.clear()
        log.setLevel(logging.NOTSET)

    assert f"DEBUG trilogue: GET {client._core.base_url}/contacts.json: 400 in " in stream.getvalue()
    assert "attempt 1, request req-1" in stream.getvalue()
    assert_clean(stream.getvalue())


def test_a_message_with_a_lone_surrogate_can_be_printed(harness: Harness) -> None:
    with serving(lambda request, connection: http(400, b'{"detail": "\\ud83d is wrong"}')) as server:
        client = harness.client(host=server.url)
        error = raised_by(harness, lambda: client.request("GET", "/x.json"))

    assert "is wrong" in str(error).encode().decode()
