"""A description that routes requests and checks requests and responses."""

from __future__ import annotations

import logging

import pytest
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.document import DescriptionError, Node
from trilogue_sandbox.kernel.http import Headers, Json, JsonObject, Request, Response
from trilogue_sandbox.kernel.operation import Inputs, Operation

from .notebook_description import DOCUMENT

UUID = "b426353c-cf6b-4075-a631-1a1b14500337"
NOTE = {"uuid": UUID, "text": "x", "created_on": "2026-01-01T12:00:00Z"}


@pytest.fixture(scope="module")
def description() -> Description:
    return Description(DOCUMENT)


def find(description: Description, method: str, path: str) -> Operation:
    match = description.match(method, path)
    assert match is not None
    assert match.operation is not None
    return match.operation


def read(description: Description, method: str, path: str, **rest: object) -> Inputs:
    match = description.match(method, path)
    assert match is not None
    assert match.operation is not None
    return match.operation.read(Request(method, path, **rest), match.path_values)


def violations(inputs: Inputs) -> list[tuple[str, str]]:
    return [(violation.location, violation.keyword) for violation in inputs.violations]


def test_a_written_out_path_comes_before_one_with_a_parameter(description: Description) -> None:
    assert find(description, "GET", "/notes/latest").id == "notes_latest"
    assert find(description, "GET", f"/notes/{UUID}").id == "notes_get"


@pytest.mark.parametrize(
    ("path", "operation_id"),
    [("/files/x/y", "both"), ("/files/tags/y", "first_written_out"), ("/files/x/copy", "second_written_out")],
)
def test_of_several_patterns_the_one_with_written_out_segments_further_left_wins(path: str, operation_id: str) -> None:
    document: JsonObject = {
        "paths": {
            "/files/{id}/{name}": {"get": {"operationId": "both"}},
            "/files/{id}/copy": {"get": {"operationId": "second_written_out"}},
            "/files/tags/{name}": {"get": {"operationId": "first_written_out"}},
        }
    }

    assert find(Description(document), "GET", path).id == operation_id
    assert find(Description(document), "GET", "/files/tags/copy").id == "first_written_out"


def test_an_unknown_path_matches_nothing(description: Description) -> None:
    for path in ("", "/", "/note", "/notes/", "/notes/a/b", "/notes?x=1"):
        assert description.match("GET", path) is None


def test_a_known_path_has_its_methods(description: Description) -> None:
    match = description.match("PATCH", "/notes")

    assert match is not None
    assert match.operation is None
    assert match.allowed == ("GET", "POST")


def test_an_encoded_slash_stays_inside_its_segment(description: Description) -> None:
    match = description.match("PUT", "/pictures/a%2Fb%20c/7")

    assert match is not None
    assert match.path_values == {"name": "a/b c", "size": "7"}


def test_text_becomes_the_type_of_its_parameter(description: Description) -> None:
    inputs = read(
        description,
        "GET",
        "/notes",
        query=[("limit", "7"), ("colors", "red,blue")],
        headers=Headers([("x-trace", "12")]),
    )

    assert inputs.query == {"limit": 7, "colors": ["red", "blue"]}
    assert inputs.headers == {"x-trace": 12}
    assert not inputs.violations


def test_a_default_stands_in_for_a_parameter_that_is_not_given(description: Description) -> None:
    assert read(description, "GET", "/notes").query == {"limit": 50}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ([("labels[a]", "1"), ("labels[b]", "2")], {"a": "1", "b": "2"}),
        ([("labels.a", "1")], {"a": "1"}),
        ([("labels[a]", "1"), ("labels[a]", "2")], {"a": ["1", "2"]}),
        ([("labels[a][0]", "x"), ("labels[a][1]", "y")], {"a": ["x", "y"]}),
        ([("labels[a][exists]", "false")], {"a": {"exists": False}}),
        ([("labels.a.exists", "true")], {"a": {"exists": True}}),
        ([("labels", '{"a": {"exists": true}}')], {"a": {"exists": True}}),
    ],
)
def test_an_object_in_the_query_is_read_in_each_of_its_forms(
    description: Description, query: list[tuple[str, str]], expected: Json
) -> None:
    inputs = read(description, "GET", "/notes", query=query)

    assert inputs.query["labels"] == expected
    assert not inputs.violations


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ([("limit", "0")], ("query/limit", "minimum")),
        ([("limit", "x")], ("query/limit", "type")),
        ([("limit", "07")], ("query/limit", "type")),
        ([("limit", "1"), ("limit", "2")], ("query/limit", "type")),
        ([("colors", "green")], ("query/colors/0", "enum")),
        ([("labels", "no object")], ("query/labels", "type")),
        ([("labelsx", "1")], ("query/labelsx", "unknown")),
        ([("color", "red")], ("query/color", "unknown")),
    ],
)
def test_a_query_that_does_not_fit_is_rejected_by_name(
    description: Description, query: list[tuple[str, str]], expected: tuple[str, str]
) -> None:
    assert violations(read(description, "GET", "/notes", query=query)) == [expected]


def test_formats_are_checked(description: Description) -> None:
    assert violations(read(description, "GET", "/notes/not-a-uuid")) == [("path/uuid", "format")]


def post(description: Description, content_type: str, body: bytes) -> Inputs:
    return read(description, "POST", "/notes", headers={"Content-Type": content_type}, body=body)


