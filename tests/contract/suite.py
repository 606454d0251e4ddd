"""The checks of `trilogue contract` against a sandbox, which also has a clock to move and more accounts."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import trilogue
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox
from trilogue_tools.contract.plan import EFFORTS, Depth
from trilogue_tools.contract.run import Run, choose
from trilogue_tools.drift.endpoints import endpoints
from trilogue_tools.drift.findings import Report
from trilogue_tools.drift.server import Server

OTHERS: Mapping[str, Sequence[str]] = {"rapidpro": ["empty"], "botpress": ["stranger"], "pantheon": ["standard"]}
"""Accounts that must see nothing of the first one."""

REFUSED: Mapping[str, Sequence[str]] = {"rapidpro": ["agent", "deactivated"]}
"""Accounts that must not be let in."""

MANY = 1_000_000


def run(platform: str, sandbox: Sandbox, depth: Depth = "normal", seed: int = 1, *resources: str) -> Report:
    """Make all checks of a platform, or of some of its resources, and return what they found."""
    report = Report(platform)
    names = [*OTHERS.get(platform, ()), *REFUSED.get(platform, ())]
    with _client(platform, sandbox) as own, contextlib.ExitStack() as stack:
        others = {name: stack.enter_context(_client(platform, sandbox, name)) for name in names}
        everything = Run(
            Server(own, MANY, writes=True),
            choose(endpoints(platform), resources),
            EFFORTS[depth],
            report,
            seed,
            others=[others[name] for name in OTHERS.get(platform, ())],
            refused=[others[name] for name in REFUSED.get(platform, ())],
            clock=sandbox,
        )
        for _ in everything.steps():
            pass
    return report


@contextlib.contextmanager
def _client(platform: str, sandbox: Sandbox, name: str | None = None) -> Generator[Any]:
    """Open a client of an account, of the first one if none is named."""
    info, accounts = PLATFORMS[platform], sandbox.accounts(platform)
    account = next(each for each in accounts if name in (None, each.name))
    settings = {key: value for key, value in account.credentials.items() if key in info.variables}
    host = sandbox.url(platform)
    with getattr(trilogue, info.client)(**settings, host=host, transport=sandbox.transport()) as client:
        yield client
