"""What people import, and what that loads."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import Any

import attrs
import httpx
import pytest
import trilogue
from trilogue_generated.platforms import PLATFORMS
from trilogue_generated.runtime import client, lists


def loaded_after(statements: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after some statements, beyond those it starts with."""
    code = f"import sys\nbefore = set(sys.modules)\n{statements}\nprint(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def order(name: str) -> tuple[int, str]:
    """Constants first, then classes, then the rest, each in alphabetical order."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def test_the_public_names_are_listed_in_alphabetical_order_and_once() -> None:
    assert trilogue.__all__ == sorted(set(trilogue.__all__), key=order)


def test_every_public_name_can_be_imported_and_is_listed_by_dir() -> None:
    for name in trilogue.__all__:
        assert getattr(trilogue, name) is not None
        assert name in dir(trilogue)


def test_a_star_import_brings_all_of_them() -> None:
    names: dict[str, Any] = {}
    exec("from trilogue import *", names)

    assert set(trilogue.__all__) <= names.keys()


@pytest.mark.parametrize("module", ["errors", *PLATFORMS])
def test_a_public_module_is_an_attribute_from_the_start(module: str) -> None:
    assert f"trilogue.{module}" in loaded_after(f"import trilogue\ntrilogue.{module}")
    assert module in dir(trilogue)


def test_dir_lists_what_is_public_and_nothing_else() -> None:
    assert {*dir(trilogue)} == {*trilogue.__all__, "errors", *PLATFORMS}


@pytest.mark.parametrize("package", ["trilogue_sandbox", "trilogue.export"])
def test_dir_of_what_stands_beside_the_clients_lists_what_is_public(package: str) -> None:
    module = importlib.import_module(package)

    assert {*dir(module)} == {*module.__all__}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'trilogue' has no attribute 'Rapidpro'"):
        _ = trilogue.Rapidpro  # that is the mistake
    with pytest.raises(ImportError):
        exec("from trilogue import Rapidpro")


def test_every_error_is_public() -> None:
    from trilogue import errors

    classes = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}

    assert classes <= set(trilogue.__all__)
    assert {getattr(errors, name).__module__ for name in classes} == {"trilogue.errors"}


def test_what_a_client_returns_is_what_is_public() -> None:
    from trilogue._pagination.async_paginator import AsyncPaginator, AsyncRowIterator
    from trilogue._pagination.iteration import Page
    from trilogue._pagination.paginator import Paginator, RowIterator
    from trilogue._responses import Response

    for made, public in [
        (Paginator, trilogue.Paginator),
        (AsyncPaginator, trilogue.AsyncPaginator),
        (RowIterator, trilogue.RowIterator),
        (AsyncRowIterator, trilogue.AsyncRowIterator),
        (Response, trilogue.RawResponse),
        (Page, trilogue.Page),
    ]:
        assert issubclass(made, public)
        assert public.__module__ in (client.__name__, lists.__name__)


def test_importing_trilogue_loads_neither_a_platform_nor_an_http_library() -> None:
    loaded = loaded_after("import trilogue")

    assert not {name for name in loaded if name.split(".")[0] in ("httpx", "httpcore", "attrs", "msgspec", "asyncio")}
    assert {name for name in loaded if name.startswith("trilogue")} == {"trilogue", "trilogue._version"}


def test_importing_an_error_loads_no_more_than_the_errors() -> None:
    loaded = loaded_after("from trilogue import NotFound, RateLimited")

    assert not {name for name in loaded if name.split(".")[0] in ("httpx", "httpcore", "trilogue_generated")}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_importing_one_platform_loads_no_other(platform: str) -> None:
    name = PLATFORMS[platform].client
    loaded = loaded_after(f"from trilogue import {name}, Async{name}")

    for other in set(PLATFORMS) - {platform}:
        assert not {module for module in loaded if f".{other}." in f"{module}."}
    assert f"trilogue_generated.{platform}.client" in loaded


@pytest.mark.parametrize("platform", PLATFORMS)
def test_models_literals_and_dicts_are_exported_by_their_platform(platform: str) -> None:
    package = importlib.import_module(f"trilogue.{platform}")

    for module in (package.models, package.literals, package.inputs):
        assert all(getattr(package, name) is getattr(module, name) for name in module.__all__)
        assert {*module.__all__} <= {*package.__all__} & {*dir(package)}
    with pytest.raises(AttributeError, match=f"module 'trilogue.{platform}' has no attribute 'Nothing'"):
        _ = package.Nothing


def test_importing_a_model_loads_no_other() -> None:
    loaded = loaded_after("from trilogue.rapidpro import Reference")

    assert {name for name in loaded if ".models." in name} == {"trilogue_generated.rapidpro.models.reference"}
    assert "trilogue_generated.rapidpro.inputs.dicts" not in loaded


def test_a_resource_is_loaded_when_it_is_first_used() -> None:
    make = "from trilogue import RapidPro\nclient = RapidPro('t')"
    before, after = loaded_after(make), loaded_after(f"{make}\nclient.contacts")

    assert "trilogue_generated.rapidpro.resources.contacts" not in before
    assert "trilogue_generated.rapidpro.resources.contacts" in after
    assert "trilogue_generated.rapidpro.resources.flows" not in after


def test_a_sync_program_does_not_load_the_async_paginator() -> None:
    loaded = loaded_after("from trilogue import RapidPro\nRapidPro('t').contacts.list()")

    assert "trilogue._pagination.async_paginator" not in loaded


def test_everything_is_typed() -> None:
    from importlib.resources import files

    assert files("trilogue").joinpath("py.typed").is_file()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_completion_on_a_client_shows_resources_and_options_only(platform: str) -> None:
    from trilogue._base_client import Client

    info = PLATFORMS[platform]
    generated = importlib.import_module(f"trilogue_generated.{platform}.client")
    for prefix in ("", "Async"):
        shown = {name for name in dir(getattr(trilogue, prefix + info.client)) if not name.startswith("_")}
        resources = {name for name in vars(getattr(generated, f"{prefix}Resources")) if not name.startswith("_")}

        assert resources <= shown
        assert {name for name in dir(Client) if not name.startswith("_")} <= shown
        assert not shown & {"call", "call_raw", "paginate", "perform", "prepare", "run", "send", "stream", "wait"}


def public(value: object) -> set[str]:
    return {name for name in dir(value) if not name.startswith("_")}


def test_completion_shows_what_the_documentation_names_and_nothing_else() -> None:
    from trilogue.rapidpro import Contact

    row = {"uuid": "5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9", "name": "Ana"}
    page = httpx.Response(200, json={"results": [row], "next": None})
    client = trilogue.RapidPro("t", transport=httpx.MockTransport(lambda _: page))
    contacts = client.contacts.list()

    raw = client.with_raw_response.contacts.list()
    assert public(raw) == {"status", "headers", "content", "json", "parse"}
    assert public(contacts) == {"all", "collect", "first", "iterator", "page", "pages", "prefetch", "resume"}
    assert public(contacts.iterator()) == {"page", "position"}
    assert public(contacts.page()) == {"has_next", "items", "total"}
    fields = {*attrs.fields_dict(Contact)}
    assert public(contacts.first()) == fields | {"additional_properties", "from_dict", "to_dict"}
    assert public(trilogue.errors) == {
        name for name in vars(trilogue.errors) if not name.startswith("_") and is_error(vars(trilogue.errors)[name])
    }
    assert "attempt" not in dir(trilogue.TimedOut("it took too long"))


def is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, trilogue.TrilogueError)
