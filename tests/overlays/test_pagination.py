"""Lists: how the next page is found, where they end, and that no row is skipped."""

from __future__ import annotations

import asyncio
import gc
import json
import random
import threading
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
import trilogue
from trilogue import DecodeError, InvalidArgument
from trilogue._pagination.digests import Digests
from trilogue_generated.runtime.operation import STRING, ListOperation, Paging, Parameter, Schema

from .servers import Received, http, serving
from .support import START, Harness, RecordingTransport, Reply, json_response, listing, page, raw_response, script, soon

BASE = "https://textit.com/api/v2/things.json"
NEXT_URL = listing(Paging("next-url", "results", next=("next",)), Parameter("group", "group", "query", STRING))
NEXT_URL_KNOWN = listing(Paging("next-url", "results", next=("next",), primary_key=("uuid",)))
TOKEN = listing(
    Paging("token", "results", next=("meta", "nextToken"), parameter="nextToken", primary_key=("uuid",)),
    Parameter("tags", "tags", "query", Schema("map", items=STRING, style="deep")),
    Parameter("nextToken", "nextToken", "query", STRING),
)
OFFSET = listing(
    Paging("offset", "results", parameter="offset", limit="limit", total="count", primary_key=("uuid",)),
    Parameter("offset", "offset", "query", Schema("integer")),
    Parameter("limit", "limit", "query", Schema("integer")),
)
POSTED = listing(
    Paging("offset", "results", parameter="offset", limit="limit"),
    Parameter("offset", "offset", "body", Schema("integer")),
    Parameter("filter", "filter", "body"),
    method="POST",
    content_type="application/json",
)


def things(*numbers: int) -> list[dict[str, Any]]:
    return [{"uuid": str(number)} for number in numbers]


def numbers(rows: Iterable[Any]) -> list[int]:
    return [int(row["uuid"]) for row in rows]


class Shelf:
    """A server with rows that can be listed in each of the three styles, three rows a page."""

    size = 3

    def __init__(self, count: int) -> None:
        self.rows = things(*range(count))
        self.queries: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> Reply:
        query = dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))
        if request.method == "POST":
            query = {name: str(value) for name, value in json.loads(request.content).items()}
        self.queries.append(query)
        start = int(query.get("cursor") or query.get("nextToken") or query.get("offset") or 0)
        rest = start + self.size < len(self.rows)
        query["cursor"] = str(start + self.size)
        return json_response(
            json={
                "results": self.rows[start : start + self.size],
                "next": str(httpx.URL(BASE, params=query)) if rest else None,
                "meta": {"nextToken": query["cursor"]} if rest else {},
                "count": len(self.rows),
            }
        )


STYLES = {"next-url": NEXT_URL, "next-url with identity": NEXT_URL_KNOWN, "token": TOKEN, "offset": OFFSET}


@pytest.fixture(params=STYLES.values(), ids=STYLES)
def every_style(request: pytest.FixtureRequest) -> ListOperation[Any, Any]:
    operation: ListOperation[Any, Any] = request.param
    return operation


# Leading on.


def test_nothing_is_sent_before_the_first_row_is_requested(
    harness: Harness, every_style: ListOperation[Any, Any]
) -> None:
    client, transport = harness.scripted()

    client._caller.paginate(every_style, {})

    assert transport.requests == []


