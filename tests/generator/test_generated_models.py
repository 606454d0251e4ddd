"""What generated models make of responses, kept promises and broken ones."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any, get_args

import pytest

VISIT = {"at": "2026-11-20T10:00:00Z"}
PET: dict[str, Any] = {
    "id": "p1",
    "secret": "do not show",
    "class": "small",
    "list": ["a"],
    "date": "2026-11-20",
    "animal": {"kind": "cat", "lives": 9, "friend": {"kind": "dog"}},
    "owner": {"name": "Ana", "since": "2020-01-02", "phone": None},
    "parents": [],
    "visits": {"Ben": VISIT},
    "matrix": [[VISIT, None], []],
    "quirks": ["bites", VISIT, [VISIT]],
    "limits": {"speed": 1.5, "depth": None},
    "mood": "happy",
    "seen": "2026-11-20T09:00:00.5+02:00",
    "extra": {"any": [1, None]},
    "count": 3,
}


def pet(**changes: object) -> dict[str, Any]:
    return {**copy.deepcopy(PET), **changes}


def test_a_kept_promise_becomes_typed_values(models: ModuleType) -> None:
    made = models.Pet.from_dict(pet(parents=[pet(id="p0")]))

    assert made.date == date(2026, 11, 20)
    assert made.seen == datetime(2026, 11, 20, 7, 0, 0, 500000, tzinfo=UTC)
    assert isinstance(made.owner, models.Owner)
    assert made.owner.since == date(2020, 1, 2)
    assert made.parents[0].id == "p0"
    assert made.visits["Ben"] == models.Visit.from_dict(VISIT)
    assert made.matrix == [[models.Visit.from_dict(VISIT), None], []]
    assert made.limits == {"speed": 1.5, "depth": None}


def test_a_tagged_union_becomes_the_class_of_its_tag(models: ModuleType) -> None:
    cat = models.Pet.from_dict(pet()).animal

    assert type(cat) is models.Cat
    assert type(cat.friend) is models.Dog


def test_an_unknown_tag_stays_an_object(models: ModuleType) -> None:
    bird = {"kind": "bird", "wings": 2}

    assert models.Pet.from_dict(pet(animal=bird)).animal == bird


def test_a_union_is_told_apart_by_json_type(models: ModuleType) -> None:
    visit = models.Visit.from_dict(VISIT)

    assert models.Pet.from_dict(pet()).quirks == ["bites", visit, [visit]]


def test_an_unknown_choice_stays_what_it_is(models: ModuleType) -> None:
    assert models.Pet.from_dict(pet(mood="puzzled")).mood == "puzzled"


def test_what_an_answer_lacks_is_none(models: ModuleType) -> None:
    made = models.Pet.from_dict(pet())

    assert (made.size, made.owner_id, made.birthday) == (None, None, None)


@pytest.mark.parametrize("wire", sorted(PET))
def test_a_null_where_none_was_promised_is_none(models: ModuleType, wire: str) -> None:
    data = pet(**{wire: None})
    made = models.Pet.from_dict(data)

    field = next(field for field in models.Pet.FIELDS if field.wire == wire)
    assert getattr(made, field.name) is None
    assert made.to_dict().keys() == data.keys()
    assert made.to_dict()[wire] is None


@pytest.mark.parametrize("wire", sorted(PET))
def test_a_required_field_that_is_missing_is_none_and_stays_missing(models: ModuleType, wire: str) -> None:
    data = pet()
    del data[wire]

    assert models.Pet.from_dict(data).to_dict().keys() == data.keys()


@pytest.mark.parametrize("odd", [7, "odd", True, [], {}, [7], {"odd": 7}], ids=repr)
@pytest.mark.parametrize("wire", sorted(PET))
def test_a_value_of_the_wrong_type_stays_as_it_came(models: ModuleType, wire: str, odd: object) -> None:
    made = models.Pet.from_dict(pet(**{wire: odd}))

    written = made.to_dict()[wire]
    assert type(written) is type(odd)
    assert written == odd


def test_one_broken_element_does_not_spoil_the_others(models: ModuleType) -> None:
    made = models.Pet.from_dict(pet(parents=[pet(id="p0"), "gone", None]))

    assert made.parents[0].id == "p0"
    assert made.parents[1:] == ["gone", None]


def test_what_is_no_object_is_refused(models: ModuleType) -> None:
    wrong: object
    for wrong in (None, [], "text", 7):
        with pytest.raises(TypeError, match="expected an object for Pet"):
            models.Pet.from_dict(wrong)


def test_unknown_fields_are_kept_and_written_back(models: ModuleType) -> None:
    data = pet(colour="black", size="big")
    made = models.Pet.from_dict(data)

    assert made.additional_properties == {"colour": "black"}
    assert made.to_dict()["colour"] == "black"


def test_an_absent_field_and_a_null_one_are_told_apart_when_written_back(models: ModuleType) -> None:
    with_null = pet(ownerId=None)

    assert models.Pet.from_dict(with_null).to_dict().keys() == with_null.keys()
    assert models.Pet.from_dict(pet()).to_dict().keys() == PET.keys()


def test_a_sent_model_tells_null_from_left_out(models: ModuleType) -> None:
    assert models.Owner(name="Ana").to_dict() == {"name": "Ana"}
    assert models.Owner(name="Ana", phone=None).to_dict() == {"name": "Ana", "phone": None}
    assert models.Owner.from_dict({"name": "Ana"}).to_dict() == {"name": "Ana"}
    assert models.Owner.from_dict({"name": "Ana", "phone": None}).to_dict() == {"name": "Ana", "phone": None}


def test_the_only_choice_there_is_need_not_be_given(models: ModuleType) -> None:
    assert models.Cat(lives=9).to_dict() == {"kind": "cat", "lives": 9}


def test_times_are_written_in_utc_and_need_a_time_zone(models: ModuleType) -> None:
    made = models.Pet.from_dict(pet())

    assert made.to_dict()["seen"] == "2026-11-20T07:00:00.500000Z"
    with pytest.raises(ValueError, match="no time zone"):
        models.Visit(at=datetime(2026, 11, 20)).to_dict()


def test_names_that_would_break_a_class_get_an_underscore(models: ModuleType) -> None:
    made = models.Pet.from_dict(pet(from_dict="a", additional_properties="b", FIELDS="c", m="d"))

    assert (made.from_dict_, made.additional_properties_, made.fields, made.m_) == ("a", "b", "c", "d")
    assert (made.class_, made.list_) == ("small", ["a"])
    assert made.additional_properties == {}


def test_repr_shows_identifiers_choices_counts_and_times_only(models: ModuleType) -> None:
    made = models.Pet.from_dict(pet(ownerId="o1", size="big"))

    assert repr(made) == (
        "Pet(id='p1', date=2026-11-20, mood='happy', seen=2026-11-20T09:00:00.500000+02:00, count=3, size='big',"
        " owner_id='o1')"
    )


@pytest.mark.parametrize(
    "data", [PET, {"id": "p1"}, pet(colour="black", ownerId=None)], ids=["whole", "broken", "more"]
)
def test_a_model_survives_pickle_and_copies(models: ModuleType, data: dict[str, Any]) -> None:
    made = models.Pet.from_dict(data)

    for copied in (pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made)):
        assert copied == made
        assert copied.to_dict() == made.to_dict()


def test_equality_looks_at_every_field_and_the_class(models: ModuleType) -> None:
    made = models.Pet.from_dict(pet())

    assert made == models.Pet.from_dict(pet())
    assert made != models.Pet.from_dict(pet(secret="another"))
    assert made != models.Pet.from_dict(pet(colour="black"))
    assert made != PET


def test_the_payload_of_a_webhook_is_a_model(models: ModuleType) -> None:
    assert models.PetMoved.from_dict({"pet": PET}).pet.id == "p1"


def test_maps_empty_answers_wrappings_and_plain_bodies_have_no_class(models: ModuleType) -> None:
    assert set(models.__all__) == {
        *("Cat", "Dog", "DiaryPage", "Meta", "Owner", "PeoplePage", "Pet", "PetMoved", "PetPage", "Problem", "Visit")
    }


def test_a_misspelt_model_is_an_attribute_error(models: ModuleType) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Pett'"):
        _ = models.Pett
    assert "Pet" in dir(models)


def test_a_named_union_has_an_alias_and_a_decoder(workshop: Any, models: ModuleType) -> None:
    unions = workshop.load("torture.unions")

    assert get_args(unions.Animal) == (models.Cat, models.Dog)
    assert unions.decode_animal({"kind": "cat", "lives": 9}) == models.Cat.from_dict({"kind": "cat", "lives": 9})
    assert {"Animal", "decode_animal"} == set(unions.__all__)


@pytest.mark.parametrize("kind", ["cow", None, ["cat"], {"cat": 1}, 7])
def test_an_object_of_an_unknown_kind_stays_a_dict(workshop: Any, torture: ModuleType, kind: object) -> None:
    assert workshop.load("torture.unions").decode_animal({"kind": kind}) == {"kind": kind}


def test_a_union_is_made_of_objects_only(workshop: Any, torture: ModuleType) -> None:
    with pytest.raises(TypeError):
        workshop.load("torture.unions").decode_animal(["cat"])


def test_a_description_without_named_unions_has_no_module_for_them(workshop: Any) -> None:
    assert not (workshop.make("tiny") / "unions.py").exists()
