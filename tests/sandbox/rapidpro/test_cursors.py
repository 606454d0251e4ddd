"""Iterating over lists by cursor: what is yielded, what is lost, and what it costs."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller

TIMESTAMP = "2025-06-01T10:00:00.123456Z"


def _form(url: str) -> dict[str, list[str]]:
    cursor = parse_qs(urlsplit(url).query)["cursor"][0]
    return parse_qs(base64.b64decode(cursor).decode())


def _cursor(form: str) -> str:
    return base64.b64encode(form.encode()).decode()


def _uuids(rows: list[Any]) -> list[str]:
    return [row["uuid"] for row in rows]


def _seed(sandbox: Sandbox, **data: Any) -> Caller:
    sandbox.seed_data("rapidpro", {"workspace": "empty", **data})
    return Caller.of(sandbox, "empty")


@pytest.mark.parametrize("reverse", ["true", "false"])
def test_a_thousand_rows_of_one_time_are_each_yielded_once(sandbox: Sandbox, reverse: str) -> None:
    api = _seed(sandbox, contacts={"count": 1000, "modified_on": TIMESTAMP})
    uuids = _uuids(api.iterate("contacts", reverse=reverse))

    assert len(uuids) == len(set(uuids)) == 1000


def _times_of(sizes: Sequence[int]) -> list[str]:
    return [(datetime(2025, 6, 1) + timedelta(minutes=number)).isoformat() + "Z" for number in range(len(sizes))]


def _seed_groups(sandbox: Sandbox, sizes: Sequence[int]) -> Caller:
    """Make groups of contacts; those of a group were modified at the same time."""
    api = Caller.of(sandbox, "empty")
    for size, time in zip(sizes, _times_of(sizes), strict=True):
        _seed(sandbox, contacts={"count": size, "modified_on": time})
    return api


@pytest.mark.parametrize("reverse", ["true", "false"])
@pytest.mark.parametrize(
    "sizes", [(249, 3, 40), (251, 1), (100, 140, 20, 230, 30, 5), (1, 600, 1), (3,) * 100], ids=len
)
def test_a_page_may_end_within_rows_of_one_time(sandbox: Sandbox, sizes: Sequence[int], reverse: str) -> None:
    rows = _seed_groups(sandbox, sizes).iterate("contacts", reverse=reverse)
    times = [row["modified_on"] for row in rows]

    assert len(set(_uuids(rows))) == len(rows) == sum(sizes)
    assert times == sorted(times, reverse=reverse == "false")


@pytest.mark.parametrize("sizes", [(40,) * 15, (3,) * 100], ids=len)
def test_an_iteration_backwards_ends_pages_within_rows_of_one_time_too(sandbox: Sandbox, sizes: Sequence[int]) -> None:
    api = _seed_groups(sandbox, sizes)
    pages = [api.get("contacts")]
    while pages[-1]["next"]:
        pages.append(api.follow(pages[-1]["next"]))
    back = [pages[-1]]
    while back[-1]["previous"]:
        back.append(api.follow(back[-1]["previous"]))

    assert [_uuids(page["results"]) for page in reversed(back)] == [_uuids(page["results"]) for page in pages]


def test_an_iteration_backwards_yields_the_same_rows(sandbox: Sandbox) -> None:
    api = _seed(sandbox, contacts=700)
    pages = [api.get("contacts")]
    while pages[-1]["next"]:
        pages.append(api.follow(pages[-1]["next"]))
    back = [pages[-1]]
    while back[-1]["previous"]:
        back.append(api.follow(back[-1]["previous"]))

    assert [len(page["results"]) for page in pages] == [250, 250, 200]
    assert [_uuids(page["results"]) for page in reversed(back)] == [_uuids(page["results"]) for page in pages]
    assert pages[0]["previous"] is None


def test_pages_are_250_rows_whatever_is_asked_and_exactly_250_have_no_next(sandbox: Sandbox) -> None:
    api = _seed(sandbox, contacts=250)
    page = api.get("contacts", limit=2, page_size=2)

    assert len(page["results"]) == 250
    assert page["next"] is None


def test_next_is_absolute_and_keeps_the_query(sandbox: Sandbox) -> None:
    api = _seed(sandbox, contacts=251)
    url = urlsplit(api.get("contacts", reverse="true", limit="2", deleted="")["next"])

    assert f"{url.scheme}://{url.netloc}{url.path}" == "http://127.0.0.1/rapidpro/api/v2/contacts.json"
    assert list(parse_qs(url.query, keep_blank_values=True)) == ["cursor", "deleted", "limit", "reverse"]


def test_a_cursor_holds_the_position_and_the_offset_among_equals(sandbox: Sandbox) -> None:
    api = _seed(sandbox, contacts={"count": 600, "modified_on": TIMESTAMP})
    first = api.get("contacts")
    second = api.follow(first["next"])

    assert _form(first["next"]) == {"o": ["250"]}
    assert _form(second["next"]) == {"o": ["500"]}


def test_a_cursor_between_different_times_holds_the_last_one_of_the_page(sandbox: Sandbox) -> None:
    api = _seed(sandbox, contacts=300)
    page = api.get("contacts")
    position = page["results"][-1]["modified_on"].replace("T", " ").replace("Z", "+00:00")

    assert _form(page["next"]) == {"p": [position]}


@pytest.mark.parametrize("cursor", ["x", "é", _cursor("o=-1"), _cursor("o=x"), _cursor("r=x")])
def test_a_cursor_that_cannot_be_read_is_404(api: Caller, cursor: str) -> None:
    assert api.error(404, "GET", "contacts", cursor=cursor) == {"detail": "Invalid cursor"}


def test_a_cursor_beyond_the_end_is_an_empty_page(api: Caller) -> None:
    page = api.get("contacts", cursor=_cursor("o=100000"))

    assert (page["results"], page["next"]) == ([], None)
    assert page["previous"] is not None


def test_a_contact_that_changes_during_an_iteration_is_lost_newest_first_and_repeated_oldest_first(
    sandbox: Sandbox,
) -> None:
    api = _seed(sandbox, contacts=300)
    last_of_newest = api.rows("contacts", reverse="true")[0]["uuid"]
    page = api.get("contacts")
    api.call("POST", "contacts", {"name": "Changed"}, uuid=last_of_newest)
    newest_first = page["results"] + api.follow(page["next"])["results"]

    page = api.get("contacts", reverse="true")
    first_of_oldest = page["results"][0]["uuid"]
    api.call("POST", "contacts", {"name": "Changed"}, uuid=first_of_oldest)
    oldest_first = page["results"] + api.follow(page["next"])["results"]

    assert last_of_newest not in _uuids(newest_first)
    assert len(set(_uuids(newest_first))) == 299
    assert _uuids(oldest_first).count(first_of_oldest) == 2
    assert len(set(_uuids(oldest_first))) == 300


def test_the_last_page_costs_what_the_first_does(sandbox: Sandbox) -> None:
    """Counted in steps of SQLite's machine: time would be a matter of luck."""
    api = _seed(sandbox, contacts=20_000)
    oldest = api.rows("contacts", reverse="true")[100]["modified_on"].replace("T", " ").replace("Z", "+00:00")
    first, last = (_steps(sandbox, api, cursor) for cursor in (None, _cursor(f"p={oldest.replace('+', '%2B')}")))

    assert last < 1.5 * first


