"""Chance and identifiers."""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from trilogue_sandbox.kernel.clock import START, Clock
from trilogue_sandbox.kernel.ids import Ids, StoredRandom
from trilogue_sandbox.kernel.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.close()


@pytest.fixture
def clock(store: Store) -> Clock:
    return Clock(store)


@pytest.fixture
def ids(store: Store, clock: Clock) -> Ids:
    return Ids(StoredRandom(store, 0, "here"), clock)


def test_uuids_have_their_version(ids: Ids) -> None:
    assert uuid.UUID(ids.uuid4()).version == 4
    assert uuid.UUID(ids.uuid7()).version == 7
    assert uuid.UUID(ids.uuid7()).variant == uuid.RFC_4122


def test_a_uuid7_carries_the_time_of_the_sandbox(ids: Ids) -> None:
    assert uuid.UUID(ids.uuid7()).int >> 80 == int(START.timestamp() * 1000)


def test_ids_made_later_sort_later(ids: Ids, clock: Clock) -> None:
    made: list[tuple[str, str]] = []
    for _ in range(20):
        made.append((ids.uuid7(), ids.ulid()))
        clock.advance(timedelta(milliseconds=1))

    assert made == sorted(made)


def test_a_ulid_is_26_characters_of_its_alphabet(ids: Ids) -> None:
    assert re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", ids.ulid())
    assert re.fullmatch(r"conv_[0-9A-Z]{26}", ids.prefixed("conv"))


def test_a_token_is_as_long_as_asked_for(ids: Ids) -> None:
    assert re.fullmatch(r"[A-Za-z0-9]{40}", ids.token())
    assert re.fullmatch(r"[01]{8}", ids.token(8, "01"))


def test_no_two_ids_are_alike(ids: Ids) -> None:
    assert len({ids.uuid4() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(("seed", "stream", "is_same"), [(0, "here", True), (1, "here", False), (0, "there", False)])
def test_the_ids_depend_on_the_seed_and_on_the_stream(seed: int, stream: str, is_same: bool) -> None:
    def first_id(seed: int, stream: str) -> str:
        store = Store()
        made = Ids(StoredRandom(store, seed, stream), Clock(store)).uuid4()
        store.close()
        return made

    assert (first_id(seed, stream) == first_id(0, "here")) is is_same


def test_a_rolled_back_transaction_gives_its_draws_back(store: Store) -> None:
    draws = StoredRandom(store, 0, "here")
    rolled_back: list[float] = []
    with contextlib.suppress(KeyError), store.transaction():
        rolled_back.append(draws.random())
        raise KeyError

    assert [draws.random()] == rolled_back


def test_all_that_random_can_do_is_repeated_by_the_same_seed() -> None:
    def run() -> Sequence[object]:
        store = Store()
        draws = StoredRandom(store, 3, "here")
        made = [
            draws.random(),
            draws.randint(1, 6),
            draws.choice("abc"),
            draws.sample(range(99), 3),
            draws.normalvariate(0, 1),
        ]
        store.close()
        return made

    assert run() == run()


def test_draws_are_spread_evenly(store: Store) -> None:
    draws = StoredRandom(store, 0, "here")
    numbers = [draws.random() for _ in range(4000)]

    assert all(0 <= number < 1 for number in numbers)
    assert abs(sum(numbers) / len(numbers) - 0.5) < 0.02
    assert sorted(draws.getrandbits(3) for _ in range(400))[::399] == [0, 7]
