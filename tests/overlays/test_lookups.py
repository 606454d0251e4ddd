"""UUIDs and keys by names, on scripted responses."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import trilogue

from .support import Harness, json_response, page

FARMERS, TEACHERS = "8a2a20d5-f1a3-44a2-b62f-8b8905f74f0b", "1d6b1d8c-1b6f-4c77-8a3c-6f1f7a3f1a11"
OTHER = "2f4a52b2-94b1-4c4a-9d36-0d0c9d7a1b22"


def groups(*rows: tuple[str, str], **more: Any) -> Any:
    return page([{"uuid": uuid, "name": name} for uuid, name in rows], **more)


BOTH = ((FARMERS, "Farmers"), (TEACHERS, "Teachers"))


def test_a_name_is_looked_up_once_for_all_copies_of_a_client(harness: Harness) -> None:
    client, transport = harness.scripted(groups(*BOTH))
    other = client.with_options(timeout=5)

    found = [harness.result(each.groups.uuid(name)) for each in (client, other) for name in ("Farmers", "Teachers")]

    assert found == [FARMERS, TEACHERS, FARMERS, TEACHERS]
    assert len(transport.requests) == 1


def test_callers_at_the_same_time_share_one_list(harness: Harness) -> None:
    client, transport = harness.scripted(json_response(429, retry_after="2"), groups(*BOTH))

    found = harness.concurrently([partial(client.groups.uuid, name) for name in ("Farmers", "Teachers") * 8])

    assert found == [FARMERS, TEACHERS] * 8
    assert len(transport.requests) == 2


def test_all_pages_are_looked_through(harness: Harness) -> None:
    following = "https://textit.com/api/v2/groups.json?cursor=b"
    client, _ = harness.scripted(groups(BOTH[0], next=following), groups(BOTH[1]))

    assert harness.result(client.groups.uuid("Teachers")) == TEACHERS


def test_a_name_that_is_not_known_is_looked_for_again(harness: Harness) -> None:
    client, transport = harness.scripted(groups(BOTH[0]), groups(*BOTH))
    harness.result(client.groups.uuid("Farmers"))

    assert harness.result(client.groups.uuid("Teachers")) == TEACHERS
    assert len(transport.requests) == 2


def test_names_are_remembered_for_five_minutes(harness: Harness) -> None:
    client, _ = harness.scripted(groups((FARMERS, "Farmers")), groups((OTHER, "Farmers")))
    harness.result(client.groups.uuid("Farmers"))

    harness.clock.time += 299
    assert harness.result(client.groups.uuid("Farmers")) == FARMERS
    harness.clock.time += 2
    assert harness.result(client.groups.uuid("Farmers")) == OTHER


def test_the_lists_are_remembered_apart(harness: Harness) -> None:
    client, _ = harness.scripted(groups((FARMERS, "Farmers")), groups((OTHER, "Farmers")))

    assert harness.result(client.groups.uuid("Farmers")) == FARMERS
    assert harness.result(client.labels.uuid("Farmers")) == OTHER


def test_a_name_that_is_not_there_names_the_nearest(harness: Harness) -> None:
    client, _ = harness.scripted(groups(*BOTH))

    with pytest.raises(trilogue.NotFound, match=r"groups\.uuid: .*the name 'farmer'; did you mean 'Farmers'"):
        harness.result(client.groups.uuid("farmer"))


def test_a_name_unlike_all_others_says_how_many_there_are(harness: Harness) -> None:
    client, _ = harness.scripted(groups(*BOTH))

    with pytest.raises(trilogue.NotFound, match="'xyz', nor anything like it among the 2 there are"):
        harness.result(client.groups.uuid("xyz"))


def test_another_case_is_as_good(harness: Harness) -> None:
    client, _ = harness.scripted(groups(*BOTH))

    assert harness.result(client.groups.uuid("FARMERS")) == FARMERS


def test_the_same_case_goes_before_another(harness: Harness) -> None:
    client, _ = harness.scripted(groups((FARMERS, "Farmers"), (OTHER, "FARMERS")))

    assert harness.result(client.groups.uuid("FARMERS")) == OTHER


@pytest.mark.parametrize("names", [("Farmers", "Farmers"), ("FARMERS", "farmers")], ids=["same", "other case"])
def test_two_of_one_name_are_an_error_that_shows_both(harness: Harness, names: tuple[str, str]) -> None:
    client, _ = harness.scripted(groups((FARMERS, names[0]), (OTHER, names[1])))

    with pytest.raises(trilogue.InvalidArgument, match=f"2 have the name 'Farmers'; take one of {FARMERS}, {OTHER}"):
        harness.result(client.groups.uuid("Farmers"))


@pytest.mark.parametrize("name", ["", None, 5])
def test_what_is_no_name_is_refused_before_anything_is_sent(harness: Harness, name: Any) -> None:
    client, _ = harness.scripted()

    with pytest.raises(trilogue.InvalidArgument, match="name: expected a string"):
        harness.result(client.groups.uuid(name))


def test_a_list_that_fails_is_not_remembered(harness: Harness) -> None:
    client, _ = harness.scripted(json_response(403, json={"detail": "No."}), groups(*BOTH))
    with pytest.raises(trilogue.PermissionDenied):
        harness.result(client.groups.uuid("Farmers"))

    assert harness.result(client.groups.uuid("Farmers")) == FARMERS


def test_a_field_is_looked_up_for_its_key(harness: Harness) -> None:
    client, _ = harness.scripted(page([{"key": "shoe_size", "name": "Shoe Size", "type": "number"}]))

    assert harness.result(client.fields.key("shoe size")) == "shoe_size"


def test_a_row_without_a_name_is_passed_over(harness: Harness) -> None:
    nameless = {"uuid": OTHER, "name": None}
    client, _ = harness.scripted(page([nameless, {"uuid": FARMERS, "name": "Farmers"}]))

    assert harness.result(client.groups.uuid("farmers")) == FARMERS


def test_a_look_up_takes_no_longer_than_a_single_call_however_many_pages_there_are(harness: Harness) -> None:
    following = "https://textit.com/api/v2/groups.json?cursor=b"
    client, _ = harness.scripted(
        json_response(429, retry_after="100"),
        groups(BOTH[0], next=following),
        json_response(429, retry_after="100"),
    )

    with pytest.raises(trilogue.RateLimited):
        harness.result(client.groups.uuid("Teachers"))
    assert sum(harness.clock.slept) == pytest.approx(100)