def _steps(sandbox: Sandbox, api: Caller, cursor: str | None) -> int:
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = sandbox._store._connection  # the sandbox has no need of such a counter itself
    connection.set_progress_handler(count, 10)
    query = {} if cursor is None else {"cursor": cursor}
    rows = api.rows("contacts", **query)
    connection.set_progress_handler(None, 0)
    assert rows
    return steps * 250 // len(rows)


@pytest.mark.parametrize("endpoint", ["groups", "labels", "globals", "fields"])
def test_a_list_of_what_is_made_one_by_one_has_a_second_page(sandbox: Sandbox, api: Caller, endpoint: str) -> None:
    sandbox.control("rapidpro", "limit_objects", {"type": endpoint, "limit": 1000})
    before = len(api.rows(endpoint))
    for number in range(251 - before):
        more = {"value": "x"} if endpoint == "globals" else {"type": "text"} if endpoint == "fields" else {}
        api.create(endpoint, name=f"Number {number}", **more)
    first = api.get(endpoint)

    assert len(first["results"]) == 250
    assert len(api.follow(first["next"])["results"]) == 1


def test_contacts_with_expanded_urns_have_a_second_page(sandbox: Sandbox) -> None:
    api = _seed(sandbox, contacts=251)
    first = api.get("contacts", expand_urns="true")

    assert len(first["results"]) == 250
    assert len(api.follow(first["next"])["results"]) == 1
