"""Every platform of the registry has all its parts. One that was forgotten is named, with where it belongs."""

from __future__ import annotations

import contextlib

import pytest
import trilogue
from platforms import Platform, platforms
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.http import Request
from trilogue_sandbox.serve import greeting

from tests.conftest import ROOT

PARTS = {
    "description": "openapi/{name}/openapi.yaml",
    "settings of the generator": "generator-config/{name}.yaml",
    "generated code": "generated/trilogue_generated/{name}/client.py",
    "credentials and errors of the client": "overlays/trilogue/{name}/_platform.py",
    "server in the sandbox": "sandbox/trilogue_sandbox/{name}/__init__.py",
    "contract run": "tests/contract/{name}.toml",
    "test of the client": "tests/clients/test_{name}.py",
    "page of documentation": "{docs}",
}

each_platform = pytest.mark.parametrize("platform", platforms().values(), ids=platforms())


@each_platform
@pytest.mark.parametrize("part", PARTS)
def test_no_part_is_missing(platform: Platform, part: str) -> None:
    path = PARTS[part].format(name=platform.name, docs=platform.docs)

    assert (ROOT / path).is_file(), f"{platform.label} has no {part}: write {path} (scripts/new-platform lays one out)"


@each_platform
def test_the_sandbox_handles_every_operation(platform: Platform) -> None:
    """A platform that lacks the handler of an operation cannot be mounted; the error names the operation."""
    with Sandbox() as sandbox:
        assert sandbox.accounts(platform.name), f"{platform.label} has no way to sign in: declare one as an Account"


@each_platform
def test_the_addresses_that_are_printed_work_as_host(platform: Platform) -> None:
    with Sandbox() as sandbox, sandbox.serve() as origin:
        address, account = sandbox.url(platform.name, origin), sandbox.accounts(platform.name)[0]
        operations = Description.load(platform.name).operations.values()
        operation = next(each for each in operations if "{" not in each.path and each.tag != "auth")
        for host in (address, origin):
            client = getattr(trilogue, platform.client)(**account.credentials, host=host)
            with client, contextlib.suppress(trilogue.ApiError):  # an argument may be missing
                client.request(operation.method, operation.path)

        assert f"\n{platform.name:<10} {address}" in greeting(sandbox, origin)
        assert [entry.operation_id for entry in sandbox.journal.entries].count(operation.id) == 2


@each_platform
def test_its_paths_are_those_of_its_own_server_too(platform: Platform) -> None:
    with Sandbox() as sandbox:
        operation = next(iter(Description.load(platform.name).operations.values()))
        base = sandbox.url(platform.name).partition(f"/{platform.name}")[2]
        sandbox.respond(Request(operation.method, base + operation.path.replace("{", "").replace("}", "")))

        assert [entry.operation_id for entry in sandbox.journal.entries] == [operation.id]


@each_platform
def test_its_clients_are_exported(platform: Platform) -> None:
    names = {platform.client, f"Async{platform.client}"}

    assert names <= set(trilogue.__all__), "run scripts/generate"


@each_platform
def test_its_page_is_linked_from_the_readme_and_shows_its_client(platform: Platform) -> None:
    readme, page = ((ROOT / path).read_text(encoding="utf-8") for path in ("README.md", platform.docs))

    assert f"]({platform.docs})" in readme, f"link to {platform.docs} in README.md"
    assert f"import {platform.client}" in page, f"show in {platform.docs} how {platform.client} is made"
