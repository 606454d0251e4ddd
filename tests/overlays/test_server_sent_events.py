"""How server-sent events are parsed: by the rules of the HTML standard, wherever the parts are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trilogue._http.server_sent_events import EventParser

STREAM = (
    "\ufeffevent: message\ndata: first\n\n"
    ": a comment\r\ndata:second\r\ndata:  line\r\nid: 7\r\nretry: 10\r\n\r\n"
    "data: third\rdata\r\r"
    "event: nothing\n\n"
    'data: {"text": "a\u2028b\x85c"}\n\n'
    "data: not ended\n"
)
DATA = ["first", "second\n line", "third\n", '{"text": "a\u2028b\x85c"}']


def parse(*parts: bytes) -> list[str]:
    parser = EventParser()
    return [data for part in parts for data in parser.feed(part)]


def test_the_data_of_each_event_is_found() -> None:
    assert parse(STREAM.encode()) == DATA


@given(st.lists(st.integers(0, len(STREAM.encode())), max_size=8))
def test_where_the_parts_are_cut_makes_no_difference(cuts: list[int]) -> None:
    content = STREAM.encode()
    marks = [0, *sorted(cuts), len(content)]

    assert parse(*(content[start:end] for start, end in pairwise(marks))) == DATA


def test_each_byte_may_come_alone() -> None:
    assert parse(*(bytes([byte]) for byte in STREAM.encode())) == DATA


@pytest.mark.parametrize("content", [b"", b"\n\n", b": ping\n\n", b"data: half"])
def test_what_is_no_event_has_no_data(content: bytes) -> None:
    assert parse(content) == []
