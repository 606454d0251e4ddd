"""Models as people use them: imported, compared, hashed, matched, dumped, copied, pickled and shown."""

from __future__ import annotations

import copy
import importlib
import inspect
import io
import json
import pickle
from collections.abc import Hashable, Iterator
from typing import Any, get_type_hints

import attrs
import pytest
from IPython.core.formatters import DisplayFormatter
from rich.console import Console
from trilogue.rapidpro import Contact, Reference
from trilogue_generated.platforms import PLATFORMS
from trilogue_generated.runtime.bulk import BulkItem, BulkResult

from tests.conftest import ROOT


def described_models() -> Iterator[Any]:
    """Every model of every platform, with the example that its description has."""
    for platform in PLATFORMS:
        path = ROOT / "generated" / "trilogue_generated" / platform / "openapi.json"
        schemas = json.loads(path.read_text(encoding="utf-8"))["components"]["schemas"]
        package = importlib.import_module(f"trilogue.{platform}")
        for name in package.models.__all__:
            if name in schemas:
                yield pytest.param(
                    platform, getattr(package, name), schemas[name]["examples"][0], id=f"{platform}.{name}"
                )


each_model = pytest.mark.parametrize(("platform", "model", "example"), [*described_models()])

ANA = {
    "uuid": "5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9",
    "name": "Ana",
    "status": "active",
    "language": None,
    "urns": ["tel:+250788123123"],
    "groups": [{"uuid": "1e9a29ef-956c-4fc0-963d-5fa915398403", "name": "Farmers"}],
    "fields": {"age": "34"},
    "flow": None,
    "created_on": "2026-01-01T08:00:00Z",
    "modified_on": "2026-01-01T08:00:00Z",
    "last_seen_on": None,
    "blocked": False,
    "stopped": False,
}


@each_model
def test_a_model_says_that_it_is_of_the_package_it_is_imported_from(platform: str, model: Any, example: Any) -> None:
    assert repr(model) == f"<class 'trilogue.{platform}.{model.__name__}'>"
    assert set(get_type_hints(model)) == {"FIELDS", *(member.name for member in model.FIELDS)}


@each_model
def test_a_model_is_copied_pickled_and_dumped_as_it_came(platform: str, model: Any, example: Any) -> None:
    decoded = model.from_dict({**example, "new": 1})

    for other in (pickle.loads(pickle.dumps(decoded)), copy.copy(decoded), copy.deepcopy(decoded)):
        assert other == decoded
        assert other.additional_properties["new"] == 1
    assert model.from_dict(json.loads(json.dumps(decoded.to_dict()))) == decoded


@each_model
def test_attrs_sees_the_fields_alone(platform: str, model: Any, example: Any) -> None:
    names = [member.name for member in model.FIELDS]

    assert [each.name for each in attrs.fields(model)] == names
    assert list(attrs.asdict(model.from_dict({**example, "new": 1}))) == names
    assert model.__match_args__ == tuple(names)


@each_model
def test_a_model_with_a_key_is_hashed_by_it_and_no_other_is_hashable(platform: str, model: Any, example: Any) -> None:
    decoded = model.from_dict(example)
    keys = {
        name for name, hint in get_type_hints(model).items() if name in ("uuid", "id", "key") and hint in (str, int)
    }
    required = {name for name, each in inspect.signature(model).parameters.items() if each.default is each.empty}

    if isinstance(decoded, Hashable):
        assert {decoded, model.from_dict(example)} == {decoded}
    else:
        assert not required & keys


@each_model
def test_rich_shows_what_repr_shows(platform: str, model: Any, example: Any) -> None:
    decoded = model.from_dict(example)
    output = io.StringIO()
    Console(file=output, width=100_000).print(decoded)

    hidden = {each.name for each in model.FIELDS if not each.shown}
    names = {part.partition("=")[0].strip() for part in output.getvalue().partition("(")[2].split(",")}
    assert output.getvalue().startswith(f"{model.__name__}(")
    assert not hidden & names


def test_a_match_statement_takes_a_model_apart() -> None:
    match Contact.from_dict(ANA):
        case Contact(status="active", groups=[Reference(name=group)], name=name):
            assert (name, group) == ("Ana", "Farmers")
        case _:
            pytest.fail("it does not match")


def test_nothing_personal_is_shown_by_rich() -> None:
    output = io.StringIO()
    Console(file=output, width=200).print([Contact.from_dict(ANA)])

    assert "5079cb96" in output.getvalue()
    for personal in ("Ana", "250788123123", "34,"):
        assert personal not in output.getvalue()


@pytest.mark.parametrize(
    "wrap", [lambda each: each, lambda each: [each], lambda each: {"found": each}], ids=["alone", "list", "dict"]
)
def test_nothing_personal_is_shown_by_ipython(wrap: Any) -> None:
    from trilogue.botpress import Row

    format_all = DisplayFormatter().format
    ana = Contact.from_dict(ANA)
    row = Row.from_dict({"id": 1, "createdAt": "2026-11-03T14:15:00Z", "name": "Ana", "phone": "+250788123123"})
    for shown in (
        wrap(ana),
        wrap(row),
        BulkResult([BulkItem(0, ana, "failed", "no Ana", ana)]),
        BulkItem(0, ana, "done"),
    ):
        formats, _ = format_all(shown)

        assert formats.keys() == {"text/plain"}
        assert "Ana" not in formats["text/plain"]
        assert "250788123123" not in formats["text/plain"]


def test_a_row_is_a_mapping_of_its_columns() -> None:
    from trilogue.botpress import Row

    row = Row.from_dict({"id": 1, "computed": {}, "qty": 3, "createdAt": "2026-11-03T14:15:00Z"})

    assert (row["qty"], row.get("price"), "qty" in row, "price" in row) == (3, None, True, False)
    assert (row["id"], row["createdAt"], len(row)) == (1, row.created_at, 4)
    assert dict(row) == {"id": 1, "computed": {}, "createdAt": row.created_at, "qty": 3}
    assert row == Row.from_dict(row.to_dict())
    with pytest.raises(KeyError, match="price"):
        row["price"]
