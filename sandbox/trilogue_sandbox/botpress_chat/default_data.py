"""What is there from the start: two users, and a conversation that the bot has begun."""

from __future__ import annotations

from trilogue_sandbox.botpress_chat import message_rows, user_keys
from trilogue_sandbox.botpress_chat.caller import Caller, Resource
from trilogue_sandbox.botpress_chat.conversations import create
from trilogue_sandbox.botpress_chat.schema import PARTICIPANTS, USERS
from trilogue_sandbox.botpress_chat.settings import SHARED_KEY, settings
from trilogue_sandbox.kernel.platform import Account
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.world import World

USER_IDS = ("ana", "ben")
CONVERSATION_ID = "welcome"


def accounts(webhook_id: str) -> tuple[Account, ...]:
    """Return the keys of the users."""
    return tuple(_account(webhook_id, user_id) for user_id in USER_IDS)


def _account(webhook_id: str, user_id: str) -> Account:
    credentials = {"webhook_id": webhook_id, "user_key": user_keys.make(user_id, SHARED_KEY)}
    role = "owns the conversation" if user_id == USER_IDS[0] else "takes part in the conversation"
    return Account(user_id, credentials, f"{role} `{CONVERSATION_ID}`")


def _add_default_data(world: World) -> None:
    for user_id in USER_IDS:
        world.records.add(USERS, {"id": user_id, "name": user_id.capitalize()})
    owner = Caller(world, USER_IDS[0])
    create(owner, CONVERSATION_ID)
    world.records.add(PARTICIPANTS, {"conversation_id": CONVERSATION_ID, "user_id": USER_IDS[1]})
    welcome = {"payload": {"type": "text", "text": "Welcome!"}}
    message_rows.add(owner, CONVERSATION_ID, settings(world)["bot_id"], welcome, is_bot=True)


def _add_conversations(world: World, count: int) -> None:
    for _ in range(count):
        create(Caller(world, USER_IDS[0]), None)


def _add_messages(world: World, count: int) -> None:
    context = Caller(world, USER_IDS[0])
    for number in range(count):
        content = {"payload": {"type": "text", "text": f"Message {number + 1}"}}
        message_rows.add(context, CONVERSATION_ID, USER_IDS[0], content)


RESOURCE = Resource(
    seeders={"conversations": counted(_add_conversations), "messages": counted(_add_messages)},
    default_data=_add_default_data,
)
