"""What is there from the beginning, and more of it on request."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.platform import ControlError

from tests.sandbox.botpress.caller import Caller


def test_every_list_of_the_bot_has_something_in_it(api: Caller) -> None:
    api.sandbox.advance(timedelta(seconds=1))
    (conversation,) = api.get("/v1/chat/conversations")["conversations"]
    (file,) = api.get("/v1/files")["files"]
    lists = {
        "users": "/v1/chat/users",
        "messages": "/v1/chat/messages",
        "events": "/v1/chat/events",
        "workflows": "/v1/chat/workflows",
        "participants": f"/v1/chat/conversations/{conversation['id']}/participants",
        "passages": f"/v1/files/{file['id']}/passages",
        "tags": "/v1/files/tags",
        "knowledgeBases": "/v1/files/knowledge-bases",
        "tables": "/v1/tables",
    }

    assert [name for name, path in lists.items() if not api.get(path)[name]] == []
    assert len(api.post("/v1/tables/OfficesTable/rows/find")["rows"]) == 3


def test_as_much_is_made_as_is_asked_for(api: Caller) -> None:
    data = {"users": 30, "conversations": 5, "messages": 200, "files": 3, "rows": 40}
    made = api.sandbox.seed_data("botpress", {**data})
    assert isinstance(made, dict)
    api.sandbox.advance(timedelta(seconds=1))
    conversation = api.get(f"/v1/chat/conversations/{made['conversations'][0]}")["conversation"]
    messages = api.iterate("/v1/chat/messages", "messages", conversationId=conversation["id"])

    counts = {name: len(made[name]) for name in data if name != "rows"}
    assert {**counts, "rows": made["rows"]["rows"]} == data
    assert conversation["messageCount"] == len(messages) > 0
    assert [message["createdAt"] for message in messages] == sorted(
        (row["createdAt"] for row in messages), reverse=True
    )
    assert api.get(f"/v1/tables/{made['rows']['table']}")["rows"] == 40
    assert api.get(f"/v1/files/{made['files'][0]}")["file"]["status"] == "indexing_completed"


def test_the_same_seed_makes_the_same(sandbox: Sandbox) -> None:
    with Sandbox() as other:
        assert other.seed_data("botpress", {"users": 5}) == sandbox.seed_data("botpress", {"users": 5})


@pytest.mark.parametrize("data", [{"unicorns": 1}, {"users": -1}, {"users": "many"}])
def test_what_cannot_be_made_is_named(sandbox: Sandbox, data: dict[str, Any]) -> None:
    with pytest.raises(ControlError) as caught:
        sandbox.seed_data("botpress", data)

    assert caught.value.field in data


def test_many_messages_are_each_listed_once(api: Caller) -> None:
    made = api.sandbox.seed_data("botpress", {"conversations": 50, "messages": 5000})
    assert isinstance(made, dict)
    listed = [message["id"] for message in api.iterate("/v1/chat/messages", "messages", pageSize=700)]

    assert len(listed) == len({*listed})
    assert {*listed} >= {*made["messages"]}


def test_a_reset_makes_everything_as_it_was(api: Caller) -> None:
    before = api.get("/v1/chat/users")
    api.sandbox.seed_data("botpress", {"users": 30, "messages": 10, "rows": 5})
    api.sandbox.reset("botpress")
    names = [user.get("name") for user in api.get("/v1/chat/users")["users"]]
    api.sandbox.reset()

    assert names == [user.get("name") for user in before["users"]]
    assert Caller.of(api.sandbox, "pat").get("/v1/chat/users") == before


def test_what_was_made_is_still_there_when_the_database_is_opened_again(tmp_path: Path) -> None:
    with Sandbox(database=tmp_path / "state.db") as first:
        user = Caller.of(first, "pat").create("/v1/chat/users", tags={"plan": "free"})["user"]
    with Sandbox(database=tmp_path / "state.db") as second:
        assert Caller.of(second, "pat").get(f"/v1/chat/users/{user['id']}") == {"user": user}
