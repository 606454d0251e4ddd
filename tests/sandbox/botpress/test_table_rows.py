"""Rows of tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_tables import PATH, add, make_table

ROWS = f"{PATH}/Cities/rows"

PLACES: tuple[dict[str, Any], ...] = (
    {"city": "Porto", "people": 231800, "coast": True, "tags": ["old", "wine"], "at": {"country": "PT"}},
    {"city": "Braga", "people": 193300, "coast": False, "tags": ["old"], "at": {"country": "PT"}},
    {"city": "Vigo", "people": 293600, "coast": True, "at": {"country": "ES"}},
    {"city": "Nowhere"},
)


@pytest.fixture
def places(api: Caller) -> list[Any]:
    """A table of places, and its rows."""
    return make_places(api)


def make_places(api: Caller) -> list[Any]:
    """Make a table of places, and return its rows."""
    api.post(PATH, name="Cities", schema=PLACES[0])
    return add(api, *PLACES)


def found(api: Caller, **query: Any) -> list[str]:
    """Return the cities of the rows that are found."""
    return [row["city"] for row in api.post(f"{ROWS}/find", **query)["rows"]]


def test_rows_are_added_read_changed_and_deleted(api: Caller) -> None:
    rows = make_places(api)
    changed = api.put(ROWS, rows=[{"id": 1, "people": 232000}])["rows"]
    read = api.get(f"{PATH}/Cities/row", id=1)["row"]
    deleted = api.post(f"{ROWS}/delete", ids=[1, 2, 99])
    rest = api.post(f"{ROWS}/delete", deleteAllRows=True)

    assert [row["id"] for row in rows] == [1, 2, 3, 4]
    assert (rows[0]["computed"], rows[0]["stale"], rows[0]["city"]) == ({}, [], "Porto")
    assert changed == [read] == [{**rows[0], "people": 232000, "updatedAt": read["updatedAt"]}]
    assert (deleted, rest) == ({"deletedRows": 2}, {"deletedRows": 2})
    assert [row["id"] for row in add(api, {"city": "Faro"})] == [5]
    api.error("ResourceNotFound", "GET", f"{PATH}/Cities/row", id=1)


def test_a_row_that_does_not_fit_is_reported_and_the_others_are_written(api: Caller) -> None:
    make_table(api)
    response = api.post(
        ROWS,
        rows=[
            {"city": "Porto", "people": 1, "mayor": "Ada", "createdAt": "never"},
            {"city": "Braga", "people": "many"},
            {"people": 3},
            {"city": "x" * 5000},
        ],
    )

    assert [row["city"] for row in response["rows"]] == ["Porto"]
    assert "mayor" not in response["rows"][0]
    assert response["warnings"] == ["row 1: there is no column 'mayor'; it was skipped"]
    assert response["errors"] == [
        "row 2: people must be a number",
        "row 3: city must be given",
        "row 4: it has more than the 4 KB of the table; a larger `factor` allows more",
    ]
    assert api.put(ROWS, rows=[{"id": 9, "people": 1}])["errors"] == ["row 1: there is no row 9"]


def test_an_upsert_changes_the_rows_whose_key_is_there_and_adds_the_others(api: Caller) -> None:
    make_places(api)
    rows = [{"city": "Porto", "people": 1}, {"city": "Faro", "people": 2}]
    first = api.post(f"{ROWS}/upsert", rows=rows, keyColumn="city")
    again = api.post(f"{ROWS}/upsert", rows=rows, keyColumn="city")
    by_number = api.post(f"{ROWS}/upsert", rows=[{"id": 2, "people": 3}, {"id": 70, "city": "Tui"}, {"city": "Goa"}])

    assert [row["id"] for row in first["updated"]] == [1]
    assert [row["id"] for row in first["inserted"]] == [5]
    assert [row["id"] for row in again["updated"]] == [1, 5]
    assert again["inserted"] == []
    assert [row["id"] for row in by_number["updated"]] == [2]
    assert [row["id"] for row in by_number["inserted"]] == [70, 71]
    api.error("InvalidPayload", "POST", f"{ROWS}/upsert", {"rows": rows, "keyColumn": "country"})


def test_a_key_is_never_there_twice(api: Caller) -> None:
    make_table(api, keyColumn="city")
    response = api.post(ROWS, rows=[{"city": "Porto"}, {"city": "Porto"}, {"city": "Braga"}])
    swapped = api.put(ROWS, rows=[{"id": 1, "city": "Faro"}, {"id": 2, "city": "Porto"}])
    error = api.put(ROWS, rows=[{"id": 2, "city": "Faro"}])

    assert [row["id"] for row in response["rows"]] == [1, 2]
    assert response["errors"] == ["row 2: another row has the city 'Porto', which is the key"]
    assert [row["city"] for row in swapped["rows"]] == ["Faro", "Porto"]
    assert "another row" in error["errors"][0]


def test_a_number_out_of_range_is_an_error(api: Caller) -> None:
    make_table(api)
    body = {"rows": [{"id": 2147483648, "city": "Porto"}]}

    api.error("InvalidPayload", "POST", f"{ROWS}/upsert", body)
    assert "between 1 and" in api.post(f"{ROWS}/upsert", rows=[{"id": 0, "city": "Porto"}])["errors"][0]
    add(api, {"city": "Porto"})
    response = api.put(ROWS, rows=[{"id": -(10**30), "people": 1}, {"id": 1.0, "people": 2}])
    assert [row["people"] for row in response["rows"]] == [2]
    assert response["errors"] == [f"row 1: there is no row {-(10**30)}"]
    api.error("InvalidQuery", "GET", f"{PATH}/Cities/row", id=10**30)
    api.error("InvalidPayload", "POST", f"{ROWS}/find", {"offset": 10**30})
    api.error("InvalidPayload", "POST", ROWS, {"rows": []})
    api.error("InvalidPayload", "POST", ROWS, {"rows": [{"city": "Porto"}] * 1001})


@pytest.mark.parametrize(
    ("condition", "cities"),
    [
        ({"city": {"$eq": "Porto"}}, ["Porto"]),
        ({"city": "Porto"}, ["Porto"]),
        ({"city": {"$ne": "Porto"}}, ["Braga", "Vigo", "Nowhere"]),
        ({"people": {"$gt": 193300}}, ["Porto", "Vigo"]),
        ({"people": {"$gte": 193300}}, ["Porto", "Braga", "Vigo"]),
        ({"people": {"$lt": 231800}}, ["Braga"]),
        ({"people": {"$lte": 231800, "$gt": 0}}, ["Porto", "Braga"]),
        ({"people": {"$gt": "a text"}}, []),
        ({"city": {"$in": ["Vigo", "Braga"]}}, ["Braga", "Vigo"]),
        ({"city": {"$nin": ["Vigo", "Braga"]}}, ["Porto", "Nowhere"]),
        ({"people": {"$exists": False}}, ["Nowhere"]),
        ({"people": {"$exists": True}, "coast": False}, ["Braga"]),
        ({"city": {"$contains": "o"}}, ["Porto", "Vigo", "Nowhere"]),
        ({"tags": {"$contains": "wine"}}, ["Porto"]),
        ({"at.country": "ES"}, ["Vigo"]),
        ({"at": {"country": "ES"}}, ["Vigo"]),
        ({"$or": [{"city": "Vigo"}, {"people": {"$lt": 200000}}]}, ["Braga", "Vigo"]),
        ({"$and": [{"coast": True}, {"at.country": "PT"}]}, ["Porto"]),
        ({"$not": {"coast": True}}, ["Braga", "Nowhere"]),
        ({"people": {"$not": {"$gt": 200000}}}, ["Braga", "Nowhere"]),
        ({"coast": 1}, []),
        ({"createdAt": {"$lt": "2030-01-01"}, "id": {"$lte": 2}}, ["Porto", "Braga"]),
        ({"createdAt": {"$gt": "2030-01-01"}}, []),
    ],
    ids=str,
)
def test_a_filter_finds(api: Caller, places: list[Any], condition: dict[str, Any], cities: list[str]) -> None:
    assert found(api, filter=condition) == cities


@pytest.mark.parametrize(
    "condition",
    [{"city": {"$near": 1}}, {"$or": {"city": "Porto"}}, {"city": {"$in": "Porto"}}, {"$nor": []}],
    ids=str,
)
def test_a_filter_that_makes_no_sense_is_an_error(api: Caller, places: list[Any], condition: dict[str, Any]) -> None:
    api.error("InvalidPayload", "POST", f"{ROWS}/find", {"filter": condition})
    api.error("InvalidPayload", "POST", f"{ROWS}/delete", {"filter": condition})


def test_rows_are_found_page_by_page_in_any_order(api: Caller) -> None:
    make_places(api)
    first = api.post(f"{ROWS}/find", limit=3)
    last = api.post(f"{ROWS}/find", limit=3, offset=3)

    assert [row["id"] for row in first["rows"]] == [1, 2, 3]
    assert (first["hasMore"], first["offset"], first["limit"]) == (True, 0, 3)
    assert ([row["id"] for row in last["rows"]], last["hasMore"]) == ([4], False)
    assert found(api, orderBy="city") == ["Braga", "Nowhere", "Porto", "Vigo"]
    assert found(api, orderBy="people", orderDirection="desc") == ["Vigo", "Porto", "Braga", "Nowhere"]
    assert found(api, orderBy="createdAt", orderDirection="desc", limit=1) == ["Nowhere"]
    assert found(api, filter={"coast": True}, limit=1, offset=1) == ["Vigo"]
    api.error("InvalidPayload", "POST", f"{ROWS}/find", {"orderBy": "mayor"})
    api.error("InvalidPayload", "POST", f"{ROWS}/find", {"limit": 1001})


def test_only_the_columns_asked_for_are_given(api: Caller, places: list[Any]) -> None:
    (row,) = api.post(f"{ROWS}/find", filter={"city": "Porto"}, select=["at.country", "people"])["rows"]
    response = api.post(f"{ROWS}/find", select=["mayor"], filter={"mayor": 1})

    assert set(row) == {"id", "createdAt", "updatedAt", "computed", "stale", "at", "people"}
    assert row["at"] == {"country": "PT"}
    assert response["warnings"] == ["there is no column 'mayor'"]


def test_rows_are_put_together(api: Caller, places: list[Any]) -> None:
    group = {"at.country": "key", "people": ["sum", "avg", "min", "max", "count"]}
    spain, portugal, nowhere = api.post(f"{ROWS}/find", group=group, orderBy="id", orderDirection="desc")["rows"][::-1]

    by_country = {row["at.country"]: row["people"] for row in (spain, portugal, nowhere)}
    assert by_country["PT"] == {"sum": 425100, "avg": 212550, "min": 193300, "max": 231800, "count": 2}
    assert by_country[None] == {"sum": 0, "avg": None, "min": None, "max": None, "count": 0}
    for wrong in ("median", {"sum": True}, ["sum", ["avg"]], None):
        api.error("InvalidPayload", "POST", f"{ROWS}/find", {"group": {"people": wrong}})
    assert "'nowhere'" in api.post(f"{ROWS}/find", group={"nowhere": "key"})["warnings"][0]


@pytest.mark.parametrize("column", ["id", "createdAt", "computed", "stale", "similarity"])
def test_rows_are_not_put_together_by_what_every_row_has(api: Caller, places: list[Any], column: str) -> None:
    error = api.error("InvalidPayload", "POST", f"{ROWS}/find", {"group": {"at.country": "key", column: "count"}})

    assert error["message"].startswith(f"group/{column}: ")


def test_a_search_sorts_by_likeness(api: Caller) -> None:
    make_table(api)
    add(api, {"city": "Far away"}, {"city": "Villa do Conde"}, {"city": "Villa"})
    rows = api.post(f"{ROWS}/find", search="villa conde")["rows"]

    assert [(row["city"], row["similarity"]) for row in rows] == [
        ("Villa do Conde", 1.0),
        ("Villa", 0.5),
        ("Far away", 0.0),
    ]
    api.put(f"{PATH}/Cities", schema={"type": "object", "properties": {"city": {"type": "string"}}})
    assert "searchable" in api.post(f"{ROWS}/find", search="villa")["warnings"][0]
    api.error("InvalidPayload", "POST", f"{ROWS}/find", {"search": "x" * 1025})


def test_rows_are_deleted_by_a_filter_in_a_job(api: Caller, places: list[Any]) -> None:
    response = api.post(f"{ROWS}/delete", filter={"coast": True})
    before = found(api)
    api.sandbox.advance(timedelta(seconds=1))

    assert (response["deletedRows"], response["job"]["status"]) == (0, "pending")
    assert len(before) == 4
    assert found(api) == ["Braga", "Nowhere"]
    api.error("InvalidPayload", "POST", f"{ROWS}/delete", {})
    api.error("InvalidPayload", "POST", f"{ROWS}/delete", {"ids": [1], "deleteAllRows": True})


def test_computed_cells_are_out_of_date_until_they_are_computed(api: Caller) -> None:
    computed = {"action": "ai", "prompt": "Where is it?", "dependencies": ["city"]}
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "place": {"type": "string", "x-zui": {"computed": computed}}},
    }
    api.post(PATH, name="Cities", schema=schema)
    row = api.post(ROWS, rows=[{"city": "Porto", "place": "mine"}])
    counted = api.get(f"{PATH}/Cities")["stale"]
    api.sandbox.advance(timedelta(seconds=1))
    later = api.get(f"{PATH}/Cities/row", id=1)["row"]
    at_once = api.put(ROWS, rows=[{"id": 1, "city": "Braga"}], waitComputed=True)["rows"][0]

    assert (row["rows"][0]["stale"], "place" in row["rows"][0], counted) == (["place"], False, 1)
    assert "skipped" in row["warnings"][0]
    assert (later["stale"], later["place"], later["computed"]["place"]["status"]) == ([], "Porto", "computed")
    assert (at_once["stale"], at_once["place"]) == ([], "Braga")


def test_a_cell_that_cannot_be_computed_says_why(api: Caller) -> None:
    computed = {"action": "ai", "prompt": "How many?", "dependencies": ["city"]}
    columns = {"city": {"type": "string"}, "people": {"type": "number", "x-zui": {"computed": computed}}}
    api.post(PATH, name="Cities", schema={"type": "object", "properties": columns}, keyColumn="city")
    made = api.post(ROWS, rows=[{"city": "Porto"}], waitComputed=True)["rows"]
    changed = api.put(ROWS, rows=[{"id": 1, "city": "Braga"}], waitComputed=True)["rows"]
    again = api.post(f"{ROWS}/upsert", rows=[{"city": "Braga"}, {"city": "Faro"}], waitComputed=True)
    one, found = api.get(f"{PATH}/Cities/row", id=1)["row"], api.post(f"{ROWS}/find")["rows"]

    shown = [row["computed"]["people"] for row in (*made, *changed, *again["updated"], *again["inserted"], one, *found)]
    assert {(cell["status"], "error" in cell) for cell in shown} == {("failed", True)}


def test_a_workspace_has_room_for_so_many_rows(api: Caller) -> None:
    make_table(api, factor=5)
    api.control("set_quota", feature="table_rows", value=13)
    add(api, {"city": "Porto"}, {"city": "Braga"})

    assert api.error("QuotaExceeded", "POST", ROWS, {"rows": [{"city": "Faro"}]})["status"] == 403


LIVES = (
    test_rows_are_added_read_changed_and_deleted,
    test_an_upsert_changes_the_rows_whose_key_is_there_and_adds_the_others,
    test_rows_are_found_page_by_page_in_any_order,
)