@pytest.mark.parametrize("count", [0, 1, 3, 4, 9, 10])
def test_every_row_is_yielded_once_and_in_order(
    harness: Harness, every_style: ListOperation[Any, Any], count: int
) -> None:
    client = harness.client(transport := RecordingTransport(Shelf(count)))

    rows = harness.rows(client._caller.paginate(every_style, {}))

    assert numbers(rows) == list(range(count))
    assert len(transport.requests) == max(1, -(-count // 3))


def test_an_offset_list_without_a_total_ends_at_an_empty_page(harness: Harness) -> None:
    client = harness.client(transport := RecordingTransport(Shelf(7)))

    rows = harness.rows(client._caller.paginate(POSTED, {"filter": {"a": 1}}))

    assert numbers(rows) == list(range(7))
    assert [json.loads(request.content) for request in transport.requests] == [
        {"filter": {"a": 1}, "offset": 0},
        {"filter": {"a": 1}, "offset": 3},
        {"filter": {"a": 1}, "offset": 6},
        {"filter": {"a": 1}, "offset": 7},
    ]


def test_an_offset_list_starts_at_the_given_offset(harness: Harness) -> None:
    shelf = Shelf(7)
    client = harness.client(RecordingTransport(shelf))

    rows = harness.rows(client._caller.paginate(OFFSET, {"offset": 4, "limit": 3}))

    assert numbers(rows) == [4, 5, 6]
    assert shelf.queries[0]["offset"] == "4"


def test_a_token_replaces_the_last_one_and_the_filters_stay(harness: Harness) -> None:
    client = harness.client(transport := RecordingTransport(Shelf(8)))

    harness.rows(client._caller.paginate(TOKEN, {"tags": {"a b": "1+1"}}))

    assert [request.url.query for request in transport.requests] == [
        b"tags%5Ba%20b%5D=1%2B1",
        b"tags%5Ba%20b%5D=1%2B1&nextToken=3",
        b"tags%5Ba%20b%5D=1%2B1&nextToken=6",
    ]


def test_extra_parameters_are_on_every_page_once(harness: Harness, every_style: ListOperation[Any, Any]) -> None:
    client = harness.client(transport := RecordingTransport(Shelf(12)))

    harness.rows(client.with_options(extra_query={"beta": "1"})._caller.paginate(every_style, {}))

    assert [request.url.params.get_list("beta") for request in transport.requests] == [["1"]] * 4


def test_pages_are_yielded_one_by_one_with_their_rows(harness: Harness, every_style: ListOperation[Any, Any]) -> None:
    client = harness.client(RecordingTransport(Shelf(7)))

    pages = harness.rows(client._caller.paginate(every_style, {}).pages())

    assert [numbers(page) for page in pages] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [page.has_next for page in pages] == [True, True, False]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert pages[0].total == (7 if every_style is OFFSET else None)


def test_each_iteration_over_a_list_yields_all_of_it(harness: Harness, every_style: ListOperation[Any, Any]) -> None:
    listed = harness.client(RecordingTransport(Shelf(7)))._caller.paginate(every_style, {})

    assert numbers(harness.rows(listed)) == numbers(harness.rows(listed)) == list(range(7))
    assert len(harness.rows(listed.pages())) == len(harness.rows(listed.pages())) == 3
    assert numbers(harness.result(listed.page())) == numbers(harness.result(listed.page())) == [0, 1, 2]


def test_two_iterations_over_a_list_do_not_disturb_each_other(harness: Harness) -> None:
    listed = harness.client(RecordingTransport(Shelf(7)))._caller.paginate(NEXT_URL, {})
    first, second = listed.iterator(), listed.iterator()

    assert numbers([harness.next(first), harness.next(second), harness.next(first)]) == [0, 0, 1]


def test_the_first_row_takes_one_request(harness: Harness, every_style: ListOperation[Any, Any]) -> None:
    listed = harness.client(transport := RecordingTransport(Shelf(7)))._caller.paginate(every_style, {}).prefetch()

    assert numbers([harness.result(listed.first())]) == [0]
    assert len(transport.requests) == 1


def test_an_empty_list_has_no_first_row(harness: Harness, every_style: ListOperation[Any, Any]) -> None:
    listed = harness.client(RecordingTransport(Shelf(0)))._caller.paginate(every_style, {})

    assert harness.result(listed.first()) is None


@pytest.mark.parametrize("limit", [0, 1, 3, 4, 7, 100])
def test_collecting_takes_no_more_requests_than_it_needs(
    harness: Harness, every_style: ListOperation[Any, Any], limit: int
) -> None:
    listed = harness.client(transport := RecordingTransport(Shelf(7)))._caller.paginate(every_style, {})

    assert numbers(harness.result(listed.collect(limit))) == list(range(min(limit, 7)))
    assert len(transport.requests) == min(-(-limit // 3), 3)


def test_all_rows_of_a_list_that_is_no_longer_than_that(harness: Harness, every_style: ListOperation[Any, Any]) -> None:
    listed = harness.client(RecordingTransport(Shelf(7)))._caller.paginate(every_style, {})

    assert numbers(harness.result(listed.all(max_rows=7))) == list(range(7))


def test_a_list_with_more_rows_than_all_may_return_is_an_error_once_that_is_known(
    harness: Harness, every_style: ListOperation[Any, Any]
) -> None:
    listed = harness.client(transport := RecordingTransport(Shelf(30)))._caller.paginate(every_style, {})

    with pytest.raises(trilogue.TooManyRows, match=r"^RapidPro things\.list: there are more than 4 rows; iterate"):
        harness.result(listed.all(max_rows=4))
    assert len(transport.requests) == (1 if every_style is OFFSET else 2)


@pytest.mark.parametrize("count", [-1, 1.5, "10", True, None])
def test_a_limit_that_is_no_number_of_rows_is_an_invalid_argument(harness: Harness, count: Any) -> None:
    client, transport = harness.scripted()

    with pytest.raises(InvalidArgument, match=r"^limit: expected a number of rows"):
        harness.result(client.contacts.list().collect(count))
    with pytest.raises(InvalidArgument, match=r"^max_rows: expected a number of rows"):
        harness.result(client.contacts.list().all(max_rows=count))
    assert transport.requests == []


def test_page_in_the_middle_of_a_page_returns_the_rest_of_it(harness: Harness) -> None:
    client = harness.client(transport := RecordingTransport(Shelf(7)))
    iterator = client._caller.paginate(NEXT_URL, {}).iterator()

    harness.next(iterator)

    assert numbers(harness.result(iterator.page())) == [1, 2]
    assert len(transport.requests) == 1


def test_a_page_after_the_end_is_empty_and_sends_nothing(harness: Harness) -> None:
    client = harness.client(transport := RecordingTransport(Shelf(2)))
    iterator = client._caller.paginate(NEXT_URL, {}).iterator()
    harness.rows(iterator)

    assert (numbers(harness.result(iterator.page())), harness.next(iterator)) == ([], None)
    assert len(transport.requests) == 1


# Where a list ends, and where it does not.


def test_an_empty_page_with_a_link_is_not_the_end(harness: Harness) -> None:
    client, transport = harness.scripted(
        page([], f"{BASE}?cursor=1"), page(things(1), f"{BASE}?cursor=2"), page([], f"{BASE}?cursor=3"), page(things(2))
    )

    assert numbers(harness.rows(client._caller.paginate(NEXT_URL, {}))) == [1, 2]
    assert len(transport.requests) == 4


@pytest.mark.parametrize("link", ["absent", None, ""])
def test_a_missing_or_empty_link_is_the_end(harness: Harness, link: Any) -> None:
    body = {"results": things(1)} if link == "absent" else {"results": things(1), "next": link}
    client, _ = harness.scripted(json_response(json=body))

    assert numbers(harness.rows(client._caller.paginate(NEXT_URL, {}))) == [1]


@pytest.mark.parametrize("meta", [{}, None, {"nextToken": None}, {"nextToken": ""}, [], "odd"])
def test_a_missing_or_empty_token_is_the_end(harness: Harness, meta: Any) -> None:
    client, _ = harness.scripted(json_response(json={"results": things(1), "meta": meta}))

    assert numbers(harness.rows(client._caller.paginate(TOKEN, {}))) == [1]


@pytest.mark.parametrize("link", [5, True, ["x"], {"href": f"{BASE}?cursor=1"}, f"{BASE}?cursor=\ud800"], ids=ascii)
def test_a_link_that_is_not_a_string_is_a_decode_error(harness: Harness, link: Any) -> None:
    client, _ = harness.scripted(raw_response(200, json.dumps({"results": things(1), "next": link}).encode()))

    with pytest.raises(DecodeError, match=r"RapidPro things\.list: 200 'next' of a page is not a valid string"):
        harness.rows(client._caller.paginate(NEXT_URL, {}))


def test_a_token_with_a_lone_surrogate_is_a_decode_error(harness: Harness) -> None:
    client, _ = harness.scripted(raw_response(200, b'{"results": [], "meta": {"nextToken": "\\ud800"}}'))

    with pytest.raises(
        DecodeError, match=r"RapidPro things\.list: 200 'meta\.nextToken' of a page is not a valid string"
    ):
        harness.rows(client._caller.paginate(TOKEN, {}))


def test_a_row_may_have_a_lone_surrogate_as_its_identity(harness: Harness) -> None:
    row = b'{"uuid": "\\ud800"}'
    client, _ = harness.scripted(raw_response(200, b'{"results": [' + row + b", " + row + b'], "next": null}'))

    assert len(harness.rows(client.contacts.list())) == 1


def test_an_internationalized_host_matches_the_host_of_its_links(harness: Harness) -> None:
    link = "https://xn--bcher-kva.example/api/v2/things.json?cursor=1"
    client, _ = harness.scripted(page(things(1), link), page(things(2)), host="https://bücher.example")

    assert numbers(harness.rows(client._caller.paginate(NEXT_URL, {}))) == [1, 2]


@pytest.mark.parametrize("link", [BASE, f"{BASE}?", "garbage", "http://[", "?", f"{BASE}?cursor=\x00"])
def test_a_link_without_a_usable_query_is_a_decode_error_and_not_the_first_page_again(
    harness: Harness, link: str
) -> None:
    client, transport = harness.scripted(page(things(1), link))

    with pytest.raises(DecodeError, match="next page"):
        harness.rows(client._caller.paginate(NEXT_URL, {"group": "Farmers"}))

    assert len(transport.requests) == 1


@pytest.mark.parametrize("link", ["?cursor=1", "/api/v2/things.json?cursor=1", f"{BASE}?cursor=1#top"])
def test_a_link_may_be_relative(harness: Harness, link: str) -> None:
    client, transport = harness.scripted(page(things(1), link), page(things(2)))

    assert numbers(harness.rows(client._caller.paginate(NEXT_URL, {}))) == [1, 2]
    assert str(transport.last.url) == f"{BASE}?cursor=1"


def test_a_link_in_plain_http_behind_a_tls_proxy_is_followed_over_tls(harness: Harness) -> None:
    client, transport = harness.scripted(
        page(things(1), "http://textit.com/api/v2/things.json?cursor=a%2Bb"), page(things(2))
    )

    assert numbers(harness.rows(client._caller.paginate(NEXT_URL, {}))) == [1, 2]
    assert str(transport.last.url) == f"{BASE}?cursor=a%2Bb"


@pytest.mark.parametrize("host", ["evil.example.org", "textit.com.evil.example.org", "textit.com@evil.example.org"])
def test_the_token_never_leaves_for_another_host(harness: Harness, host: str) -> None:
    client, transport = harness.scripted(page(things(1), f"https://{host}/api/v2/things.json?cursor=1"))

    with pytest.raises(DecodeError, match=r"another host, .*evil\.example\.org.*host="):
        harness.rows(client._caller.paginate(NEXT_URL, {}))

    assert {request.url.host for request in transport.requests} == {"textit.com"}


@pytest.mark.parametrize("cycle", [1, 2, 3])
@pytest.mark.parametrize("style", [NEXT_URL, NEXT_URL_KNOWN, TOKEN], ids=["next-url", "with identity", "token"])
def test_a_list_whose_links_form_a_circle_is_a_decode_error(
    harness: Harness, style: ListOperation[Any, Any], cycle: int
) -> None:
    count = iter(range(100))

    def circle(request: httpx.Request) -> Reply:
        number = next(count)
        to = str(number % cycle)
        rows = things(number, number + 1000)
        return json_response(json={"results": rows, "next": f"{BASE}?cursor={to}", "meta": {"nextToken": to}})

    client = harness.client(transport := RecordingTransport(circle))
    with pytest.raises(DecodeError, match="never end"):
        harness.rows(client._caller.paginate(style, {}))

    assert len(transport.requests) == cycle + 1


NOT_PAGES: dict[str, httpx.Response] = {
    "no results": json_response(json={"next": None}),
    "results null": json_response(json={"results": None, "next": None}),
    "results an object": json_response(json={"results": {}, "next": None}),
    "results a string": json_response(json={"results": "abc", "next": None}),
    "a list": json_response(json=[1, 2]),
    "a number": json_response(json=5),
    "null": raw_response(200, b"null"),
    "an error that says 200": json_response(json={"detail": "Server too busy"}),
    "HTML": raw_response(200, b"<html>Sign in to the hotel wifi</html>", "text/html"),
    "nothing": raw_response(200, b""),
    "204": json_response(204),
    "broken JSON": raw_response(200, b'{"results": [{"uuid": "1"}'),
    "a row that is a string": json_response(json={"results": ["abc"], "next": None}),
    "a row that is null": json_response(json={"results": [None], "next": None}),
}


@pytest.mark.parametrize("name", NOT_PAGES)
def test_a_body_that_is_not_a_page_is_a_decode_error_and_never_the_end(harness: Harness, name: str) -> None:
    reply = NOT_PAGES[name]
    client = harness.client(RecordingTransport(lambda request: raw_response(reply.status_code, reply.content)))

    with pytest.raises(DecodeError) as raised:
        harness.rows(client.contacts.list())

    error = raised.value
    assert str(error).startswith("RapidPro contacts.list: ")
    assert (error.platform, error.operation, error.status) == ("RapidPro", "contacts.list", reply.status_code)
    assert error.content == reply.content


# Rows and pages that break the description.


def test_rows_without_identity_are_all_yielded(harness: Harness) -> None:
    rows = [{"uuid": None, "name": "Ana"}, {"uuid": None, "name": "Ben"}, {"name": "Cy"}, {"uuid": "1"}, {"uuid": "1"}]
    client, _ = harness.scripted(page(rows))

    assert [contact.name for contact in harness.rows(client.contacts.list())] == ["Ana", "Ben", "Cy", None]


def deeply_nested() -> bytes:
    depth = 900
    return b'{"uuid": "x", "fields": ' + b'{"a": ' * depth + b"1" + b"}" * depth + b"}"


@pytest.mark.parametrize("bad", [b"null", b'"abc"', b"[1]"])
def test_a_row_that_is_no_object_is_an_error_in_its_place_and_blocks_no_other_row(harness: Harness, bad: bytes) -> None:
    rows = [b'{"uuid": "%d"}' % number for number in range(250)]
    rows[100] = bad
    client, _ = harness.scripted(raw_response(200, b'{"next": null, "results": [' + b",".join(rows) + b"]}"))
    contacts = client.contacts.list().iterator()
    yielded, errors = collect(harness, contacts)

    assert len(yielded) == 249
    assert [str(error) for error in errors] == [
        "RapidPro contacts.list: 200 row 101 of a page is not what the description promises; go on after it"
    ]


def collect(harness: Harness, rows: Any) -> tuple[list[Any], list[DecodeError]]:
    """All rows of an iteration, and the errors met on the way."""
    yielded: list[Any] = []
    errors: list[DecodeError] = []
    while len(yielded) + len(errors) < 1_000:
        try:
            row = harness.next(rows)
        except DecodeError as error:
            errors.append(error)
        else:
            if row is None:
                break
            yielded.append(row)
    return yielded, errors


def test_a_page_with_a_bad_row_is_an_error_once_and_then_has_all_the_others(harness: Harness) -> None:
    client, _ = harness.scripted(page([{"uuid": "1"}, None, {"uuid": "2"}]))
    contacts = client.contacts.list().iterator()

    with pytest.raises(DecodeError, match="row 2"):
        harness.result(contacts.page())

    assert [contact.uuid for contact in harness.result(contacts.page()).items] == ["1", "2"]


def test_a_deeply_nested_row_is_not_lost(harness: Harness) -> None:
    body = b'{"next": null, "results": [{"uuid": "1"}, ' + deeply_nested() + b"]}"
    client, _ = harness.scripted(raw_response(200, body))

    yielded, errors = collect(harness, client.contacts.list().iterator())

    assert len(yielded) + len(errors) == 2


def test_a_page_that_lacks_the_link_it_must_have_is_not_the_end(harness: Harness) -> None:
    client, _ = harness.scripted(json_response(json={"results": [{"uuid": "1"}]}))

    with pytest.raises(DecodeError, match="whether the list ends here is unknown"):
        harness.rows(client.contacts.list())


def test_a_link_too_long_to_be_sent_is_the_platforms_fault(harness: Harness) -> None:
    link = "https://textit.com/api/v2/contacts.json?cursor=" + "x" * 200_000
    client, transport = harness.scripted(page([{"uuid": "1"}], link))

    with pytest.raises(DecodeError, match="200047 characters"):
        harness.rows(client.contacts.list())
    assert len(transport.requests) == 1


def test_an_iteration_that_gets_nowhere_ends_with_an_error_and_can_go_on(harness: Harness) -> None:
    count = iter(range(10**6))
    transport = RecordingTransport(
        lambda request: page([], f"https://textit.com/api/v2/contacts.json?cursor={next(count)}")
    )
    contacts = harness.client(transport).contacts.list().iterator()

    for pages in (100, 200):
        with pytest.raises(DecodeError, match="100 pages in a row had no new row"):
            harness.next(contacts)
        assert len(transport.requests) == pages


# Going on after an error.


@pytest.mark.parametrize("failing", range(4))
@pytest.mark.parametrize(
    "fail", [lambda: json_response(400), lambda: httpx.ReadError("reset"), lambda: raw_response(200, b"<html>")]
)
def test_the_same_iterator_continues_after_an_error_at_any_page(
    harness: Harness, every_style: ListOperation[Any, Any], failing: int, fail: Callable[[], Reply]
) -> None:
    shelf = Shelf(10)
    visits = iter(range(100))
    client = harness.client(
        RecordingTransport(lambda request: fail() if next(visits) == failing else shelf(request)), max_attempts=1
    )
    iterator = client._caller.paginate(every_style, {}).iterator()

    rows = [harness.next(iterator) for _ in range(3 * failing)]
    with pytest.raises(trilogue.RequestError):
        harness.next(iterator)

    assert numbers(rows + harness.rows(iterator)) == list(range(10))


def test_pages_continue_after_an_error_too(harness: Harness) -> None:
    shelf = Shelf(7)
    client, _ = harness.scripted()
    replies = iter([json_response(400), None, json_response(400), None, None])
    client = harness.client(RecordingTransport(lambda request: next(replies) or shelf(request)))
    pages = client._caller.paginate(NEXT_URL, {}).pages()

    seen: list[list[int]] = []
    for _ in range(5):
        try:
            seen.append(numbers(harness.next(pages)))
        except trilogue.BadRequest:
            seen.append([])

    assert seen == [[], [0, 1, 2], [], [3, 4, 5], [6]]
    assert harness.next(pages) is None


def test_a_row_that_cannot_be_decoded_is_an_error_after_the_rows_before_it(harness: Harness) -> None:
    client, transport = harness.scripted(page(things(0), f"{BASE}?cursor=1"), page([*things(1, 2), 5, *things(3)]))
    contacts = client.contacts.list().iterator()

    assert [harness.next(contacts).uuid for _ in range(3)] == ["0", "1", "2"]
    with pytest.raises(DecodeError):
        harness.next(contacts)
    assert [contact.uuid for contact in harness.rows(contacts)] == ["3"]
    assert len(transport.requests) == 2


# Positions.


@pytest.mark.parametrize("taken", range(11))
def test_another_client_resumes_after_the_last_row_yielded(
    harness: Harness, every_style: ListOperation[Any, Any], taken: int
) -> None:
    shelf = Shelf(10)
    iterator = harness.client(RecordingTransport(shelf))._caller.paginate(every_style, {}).iterator()
    before = [harness.next(iterator) for _ in range(taken)]
    position = iterator.position

    other = harness.client(transport := RecordingTransport(shelf))._caller.paginate(every_style, {}).resume(position)
    after = harness.rows(other)

    assert numbers(before + after) == list(range(10))
    assert isinstance(json.loads(position), dict)
    assert len(transport.requests) == {10: 0}.get(taken, 4 - taken // 3)


def test_a_position_of_a_page_is_before_the_next_page(harness: Harness, every_style: ListOperation[Any, Any]) -> None:
    shelf = Shelf(10)
    iterator = harness.client(RecordingTransport(shelf))._caller.paginate(every_style, {}).iterator()
    first = harness.result(iterator.page())

    rest = harness.rows(
        harness.client(RecordingTransport(shelf))._caller.paginate(every_style, {}).resume(iterator.position)
    )

    assert numbers([*first, *rest]) == list(range(10))


def test_a_position_before_an_error_is_that_of_the_last_row(
    harness: Harness, every_style: ListOperation[Any, Any]
) -> None:
    shelf = Shelf(7)
    replies = iter([True, False])
    broken = harness.client(RecordingTransport(lambda request: shelf(request) if next(replies) else json_response(400)))
    iterator = broken._caller.paginate(every_style, {}).iterator()
    before = [harness.next(iterator) for _ in range(3)]
    with pytest.raises(trilogue.BadRequest):
        harness.next(iterator)

    after = harness.rows(
        harness.client(RecordingTransport(shelf))._caller.paginate(every_style, {}).resume(iterator.position)
    )

    assert numbers(before + after) == list(range(7))


def test_the_filters_of_a_position_replace_those_given_later(harness: Harness) -> None:
    shelf = Shelf(7)
    iterator = (
        harness.client(RecordingTransport(shelf))._caller.paginate(NEXT_URL, {"group": "Farmers & Co"}).iterator()
    )
    harness.next(iterator)

    harness.rows(
        harness.client(RecordingTransport(shelf))
        ._caller.paginate(NEXT_URL, {"group": "Others"})
        .resume(iterator.position)
    )

    assert {query["group"] for query in shelf.queries} == {"Farmers & Co"}


def test_a_resumed_iteration_can_be_resumed_again(harness: Harness, every_style: ListOperation[Any, Any]) -> None:
    shelf = Shelf(10)
    rows: list[Any] = []
    position = None
    while True:
        listed = harness.client(RecordingTransport(shelf))._caller.paginate(every_style, {})
        iterator = listed.iterator() if position is None else listed.resume(position)
        row = harness.next(iterator)
        if row is None:
            break
        rows.append(row)
        position = iterator.position

    assert numbers(rows) == list(range(10))


def test_resuming_yields_again_what_followed_the_position(
    harness: Harness, every_style: ListOperation[Any, Any]
) -> None:
    listed = harness.client(RecordingTransport(Shelf(10)))._caller.paginate(every_style, {})
    iterator = listed.iterator()
    for _ in range(2):
        harness.next(iterator)
    position = iterator.position
    harness.rows(iterator)

    assert numbers(harness.rows(listed.resume(position))) == list(range(2, 10))


@pytest.mark.parametrize("gone", [[0], [1], [0, 1], [0, 3], [2]])
def test_rows_deleted_before_resuming_cause_no_other_row_to_be_skipped(
    harness: Harness, every_style: ListOperation[Any, Any], gone: list[int]
) -> None:
    """A worker that archives each message it has handled finds them gone from the page it resumes at."""
    shelf = Shelf(3)
    iterator = harness.client(RecordingTransport(shelf))._caller.paginate(every_style, {}).iterator()
    before = [harness.next(iterator) for _ in range(2)]
    shelf.rows = [row for row in shelf.rows if int(row["uuid"]) not in gone]

    after = harness.rows(
        harness.client(RecordingTransport(shelf))._caller.paginate(every_style, {}).resume(iterator.position)
    )

    assert numbers(before) == [0, 1]
    assert numbers(after) == [number for number in [2] if number not in gone]


def test_rows_that_look_alike_are_each_yielded(harness: Harness) -> None:
    shelf = Shelf(0)
    shelf.rows = things(5, 5, 5)
    iterator = harness.client(RecordingTransport(shelf))._caller.paginate(NEXT_URL, {}).iterator()
    before = [harness.next(iterator) for _ in range(2)]

    after = harness.rows(
        harness.client(RecordingTransport(shelf))._caller.paginate(NEXT_URL, {}).resume(iterator.position)
    )

    assert (numbers(before), numbers(after)) == ([5, 5], [5])


GOOD = {
    "list": "rapidpro.things.list",
    "path": NEXT_URL.path,
    "query": "",
    "body": None,
    "at": None,
    "done": False,
    "total": None,
    "skip": [],
}


@pytest.mark.parametrize(
    "position",
    [
        "",
        "cursor=1",
        "null",
        "[]",
        "{}",
        5,
        None,
        b"\xff",
        "[" * 100_000,
        json.dumps({**GOOD, "more": 1}),
        *(json.dumps({**GOOD, name: 1.5}) for name in GOOD),
        json.dumps({**GOOD, "skip": [1]}),
        json.dumps({**GOOD, "at": ["x"]}),
        json.dumps({**GOOD, "list": "rapidpro.others_list"}),
        json.dumps({**GOOD, "list": "botpress.things.list"}),
    ],
    ids=lambda position: str(position)[:30],
)
def test_an_invalid_position_is_an_invalid_argument(harness: Harness, position: Any) -> None:
    client, transport = harness.scripted()

    with pytest.raises(InvalidArgument, match=r"^position: "):
        client._caller.paginate(NEXT_URL, {}).resume(position)

    assert transport.requests == []


def test_a_valid_position_is_accepted(harness: Harness) -> None:
    shelf = Shelf(2)

    assert numbers(
        harness.rows(harness.client(RecordingTransport(shelf))._caller.paginate(NEXT_URL, {}).resume(json.dumps(GOOD)))
    ) == [0, 1]


# Rows that change meanwhile.


class Village:
    """Contacts that change while they are listed, newest-modified first or, with `reverse`, last; four on a page."""

    size = 4

    def __init__(self, seed: int, restless: int, order: str = "modified") -> None:
        self.chance = random.Random(seed)
        self.restless = restless
        self.now = 100
        self.modified = {f"{number:03}": number for number in range(40)}

    def __call__(self, request: httpx.Request) -> Reply:
        query = dict(request.url.params)
        sign = 1 if query.get("reverse") == "true" else -1
        ordered = sorted(self.modified.items(), key=lambda entry: sign * entry[1])
        start = int(query["cursor"]) if "cursor" in query else None
        rows = [entry for entry in ordered if start is None or sign * entry[1] > sign * start]
        shown = rows[: self.size]
        link = f"{BASE}?{httpx.QueryParams({**query, 'cursor': str(shown[-1][1])})}" if len(rows) > self.size else None
        self.live()
        return page([{"uuid": uuid} for uuid, _ in shown], link)

    def live(self) -> None:
        """Some contacts write a message, which changes them."""
        for uuid in self.chance.sample(sorted(self.modified), self.restless):
            self.now += 1
            self.modified[uuid] = self.now


@pytest.mark.parametrize("restless", [0, 1, 3])
def test_while_contacts_change_each_is_yielded_once_and_none_is_skipped(harness: Harness, restless: int) -> None:
    for seed in range(15):
        village = Village(seed, restless)
        yielded = [
            contact.uuid for contact in harness.rows(harness.client(RecordingTransport(village)).contacts.list())
        ]

        assert len(yielded) == len(set(yielded))
        assert set(yielded) == set(village.modified)


@pytest.mark.parametrize("restless", [1, 3])
def test_a_resumed_iteration_skips_nobody_either(harness: Harness, restless: int) -> None:
    for seed in range(15):
        village = Village(seed, restless)
        yielded: set[str] = set()
        position = None
        for taken in range(1, 60):
            contacts = harness.client(RecordingTransport(village)).contacts.list()
            iterator = contacts.iterator() if position is None else contacts.resume(position)
            yielded |= {contact.uuid for contact in take(harness, iterator, taken)}
            position = iterator.position
        yielded |= {contact.uuid for contact in harness.rows(iterator)}

        assert yielded == set(village.modified)


def take(harness: Harness, iterator: Any, count: int) -> Iterator[Any]:
    for _ in range(count):
        row = harness.next(iterator)
        if row is None:
            return
        yield row


def test_newest_first_skips_contacts_which_is_why_it_is_not_the_default(harness: Harness) -> None:
    lost = 0
    for seed in range(15):
        village = Village(seed, restless=1)
        yielded = {
            contact.uuid
            for contact in harness.rows(harness.client(RecordingTransport(village)).contacts.list(reverse=False))
        }
        lost += len(set(village.modified) - yielded)

    assert lost > 0


def test_every_list_ordered_by_change_is_requested_oldest_first(harness: Harness) -> None:
    client = harness.client(transport := RecordingTransport(lambda request: page([])))

    for resource in (
        client.contacts,
        client.runs,
        client.flow_starts,
        client.tickets,
        client.globals,
        client.resthooks,
    ):
        harness.rows(resource.list())

    assert [request.url.params.get("reverse") for request in transport.requests] == ["true"] * 6


def test_an_offset_list_skips_nothing_where_rows_are_deleted(harness: Harness) -> None:
    for seed in range(40):
        chance = random.Random(seed)
        shelf = Shelf(20)

        def restless(request: httpx.Request, shelf: Shelf = shelf, chance: random.Random = chance) -> Reply:
            reply = shelf(request)
            gone = set(chance.sample(range(len(shelf.rows)), min(len(shelf.rows), chance.choice([0, 0, 1, 2, 7]))))
            shelf.rows = [row for index, row in enumerate(shelf.rows) if index not in gone]
            return reply

        yielded = numbers(harness.rows(harness.client(RecordingTransport(restless))._caller.paginate(OFFSET, {})))
        assert len(yielded) == len(set(yielded))
        assert set(yielded) >= set(numbers(shelf.rows))


def test_an_offset_list_repeats_no_row_where_rows_are_inserted_in_front(harness: Harness) -> None:
    shelf = Shelf(10)

    def growing(request: httpx.Request) -> Reply:
        reply = shelf(request)
        if len(shelf.rows) < 14:
            shelf.rows.insert(0, {"uuid": str(100 + len(shelf.rows))})
        return reply

    yielded = numbers(harness.rows(harness.client(RecordingTransport(growing))._caller.paginate(OFFSET, {})))

    assert len(yielded) == len(set(yielded))
    assert set(yielded) >= set(range(10))


def test_an_offset_list_whose_total_is_wrong_ends(harness: Harness) -> None:
    client = harness.client(
        transport := RecordingTransport(lambda request: json_response(json={"results": [], "count": 50}))
    )

    assert harness.rows(client._caller.paginate(OFFSET, {})) == []
    assert len(transport.requests) == 1


def test_remembering_rows_takes_less_than_forty_bytes_a_row() -> None:
    keys = [f"{number:032}" for number in range(100_000)]
    tracemalloc.start()
    seen = Digests()
    new = [seen.add(key) for key in keys]
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert all(new)
    assert not any(seen.add(key) for key in keys[::100])
    assert (taken - len(new) * 8) / len(keys) < 40


# Fetching ahead.


def test_prefetch_is_one_page_ahead_and_not_more(harness: Harness) -> None:
    with serving(lambda request, connection: shelf_page(request)) as server:
        client = harness.client(host=server.url)
        iterator = client._caller.paginate(NEXT_URL, {}).prefetch().iterator()
        seen: list[int] = []
        for _ in range(10):
            seen += numbers([harness.next(iterator)])
            expected = min(4, 2 + (len(seen) - 1) // 3)
            wait_for(harness, lambda expected=expected: len(server.requests) >= expected)
            assert len(server.requests) == expected
        assert harness.next(iterator) is None

    assert seen == list(range(10))


def shelf_page(request: Received, shelf: Shelf | None = None) -> bytes:
    path = request.line.split()[1]
    reply = (shelf or Shelf(10))(httpx.Request("GET", f"http://localhost{path}"))
    assert isinstance(reply, httpx.Response)
    return http(200, reply.content.replace(b"https://textit.com", b""))


def wait_for(harness: Harness, holds: Callable[[], bool]) -> None:
    """Let prefetching continue, in its thread or in the event loop, until something holds."""
    assert soon(lambda: harness.result(asyncio.sleep(0) if harness.mode.name == "async" else None) or holds())


def test_without_prefetch_no_page_is_fetched_before_it_is_needed(harness: Harness) -> None:
    client = harness.client(transport := RecordingTransport(Shelf(10)))
    iterator = client._caller.paginate(NEXT_URL, {}).iterator()

    for _ in range(3):
        harness.next(iterator)

    assert len(transport.requests) == 1


def test_prefetch_does_not_wait_for_the_rate_limit(harness: Harness) -> None:
    client = harness.client(transport := RecordingTransport(Shelf(10)), requests_per_hour=2)
    iterator = client._caller.paginate(NEXT_URL, {}).prefetch().iterator()

    rows = [harness.next(iterator) for _ in range(6)]
    assert (numbers(rows), harness.clock.time, len(transport.requests)) == (list(range(6)), START, 2)

    assert numbers(harness.rows(iterator)) == [6, 7, 8, 9]
    assert harness.clock.time > START


@pytest.mark.parametrize(
    "fail", [lambda: json_response(400), lambda: json_response(502), lambda: json_response(429, retry_after="600")]
)
def test_a_page_that_could_not_be_prefetched_is_fetched_when_it_is_reached(
    harness: Harness, fail: Callable[[], Reply]
) -> None:
    shelf = Shelf(7)
    replies = iter([True, False, True, True])
    client = harness.client(
        transport := RecordingTransport(lambda request: shelf(request) if next(replies) else fail())
    )
    iterator = client._caller.paginate(NEXT_URL, {}).prefetch().iterator()

    first = [harness.next(iterator) for _ in range(3)]
    wait_for(harness, lambda: len(transport.requests) == 2)
    assert harness.clock.slept == []

    assert numbers(first + harness.rows(iterator)) == list(range(7))


def test_a_lasting_error_is_raised_when_its_page_is_reached(harness: Harness) -> None:
    shelf = Shelf(7)
    client = harness.client(
        RecordingTransport(lambda request: shelf(request) if not shelf.queries else json_response(400))
    )
    iterator = client._caller.paginate(NEXT_URL, {}).prefetch().iterator()

    first = [harness.next(iterator) for _ in range(3)]
    with pytest.raises(trilogue.BadRequest):
        harness.next(iterator)

    assert numbers(first) == [0, 1, 2]


def test_a_position_does_not_count_what_was_only_prefetched(harness: Harness) -> None:
    shelf = Shelf(10)
    iterator = (
        harness.client(transport := RecordingTransport(shelf))._caller.paginate(NEXT_URL, {}).prefetch().iterator()
    )
    before = [harness.next(iterator) for _ in range(4)]
    wait_for(harness, lambda: len(transport.requests) == 3)

    after = harness.rows(
        harness.client(RecordingTransport(shelf))._caller.paginate(NEXT_URL, {}).resume(iterator.position)
    )

    assert numbers(before + after) == list(range(10))


def test_a_resumed_iteration_uses_no_page_that_another_prefetched(harness: Harness) -> None:
    listed = harness.client(transport := RecordingTransport(Shelf(10)))._caller.paginate(NEXT_URL, {}).prefetch()
    iterator = listed.iterator()
    harness.next(iterator)
    position = iterator.position
    for _ in range(5):
        harness.next(iterator)
    wait_for(harness, lambda: len(transport.requests) == 3)

    assert numbers(harness.rows(listed.resume(position))) == list(range(1, 10))


def test_an_abandoned_iteration_leaves_no_thread_behind() -> None:
    with (
        serving(lambda request, connection: shelf_page(request)) as server,
        trilogue.RapidPro("t", host=server.url) as client,
    ):
        for row in client._caller.paginate(NEXT_URL, {}).prefetch():
            if row["uuid"] == "4":
                break
        gc.collect()
        assert soon(lambda: prefetching() == [])


def prefetching() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("trilogue")]


# Shared between threads or tasks.


def test_an_iterator_shared_by_threads_or_tasks_yields_every_row_once(harness: Harness) -> None:
    with serving(lambda request, connection: shelf_page(request, Shelf(30))) as server:
        client = harness.client(host=server.url)
        for style in (NEXT_URL, NEXT_URL_KNOWN):
            iterator = client._caller.paginate(style, {}).iterator()
            rows = [row for share in harness.concurrently([taker(harness, iterator)] * 8) for row in share]
            assert sorted(numbers(rows)) == list(range(30))


def taker(harness: Harness, iterator: Any) -> Callable[[], Any]:
    if harness.mode.name == "sync":
        return lambda: list(iterator)

    async def take_all() -> list[Any]:
        return [row async for row in iterator]

    return take_all


# What a iterator does not show.


def test_the_repr_of_a_list_shows_nothing_of_its_filters(harness: Harness) -> None:
    client, _ = harness.scripted(page(things(1)))
    contacts = client.contacts.list(urn="tel:+250788123123")
    iterator = contacts.iterator()
    first = harness.result(iterator.page())

    assert "250788123123" not in repr(contacts) + repr(first) + repr(iterator) + repr(iterator.iteration)
    assert (repr(contacts), repr(iterator)) in (
        ("Paginator(contacts.list)", "RowIterator(contacts.list)"),
        ("AsyncPaginator(contacts.list)", "AsyncRowIterator(contacts.list)"),
    )


def test_a_list_with_wrong_arguments_is_an_invalid_argument_before_it_starts(harness: Harness) -> None:
    client, transport = harness.scripted()

    with pytest.raises(InvalidArgument, match=r"^RapidPro messages\.list: pass only one of contact, folder"):
        client.messages.list(contact="5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9", folder="inbox")

    assert transport.requests == []


def test_a_script_fails_the_test_at_an_unexpected_request() -> None:
    """Without this, many a test here could not fail."""
    with pytest.raises(AssertionError, match="not expected"):
        script()(httpx.Request("GET", BASE))
