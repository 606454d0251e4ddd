"""Requests, responses and their headers."""

from __future__ import annotations

import pytest
from trilogue_sandbox.kernel.http import Headers, Request, Response


def test_a_header_is_found_whatever_its_case() -> None:
    headers = Headers([("Content-Type", "text/plain")])

    assert headers["content-TYPE"] == "text/plain"
    assert "CONTENT-type" in headers
    assert headers.get("accept") is None


def test_a_repeated_header_reads_as_one_value_and_keeps_its_lines() -> None:
    headers = Headers([("Via", "a"), ("via", "b")])

    assert headers["via"] == "a, b"
    assert headers.pairs == (("Via", "a"), ("via", "b"))


def test_setting_a_header_replaces_it_and_leaves_the_original_alone() -> None:
    headers = Headers([("Retry-After", "1"), ("retry-after", "2"), ("A", "b")])

    changed = headers.set("Retry-After", "9")

    assert changed.pairs == (("A", "b"), ("Retry-After", "9"))
    assert headers["retry-after"] == "1, 2"


def test_moving_a_prefix_to_the_base_url_keeps_the_url() -> None:
    request = Request("GET", "/notebook/v1/notes/a%2Fb", base_url="http://127.0.0.1:8000")

    inner = request.below("/notebook/v1")

    assert (inner.base_url, inner.path) == ("http://127.0.0.1:8000/notebook/v1", "/notes/a%2Fb")


def test_nothing_that_was_sent_stands_in_the_repr() -> None:
    request = Request("GET", "/x", [("urn", "tel:+250788123123")], {"Authorization": "Token secret"}, b"a message")
    response = Response.json({"text": "a message"}, headers={"X-Secret": "secret"})

    for text in (repr(request), repr(response), repr(request.headers)):
        assert not any(word in text for word in ("250788", "secret", "message"))


def test_a_document_is_encoded_compactly_in_the_order_given() -> None:
    assert Response.json({"b": [1, None], "a": "é"}).body == '{"b":[1,null],"a":"é"}'.encode()


def test_a_body_that_is_not_json_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="truncated"):
        Request("POST", "/", body=b"{").json()


def test_the_content_type_of_a_response_is_read_without_parameters() -> None:
    assert Response.html("<p>").content_type == "text/html"
    assert Response.empty().content_type == ""
