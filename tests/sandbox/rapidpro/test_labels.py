"""Labels of messages."""

from __future__ import annotations

import json

from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller

NOWHERE = "00000000-0000-4000-8000-000000000000"


def test_a_label_can_be_made_renamed_found_and_deleted(api: Caller) -> None:
    label = api.create("labels", name=" Weather ")
    renamed = json.loads(api.call("POST", "labels", {"name": "Climate"}, uuid=label["uuid"].upper()).body)
    found = api.rows("labels", name="climate")
    deleted = api.call("DELETE", "labels", uuid=label["uuid"])

    assert label == {"uuid": label["uuid"], "name": "Weather", "count": 0}
    assert renamed == {"uuid": label["uuid"], "name": "Climate", "count": 0}
    assert found == [renamed]
    assert (deleted.status, deleted.body) == (204, b"")
    assert api.error(404, "DELETE", "labels", uuid=label["uuid"]) == {"detail": "No Label matches the given query."}


def test_deleting_a_label_takes_it_from_the_messages_which_remain(sandbox: Sandbox, api: Caller) -> None:
    sandbox.control("rapidpro", "receive", {"urn": "tel:+250788123123", "text": "Rain!"})
    message = api.rows("messages")[0]
    api.call("POST", "message_actions", {"messages": [message["id"]], "action": "label", "label_name": "Weather"})
    label = api.rows("labels", name="Weather")[0]
    api.call("DELETE", "labels", uuid=label["uuid"])

    assert label["count"] == 1
    assert api.rows("messages", id=message["id"])[0]["labels"] == []


def test_the_name_of_a_deleted_label_is_free(api: Caller) -> None:
    label = api.create("labels", name="Weather")
    api.call("DELETE", "labels", uuid=label["uuid"])

    assert api.create("labels", name="weather")["uuid"] != label["uuid"]


def test_a_label_is_named_in_the_query_by_one_uuid_that_leads_somewhere(api: Caller) -> None:
    assert api.error(400, "DELETE", "labels") == {"detail": "URL must contain one of the following parameters: uuid"}
    assert api.error(400, "POST", "labels", {"name": "x"}, uuid="x") == {
        "detail": "Param 'uuid': x is not a valid UUID."
    }
    assert api.error(404, "POST", "labels", {}, uuid=NOWHERE) == {"detail": "No Label matches the given query."}
    assert api.error(400, "GET", "labels", uuid="x", name="y") == {
        "detail": "You may only specify one of the uuid, name parameters"
    }


def test_a_full_workspace_can_rename_but_not_add(sandbox: Sandbox, api: Caller) -> None:
    label = api.rows("labels")[0]
    sandbox.control("rapidpro", "limit_objects", {"type": "labels", "limit": 1})

    assert api.error(409, "POST", "labels", {"name": "x"}) == {
        "detail": "Cannot create object because workspace has reached limit."
    }
    assert api.call("POST", "labels", {"name": "x"}, uuid=label["uuid"]).status == 200
