"""The checks of behaviour find nothing on a right server, and every fault of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox
from trilogue_tools.contract.plan import Depth
from trilogue_tools.drift.endpoints import endpoints
from trilogue_tools.drift.findings import Report

from tests.contract import contract, suite
from tests.contract.catalogue import FAULTS, Fault, find

QUICKLY = (
    "a filter by group is ignored",
    "before is ignored",
    "the pages form a cycle",
    "a count is stale",
    "a reference is always to the first group",
    "an agent may use the API",
    "workspaces are not isolated",
    "access tokens do not end",
    "a lifetime is in milliseconds",
    "limit is ignored",
    "next is missing on the second page",
    "a name is lost in an update",
    "the secret of an app opens everything",
    "the key of a bot may administrate",
    "files are not isolated",
    "a state is stored without its payload",
    "who takes no part reads the messages",
    "the signature of a key is not looked at",
)
"""The faults that every run of the tests looks for; the others take a minute in all."""


UNREACHED = {"rapidpro": 3, "botpress": 51, "pantheon": 13, "botpress_chat": 4}
"""How many operations a run that writes does not reach; half of those of Botpress cost money or cannot be undone."""


def check(platform: str, depth: Depth, seed: int, *resources: str, flavour: str | None = None) -> Report:
    with contract.make_sandbox(platform, partial(Sandbox, flavour=flavour)) as sandbox:
        report = suite.run(platform, sandbox, depth, seed, *resources)

        assert [str(found) for found, _ in report.findings] == []
        assert not sandbox.drift
        return report


@pytest.mark.parametrize("platform", PLATFORMS)
def test_nothing_is_found_on_a_right_server_and_what_was_not_reached_is_named(platform: str) -> None:
    untested = check(platform, "normal", 1).untested

    assert len(untested) <= UNREACHED[platform], untested
    assert all(untested.values())


@pytest.mark.parametrize("flavour", PLATFORMS["rapidpro"].flavours)
def test_nothing_is_found_on_any_kind_of_server(flavour: str) -> None:
    check("rapidpro", "normal", 1, flavour=flavour)


@pytest.mark.parametrize(
    ("platform", "resource"),
    [("rapidpro", "contacts"), ("rapidpro", "globals"), ("botpress", "tables"), ("pantheon", "payments")],
)
def test_nothing_is_found_of_a_resource_by_itself(platform: str, resource: str) -> None:
    check(platform, "normal", 1, resource)


@pytest.mark.nightly
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("seed", range(2, 7))
def test_nothing_is_found_with_any_seed(platform: str, seed: int) -> None:
    check(platform, "normal", seed)


@pytest.mark.nightly
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("depth", ["quick", "deep"])
def test_nothing_is_found_at_any_depth(platform: str, depth: Depth) -> None:
    check(platform, depth, 1)


def resources() -> Iterator[tuple[str, str]]:
    """Yield the resources of all platforms."""
    for platform in PLATFORMS:
        for resource in dict.fromkeys(each.resource for each in endpoints(platform).values()):
            yield platform, resource


@pytest.mark.nightly
@pytest.mark.parametrize(("platform", "resource"), [*resources()])
def test_nothing_is_found_of_any_resource_by_itself(platform: str, resource: str) -> None:
    check(platform, "normal", 1, resource)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.name in QUICKLY], ids=lambda fault: fault.name)
def test_a_fault_is_found(fault: Fault) -> None:
    found = find(fault)

    assert found.is_found, found.problems


def test_the_catalogue_is_of_some_size() -> None:
    assert len(FAULTS) >= 40
    assert len({(fault.platform, fault.name) for fault in FAULTS}) == len(FAULTS)
    assert {fault.name for fault in FAULTS} >= set(QUICKLY)
