"""Lists, page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from trilogue_sandbox.botpress import credentials
from trilogue_sandbox.botpress.logs import TASK_ID

from tests.sandbox.botpress.caller import Caller

ALMOST_A_MINUTE = timedelta(seconds=60, milliseconds=-1)  # the seeding itself takes the millisecond


def seed_pyramid(api: Caller, height: int) -> None:
    """Make users of whom 1, 2, 3 ... 3, 2, 1 have the same `createdAt`; those made together are a minute apart."""
    for _ in range(height):
        api.sandbox.seed_data("botpress", {"users": height})
        api.sandbox.advance(ALMOST_A_MINUTE)


@pytest.mark.parametrize("size", range(1, 11))
def test_a_page_may_end_within_rows_of_one_timestamp(api: Caller, size: int) -> None:
    seed_pyramid(api, 5)
    whole = api.get("/v1/chat/users", pageSize=100)["users"]
    iterated: list[Any] = api.iterate("/v1/chat/users", "users", pageSize=size)

    assert {1, 2, 3, 4, 5} <= set(Counter(user["createdAt"] for user in whole).values())
    assert [user["createdAt"] for user in whole] == sorted((user["createdAt"] for user in whole), reverse=True)
    assert iterated == whole


def test_a_page_size_beyond_every_integer_of_the_database_means_all_rows(api: Caller) -> None:
    api.sandbox.seed_data("botpress", {"users": 30})

    page = api.get("/v1/chat/users", pageSize=2**70)

    assert len(page["users"]) >= 30
    assert page["meta"] == {}


def make_definitions(api: Caller) -> None:
    """Make three interfaces and three plugins that anyone can use."""
    for number in range(3):
        body = {"name": f"made{number}", "version": "1.0.0", "public": True}
        api.post("/v1/admin/interfaces", **body)
        api.post("/v1/admin/plugins", **body, code={"node": "", "browser": ""})


def make_activities(api: Caller) -> None:
    """Make two activities of a task that has one."""
    api.sandbox.seed_data("botpress", {"activities": 2})


@pytest.mark.parametrize(
    ("make", "path", "field", "query"),
    [
        (make_definitions, "interfaces", "interfaces", {}),
        (make_definitions, "plugins", "plugins", {}),
        (make_definitions, "hub/interfaces", "interfaces", {}),
        (make_definitions, "hub/plugins", "plugins", {}),
        (make_activities, "activities", "activities", {"taskId": TASK_ID, "botId": credentials.BOT_ID}),
    ],
    ids=["interfaces", "plugins", "interfaces of the hub", "plugins of the hub", "activities"],
)
def test_lists_of_administration_are_read_page_by_page(
    api: Caller, make: Callable[[Caller], None], path: str, field: str, query: dict[str, str]
) -> None:
    make(api)
    whole = api.get(f"/v1/admin/{path}", **query)[field]

    assert len(whole) >= 3
    assert len(api.get(f"/v1/admin/{path}", **query, pageSize=2)[field]) == 2
    assert api.iterate(f"/v1/admin/{path}", field, **query, pageSize=2) == whole


def test_bots_are_listed_in_the_order_that_is_asked_for(api: Caller) -> None:
    first, second, third = (api.post("/v1/admin/bots", name=name)["bot"]["id"] for name in "abc")
    api.put(f"/v1/admin/bots/{first}", name="d")

    def listed(**query: object) -> list[str]:
        bots = api.get("/v1/admin/bots", **query)["bots"]
        return [bot["id"] for bot in bots if bot["id"] in (first, second, third)]

    assert listed(pageSize=2) == [third, second]
    assert listed(sortField="updatedAt", sortDirection="desc") == [first, third, second]
    assert listed(sortField="createdAt", sortDirection="asc") == [first, second, third]


def test_conversations_are_listed_by_time(api: Caller) -> None:
    made = [api.create("/v1/chat/conversations", channel="channel", tags={})["conversation"] for _ in range(3)]
    ids = [conversation["id"] for conversation in made]
    api.put(f"/v1/chat/conversations/{ids[0]}", properties={"city": "Kigali"})

    def listed(**query: object) -> list[str]:
        found = api.get("/v1/chat/conversations", **query)["conversations"]
        return [conversation["id"] for conversation in found if conversation["id"] in ids]

    assert listed(beforeDate=made[1]["createdAt"]) == ids[1::-1]
    assert listed(afterDate=made[1]["createdAt"]) == ids[:0:-1]
    assert listed(sortField="updatedAt") == [ids[0], ids[2], ids[1]]
