"""The bundler: one document out of many files, the same each time, or a complaint that names the place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bundle import BundleError, bundle, bundle_folder, load_yaml, to_json
from description_rules.description import described
from platforms import platforms

ROOT = """
openapi: 3.1.1
info: {title: Things, version: "1"}
paths:
  /things: {$ref: "paths/things.yaml#/things"}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
"""
THINGS = """
things:
  get:
    responses:
      "200": {$ref: "../components/responses.yaml#/Things"}
"""
RESPONSES = """
Things:
  description: All the things.
  content:
    application/json:
      schema: {$ref: "schemas/things.yaml#/Thing"}
"""
SCHEMAS = """
Thing:
  type: object
  properties:
    parts: {type: array, items: {$ref: "#/Thing"}}
    owner: {$ref: "people.yaml#/Person", description: Whose it is.}
"""
PEOPLE = """
Person: {type: string}
Stranger: {type: string}
"""


def folder(tmp_path: Path, **changed: str) -> Path:
    """Write a description into files; a keyword replaces one of them."""
    files = {"root": ROOT, "things": THINGS, "responses": RESPONSES, "schemas": SCHEMAS, "people": PEOPLE, **changed}
    places = {
        "root": "openapi.yaml",
        "things": "paths/things.yaml",
        "responses": "components/responses.yaml",
        "schemas": "components/schemas/things.yaml",
        "people": "components/schemas/people.yaml",
    }
    for name, text in files.items():
        place = tmp_path / places[name]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return tmp_path


def yaml(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "some.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("platform", platforms())
def test_a_platform_is_one_document_and_the_same_each_time(platform: str) -> None:
    document, description = bundle(platform), described(platforms()[platform])

    assert description is not None
    assert to_json(description.document) == to_json(document)


def test_a_reference_into_paths_is_put_in_its_place(tmp_path: Path) -> None:
    paths = bundle_folder(folder(tmp_path)).document["paths"]

    assert paths == {"/things": {"get": {"responses": {"200": {"$ref": "#/components/responses/Things"}}}}}


def test_a_reference_into_components_points_into_the_document(tmp_path: Path) -> None:
    components = bundle_folder(folder(tmp_path)).document["components"]

    assert components["responses"]["Things"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Thing"
    }
    assert components["schemas"]["Person"] == {"type": "string"}


def test_a_schema_may_refer_to_itself(tmp_path: Path) -> None:
    thing = bundle_folder(folder(tmp_path)).document["components"]["schemas"]["Thing"]

    assert thing["properties"]["parts"]["items"] == {"$ref": "#/components/schemas/Thing"}


def test_what_stands_beside_a_reference_stays(tmp_path: Path) -> None:
    thing = bundle_folder(folder(tmp_path)).document["components"]["schemas"]["Thing"]

    assert thing["properties"]["owner"] == {"$ref": "#/components/schemas/Person", "description": "Whose it is."}


def test_what_nothing_refers_to_is_left_out(tmp_path: Path) -> None:
    assert set(bundle_folder(folder(tmp_path)).document["components"]["schemas"]) == {"Person", "Thing"}


def test_components_are_sorted_whatever_refers_to_them_first(tmp_path: Path) -> None:
    components = bundle_folder(folder(tmp_path)).document["components"]

    assert list(components) == ["responses", "schemas", "securitySchemes"]
    assert list(components["schemas"]) == ["Person", "Thing"]


def test_the_mapping_of_a_discriminator_is_followed(tmp_path: Path) -> None:
    schemas = """
Thing:
  oneOf: [{$ref: "people.yaml#/Person"}]
  discriminator: {propertyName: kind, mapping: {person: "people.yaml#/Person", plain: Person}}
