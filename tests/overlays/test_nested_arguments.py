"""Objects within arguments: models, or dicts with the names of Python, checked before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from trilogue import Botpress, InvalidArgument, Pantheon, RapidPro
from trilogue.botpress import models as botpress
from trilogue.botpress.clients import RawBotpress
from trilogue.pantheon import models as pantheon

from tests.typing import mistakes

from .support import RecordingTransport, always, json_response

Call = Callable[[], object]


def silent() -> httpx.MockTransport:
    """A transport that fails the test that sends anything."""
    return httpx.MockTransport(lambda request: pytest.fail(f"{request.method} was sent"))


def pantheon_client(transport: Any) -> Pantheon:
    return Pantheon(client_id="id", client_secret="secret", transport=transport)


def botpress_client(transport: Any) -> Botpress:
    return Botpress(token="t", bot_id="b", workspace_id="w", integration_id="i", transport=transport)


def body_of(call: Callable[[RawBotpress], object], **options: Any) -> Any:
    """Make a call of Botpress and return the body that was sent."""
    transport = RecordingTransport(always(lambda: json_response(json={})))
    with botpress_client(transport) as client:
        call(client.with_options(**options).with_raw_response)
    return json.loads(transport.last.content)


MISTAKES = (
    *mistakes.of_pantheon(pantheon_client(silent())),
    *mistakes.of_rapidpro(RapidPro("t" * 40, transport=silent())),
    *mistakes.of_botpress(botpress_client(silent())),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=[f"{each.__code__.co_firstlineno}" for each in MISTAKES])
def test_what_type_checkers_find_is_found_at_run_time_before_anything_is_sent(mistake: Call) -> None:
    with pytest.raises((InvalidArgument, TypeError)):
        mistake()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"typ": "text", "text": "Hi"}, "content.typ: unknown key; did you mean type?"),
        ({"text": "Hi"}, "content.type: expected one of text, image, audio, video, document, location, template, b"),
        ({"type": "txt"}, "content.type: expected one of text, image"),
        ({"type": "text", "txt": "Hi"}, "content.txt: unknown key; did you mean text?"),
        (
            {"type": "text", "text": "Hi", "zzz": 1},
            "content.zzz: unknown key; expected type, text, or pass it by",
        ),
        ({"type": "text"}, "content.text: required"),
        ({"type": "text", "text": None}, "content.text: required"),
        ({"type": "buttons", "text": "?", "buttons": [{"idd": 1}]}, "content.buttons[0].idd: unknown key; did you mea"),
        (pantheon.TextInput(5), "content.text: expected a string, not int"),  # type: ignore[arg-type]  # on purpose
    ],
)
def test_a_mistake_within_an_argument_is_named_with_its_path(content: Any, message: str) -> None:
    client = pantheon_client(silent())

    with pytest.raises(InvalidArgument) as raised:
        client.messages.send(conversation_id="c", content=content)

    assert str(raised.value).startswith(f"Pantheon messages.send: {message}")


@pytest.mark.parametrize(
    "vision",
    [
        {"transcribe_pages": [1, 2], "index_pages": True},
        {"transcribePages": [1, 2], "indexPages": True},
        botpress.IndexingVision(transcribe_pages=[1, 2], index_pages=True),
    ],
    ids=["names of Python", "names on the wire", "model"],
)
def test_keys_may_have_their_names_in_python_or_on_the_wire(vision: Any) -> None:
    indexing: Any = {"configuration": {"vision": vision}}

    body = body_of(lambda client: client.files.upsert(key="a", size=1, indexing=indexing))

    assert body["indexing"] == {"configuration": {"vision": {"transcribePages": [1, 2], "indexPages": True}}}


def test_a_key_that_is_given_by_both_names_is_refused() -> None:
    client, both = botpress_client(silent()), {"id": "p", "integrationId": "x", "integration_id": "y"}
    integrations: Any = {"i": both}

    with pytest.raises(InvalidArgument, match=r"integrations\.i\.\w+: "):
        client.bots.update("b", integrations=integrations)


def test_none_is_left_out_where_null_has_no_meaning_and_is_null_where_it_has() -> None:
    given: Any = {"enabled": None, "configuration_type": None}

    body = body_of(lambda client: client.bots.update("b", integrations={"i": given, "j": None}))

    assert body == {"integrations": {"i": {"configurationType": None}, "j": None}}


def test_a_model_sends_what_it_was_given() -> None:
    event = botpress.EventDefinitionPatch(schema={"type": "object"}, title="Paid")

    body = body_of(lambda client: client.bots.update("b", events={"paid": event}))

    assert body == {"events": {"paid": {"schema": {"type": "object"}, "title": "Paid"}}}


def test_values_within_an_object_are_serialized_by_their_types() -> None:
    message: Any = {
        "user_id": "u", "conversation_id": "c", "type": "text", "payload": {"anything": [1, None]}, "tags": {},
        "created_at": datetime(2026, 1, 2, tzinfo=UTC), "discriminate_by_tags": ("a",),
    }  # fmt: skip

    (sent,) = body_of(lambda client: client.messages.import_(messages=[message]))["messages"]

    assert sent["createdAt"] == "2026-01-02T00:00:00.000Z"
    assert (sent["payload"], sent["discriminateByTags"]) == ({"anything": [1, None]}, ["a"])


def test_a_row_of_a_table_has_the_columns_of_the_caller() -> None:
    rows: list[Mapping[str, Any]] = [{"id": 3, "price": 4.5, "note": None}]

    body = body_of(lambda client: client.tables.rows.update("t", rows=rows))

    assert body["rows"] == [{"id": 3, "price": 4.5, "note": None}]


def test_a_key_this_version_does_not_know_is_passed_by_extra_body() -> None:
    extra = {"configuration": {"newest": 1}, "other": 2}

    body = body_of(lambda client: client.bots.create(configuration={"schema": {}}), extra_body=extra)

    assert body == {"configuration": {"schema": {}, "newest": 1}, "other": 2}
