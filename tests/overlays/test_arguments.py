"""Arguments: which are invalid before anything is sent, and how the others are serialized."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import httpx
import pytest
from trilogue import UNSET, InvalidArgument
from trilogue.rapidpro import models
from trilogue_generated.runtime.operation import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    INTEGER,
    NUMBER,
    OBJECT,
    STRING,
    ContextHeader,
    Operation,
    Parameter,
    Schema,
)
from trilogue_generated.runtime.operation import UUID as UUID_SCHEMA

from .support import Harness, RecordingTransport, always, json_response, operation

ID = "5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9"
CHOICE = Schema("string", choices=("red", "blue"))
STRINGS = Schema("array", items=STRING)
HALF = "\ud83d"


def taking(schema: Schema, location: Any = "body", **changes: Any) -> Operation[Any]:
    """An operation with one argument, `value`."""
    return operation(parameters=(Parameter("value", "value", location, schema, **changes),))


def send(harness: Harness, operation: Operation[Any], arguments: Mapping[str, Any], **options: Any) -> httpx.Request:
    """Make a call and return the one request that came of it."""
    client = harness.client(transport := RecordingTransport(always(lambda: json_response(json={}))), **options)
    harness.result(client._caller.call(operation, arguments))
    (request,) = transport.requests
    return request


def message_of(harness: Harness, operation: Operation[Any], arguments: Mapping[str, Any]) -> str:
    """Make a call that is invalid before anything is sent, and return the message."""
    client = harness.client(transport := RecordingTransport(always(lambda: json_response(json={}))))
    with pytest.raises(InvalidArgument) as raised:
        harness.result(client._caller.call(operation, arguments))
    assert transport.requests == []
    text = str(raised.value)
    assert text.startswith("RapidPro things.make: ")
    assert raised.value.__suppress_context__
    return text.removeprefix("RapidPro things.make: ")


def body_of(harness: Harness, schema: Schema, value: Any, **changes: Any) -> Any:
    return json.loads(send(harness, taking(schema, **changes), {"value": value}).content)["value"]


def query_of(harness: Harness, schema: Schema, value: Any) -> str:
    return send(harness, taking(schema, "query"), {"value": value}).url.query.decode()


class Colour(str, Enum):  # noqa: UP042  the older schema, whose str() is not its value
    RED = "red"


class Tone(StrEnum):
    BLUE = "blue"


class Size(int, Enum):
    LARGE = 3


class Step(IntEnum):
    ONE = 1


class Text(str):
    """A schema of string."""

    def __str__(self) -> str:
        return "something else"


LOOP: list[Any] = []
LOOP.append(LOOP)

WRONG: list[tuple[Schema, Any, str]] = [
    (STRING, 5, "value: expected a string, not int"),
    (STRING, b"bytes", "value: expected a string, not bytes"),
    (STRING, ["a"], "value: expected a string, not list"),
    (STRING, True, "value: expected a string, not bool"),
    (STRING, HALF, "value: "),
    (CHOICE, "green", "value: expected one of red, blue"),
    (CHOICE, "", "value: expected one of red, blue"),
    (INTEGER, "5", "value: expected an integer, not str"),
    (INTEGER, 5.0, "value: expected an integer, not float"),
    (INTEGER, True, "value: expected an integer, not bool"),
    (INTEGER, 2**64, "value: "),
    (INTEGER, -(2**63) - 1, "value: "),
    (INTEGER, 10**5000, "value: "),
    (NUMBER, "5", "value: expected a number, not str"),
    (NUMBER, False, "value: expected a number, not bool"),
    (NUMBER, Decimal("1.5"), "value: expected a number, not Decimal"),
    (NUMBER, float("nan"), "value: expected a finite number"),
    (NUMBER, float("-inf"), "value: expected a finite number"),
    (NUMBER, 10**400, "value: "),
    (BOOLEAN, 1, "value: expected True or False, not int"),
    (BOOLEAN, "true", "value: expected True or False, not str"),
    (DATETIME, "2026-01-02T03:04:05Z", "value: expected a datetime, not str"),
    (DATETIME, date(2026, 1, 2), "value: expected a datetime, not date"),
    (DATETIME, datetime(2026, 1, 2), "value: this datetime has no time zone"),
    (DATETIME, datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))), "value: "),
    (DATETIME, datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), "value: "),
    (DATE, "2026-01-02", "value: expected a date, not str"),
    (DATE, datetime(2026, 1, 2, tzinfo=UTC), "value: expected a date, not datetime"),
    (UUID_SCHEMA, "5079cb96", "value: expected a UUID such as 5079cb96-"),
    (UUID_SCHEMA, 7, "value: expected a UUID such as 5079cb96-"),
    (UUID_SCHEMA, "", "value: expected a UUID such as 5079cb96-"),
    (STRINGS, "tel:+250788123123", "value: expected a list, not a single str; pass value=[...]"),
    (STRINGS, b"abc", "value: expected a list, not a single bytes"),
    (STRINGS, {"a": 1}, "value: expected a list, not dict"),
    (STRINGS, 5, "value: expected a list, not int"),
    (STRINGS, ["a", 5], "value[1]: expected a string, not int"),
    (STRINGS, ["a", None], "value[1]: expected a string, not NoneType"),
    (STRINGS, ["a", UNSET], "value[1]: expected a string, not Unset"),
    (
        Schema("array", items=Schema("array", items=INTEGER)),
        [[1], [2, "3"]],
        "value[1][1]: expected an integer, not str",
    ),
    (Schema("array", items=UUID_SCHEMA), [ID, "x"], "value[1]: expected a UUID"),
    (Schema("map", items=STRING), [("a", "b")], "value: expected a mapping, not list"),
    (Schema("map", items=STRING), {"a": 5}, "value.a: expected a string, not int"),
    (Schema("map", items=STRING), {5: "a"}, "value key: expected a string, not int"),
    (OBJECT, "Yes", "value: expected a model or a mapping, not str"),
    (OBJECT, [{"text": "Yes"}], "value: expected a model or a mapping, not list"),
    (Schema("array", items=OBJECT), ["Yes", "No"], "value[0]: expected a model or a mapping, not str"),
    (ANY, b"bytes", "value: bytes cannot be sent as JSON"),
    (ANY, {"a": [1, {2, b"x"}]}, "value.a[1]"),
    (ANY, object(), "value: object cannot be sent as JSON"),
    (ANY, Decimal("1.5"), "value: Decimal cannot be sent as JSON"),
    (ANY, [1, float("nan")], "value[1]: expected a finite number"),
    (ANY, {"a": {"b": datetime(2026, 1, 2)}}, "value.a.b: this datetime has no time zone"),
    (ANY, {"a": HALF}, "value.a: "),
    (ANY, {HALF: 1}, "value"),
    (ANY, 2**70, "value: "),
    (ANY, UNSET.__class__, "value: "),
    (ANY, LOOP, "value: nested too deeply"),
    (ANY, models.Reference(uuid=ID, name=HALF), "value"),
]


@pytest.mark.parametrize(
    ("schema", "value", "message"), WRONG, ids=[f"{number}-{row[0].type}" for number, row in enumerate(WRONG)]
)
def test_a_wrong_value_is_an_invalid_argument_and_nothing_is_sent(
    harness: Harness, schema: Schema, value: Any, message: str
) -> None:
    text = message_of(harness, taking(schema), {"value": value})

    assert text.startswith(message)


@pytest.mark.parametrize("location", ["path", "query", "header", "body"])
def test_a_lone_surrogate_is_an_invalid_argument_in_every_location(harness: Harness, location: str) -> None:
    made = operation(path="/things/{value}.json", parameters=(Parameter("value", "value", location, STRING),))

    assert message_of(harness, made, {"value": f"a{HALF}"}).startswith("value: ")


def test_a_real_method_names_its_argument_with_the_path_to_the_mistake(harness: Harness) -> None:
    client, transport = harness.scripted()

    with pytest.raises(InvalidArgument, match=r"^RapidPro contacts\.create: urns\[1\]: expected a string, not int$"):
        harness.result(client.contacts.create(urns=["tel:+250788123123", 250788123124]))
    with pytest.raises(InvalidArgument, match=r"^RapidPro contacts\.create: fields\.joined: this datetime has no"):
        harness.result(client.contacts.create(fields={"joined": datetime(2026, 1, 2)}))
    with pytest.raises(InvalidArgument, match=r"^RapidPro messages\.send: quick_replies\[0\]: expected a model or a "):
        harness.result(client.messages.send(contact=ID, text="Tea?", quick_replies=["Yes", "No"]))
    with pytest.raises(InvalidArgument, match=r"^RapidPro contacts\.list: uuid: expected a UUID"):
        client.contacts.list(uuid="ben")

    assert transport.requests == []


def test_a_mistake_is_also_a_value_error() -> None:
    assert issubclass(InvalidArgument, ValueError)


# Passed, omitted, and null.


def test_what_is_left_out_is_not_sent_and_null_is_null(harness: Harness) -> None:
    made = operation(
        parameters=(
            Parameter("left_out", "left_out", "body", STRING),
            Parameter("unset", "unset", "body", STRING),
            Parameter("cleared", "cleared", "body", STRING, nullable=True),
            Parameter("empty", "empty", "body", STRING),
            Parameter("none", "none", "body", STRINGS),
        )
    )

    request = send(harness, made, {"unset": UNSET, "cleared": None, "empty": "", "none": []})

    assert json.loads(request.content) == {"cleared": None, "empty": "", "none": []}


def test_none_for_what_is_required_and_cannot_be_null_is_an_invalid_argument(harness: Harness) -> None:
    assert message_of(harness, taking(STRING, required=True), {"value": None}) == "value: cannot be None"


def test_none_means_not_given_where_null_has_no_meaning(harness: Harness) -> None:
    for location in ("query", "header", "body"):
        request = send(harness, taking(STRING, location), {"value": None})
        assert request.url.query == b""
        assert "value" not in request.headers
        assert request.content == b"{}"


@pytest.mark.parametrize("location", ["path", "query", "header", "body"])
@pytest.mark.parametrize("arguments", [{}, {"value": UNSET}])
def test_what_is_required_cannot_be_omitted(harness: Harness, location: str, arguments: dict[str, Any]) -> None:
    made = operation(path="/things/{value}.json", parameters=(Parameter("value", "value", location, STRING, True),))

    assert message_of(harness, made, arguments).startswith("value: ")


def test_members_of_a_map_that_are_unset_are_left_out(harness: Harness) -> None:
    assert body_of(harness, ANY, {"a": UNSET, "b": None, "c": {"d": UNSET}}) == {"b": None, "c": {}}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "pass exactly one of a, b"),
        ({"a": "1", "b": "2", "e": "5"}, "pass exactly one of a, b"),
        ({"a": None, "b": UNSET, "e": "5"}, "pass exactly one of a, b"),
        ({"a": "1", "c": "3", "d": "4", "e": "5"}, "pass only one of c, d"),
        ({"a": "1"}, "pass at least one of e, f"),
    ],
)
def test_arguments_that_exclude_each_other_are_invalid(
    harness: Harness, arguments: dict[str, Any], message: str
) -> None:
    made = operation(
        parameters=tuple(Parameter(name, name, "query", STRING) for name in "abcdef"),
        exactly_one=(("a", "b"),),
        at_most_one=(("c", "d"),),
        at_least_one=(("e", "f"),),
    )

    assert message_of(harness, made, arguments) == message


# Bodies.


@pytest.mark.parametrize(
    ("schema", "value", "serialized"),
    [
        (STRING, "", ""),
        (STRING, "Zoë 👋 \u0000 \u2028", "Zoë 👋 \u0000 \u2028"),
        (STRING, UUID(ID), ID),
        (STRING, Text("plain"), "plain"),
        (CHOICE, Colour.RED, "red"),
        (CHOICE, Tone.BLUE, "blue"),
        (INTEGER, -5, -5),
        (INTEGER, 2**64 - 1, 2**64 - 1),
        (INTEGER, -(2**63), -(2**63)),
        (INTEGER, Size.LARGE, 3),
        (NUMBER, 1.5, 1.5),
        (NUMBER, 7, 7),
        (BOOLEAN, False, False),
        (DATETIME, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000Z"),
        (DATETIME, datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "2026-01-02T03:04:05.000006Z"),
        (
            DATETIME,
            datetime(2026, 1, 2, 1, 4, 5, 120000, tzinfo=timezone(timedelta(hours=5, minutes=45))),
            "2026-01-01T19:19:05.120000Z",
        ),
        (DATE, date(2026, 1, 2), "2026-01-02"),
        (UUID_SCHEMA, ID.upper(), ID),
        (UUID_SCHEMA, f"{{{ID}}}", ID),
        (UUID_SCHEMA, UUID(ID), ID),
        (STRINGS, ("a", "b"), ["a", "b"]),
        (STRINGS, {"a": 1}.keys(), ["a"]),
        (Schema("map", items=STRING), {"a": None, "b": "c"}, {"a": None, "b": "c"}),
        (ANY, {"a": (1, 2.5, True, None, "x")}, {"a": [1, 2.5, True, None, "x"]}),
        (ANY, {5: "five"}, {"5": "five"}),
        (
            ANY,
            [datetime(2026, 1, 2, tzinfo=UTC), date(2026, 1, 2), UUID(ID)],
            ["2026-01-02T00:00:00.000Z", "2026-01-02", ID],
        ),
        (ANY, [Colour.RED, Size.LARGE, Step.ONE], ["red", 3, 1]),
        (ANY, models.Reference(uuid=ID, name="Farmers"), {"uuid": ID, "name": "Farmers"}),
        (Schema("array", items=ANY), [models.Reference(uuid=ID, name=None)], [{"uuid": ID, "name": None}]),
        (ANY, {"a": models.Reference(uuid=ID, name="Farmers")}, {"a": {"uuid": ID, "name": "Farmers"}}),
    ],
)
def test_a_value_is_serialized_as_json(harness: Harness, schema: Schema, value: Any, serialized: Any) -> None:
    assert body_of(harness, schema, value) == serialized


def test_a_list_may_come_from_any_iterable_once(harness: Harness) -> None:
    assert body_of(harness, STRINGS, (letter for letter in "ab")) == ["a", "b"]


def test_a_body_may_be_a_single_argument(harness: Harness) -> None:
    made = operation(parameters=(Parameter("rows", "", "body", Schema("array", items=ANY)),))

    assert json.loads(send(harness, made, {"rows": [{"a": 1}]}).content) == [{"a": 1}]


def test_a_body_without_arguments_is_an_empty_object_and_an_operation_without_a_body_has_none(harness: Harness) -> None:
    with_body = send(harness, operation(), {})
    without = send(harness, operation(method="DELETE", content_type=None), {})

    assert (with_body.content, with_body.headers["content-type"]) == (b"{}", "application/json")
    assert without.content == b""
    assert "content-type" not in without.headers


def test_a_form_is_serialized_as_a_form(harness: Harness) -> None:
    made = operation(
        content_type="application/x-www-form-urlencoded",
        parameters=(Parameter("a", "grant type", "body", STRING), Parameter("b", "b", "body", BOOLEAN)),
    )

    request = send(harness, made, {"a": "x&y=z +", "b": True})

    assert request.content == b"grant%20type=x%26y%3Dz%20%2B&b=true"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


# Queries.


@pytest.mark.parametrize(
    ("schema", "value", "query"),
    [
        (STRING, "tel:+250788123123", "value=tel%3A%2B250788123123"),
        (STRING, "a b&c=d#e?f/g%h;i", "value=a%20b%26c%3Dd%23e%3Ff%2Fg%25h%3Bi"),
        (STRING, "100%25", "value=100%2525"),
        (STRING, "Zo\u00eb \U0001f44b", "value=Zo%C3%AB%20%F0%9F%91%8B"),
        (STRING, "a\r\nb\x00", "value=a%0D%0Ab%00"),
        (STRING, Text("plain"), "value=plain"),
        (CHOICE, Colour.RED, "value=red"),
        (CHOICE, Tone.BLUE, "value=blue"),
        (BOOLEAN, True, "value=true"),
        (BOOLEAN, False, "value=false"),
        (INTEGER, -12, "value=-12"),
        (INTEGER, Size.LARGE, "value=3"),
        (NUMBER, 0.1, "value=0.1"),
        (DATETIME, datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), "value=2026-01-02T03%3A04%3A05.678901Z"),
        (
            DATETIME,
            datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=2))),
            "value=2026-01-01T22%3A00%3A00.000Z",
        ),
        (DATE, date(2026, 1, 2), "value=2026-01-02"),
        (UUID_SCHEMA, UUID(ID), f"value={ID}"),
        (STRINGS, ["a", "b,c"], "value=a&value=b%2Cc"),
        (Schema("array", items=BOOLEAN), [True, False], "value=true&value=false"),
        (Schema("array", items=STRING, style="comma"), ["a", "b"], "value=a%2Cb"),
        (Schema("map", items=STRING, style="deep"), {"a": "1", "b c": "2&3"}, "value%5Ba%5D=1&value%5Bb%20c%5D=2%263"),
        (Schema("map", items=STRING, style="dotted"), {"a": "1", "b": None}, "value.a=1"),
        (Schema("map", items=ANY, style="dotted"), {"a": True, "b": 2}, "value.a=true&value.b=2"),
        (Schema("map", items=ANY, style="dotted"), {}, ""),
        (
            Schema("map", items=ANY, style="dotted"),
            {"a": {"not": "b"}, "c": ["d", "e"]},
            "value.a.not=b&value.c=d&value.c=e",
        ),
        (Schema("map", items=ANY, style="deep"), {"a": {"not": "b"}}, "value%5Ba%5D%5Bnot%5D=b"),
    ],
)
def test_a_value_is_serialized_in_a_query(harness: Harness, schema: Schema, value: Any, query: str) -> None:
    assert query_of(harness, schema, value) == query


@pytest.mark.parametrize("style", ["repeat", "comma"])
def test_an_empty_list_in_a_query_is_an_invalid_argument_and_not_dropped(harness: Harness, style: Any) -> None:
    made = taking(Schema("array", items=STRING, style=style), "query")

    assert message_of(harness, made, {"value": []}).startswith("value: expected at least one")


def test_an_empty_list_within_a_map_is_an_invalid_argument_too(harness: Harness) -> None:
    made = taking(Schema("map", items=ANY, style="dotted"), "query")

    assert message_of(harness, made, {"value": {"a": {"in": []}}}).startswith("value.a.in: expected at least one")


@pytest.mark.parametrize(
    ("schema", "value"), [(STRING, ""), (Schema("array", items=STRING, style="repeat"), ["a", ""])]
)
def test_an_empty_string_in_a_query_is_an_invalid_argument_and_no_filter(
    harness: Harness, schema: Schema, value: Any
) -> None:
    assert "is empty; leave it out" in message_of(harness, taking(schema, "query"), {"value": value})


@pytest.mark.parametrize("member", [{"b": 1}, [1]])
def test_a_value_that_a_query_cannot_hold_is_an_invalid_argument(harness: Harness, member: Any) -> None:
    made = taking(Schema("array", items=ANY), "query")

    assert message_of(harness, made, {"value": ["a", member]}).startswith("value[1]: expected a single value")


def test_a_comma_within_a_value_of_a_comma_list_is_an_invalid_argument(harness: Harness) -> None:
    made = taking(Schema("array", items=STRING, style="comma"), "query")

    assert message_of(harness, made, {"value": ["a", "b,c"]}).startswith("value[1]: ")


def test_parameters_are_in_the_order_of_the_operation_and_extras_at_the_end(harness: Harness) -> None:
    made = operation(parameters=(Parameter("b", "b", "query", STRING), Parameter("a", "a", "query", STRING)))
    client = harness.client(transport := RecordingTransport(always(lambda: json_response(json={}))))

    harness.result(client.with_options(extra_query={"z": "+"})._caller.call(made, {"a": "1", "b": "2"}))

    assert transport.last.url.query == b"b=2&a=1&z=%2B"


# Paths.


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("a", "a"),
        ("a/b", "a%2Fb"),
        ("../x", "..%2Fx"),
        ("a b", "a%20b"),
        ("100%", "100%25"),
        ("%2e%2e", "%252e%252e"),
        ("a?b#c", "a%3Fb%23c"),
        ("{value}", "%7Bvalue%7D"),
        ("Zo\u00eb", "Zo%C3%AB"),
        ("...", "..."),
    ],
)
def test_a_value_is_one_segment_of_the_path(harness: Harness, value: str, segment: str) -> None:
    made = operation(path="/things/{value}/parts", parameters=(Parameter("value", "value", "path", STRING, True),))

    request = send(harness, made, {"value": value})

    assert request.url.raw_path == f"/api/v2/things/{segment}/parts".encode()
    assert unquote(segment) == value


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_segment_that_changes_the_path_is_an_invalid_argument(harness: Harness, value: str) -> None:
    made = operation(path="/things/{value}/parts", parameters=(Parameter("value", "value", "path", STRING, True),))

    assert message_of(harness, made, {"value": value}) == f"value: expected an identifier, not {value!r}"


def test_a_value_that_looks_like_a_path_parameter_is_not_replaced(harness: Harness) -> None:
    made = operation(
        path="/{a}/{b}",
        parameters=(Parameter("a", "a", "path", STRING, True), Parameter("b", "b", "path", STRING, True)),
    )

    assert send(harness, made, {"a": "{b}", "b": "x"}).url.raw_path == b"/api/v2/%7Bb%7D/x"


def test_a_url_too_long_for_http_is_an_invalid_argument(harness: Harness) -> None:
    client, transport = harness.scripted()

    with pytest.raises(InvalidArgument, match="long"):
        harness.result(client._caller.call(taking(STRING, "query"), {"value": "x" * 70_000}))

    assert transport.requests == []


# Headers.


def test_a_value_is_serialized_in_a_header(harness: Harness) -> None:
    made = taking(Schema("boolean"), "header")

    assert send(harness, made, {"value": True}).headers["value"] == "true"


@pytest.mark.parametrize("value", ["Zo\u00eb", "a\r\nX-Other: b", "a\x00", " secret", "secret "])
def test_a_value_that_a_header_cannot_hold_is_an_invalid_argument(harness: Harness, value: str) -> None:
    assert message_of(harness, taking(STRING, "header"), {"value": value}).startswith("value: ")


def test_a_missing_setting_of_a_method_is_named(harness: Harness) -> None:
    made = operation(context=(ContextHeader("x-bot-id", required=True), ContextHeader("x-alias")))

    assert message_of(harness, made, {}) == "this client has no bot_id; pass bot_id=... to it"


def test_every_request_has_a_user_agent_and_accepts_json(harness: Harness) -> None:
    headers = send(harness, operation(), {}).headers

    assert headers["user-agent"].startswith("trilogue/")
    assert headers["accept"] == "application/json"
    assert headers["authorization"].startswith("Token ")
