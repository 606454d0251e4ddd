"""Files: uploaded, attached, and had by anyone who knows their address."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Request

from tests.sandbox.rapidpro.caller import Caller

PICTURE = b"\x89PNG\r\n\x1a\n and so on"


def test_a_file_can_be_uploaded_and_downloaded_without_a_token(sandbox: Sandbox, api: Caller) -> None:
    media = api.upload(PICTURE, "steve marten.png", "image/png")
    path = urlsplit(media["url"]).path
    download = sandbox.respond(Request("GET", path))

    assert media == {
        "uuid": media["uuid"],
        "content_type": "image/png",
        "url": f"http://127.0.0.1/rapidpro/media/{media['uuid'][:4]}/{media['uuid']}/steve%20marten.png",
        "filename": "steve marten.png",
        "size": len(PICTURE),
    }
    assert (download.status, download.content_type, download.body) == (200, "image/png", PICTURE)
    assert sandbox.respond(Request("GET", "/rapidpro/media/x/y/z.png")).status == 404
    assert sandbox.respond(Request("POST", path)).status == 404


def test_a_file_is_attached_by_its_uuid_or_by_its_address(api: Caller) -> None:
    media = api.upload(PICTURE, "steve marten.png", "image/png")
    contact = api.create("contacts", urns=["tel:+250788123123"])["uuid"]
    address = f"image/png:{media['url']}"
    sent = [api.create("messages", contact=contact, attachments=[given]) for given in (media["uuid"], address)]

    assert [message["attachments"] for message in sent] == [[{"content_type": "image/png", "url": media["url"]}]] * 2
    assert [(message["media"], message["text"]) for message in sent] == [(address, "")] * 2


def test_a_file_of_another_workspace_cannot_be_attached(sandbox: Sandbox, api: Caller) -> None:
    media = Caller.of(sandbox, "empty").upload(PICTURE, "a.png", "image/png")
    contact = api.create("contacts", urns=["tel:+250788123123"])["uuid"]

    assert api.error(400, "POST", "messages", {"contact": contact, "attachments": [media["uuid"]]}) == {
        "attachments": [f"No such object: {media['uuid']}"]
    }


@pytest.mark.parametrize(
    ("name", "part_type", "filename", "content_type"),
    [
        ("a b (1)[x]_-.jpg", "image/jpeg", "a b (1)[x]_-.jpg", "image/jpeg"),
        ("what?/is*this.png", "image/png", "isthis.png", "image/png"),
        ("voice.m4a", "audio/x-m4a", "voice.m4a", "audio/mp4"),
        ("report", "application/pdf", "report.pdf", "application/pdf"),
        ("???", "video/mp4", "file.mp4", "video/mp4"),
    ],
)
def test_names_are_cleaned_and_types_taken_from_the_part(
    api: Caller, name: str, part_type: str, filename: str, content_type: str
) -> None:
    media = api.upload(PICTURE, name, part_type)

    assert (media["filename"], media["content_type"]) == (filename, content_type)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"field": "other"}, "No file was submitted."),
        ({"data": b""}, "The submitted file is empty."),
        ({"content_type": "image/svg+xml"}, "Unsupported file type."),
        ({"content_type": "text/plain"}, "Unsupported file type."),
        ({"data": b"x" * (25 * 1024 * 1024 + 1)}, "Limit for file uploads is 25.0 MB."),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused(api: Caller, changes: dict[str, Any], message: str) -> None:
    upload = {"data": PICTURE, "name": "a.png", "content_type": "image/png", **changes}

    assert api.upload(**upload, status=400) == {"file": [message]}


def test_a_text_in_the_place_of_a_file_is_no_file(api: Caller) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    response = api.call("POST", "media", raw=b"file=x", headers=form)

    assert json.loads(response.body) == {
        "file": ["The submitted data was not a file. Check the encoding type on the form."]
    }


def test_json_is_not_taken(api: Caller) -> None:
    assert api.error(415, "POST", "media", {"file": "x"}) == {
        "detail": 'Unsupported media type "application/json" in request.'
    }
