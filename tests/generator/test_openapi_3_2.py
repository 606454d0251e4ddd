"""A description in OpenAPI 3.2 makes the same package as one in 3.1, or is refused with a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from generator.errors import GenerationError
from generator.lowering import lower


def upgrade(document: dict[str, Any]) -> None:
    document["openapi"] = "3.2.0"
    document["$self"] = "https://tiny.example/openapi.json"
    document["tags"][0] |= {"summary": "Notes", "kind": "nav"}
    document["servers"][0]["name"] = "main"


def modules(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.py")}


def test_the_same_package_is_made_of_both(workshop: Any) -> None:
    old, new = workshop.make("tiny", "in_3_1"), workshop.make("tiny", "in_3_2", edit=upgrade)

    assert {name: text.replace("in_3_2", "in_3_1") for name, text in modules(new).items()} == modules(old)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda item: item.update(query={}), "/notes: no method can be made of `query`"),
        (lambda item: item.update(additionalOperations={}), "/notes: no method can be made of `additionalOperations`"),
        (lambda item: item["get"]["parameters"].append({"in": "querystring"}), "/notes: no argument can be made of"),
    ],
)
def test_what_3_1_cannot_express_is_refused(change: Any, said: str, workshop: Any) -> None:
    document = workshop.document("tiny")
    upgrade(document)
    change(document["paths"]["/notes"])

    with pytest.raises(GenerationError, match=said):
        lower(document)


def test_the_description_itself_stays_as_it_is(workshop: Any) -> None:
    document = workshop.document("tiny")
    upgrade(document)

    assert lower(document)["openapi"] == "3.1.1"
    assert document["openapi"] == "3.2.0"
