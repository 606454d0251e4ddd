"""How a program uses the package of descriptions/torture.yaml; read by type checkers only."""

from __future__ import annotations

from typing import Any, Literal, assert_type

from made.runtime.choices import UnrecognizedStr
from made.runtime.client import AsyncPaginator, Paginator, RawResponse
from made.torture import models, unions
from made.torture.client import AsyncRawResources, AsyncResources, RawResources, Resources
from made.torture.models import Cat, Dog, Owner, PeoplePage, Pet, PetPage, Visit


def use(client: Resources, raw: RawResources) -> None:
    assert_type(client.pets.list(ids=[1], tags={"a": "b"}), Paginator[Pet])
    assert_type(client.diary.list(year=2026), Paginator[Visit])
    assert_type(client.diary.list_people(year=2026), Paginator[Owner])
    assert_type(raw.diary.list_people().parse(), PeoplePage)
    assert_type(client.pets.get("p1"), Pet | None)
    assert_type(client.pets.rename("p1", nick_name=None), Pet)
    assert_type(client.pets.import_(), dict[str, int])
    assert_type(client.pets.order(body=("a", "b")), list[str])
    assert_type(client.pets.visits.list("p1"), list[Visit])
    assert_type(client.files.read("a"), bytes)
    assert_type(client.files.write("a", body=b""), str)
    assert_type(raw.pets.list(), RawResponse[PetPage])
    assert_type(raw.pets.get("p1").parse(), Pet | None)
    client.pets.create(name="Tom", animal=Cat(lives=9), owner={"name": "Ana"})
    client.pets.list(class_="huge")  # type: ignore[arg-type]  # no such choice
    client.pets.rename("p1")  # type: ignore[call-arg]  # the name is required
    client.diary.list_people(people=False)  # type: ignore[call-arg]  # it is always true
    client.pets.get(pet="p1")  # type: ignore[call-arg]  # no such argument
    client.pets.delete("p1", "p2")  # type: ignore[call-arg]  # one argument too many


async def use_async(client: AsyncResources, raw: AsyncRawResources) -> None:
    assert_type(client.pets.list(), AsyncPaginator[Pet])
    assert_type(await client.pets.get("p1"), Pet | None)
    assert_type((await raw.pets.rename("p1", nick_name="Tom")).parse(), Pet)


def read(pet: Pet, owner: Owner) -> None:
    assert_type(pet.animal, Cat | Dog | dict[str, Any])
    assert_type(unions.decode_animal({}), unions.Animal | dict[str, Any])
    assert_type(pet.mood, Literal["happy", "grumpy"] | UnrecognizedStr)
    assert_type(pet.quirks, list[str | Visit | list[Visit]])
    assert_type(pet.matrix, list[list[Visit | None]])
    assert_type(pet.limits, dict[str, float | None])
    assert_type(pet.list_, list[str])
    assert_type(Pet.from_dict({}), Pet)
    assert_type(owner.best_friend or owner, Any)  # type: ignore[assert-type]  # it is typed
    models.Catt  # type: ignore[attr-defined]  # no such model  # noqa: B018  read, not run
