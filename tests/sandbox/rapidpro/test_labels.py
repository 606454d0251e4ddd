"""Labels of messages."""

from __future__ import annotations

from tests.sandbox.rapidpro.caller import Caller


def test_a_label_can_be_made_renamed_found_and_deleted(api: Caller) -> None:
    label = api.create("labels", name=" Weather ")
    renamed = api.call("POST", "labels", {"name": "Climate"}, uuid=label["uuid"].upper())
    found = api.rows("labels", name="climate")
    deleted = api.call("DELETE", "labels", uuid=label["uuid"])

    assert label == {"uuid": label["uuid"], "name": "Weather", "count": 0}
    assert renamed.status == 200
    assert found == [{"uuid": label["uuid"], "name": "Climate", "count": 0}]
    assert (deleted.status, deleted.body) == (204, b"")
    assert api.refused(404, "DELETE", "labels", uuid=label["uuid"]) == {"detail": "No Label matches the given query."}
