"""A description restricted to one of the servers that it covers."""

from __future__ import annotations

from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.flavours import Flavour, restrict

PARAMETERS = [{"name": "colour"}, {"name": "size", "x-servers": ["new"]}, {"$ref": "#/components/parameters/Old"}]
DOCUMENT: dict[str, Any] = {
    "x-servers": {"old": "Old Notes", "new": "Notes 2"},
    "x-faults": {"long-text": "for a long text"},
    "paths": {
        "/notes": {"get": {"operationId": "notes_list", "parameters": PARAMETERS}},
        "/tags": {"get": {"operationId": "tags_list", "x-servers": ["new"]}},
    },
    "components": {
        "parameters": {"Old": {"name": "age", "x-servers": ["old"]}},
        "schemas": {
            "Note": {
                "properties": {
                    "text": {
                        "maxLength": 90,
                        "x-limits": {"old": {"maxLength": 9}},
                        "x-faults": {"long-text": ["new"]},
                    },
                    "size": {"x-servers": ["new"]},
                }
            }
        },
    },
}


def restricted(name: str, *, is_whole: bool = True) -> Any:
    return restrict(DOCUMENT, Flavour(name, is_whole))


@pytest.mark.parametrize(
    ("name", "paths", "parameters", "properties"),
    [("old", ["/notes"], 2, ["text"]), ("new", ["/notes", "/tags"], 2, ["text", "size"])],
)
def test_only_what_the_server_has_is_left(name: str, paths: list[str], parameters: int, properties: list[str]) -> None:
    found = restricted(name)

    assert list(found["paths"]) == paths
    assert len(found["paths"]["/notes"]["get"]["parameters"]) == parameters
    assert list(found["components"]["schemas"]["Note"]["properties"]) == properties


def test_a_server_that_is_not_whole_has_the_operations_of_others_and_nothing_else_of_them() -> None:
    found = restricted("old", is_whole=False)

    assert list(found["paths"]) == ["/notes", "/tags"]
    assert list(found["components"]["schemas"]["Note"]["properties"]) == ["text"]


@pytest.mark.parametrize(("name", "limit", "faults"), [("old", 9, {}), ("new", 90, {"long-text": ["new"]})])
def test_limits_and_faults_are_those_of_the_server(name: str, limit: int, faults: dict[str, list[str]]) -> None:
    text = restricted(name)["components"]["schemas"]["Note"]["properties"]["text"]

    assert (text["maxLength"], text["x-faults"]) == (limit, faults)


def test_the_description_itself_is_left_as_it_is() -> None:
    before = repr(DOCUMENT)
    restricted("old")

    assert repr(DOCUMENT) == before


def test_a_server_that_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"flavour: there is no 'rapidpro-1'; use one of: .*rapidpro-9"):
        Sandbox(flavour="rapidpro-1")
