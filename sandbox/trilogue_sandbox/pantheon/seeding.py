"""What the accounts hold from the beginning, and more of it on request."""

from __future__ import annotations

import attrs

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import Account as SandboxAccount
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import arguments, default_data, naming, population, settings
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.limits import Plan


@attrs.frozen
class _App:
    """An app and the account it belongs to."""

    name: str
    account: str
    plan: Plan
    note: str

    @property
    def client_id(self) -> str:
        return f"PANTHEON{self.name.replace('_', '').upper()}"

    @property
    def client_secret(self) -> str:
        return f"secret-of-{self.name.replace('_', '-')}"


_APPS = (
    _App("scale", "main", "scale", "plan scale"),
    _App("scale_second", "main", "scale", "another app of the account of scale"),
    _App("standard", "standard", "standard", "plan standard, an account of its own"),
    _App("free", "free", "free", "plan free, an account of its own"),
    _App("empty", "empty", "scale", "plan scale, an account with nothing in it"),
)

ACCOUNTS = tuple(
    SandboxAccount(app.name, {"client_id": app.client_id, "client_secret": app.client_secret}, app.note)
    for app in _APPS
)
"""The credentials there are from the beginning."""


def furnish(world: World) -> None:
    """Make the accounts and their apps, with a little of everything in all but the empty one."""
    world.store.run("INSERT INTO pantheon_counter (value) VALUES (0)")
    settings.write(world, settings.SIGNING_KEY, world.ids.token())
    plans: dict[str, Plan] = {app.account: app.plan for app in _APPS}
    for name, plan in plans.items():
        account = _make_account(world, plan)
        for app in _APPS:
            if app.account == name:
                _make_app(account, app)
        if name != "empty":
            default_data.furnish(account)


def seed(world: World, data: JsonObject) -> JsonObject:
    """Make as many things of each kind as the data says, for the app `client_id`; return their ids."""
    account = arguments.account(world, data)
    arguments.only(data, "client_id", *population.MAKERS)
    return {kind: make(account, data[kind]) for kind, make in population.MAKERS.items() if kind in data}


def _make_account(world: World, plan: Plan) -> Account:
    account = Account(world, naming.new_id(world, "acct"))
    world.store.run("INSERT INTO pantheon_accounts (id, plan) VALUES (?, ?)", account.id, plan)
    return account


def _make_app(account: Account, app: _App) -> None:
    with default_data.ago(account, days=60):
        account.store.run(
            "INSERT INTO pantheon_apps (id, account_id, name, client_id, client_secret, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            *(naming.new_id(account.world, "app"), account.id, default_data.APP_NAME, app.client_id, app.client_secret),
            account.now,
        )
