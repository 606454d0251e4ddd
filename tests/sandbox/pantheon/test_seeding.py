"""More data on request."""

from __future__ import annotations

from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.kernel.platform import ControlError

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.resources import conversation, message

LISTS = {
    "channels": "channels/listChannels",
    "contacts": "contacts/listContacts",
    "conversations": "conversations/listConversations",
    "messages": "messages/listMessages",
    "files": "files/listFiles",
    "payments": "payments/listPayments",
    "logins": "logins/listLogins",
    "webhooks": "webhooks/listWebhooks",
}


def seed(sandbox: Sandbox, **data: Json) -> Any:
    return sandbox.seed_data("pantheon", data)


@pytest.mark.parametrize("key", LISTS)
@pytest.mark.parametrize("account", ["scale", "empty"])
def test_seed_data_is_added_and_found_again(sandbox: Sandbox, key: str, account: str) -> None:
    api = Caller.of(sandbox, account)
    before = api.ids(LISTS[key])
    made = seed(sandbox, client_id=f"PANTHEON{account.upper()}", **{key: 3})

    assert len(made[key]) == 3
    assert set(made[key]) <= set(api.ids(LISTS[key], limit=100)) - set(before)


def test_one_time_passwords_are_made(api: Caller) -> None:
    made = seed(api.sandbox, otps=2)["otps"]

    assert [api.ok("otps/getOtp", otp_id=otp_id)["status"] for otp_id in made] == ["pending"] * 2


def test_a_thousand_contacts_are_made_in_no_time(empty: Caller) -> None:
    made = seed(empty.sandbox, client_id="PANTHEONEMPTY", contacts=1000)

    assert len(empty.ids("contacts/listContacts", limit=100)) == len(made["contacts"]) == 1000


def test_what_was_seeded_can_be_gone_on_with(empty: Caller) -> None:
    made = seed(empty.sandbox, client_id="PANTHEONEMPTY", conversations=1)

    assert message(empty, made["conversations"][0])["status"] == "queued"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"contacts": -1}, "contacts"),
        ({"contacts": "many"}, "contacts"),
        ({"contacts": True}, "contacts"),
        ({"pigeons": 1}, "pigeons"),
        ({"client_id": "nobody"}, "client_id"),
        ({"templates": 3}, "templates"),
        ({"templates": [{"name": "x"}]}, "language"),
    ],
)
def test_wrong_data_is_refused_by_name(sandbox: Sandbox, data: dict[str, Json], field: str) -> None:
    with pytest.raises(ControlError) as caught:
        seed(sandbox, **data)

    assert caught.value.field == field


def test_reset_goes_back_to_the_beginning(sandbox: Sandbox, api: Caller) -> None:
    before = len(api.ids("conversations/listConversations"))
    talk = conversation(api)
    sandbox.reset("pantheon")
    api = Caller.of(sandbox, "scale")

    assert len(api.ids("conversations/listConversations")) == before
    assert api.is_missing("conversations/getConversation", conversation_id=talk["id"])


def test_the_credentials_are_the_same_in_every_sandbox(sandbox: Sandbox) -> None:
    with Sandbox(seed=99) as other:
        assert other.accounts("pantheon") == sandbox.accounts("pantheon")
    assert [account.name for account in sandbox.accounts("pantheon")] == [
        "scale",
        "scale_second",
        "standard",
        "free",
        "overview",
        "empty",
    ]
