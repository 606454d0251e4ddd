"""What is there from the beginning, and more of it on request."""

from __future__ import annotations

from collections.abc import Mapping

from trilogue_sandbox.botpress import documents, message_types, signed_tokens, timestamps
from trilogue_sandbox.botpress.auth import TokenKind, TokenOwner, add_token
from trilogue_sandbox.botpress.resources import Maker
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import Account, ControlError
from trilogue_sandbox.kernel.world import World

ACCOUNT_ID = "0b6f3f7e-52a4-4d0c-9a41-6c1d7e8f2a10"
STRANGER_ID = "9d1c5a34-7e20-4b8f-8c63-2f4a6b8d0e11"
WORKSPACE_ID = "wkspace_01JZ0000000000000000000001"
OTHER_WORKSPACE_ID = "wkspace_01JZ0000000000000000000002"
BOT_ID = "5e2d9c1a-4b3f-4a68-9d70-1f8e6c2b4a12"
OTHER_BOT_ID = "c83f1b60-2d94-4e57-a1b8-7d5e3c9f0a13"
INTEGRATION_ID = "intver_01JZ0000000000000000000003"

PAT = "bp_pat_SandboxSandboxSandboxSandboxSandbox1"
STRANGER_PAT = "bp_pat_SandboxSandboxSandboxSandboxSandbox2"
BAK = "bp_bak_SandboxSandboxSandboxSandboxSandbox3"
IAK = "bp_iak_SandboxSandboxSandboxSandboxSandbox4"

ACCOUNTS = (
    Account("pat", {"token": PAT, "workspace_id": WORKSPACE_ID, "bot_id": BOT_ID}, "the owner of the workspace"),
    Account("bak", {"token": BAK, "bot_id": BOT_ID}, "the bot"),
    Account("iak", {"token": IAK, "bot_id": BOT_ID, "integration_id": INTEGRATION_ID}, "the integration telegram"),
    Account(
        "stranger",
        {"token": STRANGER_PAT, "workspace_id": OTHER_WORKSPACE_ID, "bot_id": OTHER_BOT_ID},
        "the owner of another workspace",
    ),
)


def furnish(world: World) -> None:
    """Make two workspaces with a bot each, and the tokens."""
    signed_tokens.make_secret(world)
    _add_workspace(world, WORKSPACE_ID, "Sandbox", ACCOUNT_ID, "ada@example.com")
    _add_workspace(world, OTHER_WORKSPACE_ID, "Elsewhere", STRANGER_ID, "eve@example.com")
    _add_bot(world, BOT_ID, WORKSPACE_ID, "Helper")
    _add_bot(world, OTHER_BOT_ID, OTHER_WORKSPACE_ID, "Stranger")
    _add_integration(world)
    for kind, token, owner in _TOKENS:
        add_token(world, kind, token, owner, "sandbox")


def seed(world: World, data: JsonObject, makers: Mapping[str, Maker]) -> object:
    """Make what each key of the data asks for; return what was made under the same keys.

    Raises:
        ControlError: nothing is made under a key, or it asks for something impossible.
    """
    for key in data:
        if key not in makers:
            raise ControlError(f"nothing is called {key!r}; there is: {', '.join(sorted(makers))}", key)
    return {key: makers[key](world, value) for key, value in data.items()}


_TOKENS: tuple[tuple[TokenKind, str, TokenOwner], ...] = (
    ("pat", PAT, TokenOwner(account_id=ACCOUNT_ID)),
    ("pat", STRANGER_PAT, TokenOwner(account_id=STRANGER_ID)),
    ("bak", BAK, TokenOwner(bot_id=BOT_ID)),
    ("iak", IAK, TokenOwner(integration_id=INTEGRATION_ID)),
)


def _titles(*names: str) -> Json:
    return {name: {"title": name.capitalize(), "description": f"The {name}."} for name in names}


_BOT: JsonObject = {
    "user": {"tags": _titles("name", "email", "language", "plan")},
    "conversation": {"tags": _titles("topic", "language", "priority", "color")},
    "message": {"tags": _titles("topic", "language", "source")},
    "states": {
        "order": {"type": "conversation", "schema": {"type": "object"}},
        "profile": {"type": "user", "schema": {"type": "object"}},
        "settings": {"type": "bot", "schema": {"type": "object"}},
    },
    "actions": {
        "lookUp": {
            "title": "Look up",
            "description": "Looks something up.",
            "input": {"schema": {"type": "object"}},
            "output": {"schema": {"type": "object"}},
        }
    },
    "events": {"orderPlaced": {"title": "Order placed", "schema": {"type": "object"}}},
}

_INTEGRATION: JsonObject = {
    "user": {"tags": _titles("id", "username")},
    "channels": {
        "channel": {
            "title": "Channel",
            "description": "A chat.",
            "messages": message_types.DECLARATIONS,
            "conversation": {"tags": _titles("id", "chatId")},
            "message": {"tags": _titles("id")},
        }
    },
    "states": {"session": {"type": "integration", "schema": {"type": "object"}}},
    "actions": {
        "startTyping": {
            "title": "Start typing",
            "description": "Shows that the bot is typing.",
            "input": {"schema": {"type": "object"}},
            "output": {"schema": {"type": "object"}},
        }
    },
    "events": {"reacted": {"title": "Reacted", "schema": {"type": "object"}}},
}


def _add_workspace(world: World, workspace_id: str, name: str, owner_id: str, email: str) -> None:
    now = timestamps.now(world)
    world.store.run("INSERT INTO botpress_accounts VALUES (?, ?, '{}', ?)", owner_id, email, now)
    world.store.run("INSERT INTO botpress_workspaces VALUES (?, ?, '{}', ?, ?)", workspace_id, name, now, now)
    world.store.run(
        "INSERT INTO botpress_members VALUES (?, ?, ?, ?, 'owner', ?)",
        *(world.ids.prefixed("wkmem"), workspace_id, owner_id, email, now),
    )


def _add_bot(world: World, bot_id: str, workspace_id: str, name: str) -> None:
    now = timestamps.now(world)
    world.store.run(
        "INSERT INTO botpress_bots VALUES (?, ?, ?, '{}', ?, ?, ?)",
        *(bot_id, workspace_id, name, documents.encode(_BOT), now, now),
    )


def _add_integration(world: World) -> None:
    now = timestamps.now(world)
    world.store.run(
        "INSERT INTO botpress_integrations VALUES (?, ?, 'telegram', '1.0.0', ?, ?, ?)",
        *(INTEGRATION_ID, WORKSPACE_ID, documents.encode(_INTEGRATION), now, now),
    )
    world.store.run(
        "INSERT INTO botpress_installations VALUES (?, 'telegram', ?, '{}', ?, ?)", BOT_ID, INTEGRATION_ID, now, now
    )
