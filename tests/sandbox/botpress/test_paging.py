"""Lists, page by page."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

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
