"""Secrets and personal data stay out of whatever is printed, logged or kept; nothing is left open."""

from __future__ import annotations

import ast
import copy
import gc
import io
import logging
import pickle
import traceback
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest
import trilogue
from trilogue._calls import prepare
from trilogue._deadline import Deadline
from trilogue._redaction import redact
from trilogue.rapidpro import models

from .servers import Connection, Received, http, serving, unused_port
from .support import Handler, Harness, RecordingTransport, Reply, json_response, operation, page, raw_response

TOKEN = "canary0token0canary0token0canary0token00"
PHONE = "250788900900"
URN = f"tel:+{PHONE}"
TEXT = "canary text"
NAME = "Canary Name"
UUID = "5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9"
CANARIES = (TOKEN, PHONE, TEXT, NAME)
CONTACT = {"uuid": UUID, "name": NAME, "urns": [URN], "status": "active", "created_on": "2026-01-02T03:04:05Z"}


def assert_clean(text: str) -> None:
    for canary in CANARIES:
        assert canary not in text


def refused(request: httpx.Request) -> Reply:
    return json_response(400, json={"urns": {"0": [f"Invalid URN: {URN}"]}, "detail": f"{URN} +{PHONE} is taken"})


FAILURES: dict[str, Handler] = {
    "refused": refused,
    "server error": lambda request: json_response(503, json={"detail": f"cannot reach {URN}"}),
    "rate limit": lambda request: json_response(429, json={"detail": PHONE}, retry_after="7200"),
    "not found": lambda request: json_response(404, json={"detail": f"No contact {URN}"}),
    "HTML": lambda request: raw_response(200, f"<html>{URN}".encode(), "text/html"),
    "lost": lambda request: httpx.ReadError("connection reset"),
    "local": lambda request: httpx.LocalProtocolError(f"Illegal header value {TOKEN}"),
    "redirect": lambda request: json_response(302, location=f"https://example.org/?urn={URN}"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_no_error_shows_the_token_or_the_person(
    harness: Harness, failure: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    client = harness.client(RecordingTransport(FAILURES[failure]), token=TOKEN)
    calls = [
        lambda: client.contacts.create(name=NAME, urns=[URN]),
        lambda: client.contacts.update(urn=URN, name=NAME),
        lambda: client.messages.send(contact=URN, text=TEXT),
        lambda: client.with_options(deadline=60).contacts.list(urn=URN).page(),
        lambda: client._caller.call(operation(path=f"/contacts/{URN}.json"), {}),
    ]

    for call in calls:
        with pytest.raises(trilogue.RequestError) as raised:
            harness.result(call())
        error = raised.value
        assert_clean(str(error))
        assert_clean(repr(error))
        assert_clean("".join(traceback.format_exception(error)))
        assert TOKEN not in repr(vars(error))

    assert_clean(caplog.text)
    assert_clean("".join(capfd.readouterr()))


def test_no_log_at_any_level_shows_the_token_or_the_person_on_a_real_connection(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "aiohttp", "asyncio", "trilogue"):
        caplog.set_level(logging.DEBUG, logger=name)

    def respond(request: Received, connection: Connection) -> bytes:
        if len(server.requests) == 1:
            return http(429, b"{}", retry_after="30")
        if request.line.startswith("GET"):
            return http(200, page([CONTACT]).content)
        return http(201, b'{"uuid": "1"}')

    with serving(respond) as server:
        client = harness.client(host=server.url, token=TOKEN)
        harness.result(client.messages.send(contact=URN, text=TEXT))
        assert [contact.name for contact in harness.rows(client.contacts.list(urn=URN, group=NAME))] == [NAME]
        harness.result(client.contacts.create(name=NAME, urns=[URN]))

    assert "trilogue" in {record.name for record in caplog.records}
    assert_clean("".join(f"{record.getMessage()} {record.args!r}" for record in caplog.records))


def test_a_custom_request_shows_nothing_of_its_path(harness: Harness, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    waits: list[trilogue.Wait] = []
    replies = iter([json_response(429, retry_after="30"), json_response(404)])
    client = harness.client(RecordingTransport(lambda request: next(replies)), token=TOKEN, on_wait=waits.append)

    with pytest.raises(trilogue.NotFound) as raised:
        harness.result(client.request("GET", f"/contacts/{URN}.json", query={"urn": URN}))

    assert_clean("".join(traceback.format_exception(raised.value)) + caplog.text + repr(waits))
    assert raised.value.operation == "GET /contacts/[hidden]"


def test_a_failed_connection_shows_neither(harness: Harness, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = harness.client(host=f"http://127.0.0.1:{unused_port()}", token=TOKEN)

    with pytest.raises(trilogue.ConnectionFailed) as raised:
        harness.result(client.contacts.delete(urn=URN))

    assert_clean("".join(traceback.format_exception(raised.value)) + caplog.text)


@pytest.mark.parametrize(
    "arguments",
    [
        {"urns": URN},
        {"urns": [URN, 5]},
        {"name": 5, "urns": [URN]},
        {"fields": {"note": b"x", "phone": URN}},
        {"language": f"{TEXT}\ud83d"},
        {"name": NAME, "nickname": b"x"},
    ],
)
def test_an_invalid_argument_is_not_quoted(harness: Harness, arguments: dict[str, Any]) -> None:
    client = harness.client(RecordingTransport(refused), token=TOKEN)

    with pytest.raises((trilogue.InvalidArgument, TypeError)) as raised:
        harness.result(client.contacts.create(**arguments))

    assert_clean("".join(traceback.format_exception(raised.value)) + repr(raised.value))


def test_no_repr_shows_the_token_or_the_person(harness: Harness) -> None:
    client = harness.client(
        RecordingTransport(lambda request: page([CONTACT])), token=TOKEN, email=f"{PHONE}@example.org"
    )
    configured = client.with_options(headers={"X-Phone": PHONE}, extra_query={"urn": URN}, extra_body={"urn": URN})
    contacts = client.contacts.list(urn=URN)
    first = harness.result(contacts.page())
    core = configured._core
    call = prepare(core, contacts.iterator().iteration.operation, {"urn": URN})
    things = [
        *(client, configured, client.contacts, client.with_raw_response, client.with_raw_response.contacts),
        *(contacts, contacts.pages(), contacts.iterator().iteration, first, first.items, first.items[0]),
        *(
            core,
            core.auth,
            core.options,
            core.pacer,
            call,
            call.request({"Authorization": f"Token {TOKEN}"}, Deadline(None, harness.clock)),
        ),
        *(client._http, trilogue.Upload(TEXT.encode(), filename="a.txt")),
    ]

    for thing in things:
        assert_clean(repr(thing))
        assert_clean(str(thing))
        assert_clean(f"{thing}")


def test_a_repr_shows_identifiers_and_times(harness: Harness) -> None:
    client = harness.client(RecordingTransport(lambda request: page([CONTACT])))
    (contact,) = harness.rows(client.contacts.list())

    assert repr(client) == f"{type(client).__name__}('https://textit.com/api/v2')"
    assert UUID in repr(contact)
    assert "2026" in repr(contact)


HIDDEN = [
    ("tel:+250788123123 is taken", "[hidden] is taken"),
    ("Invalid URN: telegram:123", "Invalid URN: [hidden]"),
    ('{"urn": "whatsapp:250788123123"}', '{"urn": "[hidden]"}'),
    ("+250 788 123-123, (0788) 123.123", "[hidden], ([hidden]"),
    ("write to ben@example.org.", "write to [hidden]."),
    ("<ben.haggerty+x@mail.example.org>", "<[hidden]>"),
    ("mailto:ben@example.org", "[hidden]"),
    ("0788123123", "[hidden]"),
]

KEPT = [
    f"No contact {UUID}",
    "before 2026-01-02T03:04:05.678901Z",
    "on 2026-01-02",
    "expected available in 3600 seconds",
    "see https://rapidpro.example.org:8443/api/v2/contacts.json",
    "see http://localhost:8000/api/v2/contacts.json",
    "urns[0]: Ensure this field has no more than 255 characters.",
    "host: expected an address",
    "",
]


@pytest.mark.parametrize(("text", "clean"), HIDDEN)
def test_addresses_and_phone_numbers_are_hidden(text: str, clean: str) -> None:
    assert redact(text).rstrip(".") == clean.rstrip(".")


@pytest.mark.parametrize("text", KEPT)
def test_identifiers_and_times_are_not_hidden(text: str) -> None:
    assert redact(text) == text


# Pickles.


def test_models_and_errors_can_be_sent_to_another_process_and_hold_no_token(harness: Harness) -> None:
    client = harness.client(RecordingTransport(lambda request: page([{**CONTACT, "unknown": 1}])), token=TOKEN)
    (contact,) = harness.rows(client.contacts.list())
    broken = harness.client(RecordingTransport(refused), token=TOKEN)
    with pytest.raises(trilogue.BadRequest) as raised:
        harness.result(broken.contacts.create(urns=[URN]))

    for thing in (contact, raised.value):
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            pickled = pickle.dumps(thing, protocol)
            assert TOKEN.encode() not in pickled
            assert repr(pickle.loads(pickled)) == repr(thing)

    again = pickle.loads(pickle.dumps(contact))
    assert isinstance(again, models.Contact)
    assert (again, again.additional_properties) == (contact, {"unknown": 1})
    assert copy.deepcopy(contact) == copy.copy(contact) == contact


def test_a_client_and_its_paginators_cannot_be_pickled(harness: Harness) -> None:
    client = harness.client(RecordingTransport(lambda request: page([CONTACT])), token=TOKEN)

    for thing in (client, client.contacts, client.with_raw_response, client.contacts.list(), client.with_options()):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="holds connections and credentials"):
                pickle.dumps(thing, protocol)


# Leftovers.


def test_a_closed_client_causes_no_warning(harness: Harness) -> None:
    with (
        warnings.catch_warnings(record=True) as caught,
        serving(lambda request, connection: http(200, b"{}")) as server,
    ):
        warnings.simplefilter("always")
        client = harness.client(host=server.url)
        harness.result(client.workspace.get())
        harness.result(client.close())
        del client
        gc.collect()

    assert [str(warning.message) for warning in caught] == []


def test_an_unused_client_need_not_be_closed(harness: Harness) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        harness.mode.client_class(TOKEN)
        gc.collect()

    assert caught == []


def test_nothing_happens_when_objects_are_collected() -> None:
    """Code in `__del__` runs on whatever thread or loop happens to be there, or on none."""
    for path in Path(trilogue.__file__).parent.rglob("*.py"):
        names = {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}
        assert "__del__" not in names


def test_only_one_logger_is_used_and_logging_is_never_configured(harness: Harness) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    before = list(logging.getLogger("trilogue").handlers)

    client = harness.client(RecordingTransport(lambda request: page([CONTACT])))
    harness.rows(client.contacts.list())

    logging.getLogger().removeHandler(handler)
    assert stream.getvalue() == ""
    assert logging.getLogger("trilogue").handlers == before == []
