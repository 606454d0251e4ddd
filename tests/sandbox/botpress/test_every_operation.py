"""Every operation of the description is handled, and some test has called it with success."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator

from trilogue_sandbox import Sandbox
from trilogue_sandbox.botpress.resources import RESOURCES
from trilogue_sandbox.kernel.description import Description

import tests.sandbox.botpress as package
from tests.sandbox.botpress.caller import Caller


def lives() -> Iterator[Callable[[Caller], None]]:
    """Return the tests that the modules beside this one name as their LIVES."""
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        yield from getattr(importlib.import_module(module.name), "LIVES", ())


def test_every_operation_has_a_handler() -> None:
    assert RESOURCES.missing(Description.load("botpress")) == []


def test_every_operation_is_called_with_success(default_sandbox: Sandbox) -> None:
    called = set[str]()
    for live in lives():
        with default_sandbox.copy() as sandbox:
            live(Caller.of(sandbox, "pat"))
            called |= {
                entry.operation_id
                for entry in sandbox.journal.entries
                if entry.status is not None and 200 <= entry.status < 300
            }

    assert set(Description.load("botpress").operations) - called == set()
