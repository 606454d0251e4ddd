"""Keys of bots and integrations."""

from __future__ import annotations

import pytest

from tests.sandbox.botpress.caller import Caller

OWNERS = (
    ("bots/baks", "baks", "botId", "x-bot-id"),
    ("integrations/iaks", "iaks", "integrationId", "x-integration-id"),
)


def make_and_delete(api: Caller, path: str, field: str, owner: str, header: str) -> None:
    """Make a key, call the runtime with it, delete it."""
    owner_id = Caller.of(api.sandbox, "iak").headers[header]
    made = api.post(f"/v1/admin/{path}", **{owner: owner_id}, note="for a test")
    listed = api.get(f"/v1/admin/{path}", **{owner: owner_id})[field]
    holder = api.with_headers(Authorization=f"Bearer {made['value']}")
    holder.get("/v1/chat/users")
    holder.error("Forbidden", "GET", "/v1/admin/bots")
    api.delete(f"/v1/admin/{path}/{made['id']}")

    assert listed[0] == {"id": made["id"], "createdAt": made["createdAt"], "note": "for a test"}
    assert all("value" not in key for key in listed)
    holder.error("Unauthorized", "GET", "/v1/chat/users")
    api.error("ResourceNotFound", "DELETE", f"/v1/admin/{path}/{made['id']}")


def test_a_key_of_a_bot_acts_as_the_bot_until_it_is_deleted(api: Caller) -> None:
    make_and_delete(api, *OWNERS[0])


def test_a_key_of_an_integration_acts_as_the_integration_until_it_is_deleted(api: Caller) -> None:
    make_and_delete(api, *OWNERS[1])


@pytest.mark.parametrize(("path", "field", "owner", "header"), OWNERS, ids=["bot", "integration"])
def test_keys_belong_to_the_workspace_of_what_they_open(
    api: Caller, path: str, field: str, owner: str, header: str
) -> None:
    owner_id = Caller.of(api.sandbox, "iak").headers[header]
    key_id = api.get(f"/v1/admin/{path}", **{owner: owner_id})[field][0]["id"]
    stranger = Caller.of(api.sandbox, "stranger")

    stranger.error("ResourceNotFound", "GET", f"/v1/admin/{path}", **{owner: owner_id})
    stranger.error("ReferenceNotFound", "POST", f"/v1/admin/{path}", {owner: owner_id})
    stranger.error("ResourceNotFound", "DELETE", f"/v1/admin/{path}/{key_id}")


LIVES = (
    test_a_key_of_a_bot_acts_as_the_bot_until_it_is_deleted,
    test_a_key_of_an_integration_acts_as_the_integration_until_it_is_deleted,
)
