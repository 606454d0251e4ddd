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

NEW, FORGED = "new", "forged"
"""Users of a chat that the sandbox does not list: one who was just made, and one whose key somebody else signed."""

OTHERS: Mapping[str, Sequence[str]] = {
    "rapidpro": ["empty"],
    "botpress": ["stranger"],
    "pantheon": ["standard"],
    "botpress_chat": [NEW],
}
"""Accounts that must see nothing of the first one."""

REFUSED: Mapping[str, Sequence[str]] = {"rapidpro": ["agent", "deactivated"], "botpress_chat": [FORGED]}
"""Accounts that must not be let in."""

LIMITED: Mapping[str, Mapping[str, str]] = {"botpress": {"bak": "x-bot-id", "iak": "x-bot-id"}}
"""Accounts that may only call operations with a header."""

MANY = 1_000_000


def run(platform: str, sandbox: Sandbox, depth: Depth = "normal", seed: int = 1, *resources: str) -> Report:
    """Make all checks of a platform, or of some of its resources, and return what they found."""
    report = Report(platform)
    limited = LIMITED.get(platform, {})
    names = [*OTHERS.get(platform, ()), *REFUSED.get(platform, ()), *limited]
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
            limited=[(others[name], header) for name, header in limited.items()],
            clock=sandbox,
        )
        for _ in everything.steps():
            pass
    return report


@contextlib.contextmanager
def _client(platform: str, sandbox: Sandbox, name: str | None = None) -> Generator[Any]:
    """Open a client of an account, of the first one if none is named."""
    info = PLATFORMS[platform]
    settings = {key: value for key, value in _credentials(platform, sandbox, name).items() if key in info.variables}
    host = sandbox.url(platform)
    with getattr(trilogue, info.client)(**settings, host=host, transport=sandbox.transport()) as client:
        yield client


def _credentials(platform: str, sandbox: Sandbox, name: str | None) -> Mapping[str, str]:
    accounts = sandbox.accounts(platform)
    if name == NEW:
        webhook = {"webhook_id": accounts[0].credentials["webhook_id"]}
        host, transport = sandbox.url(platform), sandbox.transport()
        with trilogue.BotpressChat(**webhook, host=host, transport=transport) as client:
            return {**webhook, "user_key": client.users.create().key}
    if name == FORGED:
        own, other = (account.credentials["user_key"] for account in accounts[:2])
        signature = other.rpartition(".")[2]
        return {**accounts[0].credentials, "user_key": f"{own.rpartition('.')[0]}.{signature}"}
    return next(account.credentials for account in accounts if name in (None, account.name))
