"""What the generator refuses, and that it says where and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from generator.errors import GenerationError
from generator.settings import load


def operation(document: dict[str, Any], name: str) -> dict[str, Any]:
    found = (each for item in document["paths"].values() for each in item.values() if isinstance(each, dict))
    return next(each for each in found if each.get("operationId") == name)


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


@pytest.fixture
def error_of(workshop: Any) -> Any:
    """Generate the torture description with a change, and return what the error says."""

    def refused(change: Any) -> str:
        with pytest.raises(GenerationError) as caught:
            workshop.make("torture", "refused", edit=change)
        return str(caught.value)

    return refused


def test_a_warning_of_the_parser_is_an_error_that_names_the_place(error_of: Any) -> None:
    def mix_types(document: dict[str, Any]) -> None:
        schema(document, "Mood")["enum"] = ["happy", 3]

    text = error_of(mix_types)
    assert "Mood" in text
    assert "Enum values must all be the same type" in text


def test_a_document_that_is_no_description_is_refused(error_of: Any) -> None:
    def spoil(document: dict[str, Any]) -> None:
        document["info"].pop("version")

    assert "version" in error_of(spoil)


def test_an_argument_with_two_meanings_is_refused_with_the_cure(error_of: Any) -> None:
    def clash(document: dict[str, Any]) -> None:
        schema(document, "PetPatch")["properties"]["petId"] = {"type": "string"}

    text = error_of(clash)
    assert text.startswith("savePet: `pet_id` would be both 'petId' of the path and 'petId' of the body;")
    assert "`omit` in x-sdk" in text


def test_an_unknown_key_of_x_sdk_is_refused(error_of: Any) -> None:
    def misspell(document: dict[str, Any]) -> None:
        operation(document, "getPet")["x-sdk"]["unwarp"] = "pet"

    text = error_of(misspell)
    assert text.startswith("getPet: x-sdk: ")
    assert "unwarp" in text
    assert "openapi/README.md" in text


@pytest.mark.parametrize("key", ["resource", "method", "retry"])
def test_a_missing_key_of_x_sdk_is_refused(error_of: Any, key: str) -> None:
    def remove(document: dict[str, Any]) -> None:
        del operation(document, "getPet")["x-sdk"][key]

    assert error_of(remove).startswith("getPet: x-sdk: ")


@pytest.mark.parametrize("key", ["omit", "require", "retry_unless"])
def test_x_sdk_that_names_no_argument_is_refused(error_of: Any, key: str) -> None:
    def misname(document: dict[str, Any]) -> None:
        operation(document, "getPet")["x-sdk"][key] = ["petID"]

    assert error_of(misname) == "getPet: x-sdk of `get` names petID, which is no argument of it"


def test_a_group_with_an_omitted_argument_is_refused(error_of: Any) -> None:
    def omit(document: dict[str, Any]) -> None:
        operation(document, "listPets")["x-sdk"]["omit"] = ["ownerId"]

    assert "names ownerId, which is no argument" in error_of(omit)


def test_a_restriction_of_the_token_that_the_walk_owns_is_refused(error_of: Any) -> None:
    def restrict(document: dict[str, Any]) -> None:
        operation(document, "listPets")["x-sdk"]["at_most_one"] = [["ownerId", "nextToken"]]

    assert "names nextToken, which is no argument" in error_of(restrict)


def test_two_fields_of_one_name_are_refused(error_of: Any) -> None:
    def repeat(document: dict[str, Any]) -> None:
        schema(document, "Visit")["properties"]["At"] = {"type": "string"}

    assert error_of(repeat) == "Visit: 'at' and 'At' would both be `at` in Python; rename one"


def test_rows_or_results_that_are_not_in_the_answer_are_refused(error_of: Any) -> None:
    def misname(document: dict[str, Any]) -> None:
        operation(document, "listPets")["x-sdk"]["page"]["items"] = "dogs"

    def lack(document: dict[str, Any]) -> None:
        schema(document, "PetAnswer")["required"] = []

    def single(document: dict[str, Any]) -> None:
        operation(document, "listPets")["x-sdk"]["page"]["items"] = "meta"

    assert error_of(misname) == "listPets: x-sdk names `dogs`, but the response has no such field"
    assert error_of(lack) == "createPet: x-sdk names `pet`, which a response may lack"
    assert error_of(single) == "listPets: `meta`, the rows of a page, must be an array"


def test_two_methods_of_one_name_are_refused(error_of: Any) -> None:
    def repeat(document: dict[str, Any]) -> None:
        operation(document, "deletePet")["x-sdk"]["method"] = "get"

    assert error_of(repeat) == "pets: two methods have the same name; see `x-sdk`"


def test_two_resources_of_one_module_are_refused(error_of: Any) -> None:
    def flatten(document: dict[str, Any]) -> None:
        operation(document, "deletePet")["x-sdk"]["resource"] = "pets_visits"

    assert "two resources would share the module pets_visits" in error_of(flatten)


def test_two_schemas_of_one_module_are_refused(error_of: Any) -> None:
    def repeat(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["PETMoved"] = schema(document, "Visit")
        schema(document, "Cat")["properties"]["moved"] = {"$ref": "#/components/schemas/PETMoved"}

    assert error_of(repeat) == "the schemas PETMoved and PetMoved would share the module pet_moved; rename one"


def test_a_schema_with_a_name_that_generated_code_uses_is_refused(error_of: Any) -> None:
    def name(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["Mapping"] = schema(document, "Visit")
        schema(document, "Cat")["properties"]["map"] = {"$ref": "#/components/schemas/Mapping"}

    assert error_of(name) == "the schema Mapping has a name that generated code uses; rename it"


def test_a_name_that_python_cannot_have_is_refused(error_of: Any) -> None:
    def misname(document: dict[str, Any]) -> None:
        operation(document, "deletePet")["x-sdk"]["method"] = "let-go"

    assert "'let-go' cannot be a name in Python" in error_of(misname)


def test_a_union_of_objects_needs_a_discriminator(error_of: Any) -> None:
    def remove(document: dict[str, Any]) -> None:
        del schema(document, "Animal")["discriminator"]

    def leave_out(document: dict[str, Any]) -> None:
        del schema(document, "Animal")["discriminator"]["mapping"]["dog"]

    assert "the union of Cat, Dog needs a `discriminator` with a `mapping`" in error_of(remove)
    assert error_of(leave_out) == "the discriminator of Cat, Dog does not map to each of them"


def test_a_union_with_two_names_is_refused(error_of: Any) -> None:
    def repeat(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["Beast"] = schema(document, "Animal")

    assert error_of(repeat) == "the schemas Animal and Beast are the same union; keep one of them"


def test_a_union_that_json_types_do_not_tell_apart_is_refused(error_of: Any) -> None:
    def blur(document: dict[str, Any]) -> None:
        moments = [{"type": "string"}, {"type": "string", "format": "date-time"}]
        schema(document, "Visit")["properties"]["at"] = {"oneOf": moments}

    assert "cannot be told apart by their JSON types" in error_of(blur)


def test_an_object_without_a_name_is_refused(error_of: Any) -> None:
    def inline(document: dict[str, Any]) -> None:
        place = {"type": "object", "properties": {"city": {"type": "string"}}}
        schema(document, "Visit")["properties"]["place"] = place

    assert error_of(inline) == "VisitPlace: an object with properties must be a named component"


def test_successful_answers_of_two_kinds_are_refused(error_of: Any) -> None:
    def add(document: dict[str, Any]) -> None:
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Cat"}}}
        operation(document, "getPet")["responses"]["202"] = {"description": "Later.", "content": content}

    assert error_of(add).startswith("getPet: the successful responses must have one schema")


def test_an_answer_that_is_no_member_of_the_union_is_refused(error_of: Any) -> None:
    def misname(document: dict[str, Any]) -> None:
        operation(document, "listDiary")["x-sdk"]["methods"][0]["response"] = "PetPage"

    assert error_of(misname) == "listDiary: x-sdk of `list` names no member of its response: PetPage"


def test_a_union_of_answers_that_no_method_chooses_from_is_refused(error_of: Any) -> None:
    def forget(document: dict[str, Any]) -> None:
        del operation(document, "listDiary")["x-sdk"]["methods"][0]["response"]

    assert "the union of DiaryPage, PeoplePage needs a `discriminator`" in error_of(forget)


def test_an_argument_that_is_always_the_same_cannot_be_restricted(error_of: Any) -> None:
    def omit(document: dict[str, Any]) -> None:
        operation(document, "listDiary")["x-sdk"]["methods"][1]["omit"] = ["people"]

    def group(document: dict[str, Any]) -> None:
        operation(document, "listDiary")["x-sdk"]["methods"][1]["at_most_one"] = [["people", "year"]]

    for change in (omit, group):
        assert error_of(change) == "listDiary: x-sdk of `list_people` names people, which is no argument of it"


def test_a_required_field_needs_a_required_body(error_of: Any) -> None:
    def relax(document: dict[str, Any]) -> None:
        operation(document, "createPet")["requestBody"]["required"] = False

    assert error_of(relax) == "createPet: name is required, so the request body must be, too"


def test_a_keyed_operation_needs_its_header(error_of: Any) -> None:
    def forget(document: dict[str, Any]) -> None:
        operation(document, "createPet")["parameters"] = []

    assert error_of(forget).startswith("createPet: `retry: idempotency-key` needs the header parameter")


def test_an_object_in_a_query_needs_its_style(error_of: Any) -> None:
    def forget(document: dict[str, Any]) -> None:
        tags = next(each for each in operation(document, "listPets")["parameters"] if each.get("name") == "tags")
        del tags["style"]

    assert error_of(forget) == "query parameter tags: an object needs `style: deepObject`"


def test_a_parameter_that_the_parser_would_drop_is_refused(error_of: Any) -> None:
    def wrap(document: dict[str, Any]) -> None:
        content = {"application/json": {"schema": {"type": "string"}}}
        parameter = {"name": "where", "in": "query", "content": content}
        operation(document, "listPets")["parameters"].append(parameter)

    assert error_of(wrap) == "listPets: parameter where needs a `schema` and may not be a cookie"


def test_a_setting_that_is_not_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text("literal_enums: true\ncontext_header: [X-Shop]\n")

    with pytest.raises(GenerationError, match=r"shop\.yaml: .*context_header"):
        load(path)


def new_parameter(place: str, name: str = "extra", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "description": "More.", "schema": {"type": "string"}, **more}


ARRAY = {"type": "array", "items": {"type": "string"}}


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        (new_parameter("query", style="pipeDelimited", schema=ARRAY), "`style`"),
        (new_parameter("query", style="spaceDelimited", schema=ARRAY), "`style`"),
        (new_parameter("cookie"), "cookie"),
        (new_parameter("header", "Authorization"), "the client sets itself"),
        (new_parameter("header", "Content-Type"), "the client sets itself"),
    ],
)
def test_a_parameter_that_would_be_written_wrongly_is_refused(
    error_of: Any, parameter: dict[str, Any], said: str
) -> None:
    def add(document: dict[str, Any]) -> None:
        operation(document, "getPet").setdefault("parameters", []).append(parameter)

    text = error_of(add)
    assert text.startswith(f"getPet: parameter {parameter['name']} ")
    assert said in text


@pytest.mark.parametrize(("change", "said"), [({"style": "label"}, "`style`"), ({"schema": ARRAY}, "single value")])
def test_a_path_is_made_of_single_values_as_they_are(error_of: Any, change: dict[str, Any], said: str) -> None:
    def spoil(document: dict[str, Any]) -> None:
        item = next(each for path, each in document["paths"].items() if "{petId}" in path)
        item["parameters"] = [new_parameter("path", "petId", required=True, **change)]
        for each in item.values():
            if isinstance(each, dict):
                each["parameters"] = [one for one in each.get("parameters", []) if one.get("in") != "path"]

    text = error_of(spoil)
    assert "parameter petId" in text
    assert said in text


@pytest.mark.parametrize("responses", [{}, {"default": {"description": "?"}}, {"302": {"description": "There."}}])
def test_an_operation_without_a_successful_answer_is_refused(error_of: Any, responses: dict[str, Any]) -> None:
    def take_away(document: dict[str, Any]) -> None:
        operation(document, "getPet")["responses"] = responses

    assert error_of(take_away) == "getPet: document a 2xx response"


def test_a_successful_answer_of_two_content_types_is_refused(error_of: Any) -> None:
    def add(document: dict[str, Any]) -> None:
        operation(document, "getPet")["responses"]["200"]["content"]["text/csv"] = {"schema": {"type": "string"}}

    assert error_of(add) == "getPet: a 2xx response has one content type"


def test_a_body_that_the_client_cannot_write_is_refused(error_of: Any) -> None:
    def change(document: dict[str, Any]) -> None:
        body = operation(document, "savePet")["requestBody"]
        body["content"] = {"application/xml": {"schema": {"type": "string"}}}

    assert error_of(change).startswith("savePet: the content type of a body must be one of application/json, ")


def test_an_operation_on_another_server_is_refused(error_of: Any) -> None:
    def move(document: dict[str, Any]) -> None:
        operation(document, "getPet")["servers"] = [{"url": "https://other.example"}]

    assert error_of(move) == "getPet: an operation cannot have `servers` of its own"


def test_a_schema_made_of_others_is_refused(error_of: Any) -> None:
    def inherit(document: dict[str, Any]) -> None:
        properties = {"tail": {"type": "string", "description": "Its tail."}}
        part = {"type": "object", "properties": properties}
        schema(document, "Pet").clear()
        schema(document, "Pet").update({"description": "A pet.", "allOf": [part]})

    assert "`allOf`" in error_of(inherit)
