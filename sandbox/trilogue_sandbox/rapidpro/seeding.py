"""What the workspaces hold from the beginning, and more of it on request."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import Account, ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import (
    arguments,
    contact_fields,
    default_data,
    global_values,
    groups,
    labels,
    memberships,
    population,
    timestamps,
)
from trilogue_sandbox.rapidpro.tenants import Tenant, now

_DAY = 86_400_000_000


@attrs.frozen
class _Account:
    """A user, the workspace they have a token for, and their role in it."""

    name: str
    workspace_id: int
    role: str
    first_name: str
    is_active: bool = True
    note: str = ""

    @property
    def email(self) -> str:
        return f"{self.name}@example.com"

    @property
    def token(self) -> str:
        """The token: 40 characters, of those that tokens are made of."""
        return self.name.upper().replace("I", "").replace("O", "").ljust(40, "2")


_ACCOUNTS = (
    _Account("administrator", 1, "administrator", "Ada", note="workspace main"),
    _Account("editor", 1, "editor", "Edith", note="workspace main"),
    _Account("agent", 1, "agent", "Agnes", note="workspace main; refused, since agents cannot use tokens"),
    _Account("deactivated", 1, "editor", "Dora", is_active=False, note="refused, since the user was deactivated"),
    _Account("empty", 2, "administrator", "Emil", note="workspace empty: nothing in it, and no country"),
    _Account("anonymous", 3, "administrator", "Anna", note="workspace anonymous: hides who its contacts are"),
    _Account("suspended", 4, "administrator", "Susan", note="workspace suspended: may read, not write"),
)

ACCOUNTS = tuple(
    Account(account.name, {"token": account.token, "email": account.email}, account.note) for account in _ACCOUNTS
)
"""The tokens there are from the beginning; the e-mail is for HTTP Basic."""

_WORKSPACES = (
    ("main", "RW", ["eng", "kin"], "Africa/Kigali", False, False),
    ("empty", "", ["eng"], "UTC", False, False),
    ("anonymous", "RW", ["eng"], "Africa/Kigali", True, False),
    ("suspended", "RW", ["eng"], "Africa/Kigali", False, True),
)
_CHANNELS = (
    ("Main line", "+250788000001", "android", "RW", ["tel"]),
    ("Short code", "1234", "external", "RW", ["tel"]),
    ("Telegram", "healthline_bot", "telegram", None, ["telegram"]),
    ("WhatsApp", "250788000002", "whatsapp", "RW", ["whatsapp"]),
)
_DEVICE = {
    "name": "Pixel 6",
    "power_level": 87,
    "power_status": "DIS",
    "power_source": "BAT",
    "network_type": "LTE",
}
_FIELDS = (
    ("Age", "number"),
    ("Gender", "text"),
    ("Nick Name", "text"),
    ("Registered On", "datetime"),
    ("Next Visit", "datetime"),
    ("District", "district"),
)


def furnish(world: World) -> None:
    """Make the workspaces, their users and tokens, and a little of everything in the main one."""
    for name, country, languages, timezone, is_anonymous, is_suspended in _WORKSPACES:
        world.store.run(
            "INSERT INTO rapidpro_workspaces"
            " (uuid, name, country, languages, timezone, is_anonymous, is_suspended, created_on)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(world.ids.uuid4(), name, country, json.dumps(languages), timezone, is_anonymous, is_suspended),
            now(world) - 1000 * _DAY,
        )
    tenants = [Tenant.load(world, number + 1) for number in range(len(_WORKSPACES))]
    for tenant in tenants:
        _make_system_objects(tenant)
    for account in _ACCOUNTS:
        _make_user(tenants[account.workspace_id - 1], account)
    for tenant in tenants:
        if tenant.workspace.name != "empty":
            _make_channels(tenant)
            _make_people(tenant, 12 if tenant.workspace.name == "main" else 3)
    default_data.furnish(tenants[0])


def _make_system_objects(tenant: Tenant) -> None:
    new_uuid, workspace_id, moment = tenant.world.ids.uuid4, tenant.workspace.id, tenant.now - 1000 * _DAY
    tenant.store.run(
        "INSERT INTO rapidpro_teams (uuid, workspace_id, name) VALUES (?, ?, 'All Topics')", new_uuid(), workspace_id
    )
    tenant.store.run(
        "INSERT INTO rapidpro_topics (uuid, workspace_id, name, is_system, created_on) VALUES (?, ?, 'General', 1, ?)",
        *(new_uuid(), workspace_id, moment),
    )
    tenant.store.run(
        "INSERT INTO rapidpro_groups (uuid, workspace_id, name, query, is_system, created_on)"
        " VALUES (?, ?, 'Open Tickets', 'tickets > 0', 1, ?)",
        *(new_uuid(), workspace_id, moment),
    )


def _make_user(tenant: Tenant, account: _Account) -> None:
    user_id = tenant.store.insert(
        "INSERT INTO rapidpro_users (uuid, email, first_name, last_name, is_active, created_on)"
        " VALUES (?, ?, ?, 'Uwera', ?, ?)",
        *(tenant.world.ids.uuid4(), account.email, account.first_name, account.is_active, tenant.now - 900 * _DAY),
    )
    team = tenant.store.one("SELECT id FROM rapidpro_teams WHERE workspace_id = ?", tenant.workspace.id)
    tenant.store.run(
        "INSERT INTO rapidpro_members VALUES (?, ?, ?, ?)",
        *(tenant.workspace.id, user_id, account.role, team["id"] if team and account.role == "agent" else None),
    )
    tenant.store.run("INSERT INTO rapidpro_tokens VALUES (?, ?, ?)", account.token, tenant.workspace.id, user_id)


def _make_channels(tenant: Tenant) -> None:
    for name, address, kind, country, schemes in _CHANNELS:
        tenant.store.run(
            "INSERT INTO rapidpro_channels"
            " (uuid, workspace_id, name, address, type, country, schemes, device, last_seen, created_on)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(tenant.world.ids.uuid4(), tenant.workspace.id, name, address, kind, country, json.dumps(schemes)),
            *((json.dumps(_DEVICE), tenant.now) if kind == "android" else (None, None)),
            tenant.now - 800 * _DAY,
        )


def _make_people(tenant: Tenant, count: int) -> None:
    for name, kind in _FIELDS:
        contact_fields.create_field(tenant, name, kind)
    for name in ("Farmers", "Reporters", "Health Workers"):
        groups.create_group(tenant, name)
    groups.create_group(tenant, "Adults", "age >= 18")
    for name in ("Feedback", "Complaints"):
        labels.create_label(tenant, name)
    global_values.set_global(tenant, "Support Number", "+250788000009")
    population.make_contacts(tenant, count)
    memberships.fill_all(tenant)
    population.make_messages(tenant, 3 * count)
    population.make_broadcasts(tenant, 2)


_MAKERS: Mapping[str, Callable[[Tenant, int], None]] = {
    "contacts": population.make_contacts,
    "messages": population.make_messages,
    "broadcasts": population.make_broadcasts,
    **default_data.MAKERS,
}
"""What can be added, in the order in which it is: what comes later stands on what came before."""


def seed(world: World, data: JsonObject) -> JsonObject:
    """Add as many rows of each kind as the data says, to the workspace that `workspace` names; return the numbers."""
    tenant = arguments.tenant(world, data)
    if strange := sorted(data.keys() - _MAKERS.keys() - {"workspace"}):
        raise ControlError(f"there is no {strange[0]!r} to add; there is: {', '.join(_MAKERS)}", strange[0])
    return {kind: _add(tenant, kind, data[kind]) for kind in _MAKERS if kind in data}


def _add(tenant: Tenant, kind: str, given: Json) -> int:
    """Add as many rows as given; contacts also by `{"count": 1000, "modified_on": "..."}`, for many of one moment."""
    if kind == "contacts" and isinstance(given, dict):
        return _add_contacts_of_one_moment(tenant, given)
    number = arguments.count(given, kind)
    _MAKERS[kind](tenant, number)
    return number


def _add_contacts_of_one_moment(tenant: Tenant, given: JsonObject) -> int:
    moment = timestamps.read(arguments.text(given, "modified_on"))
    if moment is None:
        raise ControlError("`modified_on` is a time such as 2026-01-01T12:00:00Z", "modified_on")
    number = arguments.count(given.get("count"), "count")
    population.make_contacts(tenant, number, moment)
    return number
