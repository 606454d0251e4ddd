"""Tables: names, columns and jobs."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_files import send, upload

PATH = "/v1/tables"

CITIES: dict[str, Any] = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "x-zui": {"searchable": True}},
        "people": {"type": "integer", "description": "Inhabitants"},
    },
    "required": ["city"],
}


def make_table(api: Caller, name: str = "Cities", **more: Any) -> Any:
    """Make the table of cities."""
    return api.post(PATH, **{"name": name, "schema": CITIES, **more})["table"]


def add(api: Caller, *rows: dict[str, Any], table: str = "Cities") -> list[Any]:
    """Add rows; return them as they are then."""
    response = api.post(f"{PATH}/{table}/rows", rows=rows)
    assert "errors" not in response, response
    added: list[Any] = response["rows"]
    return added


def wait_for_job(api: Caller, table: str, job_id: str) -> Any:
    """Let time pass, and return a job."""
    api.sandbox.advance(timedelta(seconds=1))
    return next(job for job in api.get(f"{PATH}/{table}/jobs")["jobs"] if job["id"] == job_id)


def test_a_table_is_made_changed_found_and_deleted(api: Caller) -> None:
    made = make_table(api, tags={"topic": "places"})
    changed = api.put(f"{PATH}/Cities", name="Towns", factor=2, tags={"topic": "towns"})["table"]
    by_name, by_id = api.get(f"{PATH}/Towns"), api.get(f"{PATH}/{made['id']}")
    found = api.get(PATH, tags={"topic": "towns"})["tables"]
    deleted = api.delete(f"{PATH}/Towns")

    assert made["id"].startswith("table_")
    assert (made["name"], made["factor"], made["frozen"], made["keyColumn"]) == ("Cities", 1, False, None)
    assert made["schema"]["required"] == ["city"]
    assert made["schema"]["properties"] == {
        "city": {"type": "string", "nullable": True, "x-zui": {"index": 0, "searchable": True}},
        "people": {"type": "number", "nullable": True, "description": "Inhabitants", "x-zui": {"index": 1}},
    }
    assert changed == {**made, "name": "Towns", "factor": 2, "tags": {"topic": "towns"}} | {
        "updatedAt": changed["updatedAt"]
    }
    assert by_name == by_id == {"table": changed, "rows": 0, "stale": 0, "indexing": 0}
    assert found == [changed]
    assert deleted == {}
    api.error("ResourceNotFound", "GET", f"{PATH}/Towns")


def test_a_schema_need_not_say_that_a_row_is_an_object(api: Caller) -> None:
    columns = make_table(api, schema={"properties": {"city": {"type": "string"}}})["schema"]["properties"]

    assert list(columns) == ["city"]


@pytest.mark.parametrize(
    "column",
    [
        True,
        {"type": "string", "x-zui": True},
        {"type": "string", "x-zui": {"searchable": "yes"}},
        {"type": "string", "x-zui": {"index": "first"}},
        {"type": "array", "items": True},
        {"type": "number", "enum": [1, 2]},
    ],
)
def test_a_column_that_the_platform_cannot_show_is_an_error(api: Caller, column: Any) -> None:
    schema = {"properties": {"city": column}}
    error = api.error("InvalidJsonSchema", "POST", PATH, {"name": "Cities", "schema": schema})

    assert error["message"].startswith("schema/properties/city")
    api.error("InvalidJsonSchema", "POST", f"{PATH}/Cities", {"schema": schema})
    make_table(api)
    api.error("InvalidJsonSchema", "PUT", f"{PATH}/Cities", {"schema": schema})


def test_the_columns_can_be_given_by_an_example_of_a_row(api: Caller) -> None:
    example = {"city": "Porto", "people": 231800, "coast": True, "names": ["Oporto"], "place": {"lat": 41.1}}
    columns = make_table(api, schema=example)["schema"]["properties"]

    assert {name: column["type"] for name, column in columns.items()} == {
        "city": "string",
        "people": "number",
        "coast": "boolean",
        "names": "array",
        "place": "object",
    }
    assert columns["names"]["items"] == {"type": "string"}
    assert columns["place"]["properties"] == {"lat": {"type": "number"}}


def test_columns_that_cannot_be_are_errors(api: Caller) -> None:
    def expect_error(error: str, schema: dict[str, Any]) -> None:
        api.error(error, "POST", PATH, {"name": "Wrong", "schema": schema})

    expect_error("LimitExceeded", {f"column{number}": 1 for number in range(21)})
    expect_error("InvalidPayload", {"x" * 31: 1})
    expect_error("InvalidPayload", {"createdAt": "today"})
    expect_error("InvalidJsonSchema", {"type": "object", "properties": {"age": {"type": "years"}}})
    api.error("InvalidPayload", "POST", PATH, {"name": "Wrong", "schema": CITIES, "keyColumn": "country"})


def test_get_or_create_makes_a_table_once(api: Caller) -> None:
    first = api.post(f"{PATH}/Cities", schema=CITIES)
    again = api.post(f"{PATH}/Cities", schema={"other": 1})

    assert (first["created"], again["created"]) == (True, False)
    assert again["table"] == first["table"]
    assert api.post(f"{PATH}/{first['table']['id']}", schema=CITIES)["created"] is False
    api.error("AlreadyExists", "POST", PATH, {"name": "Cities", "schema": CITIES})
    make_table(api, "Towns")
    api.error("AlreadyExists", "PUT", f"{PATH}/Towns", {"name": "Cities"})


def test_a_factor_only_grows_and_a_frozen_table_keeps_name_and_columns(api: Caller) -> None:
    make_table(api, factor=2)
    api.error("InvalidPayload", "PUT", f"{PATH}/Cities", {"factor": 1})
    api.put(f"{PATH}/Cities", frozen=True)

    api.error("Forbidden", "PUT", f"{PATH}/Cities", {"name": "Towns"})
    api.error("Forbidden", "PUT", f"{PATH}/Cities", {"schema": {"country": "Portugal"}})
    api.error("Forbidden", "PUT", f"{PATH}/Cities/column", {"name": "city", "newName": "town"})
    assert api.put(f"{PATH}/Cities", factor=3)["table"]["factor"] == 3
    assert len(add(api, {"city": "Porto"})) == 1


def test_columns_are_added_and_taken_away(api: Caller) -> None:
    make_table(api)
    add(api, {"city": "Porto", "people": 3})
    changes = {"type": "object", "properties": {"people": None, "country": {"type": "string"}}}
    table = api.put(f"{PATH}/Cities", schema=changes)["table"]
    api.sandbox.advance(timedelta(seconds=1))
    jobs = api.get(f"{PATH}/Cities/jobs")["jobs"]

    assert {name: column["x-zui"]["index"] for name, column in table["schema"]["properties"].items()} == {
        "city": 0,
        "country": 1,
    }
    assert [(job["type"], job["status"], job["progress"]) for job in jobs] == [("clear_column", "completed", 100)]
    assert "people" not in api.get(f"{PATH}/Cities/row", id=1)["row"]


def test_a_column_is_renamed_with_its_cells(api: Caller) -> None:
    make_table(api, keyColumn="city")
    add(api, {"city": "Porto", "people": 3})
    table = api.put(f"{PATH}/Cities/column", name="city", newName="town")["table"]
    row = api.get(f"{PATH}/Cities/row", id=1)["row"]

    assert list(table["schema"]["properties"]) == ["town", "people"]
    assert (table["schema"]["required"], table["keyColumn"]) == (["town"], "town")
    assert (row["town"], row["people"], "city" in row) == ("Porto", 3, False)
    api.error("ReferenceNotFound", "PUT", f"{PATH}/Cities/column", {"name": "city", "newName": "town"})
    api.error("AlreadyExists", "PUT", f"{PATH}/Cities/column", {"name": "town", "newName": "people"})


def test_a_computed_column_is_renamed_with_how_its_cells_were_computed(api: Caller) -> None:
    computed = {"action": "ai", "prompt": "Where is it?", "dependencies": ["city"]}
    columns = {"city": {"type": "string"}, "place": {"type": "string", "x-zui": {"computed": computed}}}
    make_table(api, schema={"type": "object", "properties": columns})
    api.post(f"{PATH}/Cities/rows", rows=[{"city": "Porto"}], waitComputed=True)
    add(api, {"city": "Braga"})
    api.put(f"{PATH}/Cities/column", name="place", newName="where")
    api.sandbox.advance(timedelta(seconds=1))

    rows = api.post(f"{PATH}/Cities/rows/find")["rows"]
    assert [row["where"] for row in rows] == ["Porto", "Braga"]
    assert [list(row["computed"]) for row in rows] == [["where"], ["where"]]
    assert [row["stale"] for row in rows] == [[], []]


def test_a_column_that_is_taken_away_leaves_nothing_in_the_rows(api: Caller) -> None:
    computed = {"action": "ai", "prompt": "Where is it?", "dependencies": ["city"]}
    columns = {"city": {"type": "string"}, "place": {"type": "string", "x-zui": {"computed": computed}}}
    make_table(api, schema={"type": "object", "properties": columns})
    api.post(f"{PATH}/Cities/rows", rows=[{"city": "Porto"}], waitComputed=True)
    api.put(f"{PATH}/Cities", schema={"type": "object", "properties": {"place": None}})
    api.sandbox.advance(timedelta(seconds=1))

    row = api.get(f"{PATH}/Cities/row", id=1)["row"]
    assert ("place" in row, row["computed"]) == (False, {})


def test_a_key_column_needs_cells_that_are_all_different(api: Caller) -> None:
    make_table(api)
    add(api, {"city": "Porto"}, {"city": "Porto"})
    error = api.error("AlreadyExists", "PUT", f"{PATH}/Cities", {"keyColumn": "city"})
    api.post(f"{PATH}/Cities/rows/delete", ids=[2])

    assert error["status"] == 409
    assert api.put(f"{PATH}/Cities", keyColumn="city")["table"]["keyColumn"] == "city"


def test_a_table_is_duplicated_with_and_without_its_rows(api: Caller) -> None:
    source = make_table(api)
    add(api, {"city": "Porto"}, {"city": "Braga"})
    path = f"{PATH}/{source['id']}/duplicate"
    full, empty = api.post(path), api.post(path, tableName="Empty", schemaOnly=True, factor=3)

    assert (full["table"]["name"], full["rows"]) == ("CitiesCopy", 2)
    assert full["table"]["schema"] == source["schema"]
    assert (empty["table"]["factor"], empty["rows"]) == (3, 0)
    assert api.post(path)["table"]["name"] == "CitiesCopy1"
    assert [row["id"] for row in add(api, {"city": "Faro"}, table="CitiesCopy")] == [3]
    api.error("AlreadyExists", "POST", path, {"tableName": "Empty"})


def test_many_rows_are_copied_by_a_job(api: Caller) -> None:
    source = make_table(api)
    for _ in range(2):
        add(api, *({"city": f"City {number}"} for number in range(600)))
    response = api.post(f"{PATH}/{source['id']}/duplicate")
    locked = api.error("ResourceLockedConflict", "DELETE", f"{PATH}/Cities")
    job = wait_for_job(api, "Cities", response["job"]["id"])

    assert (response["rows"], response["job"]["status"]) == (0, "pending")
    assert locked["status"] == 409
    assert (job["type"], job["status"]) == ("duplicate_table", "completed")
    assert api.get(f"{PATH}/CitiesCopy")["rows"] == 1200


def test_a_copy_takes_no_rows_until_it_is_complete(api: Caller) -> None:
    source = make_table(api)
    for _ in range(2):
        add(api, *({"city": f"City {number}"} for number in range(600)))
    job = api.post(f"{PATH}/{source['id']}/duplicate")["job"]
    writings = (
        ("POST", "rows", {"rows": [{"city": "Faro"}]}),
        ("POST", "rows/upsert", {"rows": [{"city": "Faro"}]}),
        ("PUT", "rows", {"rows": [{"id": 1, "city": "Faro"}]}),
        ("POST", "rows/delete", {"deleteAllRows": True}),
    )
    for method, path, body in writings:
        api.error("ResourceLockedConflict", method, f"{PATH}/CitiesCopy/{path}", body)
    api.error("ResourceLockedConflict", "DELETE", f"{PATH}/CitiesCopy")
    wait_for_job(api, "Cities", job["id"])

    assert [row["id"] for row in add(api, {"city": "Faro"}, table="CitiesCopy")] == [1201]


def test_an_exported_table_can_be_imported(api: Caller) -> None:
    make_table(api)
    make_table(api, "Towns")
    add(api, {"city": "Porto, Portugal", "people": 231800}, {"city": "Braga"})
    started = api.get(f"{PATH}/Cities/export")["job"]
    exported = wait_for_job(api, "Cities", started["id"])
    file = api.get(f"/v1/files/{exported['outputFileId']}")["file"]
    content = gzip.decompress(send(api, "GET", file["url"]).body).decode()
    imported = api.post(f"{PATH}/Towns/import", fileId=file["id"])["job"]
    done = wait_for_job(api, "Towns", imported["id"])
    rows = api.post(f"{PATH}/Towns/rows/find")["rows"]

    assert (started["status"], started["outputFileId"]) == ("pending", None)
    assert file["key"].endswith(".csv.gz")
    assert content.splitlines()[0] == "id,createdAt,updatedAt,city,people"
    assert '"Porto, Portugal",231800' in content
    assert (done["status"], done["inputFileId"]) == ("completed", file["id"])
    assert [(row["city"], row.get("people")) for row in rows] == [("Porto, Portugal", 231800), ("Braga", None)]


def test_a_table_that_is_found_or_made_has_its_key_column_from_the_start(api: Caller) -> None:
    body = {"schema": CITIES, "keyColumn": "city"}
    made, found = (api.post(f"{PATH}/Cities", **body) for _ in range(2))

    assert (made["table"]["keyColumn"], made["created"], found["created"]) == ("city", True, False)
    api.error("InvalidPayload", "POST", f"{PATH}/Towns", {**body, "keyColumn": "country"})


def test_a_table_is_exported_as_json(api: Caller) -> None:
    make_table(api)
    add(api, {"city": "Porto"})
    job = wait_for_job(api, "Cities", api.get(f"{PATH}/Cities/export", format="json", compress=False)["job"]["id"])
    file = api.get(f"/v1/files/{job['outputFileId']}")["file"]
    rows = json.loads(send(api, "GET", file["url"]).body)

    assert [(row["id"], row["city"], row["people"]) for row in rows] == [(1, "Porto", None)]


def test_a_file_without_rows_cannot_be_imported(api: Caller) -> None:
    make_table(api)
    file = upload(api, "rows.json", b'[{"city": ')
    started = api.post(f"{PATH}/Cities/import", fileId=file["id"])["job"]
    api.error("ResourceLockedConflict", "POST", f"{PATH}/Cities/import", {"fileId": file["id"]})
    job = wait_for_job(api, "Cities", started["id"])

    assert job["status"] == "failed"
    api.error("ReferenceNotFound", "POST", f"{PATH}/Cities/import", {"fileId": "file_of_nobody"})


def test_an_integration_has_no_access_to_tables(integration: Caller) -> None:
    integration.error("Forbidden", "GET", PATH)


LIVES = (
    test_a_table_is_made_changed_found_and_deleted,
    test_get_or_create_makes_a_table_once,
    test_a_column_is_renamed_with_its_cells,
    test_a_table_is_duplicated_with_and_without_its_rows,
    test_an_exported_table_can_be_imported,
)
