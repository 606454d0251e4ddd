"""The page at `/`: the platforms, the journal, and the switches."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from trilogue_sandbox import parity
from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.faults import FAULT_PROFILES, FAULT_TYPES
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.journal import Entry
from trilogue_sandbox.kernel.platform import Account
from trilogue_sandbox.pages.rendering import labels, render
from trilogue_sandbox.snippets import snippets

_SHOWN = 100


@attrs.frozen
class _Platform:
    """One platform as the page shows it."""

    name: str
    label: str
    url: str
    flavour: str
    accounts: tuple[Account, ...]
    code: dict[str, str]
    seed_names: tuple[str, ...]
    tables: int
    parity: Mapping[str, int]


def respond(engine: Engine, request: Request, found: re.Match[str]) -> Response:
    """Return the page."""
    entries: list[Entry] = list(reversed(engine.journal.entries[-_SHOWN:]))
    return render(
        engine,
        request,
        "home.html",
        shown=[_platform(engine, request.base_url, name, label) for name, label in labels(engine).items()],
        entries=entries,
        latest=entries[0].number if entries else 0,
        now=engine.now(),
        is_real_time=engine.is_real_time,
        rules=engine.faults.rules,
        profiles=FAULT_PROFILES,
        fault_types=FAULT_TYPES,
        snapshots=engine.snapshots,
        seed=engine.seed,
        drift=engine.drift,
    )


def _platform(engine: Engine, origin: str, name: str, label: str) -> _Platform:
    accounts = tuple(engine.accounts(name))
    code = dict(snippets(engine, name, accounts[0], origin))
    with engine.looking_at(name) as platform:
        seed_names, tables = tuple(platform.seed_names), len(platform.resources.tables)
    flavour = engine.flavour_of(name)
    counts = parity.counts(name, flavour)
    return _Platform(name, label, engine.url(name, origin), flavour, accounts, code, seed_names, tables, counts)