def test_a_json_body_is_decoded_and_checked(description: Description) -> None:
    inputs = post(description, "application/json; charset=utf-8", b'{"text": "x", "pinned": true}')

    assert inputs.body == {"text": "x", "pinned": True}
    assert not inputs.violations


def test_a_form_is_decoded_by_its_schema(description: Description) -> None:
    inputs = post(description, "application/x-www-form-urlencoded", b"text=5+%C3%A9&pinned=true")

    assert inputs.body == {"text": "5 é", "pinned": True}
    assert not inputs.violations


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/json", b"{}", [("body", "required")]),
        ("application/json", b'{"text": "", "x": 1}', [("body", "additionalProperties"), ("body/text", "minLength")]),
        ("application/json", b'{"text"', [("body", "malformed")]),
        ("application/json", b'{"text": ' + b"[" * 300 + b"]" * 300 + b"}", [("body", "malformed")]),
        ("application/json", b'{"text": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", [("body", "malformed")]),
        ("application/json", b'{"text": "x", "pinned": 1e999}', [("body", "malformed")]),
        ("application/json", b'{"text": "\\ud800"}', [("body", "malformed")]),
        ("application/json", b'{"text": "\xed\xa0\x80"}', [("body", "malformed")]),
        ("application/json", b'{"text": "a\\u0000b"}', []),
        ("application/json", b"", [("body", "required")]),
        ("text/csv", b"text", [("header/content-type", "unknown")]),
        ("", b"{}", [("header/content-type", "unknown")]),
        ("application/x-www-form-urlencoded", b"text=\xff", [("body", "malformed")]),
    ],
)
def test_a_body_that_does_not_fit_is_rejected(
    description: Description, content_type: str, body: bytes, expected: list[tuple[str, str]]
) -> None:
    assert sorted(violations(post(description, content_type, body))) == sorted(expected)


def test_a_body_where_none_is_described_is_rejected(description: Description) -> None:
    assert violations(read(description, "GET", "/notes", body=b"{}")) == [("body", "unknown")]


MULTIPART = (
    b'--limit\r\nContent-Disposition: form-data; name="width"\r\n\r\n640\r\n'
    b'--limit\r\nContent-Disposition: form-data; name="file"; filename="a b.png"\r\n'
    b"Content-Type: image/png\r\n\r\n\x89PNG\r\n\x00\r\n--limit--\r\n"
)


def upload(description: Description, content_type: str, body: bytes) -> Inputs:
    return read(description, "PUT", "/pictures/cat/3", headers={"Content-Type": content_type}, body=body)


def test_a_multipart_body_gives_its_fields_and_files(description: Description) -> None:
    inputs = upload(description, "multipart/form-data; boundary=limit", MULTIPART)

    assert inputs.body == {"width": 640, "file": ""}
    file = inputs.files["file"]
    assert (file.filename, file.content_type, file.data) == ("a b.png", "image/png", b"\x89PNG\r\n\x00")
    assert not inputs.violations


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", MULTIPART),
        ("multipart/form-data; boundary=limit", MULTIPART[:-20]),
        ("multipart/form-data; boundary=limit", b"nothing of the kind"),
    ],
)
def test_a_broken_multipart_body_is_malformed(description: Description, content_type: str, body: bytes) -> None:
    assert violations(upload(description, content_type, body)) == [("body", "malformed")]


def test_a_broken_multipart_body_prints_nothing(
    description: Description, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])  # as in a program that has not set up logging

    upload(description, "multipart/form-data; boundary=limit", b'--limit\r\nname[]: "x"\r\n\r\n')

    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (Response.json(NOTE, 201, {"X-Note-Number": "1"}), []),
        (Response.json(NOTE, 201), [("response/header/X-Note-Number", "required")]),
        (Response.json(NOTE, 201, {"X-Note-Number": "one"}), [("response/header/X-Note-Number", "type")]),
        (Response.json(NOTE), [("response/status", "unknown")]),
        (Response.json({"text": "no"}, 400), [("response/body", "required")]),
        (Response.html("no", 400), [("response/header/content-type", "unknown")]),
        (Response(400, {"Content-Type": "application/json"}, b"{"), [("response/body", "malformed")]),
    ],
)
def test_a_response_is_held_against_status_headers_type_and_schema(
    description: Description, response: Response, expected: list[tuple[str, str]]
) -> None:
    found = find(description, "POST", "/notes").check_response(response)

    assert [(violation.location, violation.keyword) for violation in found] == expected


def test_a_body_where_the_response_has_none_is_noticed(description: Description) -> None:
    delete = find(description, "DELETE", f"/notes/{UUID}")

    assert not delete.check_response(Response.empty())
    assert [item.location for item in delete.check_response(Response(204, body=b'""'))] == ["response/body"]


def test_a_platform_without_description_is_an_error_that_names_it() -> None:
    with pytest.raises(DescriptionError, match="no description of 'nowhere'"):
        Description.load("nowhere")


def test_a_reference_to_nothing_is_an_error_that_names_it() -> None:
    with pytest.raises(DescriptionError, match="#/components/nothing"):
        Node.of({"a": {"$ref": "#/components/nothing"}}).child("a")


def test_a_cookie_parameter_is_an_error() -> None:
    document: Json = {
        "paths": {"/x": {"get": {"parameters": [{"name": "c", "in": "cookie", "schema": {}}], "responses": {}}}}
    }
    assert isinstance(document, dict)

    with pytest.raises(DescriptionError, match="must be in path, query or header"):
        read(Description(document), "GET", "/x")
