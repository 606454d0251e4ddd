"""Methods that wait, and that take any number of items: what x-sdk says is what is generated."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from generator.errors import GenerationError


def sdk(document: dict[str, Any], name: str) -> dict[str, Any]:
    found = (each for item in document["paths"].values() for each in item.values() if isinstance(each, dict))
    key: dict[str, Any] = next(each for each in found if each.get("operationId") == name)["x-sdk"]
    return key


def wait(**changes: Any) -> dict[str, Any]:
    return {"keys": {"id": "petId"}, "state": "class", "success": ["done"], "failure": ["lost"], **changes}


def bulk(**changes: Any) -> dict[str, Any]:
    return {"items": ["friends"], "omit": ["owner"], **changes}


def test_a_wait_becomes_a_method_that_takes_the_object_or_its_key(workshop: Any) -> None:
    def add_wait(document: dict[str, Any]) -> None:
        sdk(document, "getPet")["wait"] = wait(pending_while={"done": "seen"})

    workshop.make("torture", "waiting", edit=add_wait)
    waiter = workshop.load("waiting.operations.pets").WAIT
    method = workshop.load("waiting.resources.pets").Pets.wait

    assert (waiter.name, waiter.lookup.id, waiter.keys) == ("pets.wait", "getPet", (("id", "pet_id"),))
    assert (waiter.state, waiter.success, waiter.failure) == ("class_", ("done",), ("lost",))
    assert waiter.pending_while == (("done", "seen"),)
    assert list(inspect.signature(method).parameters) == ["self", "pet_id", "deadline", "on_progress"]
    assert "WaitFailed: it is `lost`." in method.__doc__


@pytest.mark.parametrize(
    ("operation", "key", "says"),
    [
        ("getPet", {"wait": wait(state="mind")}, "names mind, which is neither a field of Pet nor an argument"),
        ("getPet", {"wait": wait(keys={"id": "chip"})}, "names chip, which is neither"),
        ("getPet", {"download": {"url": "photo"}}, "`download` names photo, which must be fields"),
        ("getPet", {"lookup": {"value": "class"}}, "`lookup` names name and class, which must be fields of the rows"),
        ("orderPets", {"wait": wait()}, "needs a look-up that returns an object"),
        ("createPet", {"bulk": bulk(items=["chips"])}, "names chips, which is no argument"),
        ("createPet", {"bulk": {"items": ["owner"]}}, "must be arrays with the same `maxItems`"),
    ],
)
def test_what_is_named_and_not_there_is_refused(workshop: Any, operation: str, key: dict[str, Any], says: str) -> None:
    def spoil(document: dict[str, Any]) -> None:
        sdk(document, operation).update(key)

    with pytest.raises(GenerationError, match=says):
        workshop.make("torture", "refused", edit=spoil)


def test_a_bulk_becomes_a_method_that_takes_any_number(workshop: Any) -> None:
    def add_bulk(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["PetPatch"]["properties"]["friends"]["maxItems"] = 7
        methods = sdk(document, "savePet")["methods"]
        methods[1]["bulk"] = {"items": ["friends"], "omit": ["limits"]}

    workshop.make("torture", "many", edit=add_bulk)
    made = workshop.load("many.operations.pets").ANNOTATE_MANY
    arguments = inspect.signature(workshop.load("many.resources.pets").Pets.annotate_many).parameters

    assert (made.name, made.operation.name, made.items, made.size) == (
        "pets.annotate_many",
        "pets.annotate",
        ("friends",),
        7,
    )
    assert "limits" not in arguments
    assert list(arguments)[-4:] == ["ledger", "dry_run", "max_failures", "on_progress"]