"""
    thing = bundle_folder(folder(tmp_path, schemas=schemas)).document["components"]["schemas"]["Thing"]

    assert thing["discriminator"]["mapping"] == {"person": "#/components/schemas/Person", "plain": "Person"}


def test_a_field_called_mapping_is_a_field(tmp_path: Path) -> None:
    schemas = 'Thing: {properties: {mapping: {items: {$ref: "people.yaml#/Person"}}}}'
    thing = bundle_folder(folder(tmp_path, schemas=schemas)).document["components"]["schemas"]["Thing"]

    assert thing["properties"]["mapping"] == {"items": {"$ref": "#/components/schemas/Person"}}


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        pytest.param({"people": "Somebody: {}"}, "nothing at people.yaml#/Person", id="to a name that is not there"),
        pytest.param({"schemas": SCHEMAS.replace("people.", "folk.")}, "nothing at folk.yaml", id="to a missing file"),
        pytest.param({"schemas": SCHEMAS.replace("#/Thing", "#/Think")}, "nothing at #/Think", id="within the file"),
        pytest.param({"people": "[]"}, "nothing at people.yaml#/Person", id="into a file without names"),
        pytest.param(
            {"schemas": SCHEMAS.replace("people.yaml", "../../../people.yaml")},
            "nothing at ../../../",
            id="out of the folder",
        ),
        pytest.param(
            {"people": 'Person: {$ref: "../../openapi.yaml#/components/schemas/Nobody"}'},
            "nothing at #/components/schemas/Nobody",
            id="into the root",
        ),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused(tmp_path: Path, changed: dict[str, str], complaint: str) -> None:
    with pytest.raises(BundleError, match=complaint.replace("#", r"\#")):
        bundle_folder(folder(tmp_path, **changed))


def test_what_is_not_reached_is_named(tmp_path: Path) -> None:
    spare = folder(tmp_path) / "components" / "spare.yaml"
    spare.write_text("", encoding="utf-8")

    assert bundle_folder(tmp_path).unreached == ["components/schemas/people.yaml#/Stranger", "components/spare.yaml#/"]


def test_two_files_with_one_name_are_refused(tmp_path: Path) -> None:
    people = 'Person: {$ref: "twin.yaml#/Thing"}'
    twin = folder(tmp_path, people=people) / "components" / "schemas" / "twin.yaml"
    twin.write_text("Thing: {type: string}", encoding="utf-8")

    with pytest.raises(BundleError, match=r"Thing stands in .*things\.yaml and in .*twin\.yaml"):
        bundle_folder(tmp_path)


def test_a_component_in_the_root_may_not_take_the_name_of_another(tmp_path: Path) -> None:
    root = f"{ROOT}  schemas:\n    Thing: {{type: string}}\n"

    with pytest.raises(BundleError, match=r"Thing stands in .*things\.yaml and in .*openapi\.yaml"):
        bundle_folder(folder(tmp_path, root=root))


def test_a_path_that_contains_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="things contains itself"):
        bundle_folder(folder(tmp_path, things='things: {get: {$ref: "#/things"}}'))


def test_a_folder_without_a_description_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"openapi\.yaml"):
        bundle_folder(tmp_path)


def test_yaml_is_read_with_the_types_of_json(tmp_path: Path) -> None:
    text = 'a: [true, false, null, 0, -1, 2.5]\nb: "on"\nc: "2024-01-01"\nd: plain words\ne: "12"\nf: {}'

    assert load_yaml(yaml(tmp_path, text)) == {
        "a": [True, False, None, 0, -1, 2.5],
        "b": "on",
        "c": "2024-01-01",
        "d": "plain words",
        "e": "12",
        "f": {},
    }


@pytest.mark.parametrize(
    "value", ["on", "No", "2024-01-01", "12:30:00", "0x1f", "007", "1_000", ".inf", "~", "True", "1e5"]
)
def test_a_value_that_readers_of_yaml_take_differently_needs_quotes(tmp_path: Path, value: str) -> None:
    with pytest.raises(BundleError, match=r"quote it(.|\n)*line 2"):
        load_yaml(yaml(tmp_path, f"before: here\nkey: {value}"))


def test_an_empty_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="quote it"):
        load_yaml(yaml(tmp_path, "key:"))


@pytest.mark.parametrize("key", ["200", "true", "null"])
def test_a_key_that_is_no_string_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(BundleError, match="is no string"):
        load_yaml(yaml(tmp_path, f"{key}: a"))


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="name stands here twice"):
        load_yaml(yaml(tmp_path, "name: a\nname: b"))


def test_what_is_no_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"some\.yaml"):
        load_yaml(yaml(tmp_path, "key: [1"))


def test_the_encoded_document_is_json_with_a_line_for_each_value() -> None:
    encoded = to_json({"b": [1, 2], "a": "ü"})

    assert json.loads(encoded) == {"b": [1, 2], "a": "ü"}
    assert encoded.decode().splitlines()[0:2] == ["{", ' "b": [']
