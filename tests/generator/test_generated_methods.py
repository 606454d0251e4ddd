"""What generated methods hand to the client, and what they make of its responses."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from types import GenericAlias, ModuleType
from typing import Any, get_type_hints

import pytest


@pytest.fixture
def pets(workshop: Any, resources: ModuleType, client: Any) -> Any:
    return workshop.load("torture.resources.pets").Pets(client)


@pytest.fixture
def files(workshop: Any, resources: ModuleType, client: Any) -> Any:
    return workshop.load("torture.resources.files").Files(client)


def parameters(client: Any) -> dict[str, Any]:
    """Return the parameters of the operation that was called last, by the names of the arguments."""
    operation, _ = client.calls[-1]
    return {parameter.name: parameter for parameter in operation.parameters}


def required(method: Any) -> set[str]:
    empty = inspect.Parameter.empty
    return {name for name, each in inspect.signature(method).parameters.items() if each.default is empty}


def test_a_list_carries_its_paging_and_its_filters(pets: Any, client: Any) -> None:
    pets.list(ids=[1, 2], tags={"a": "b"})

    operation, arguments = client.calls[-1]
    assert (operation.method, operation.path, operation.retry) == ("GET", "/pets", "idempotent")
    assert arguments["ids"] == [1, 2]
    assert operation.paging.next == ("meta", "nextToken")
    assert operation.paging.parameter == "nextToken"
    assert operation.paging.primary_key == ("id",)
    assert operation.at_most_one == (("owner_id", "class_"),)


def test_queries_know_how_arrays_and_objects_are_written(pets: Any, client: Any) -> None:
    pets.list()

    schemas = {name: parameter.schema for name, parameter in parameters(client).items()}
    assert (schemas["ids"].type, schemas["ids"].items.type, schemas["ids"].style) == ("array", "integer", "repeat")
    assert (schemas["names"].type, schemas["names"].style) == ("array", "comma")
    assert (schemas["tags"].type, schemas["tags"].style) == ("map", "dotted")
    assert schemas["class_"].choices == ("small", "big")
    assert schemas["born_after"].type == "date"


def test_objects_know_their_properties_and_unions_their_discriminator(pets: Any, client: Any) -> None:
    client.response = {"pet": {"id": "p1"}}
    pets.create(name="Tom", animal={"kind": "cat", "lives": 9})

    schemas = {name: parameter.schema for name, parameter in parameters(client).items()}
    assert {each.name for each in schemas["owner"].properties()} >= {"name"}
    assert set(schemas["animal"].variants()) >= {"cat"}


def test_dicts_in_the_place_of_models_have_required_and_optional_keys(workshop: Any, torture: ModuleType) -> None:
    inputs = workshop.load("torture.inputs")

    assert "name" in inputs.OwnerDict.__required_keys__
    assert get_type_hints(inputs.OwnerDict)["name"] is str


def test_the_style_of_objects_in_a_query_is_a_setting(workshop: Any) -> None:
    import attrs  # the settings are attrs and msgspec values
    import msgspec

    settings = workshop.settings("torture")
    deep = attrs.evolve(settings, own=msgspec.structs.replace(settings.own, object_query_style="deep"))

    text = (workshop.make("torture", "deep", settings=deep) / "operations" / "pets.py").read_text()
    assert 'Schema("map", items=STRING, style="deep")' in text


def test_names_on_the_wire_become_python_names(pets: Any, client: Any) -> None:
    pets.list()

    wires = {name: parameter.wire for name, parameter in parameters(client).items()}
    assert wires["owner_id"] == "ownerId"
    assert wires["class_"] == "class"
    assert wires["op_"] == "op"
    assert wires["trace_id"] == "x-Trace-Id"
    assert wires["text_in"] == "text:in"


def test_only_names_that_would_hide_something_needed_get_an_underscore(pets: Any, models: ModuleType) -> None:
    arguments = inspect.signature(pets.list).parameters

    assert {"type", "set_", "class_"} <= arguments.keys()
    assert {field.name for field in models.Pet.FIELDS} >= {
        "id",
        "list_",
        "class_",
        "date",
        "datetime_",
        "format",
        "hash",
    }


def test_context_headers_are_no_arguments(pets: Any, client: Any) -> None:
    pets.list()

    operation, arguments = client.calls[-1]
    assert [(header.name, header.required) for header in operation.context] == [("X-Shop", True)]
    assert not any("shop" in name for name in arguments)


def test_the_token_of_a_walk_is_no_argument(pets: Any) -> None:
    assert "next_token" not in inspect.signature(pets.list).parameters


def test_an_omitted_parameter_is_no_argument(pets: Any) -> None:
    assert "new_note" not in inspect.signature(pets.rename).parameters


def test_a_keyed_operation_names_its_key_header(pets: Any, client: Any, models: ModuleType) -> None:
    client.response = {"pet": {"id": "p1"}}
    pets.create(name="Tom", animal=models.Cat(lives=9), owner_id="o1")

    operation, arguments = client.calls[-1]
    assert (operation.retry, operation.key_header) == ("idempotency-key", "Idempotency-Key")
    assert arguments["idempotency_key"] is None
    assert operation.at_least_one == (("owner", "owner_id"),)


def test_an_answer_is_unwrapped(pets: Any, client: Any) -> None:
    client.response = {"pet": {"id": "p1"}, "meta": {}}

    assert pets.create(name="Tom", animal={}).id == "p1"


def test_an_unwrapped_list_is_empty_where_the_answer_is(pets: Any, client: Any) -> None:
    assert pets.visits.list("p1") == []

    client.response = {"visits": [{"at": "2026-11-20T10:00:00Z"}]}
    assert len(pets.visits.list("p1")) == 1


def test_an_answer_that_may_be_empty_is_none_then(pets: Any, client: Any) -> None:
    assert pets.get("p1") is None

    client.response = {"id": "p1"}
    assert pets.get("p1").id == "p1"


def test_an_object_that_promises_nothing_is_no_result(pets: Any, client: Any) -> None:
    client.response = {"surprise": 1}

    assert pets.delete("p1") is None


def test_an_answer_of_another_json_type_is_refused(pets: Any, client: Any) -> None:
    client.response = "<html>"

    for method, arguments in ((pets.get, {"pet_id": "p1"}), (pets.import_, {}), (pets.order, {"body": ["a"]})):
        with pytest.raises((TypeError, AttributeError)):
            method(**arguments)


def test_maps_and_lists_are_results_of_their_own(pets: Any, client: Any) -> None:
    client.response = {"cat": 3}
    assert pets.import_() == {"cat": 3}

    client.response = ["b", "a"]
    assert pets.order(body=["b", "a"]) == ["b", "a"]


def test_a_body_that_is_no_object_is_one_argument(pets: Any, client: Any) -> None:
    client.response = []
    pets.order(body=["b", "a"])

    operation, arguments = client.calls[-1]
    assert arguments == {"body": ["b", "a"]}
    assert [(each.wire, each.location) for each in operation.parameters] == [("", "body")]


def test_a_keyword_is_a_method_name_with_an_underscore(pets: Any, client: Any) -> None:
    client.response = {}
    pets.import_()

    assert client.calls[-1][0].name == "pets.import_"


def test_one_operation_can_be_several_methods(pets: Any, client: Any) -> None:
    client.response = {"id": "p1"}
    pets.rename("p1", nick_name="Tom")
    renamed, given = client.calls[-1]
    pets.annotate("p1", owner_id="o1", new_note="bites")
    annotated, _ = client.calls[-1]

    assert given == {"pet_id": "p1", "nick_name": "Tom"}
    assert renamed.id == annotated.id == "savePet"
    assert (renamed.retry_unless, annotated.retry_unless) == ((), ("new_note",))
    assert annotated.exactly_one == (("owner", "owner_id"),)


def test_an_argument_that_is_always_the_same_is_not_the_callers(
    workshop: Any, resources: ModuleType, client: Any
) -> None:
    diary = workshop.load("torture.resources.diary").Diary(client)
    diary.list_people(year=2026)

    assert list(inspect.signature(diary.list_people).parameters) == ["year"]
    assert client.calls[-1][1] == {"people": True, "year": 2026}
    assert parameters(client)["people"].wire == "people"
    assert "people" not in (inspect.getdoc(diary.list_people) or "").lower().split("args:")[1].split("```")[0]


def test_a_list_that_can_be_read_by_key_has_a_method_that_gets_one_row(
    workshop: Any, resources: ModuleType, client: Any, models: ModuleType
) -> None:
    diary = workshop.load("torture.resources.diary").Diary(client)
    client.response = {"entries": [{"at": "2026-11-20T10:00:00Z"}], "next": None}

    assert type(diary.get(year=2026)) is models.Visit
    assert client.calls[-1][0].finds_one
    assert list(inspect.signature(diary.get).parameters) == ["year"]
    assert "Returns the visit with this year." in (inspect.getdoc(diary.get) or "")


def test_methods_of_one_operation_can_have_different_responses(
    workshop: Any, resources: ModuleType, client: Any, models: ModuleType
) -> None:
    diary = workshop.load("torture.resources.diary").Diary(client)
    client.response = [{"at": "2026-11-20T10:00:00Z"}]
    visits = diary.list()
    client.response = [{"name": "Ana"}]
    people = diary.list_people()

    assert [type(each) for each in (*visits, *people)] == [models.Visit, models.Owner]


def test_a_method_is_explained_by_its_own_description_or_else_by_that_of_the_operation(
    workshop: Any, resources: ModuleType, client: Any
) -> None:
    diary = workshop.load("torture.resources.diary").Diary

    assert (inspect.getdoc(diary.list) or "").startswith("List entries.\n\nOnly the visits.\n\nThe oldest come first.")
    assert (inspect.getdoc(diary.list_people) or "").startswith("List people.\n\nAll entries of the diary.\n\nThe old")


def test_a_method_has_its_own_words_for_an_argument(workshop: Any, resources: ModuleType) -> None:
    diary = workshop.load("torture.resources.diary").Diary

    assert "\n    year: Only visits of this year.\n" in (inspect.getdoc(diary.list) or "")
    assert "\n    year: Only this year.\n" in (inspect.getdoc(diary.list_people) or "")


def test_a_method_that_needs_an_optional_field_makes_it_required(pets: Any, client: Any) -> None:
    client.response = {"id": "p1"}
    pets.rename("p1", nick_name=None)

    assert required(pets.rename) == {"pet_id", "nick_name"}
    assert parameters(client)["nick_name"].required
    assert parameters(client)["nick_name"].nullable


def test_arguments_not_given_are_none_and_unset_where_null_has_a_meaning(pets: Any, client: Any, workshop: Any) -> None:
    unset = workshop.load("runtime.unset").UNSET
    client.response = {"pet": {}}
    pets.create(name="Tom", animal={})

    _, arguments = client.calls[-1]
    assert arguments["seen"] is unset
    assert arguments["idempotency_key"] is None


def test_only_what_the_path_holds_and_the_file_of_an_upload_are_positional(pets: Any, files: Any) -> None:
    for method, name in ((pets.annotate, "pet_id"), (files.upload, "file")):
        kinds = {name: each.kind for name, each in inspect.signature(method).parameters.items()}

        assert kinds.pop(name) is inspect.Parameter.POSITIONAL_OR_KEYWORD
        assert set(kinds.values()) == {inspect.Parameter.KEYWORD_ONLY}


def test_a_file_makes_the_body_multipart(files: Any, client: Any) -> None:
    files.upload(file=b"x", title="X")

    operation, _ = client.calls[-1]
    assert operation.content_type == "multipart/form-data"
    assert {name: (each.location, each.schema.type) for name, each in parameters(client).items()} == {
        "file": ("multipart", "file"),
        "title": ("multipart", "string"),
    }


def test_bytes_and_text_come_back_as_they_are(files: Any, client: Any) -> None:
    client.response = b"\x00"
    assert files.read("a") == b"\x00"
    assert client.calls[-1][0].response_type == "bytes"

    client.response = "stored"
    assert files.write("a", body=b"\x00") == "stored"
    operation, _ = client.calls[-1]
    assert (operation.response_type, operation.content_type) == ("text", "application/octet-stream")


def test_a_form_is_sent_as_one(workshop: Any, resources: ModuleType, client: Any) -> None:
    workshop.load("torture.resources.sessions").Sessions(client).create(user="ana")

    operation, _ = client.calls[-1]
    assert operation.content_type == "application/x-www-form-urlencoded"
    assert operation.parameters[0].location == "body"


def test_security_is_that_of_the_operation_or_else_of_all(pets: Any, client: Any) -> None:
    pets.get("p1")
    assert client.calls[-1][0].security == ()

    pets.list()
    assert client.calls[-1][0].security == ("token", "basic")


def test_async_and_raw_methods_call_the_same_operations(
    workshop: Any, resources: ModuleType, async_client: Any
) -> None:
    async_client.response = {"id": "p1"}
    plain = workshop.load("torture.resources.pets").AsyncPets(async_client)
    raw = workshop.load("torture.raw.pets").AsyncRawPets(async_client)

    assert asyncio.run(plain.get("p1")).id == asyncio.run(raw.get("p1")).id == "p1"
    first, second = (operation for operation, _ in async_client.calls)
    assert first is second


def test_a_client_gets_every_resource_once(resources: ModuleType, client: Any) -> None:
    made = type("Client", (resources.Resources,), {"_caller": client})()

    assert made.pets is made.pets
    assert type(made.pets.visits).__name__ == "PetsVisits"
    assert {"files", "pets", "sessions"} <= set(dir(resources.Resources))


def test_docstrings_tell_the_operation_and_its_arguments(pets: Any) -> None:
    text = inspect.getdoc(pets.list) or ""

    assert text.startswith("List pets.\n\nAll of them.\n\n- dogs\n- cats, which sleep\n\n")
    assert "Give at most one of `owner_id` and `class_`." in text
    assert "\n    class_: Deprecated. Only this class.\n" in text
    assert (inspect.getdoc(pets.rename) or "").startswith("Give a pet a name.")


def test_only_methods_that_are_not_retried_say_that_the_outcome_may_be_unknown(
    workshop: Any, pets: Any, files: Any
) -> None:
    ending = "Raises:\n    OutcomeUnknown: it was sent, and the outcome is unknown."

    assert (inspect.getdoc(files.upload) or "").endswith(ending)
    for method in (pets.list, pets.create, pets.annotate, files.write):
        assert "OutcomeUnknown" not in (inspect.getdoc(method) or "")


def test_annotations_can_be_read_at_run_time(pets: Any, models: ModuleType) -> None:
    assert get_type_hints(type(pets).get)["return"] == models.Pet | None
    assert get_type_hints(models.Pet)["parents"] == GenericAlias(list, (models.Pet,))


def test_nothing_of_a_resource_is_loaded_before_it_is_used(workshop: Any, torture: ModuleType) -> None:
    script = (
        "import sys, made.torture.client, made.torture.models, made.torture.unions;"
        "print([name for name in sys.modules if 'resources' in name or 'models.' in name])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], cwd=workshop.folder.parent, capture_output=True, text=True, check=True
    )

    assert shown.stdout.strip() == "[]"
