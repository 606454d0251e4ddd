"""Files: uploaded, fetched, listed, deleted."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from trilogue_sandbox.kernel.http import Request, Response

from tests.sandbox.pantheon.caller import Caller, document
from tests.sandbox.pantheon.resources import conversation, file, upload

LIMIT = 25 * 1024 * 1024


def fetch(api: Caller, url: str, verb: str = "GET") -> Response:
    parts = urlsplit(url)
    return api.sandbox.respond(Request(verb, parts.path, parse_qsl(parts.query), base_url="http://127.0.0.1:8000"))


def test_a_file_is_kept_as_it_is(api: Caller) -> None:
    data = bytes(range(256)) * 4 + b"\r\n-cut"
    made = file(api, data, "image/PNG; q=1", "a picture.png")

    assert (made["name"], made["content_type"], made["size"]) == ("a picture.png", "image/png", len(data))
    assert made["sha256"] == hashlib.sha256(data).hexdigest()
    fetched = fetch(api, made["url"])
    assert (fetched.status, fetched.content_type, fetched.body) == (200, "image/png", data)


def test_each_upload_makes_a_new_file(api: Caller) -> None:
    assert file(api)["id"] != file(api)["id"]


@pytest.mark.parametrize(
    ("filename", "name", "stored"),
    [
        ("a.png", None, "a.png"),
        ("C:\\\\pictures\\\\b.png", None, "b.png"),
        ("dir/c.png", None, "c.png"),
        ("dir/", None, "file"),
        (None, None, "file"),
        ("a.png", "other name", "other name"),
        ("x" * 300, None, "x" * 255),
    ],
)
def test_a_file_is_called_by_its_name_without_folders(
    api: Caller, filename: str | None, name: str | None, stored: str
) -> None:
    more = {} if name is None else {"name": name}

    assert document(upload(api, b"x", filename=filename, **more), 200)["name"] == stored


def test_a_part_without_content_type_is_bytes_of_any_type(api: Caller) -> None:
    assert document(upload(api, b"\xff", content_type=None), 200)["content_type"] == "application/octet-stream"


def test_the_largest_file_is_25_mebibytes(api: Caller) -> None:
    assert document(upload(api, bytes(LIMIT)), 200)["size"] == LIMIT
    assert document(upload(api, bytes(LIMIT + 1)), 400)["errors"] == [{"file": "The file is larger than 25 MiB"}]


@pytest.mark.parametrize(
    ("data", "content_type", "more", "fields"),
    [
        (b"", "image/png", {}, ["file"]),
        (b"x", "image", {}, ["file"]),
        (b"x", "a/" + "b" * 99, {}, ["file"]),
        (b"x", "image/png", {"name": "a/b"}, ["name"]),
        (b"x", "image/png", {"name": ""}, ["name", "name"]),
    ],
)
def test_what_cannot_be_uploaded(
    api: Caller, data: bytes, content_type: str, more: dict[str, str], fields: list[str]
) -> None:
    errors = document(upload(api, data, content_type, **more), 400)["errors"]

    assert [field for entry in errors for field in entry] == fields


@pytest.mark.parametrize(
    ("raw", "content_type", "field"),
    [
        (
            b'--c\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n--c--\r\n',
            "multipart/form-data; boundary=c",
            "file",
        ),
        (b"--c--\r\n", "multipart/form-data; boundary=c", "file"),
        (b"x", "multipart/form-data", "body"),
        (b'{"file": "x"}', "application/json", "Content-Type"),
    ],
)
def test_a_form_without_a_file_is_refused(api: Caller, raw: bytes, content_type: str, field: str) -> None:
    response = api.call("files/uploadFile", raw=raw, Content_Type=content_type)

    assert field in document(response, 400)["errors"][0]


def test_a_link_works_for_an_hour_and_each_response_has_a_new_one(api: Caller) -> None:
    made = file(api)
    api.advance(minutes=30)
    renewed = api.ok("files/getFile", file_id=made["id"])
    api.advance(minutes=30)

    assert renewed["url"] != made["url"]
    assert renewed["url_expires_at"] > made["url_expires_at"]
    assert (fetch(api, made["url"]).status, fetch(api, renewed["url"]).status) == (403, 200)


@pytest.mark.parametrize(
    "change", [("signature=", "signature=0"), ("expires=1", "expires=9"), ("?", "?x="), ("file_", "file_x")]
)
def test_a_link_that_was_changed_does_not_work(api: Caller, change: tuple[str, str]) -> None:
    assert fetch(api, file(api)["url"].replace(*change, 1)).status == 403


def test_only_fetching_is_possible_without_a_token(api: Caller) -> None:
    url = file(api)["url"]

    assert fetch(api, url, "HEAD").status == 200
    assert fetch(api, url, "POST").status == 404
    assert fetch(api, "http://127.0.0.1:8000/pantheon/elsewhere").status == 404


def test_a_deleted_file_leads_nowhere_but_the_message_stays(api: Caller) -> None:
    made, talk = file(api), conversation(api)
    content = {"type": "image", "file_id": made["id"]}
    sent = api.ok("messages/sendMessage", conversation_id=talk["id"], content=content)
    response = api.ok("files/deleteFile", file_id=made["id"])
    later = api.ok("messages/getMessage", message_id=sent["id"])["content"]

    assert response["id"] == made["id"]
    assert api.is_missing("files/getFile", file_id=made["id"])
    assert api.is_missing("files/deleteFile", file_id=made["id"])
    assert (later["file_id"], later["content_type"]) == (made["id"], "image/png")
    assert fetch(api, later["url"]).status == 404
    assert api.is_missing("messages/sendMessage", conversation_id=talk["id"], content=content)


def test_files_are_found_by_name_type_and_bytes(api: Caller) -> None:
    made: Any = file(api, b"one of a kind", "text/csv", "a.csv")

    for found in ({"name": "a.csv"}, {"content_type": "text/csv"}, {"sha256": made["sha256"]}):
        assert api.ids("files/listFiles", **found) == [made["id"]]
    assert api.ids("files/listFiles", name="a.csv", content_type="text/plain") == []


def life(api: Caller) -> None:
    """Call every method of the namespace."""
    made = file(api)
    api.ok("files/getFile", file_id=made["id"])
    api.ok("files/listFiles")
    api.ok("files/deleteFile", file_id=made["id"])
