"""The database behind the sandbox."""

from __future__ import annotations

import contextlib
import gc
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import trilogue_sandbox
from trilogue_sandbox.kernel.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    store.run("CREATE TABLE words (word TEXT PRIMARY KEY)")
    yield store
    store.close()


def words(store: Store) -> list[str]:
    return [row["word"] for row in store.all("SELECT word FROM words ORDER BY word")]


def test_a_transaction_that_ends_well_is_kept(store: Store) -> None:
    with store.transaction():
        store.run("INSERT INTO words VALUES (?)", "kept")

    assert words(store) == ["kept"]


def test_a_transaction_that_an_exception_leaves_is_rolled_back(store: Store) -> None:
    with contextlib.suppress(KeyError), store.transaction():
        store.run("INSERT INTO words VALUES (?)", "lost")
        raise KeyError

    assert words(store) == []


def test_the_exception_that_leaves_a_transaction_goes_on(store: Store) -> None:
    with pytest.raises(KeyError):
        fail_within(store)


def fail_within(store: Store) -> None:
    with store.transaction():
        raise KeyError


def test_an_inner_transaction_is_rolled_back_alone(store: Store) -> None:
    with store.transaction():
        store.run("INSERT INTO words VALUES (?)", "outer")
        with contextlib.suppress(KeyError), store.transaction():
            store.run("INSERT INTO words VALUES (?)", "inner")
            raise KeyError

    assert words(store) == ["outer"]


def test_a_table_made_in_a_transaction_is_rolled_back_too(store: Store) -> None:
    with contextlib.suppress(KeyError), store.transaction():
        store.run("CREATE TABLE more (word TEXT)")
        raise KeyError

    assert store.one("SELECT name FROM sqlite_master WHERE name = 'more'") is None


def test_a_copy_does_not_follow_the_original(store: Store) -> None:
    store.run("INSERT INTO words VALUES (?)", "before")
    copy = store.copy()
    store.run("INSERT INTO words VALUES (?)", "later")

    store.replace(copy)
    copy.close()

    assert words(store) == ["before"]


def test_a_file_keeps_what_was_written(tmp_path: Path) -> None:
    first = Store(tmp_path / "kept.sqlite")
    first.run("CREATE TABLE words (word TEXT)")
    first.run_many("INSERT INTO words VALUES (?)", [("a",), ("b",)])
    first.close()

    second = Store(tmp_path / "kept.sqlite")
    found = words(second)
    second.close()

    assert found == ["a", "b"]


def test_a_file_has_the_state_as_soon_as_a_transaction_ends(tmp_path: Path) -> None:
    first = Store(tmp_path / "kept.sqlite")
    first.state["clock"] = 5
    with first.transaction():
        first.state["draws"] = 1
    second = Store(tmp_path / "kept.sqlite")

    assert second.state == {"clock": 5, "draws": 1}
    for store in (first, second):
        store.close()


def test_the_state_is_rolled_back_and_copied_with_the_rows(store: Store) -> None:
    store.state["draws"] = 1
    with contextlib.suppress(KeyError), store.transaction():
        store.state["draws"] = 2
        raise KeyError
    copy = store.copy()
    store.state["draws"] = 3

    assert copy.state == {"draws": 1}
    store.replace(copy)
    assert store.state == {"draws": 1}
    copy.close()


def test_a_database_that_nobody_refers_to_any_more_is_closed() -> None:
    store = Store()
    connection = store._connection
    del store
    gc.collect()

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_a_transaction_that_only_reads_costs_the_database_nothing(store: Store) -> None:
    statements: list[str] = []
    store._connection.set_trace_callback(statements.append)
    with store.transaction(), store.transaction():
        words(store)

    assert statements == ["SELECT word FROM words ORDER BY word"]


def test_the_number_of_changed_rows_and_the_new_rowid_come_back(store: Store) -> None:
    assert store.insert("INSERT INTO words VALUES (?)", "a") == 1
    assert store.insert("INSERT INTO words VALUES (?)", "b") == 2
    assert store.run("DELETE FROM words") == 2


def test_no_statement_numbers_its_placeholders_at_which_early_python_3_12_warns() -> None:
    sources = Path(trilogue_sandbox.__file__).parent.rglob("*.py")

    assert [source.name for source in sources if re.search(r"\?\d", source.read_text(encoding="utf-8"))] == []


def test_what_was_read_is_remembered_until_its_table_is_written(store: Store) -> None:
    store.run("CREATE TABLE others (word TEXT)")
    assert [remembered_words(store), store.run("INSERT INTO others VALUES ('x')"), remembered_words(store)] == [
        [],
        1,
        [],
    ]
    before = remembered_words(store)
    assert remembered_words(store) is before

    store.run("INSERT INTO words VALUES ('new')")

    assert remembered_words(store) == ["new"]


def test_a_trigger_that_writes_a_table_counts_as_well(store: Store) -> None:
    store.run("CREATE TABLE others (word TEXT)")
    store.run("CREATE TRIGGER copied AFTER INSERT ON others BEGIN INSERT INTO words VALUES (new.word); END")
    for written in ("one", "two"):  # the second time the statement is compiled already
        remembered_words(store)
        store.run_many("INSERT INTO others VALUES (?)", [(written,)])
    assert remembered_words(store) == ["one", "two"]


def test_a_trigger_made_after_a_statement_was_run_counts_when_it_is_run_again(store: Store) -> None:
    store.run("CREATE TABLE others (word TEXT)")
    store.run("INSERT INTO others VALUES ('one')")
    store.run("CREATE TRIGGER copied AFTER INSERT ON others BEGIN INSERT INTO words VALUES (new.word); END")
    assert remembered_words(store) == []

    store.run("INSERT INTO others VALUES ('one')")

    assert remembered_words(store) == ["one"]


def test_a_statement_that_fails_at_first_counts_when_it_is_run_again(store: Store) -> None:
    statement = "INSERT INTO words VALUES (?)"
    for value in ("there", None, "there", "more"):
        remembered_words(store)
        with contextlib.suppress(sqlite3.IntegrityError):
            store.run(statement, value)
    assert remembered_words(store) == words(store)


def test_what_was_read_within_a_transaction_is_forgotten_when_it_is_rolled_back(store: Store) -> None:
    with contextlib.suppress(KeyError), store.transaction():
        store.run("INSERT INTO words VALUES ('lost')")
        assert remembered_words(store) == ["lost"]
        raise KeyError
    assert remembered_words(store) == []


def test_what_was_read_is_forgotten_with_the_table_and_with_the_database(store: Store) -> None:
    store.run("INSERT INTO words VALUES ('old')")
    with contextlib.closing(store.copy()) as copy:
        store.run("DROP TABLE words")
        store.run("CREATE TABLE words (word TEXT)")
        assert remembered_words(store) == []
        store.replace(copy)
        assert remembered_words(store) == ["old"]


def remembered_words(store: Store) -> list[str]:
    return store.remember("words", ["words"], lambda: words(store))
