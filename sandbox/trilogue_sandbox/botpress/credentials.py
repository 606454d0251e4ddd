"""The workspaces, bots and tokens that exist from the start."""

from __future__ import annotations

from trilogue_sandbox.botpress.account_tables import WORKSPACES
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.definition_tables import INTEGRATIONS
from trilogue_sandbox.botpress.exchange import noun
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.platform import Account, ControlError
from trilogue_sandbox.kernel.table import Table
from trilogue_sandbox.kernel.world import World

ACCOUNT_ID = "0b6f3f7e-52a4-4d0c-9a41-6c1d7e8f2a10"
STRANGER_ID = "9d1c5a34-7e20-4b8f-8c63-2f4a6b8d0e11"
WORKSPACE_ID = "wkspace_01JZ0000000000000000000001"
OTHER_WORKSPACE_ID = "wkspace_01JZ0000000000000000000002"
BOT_ID = "5e2d9c1a-4b3f-4a68-9d70-1f8e6c2b4a12"
OTHER_BOT_ID = "c83f1b60-2d94-4e57-a1b8-7d5e3c9f0a13"
INTEGRATION_ID = "intver_01JZ0000000000000000000003"
INTERFACE_ID = "7b2d4e60-1f83-4c95-a6d7-3e8f5b9c0a14"

PAT = "bp_pat_SandboxSandboxSandboxSandboxSandbox1"
STRANGER_PAT = "bp_pat_SandboxSandboxSandboxSandboxSandbox2"
BAK = "bp_bak_SandboxSandboxSandboxSandboxSandbox3"
IAK = "bp_iak_SandboxSandboxSandboxSandboxSandbox4"

ACCOUNTS = (
    Account(
        "pat",
        {"token": PAT, "workspace_id": WORKSPACE_ID, "bot_id": BOT_ID},
        "may do everything: the owner of the workspace",
    ),
    Account("bak", {"token": BAK, "bot_id": BOT_ID}, "may do what the bot may: not administrate"),
    Account(
        "iak",
        {"token": IAK, "bot_id": BOT_ID, "integration_id": INTEGRATION_ID},
        "may do what the integration telegram may",
    ),
    Account(
        "stranger",
        {"token": STRANGER_PAT, "workspace_id": OTHER_WORKSPACE_ID, "bot_id": OTHER_BOT_ID},
        "may do everything in another workspace, nothing here",
    ),
)

_FIRST: dict[Table, str] = {WORKSPACES: WORKSPACE_ID, BOTS: BOT_ID, INTEGRATIONS: INTEGRATION_ID}


def target(world: World, given: Fields, table: Table) -> str:
    """Return the workspace, bot or integration that a control action names; the first one unless it names any.

    Raises:
        ControlError: there is no such row.
    """
    name = noun(table)
    row_id = given.string(name, _FIRST[table])
    if not world.records.find(table, id=row_id):
        raise ControlError(f"there is no {name} {row_id!r}", name)
    return row_id
