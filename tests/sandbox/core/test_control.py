"""The control plane over HTTP."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.clock import LATEST, START
from trilogue_sandbox.kernel.http import JsonObject, Request

from .notebook import Notebook, notebook_sandbox


def test_the_overview_says_where_the_platforms_are_and_how_to_sign_in(control: httpx.Client) -> None:
    assert control.get("/").json() == {
        "seed": 0,
        "now": "2026-01-01T12:00:00Z",
        "platforms": {
            "notebook": {
                "url": "/notebook/v1",
                "accounts": [
                    {"name": "reader", "credentials": {"token": "notebook"}, "note": "may do everything"},
                ],
            }
        },
    }


def test_the_journal_has_requests_and_responses(control: httpx.Client, client: httpx.Client) -> None:
    client.post("/notes?x=tel:+250788", json={"text": "a secret"})
    client.get("/nothing")

    first, second = control.get("/journal").json()["entries"]

    assert {key: first[key] for key in ("number", "platform", "operation_id", "method", "path", "status", "fault")} == {
        "number": 1,
        "platform": "notebook",
        "operation_id": "notes_create",
        "method": "POST",
        "path": "/notebook/v1/notes",
        "status": 400,
        "fault": None,
    }
    assert (second["number"], second["operation_id"], second["status"]) == (2, "", 404)
    assert first["at"] == "2026-01-01T12:00:00.001000Z"


def test_the_journal_shows_bodies_only_when_asked_and_never_a_credential(
    control: httpx.Client, client: httpx.Client
) -> None:
    client.post("/notes", json={"text": "a secret"}, headers={"X-Api-Key": "key of a person"})

    without, with_bodies = control.get("/journal").text, control.get("/journal?bodies=true").text

    assert "a secret" not in without
    assert "a secret" in with_bodies
    assert "Token notebook" not in with_bodies
    assert "key of a person" not in with_bodies


def test_the_journal_can_be_narrowed(control: httpx.Client, client: httpx.Client) -> None:
    for path in ("/notes", "/notes/latest", "/notes"):
        client.get(path)

    def numbers(query: str) -> list[int]:
        return [entry["number"] for entry in control.get(f"/journal?{query}").json()["entries"]]

    assert numbers("operation_id=notes_list") == [1, 3]
    assert numbers("after=1&operation_id=notes_list") == [3]
    assert numbers("platform=elsewhere") == []


def test_control_requests_are_not_in_the_journal(control: httpx.Client, sandbox: Sandbox) -> None:
    control.get("/journal")
    control.post("/reset")

    assert sandbox.journal.entries == ()


def test_drift_can_be_read(control: httpx.Client, client: httpx.Client) -> None:
    assert control.get("/drift").json() == {"drift": []}
    client.post("/notes", json={"text": "x", "color": "explosive"})

    (drift,) = control.get("/drift").json()["drift"]
    assert (drift["number"], drift["operation_id"]) == (1, "notes_create")
    assert drift["violations"][0]["keyword"] == "exception"


def test_the_clock_can_be_read_advanced_and_set(control: httpx.Client, sandbox: Sandbox) -> None:
    assert control.get("/clock").json() == {"now": "2026-01-01T12:00:00Z"}
    assert control.post("/clock", json={"advance": 90.5}).json() == {"now": "2026-01-01T12:01:30.500000Z"}
    assert control.post("/clock", json={"set": "2026-02-01T00:00:00+02:00"}).json() == {"now": "2026-01-31T22:00:00Z"}
    assert sandbox.now() == START + timedelta(days=30, hours=10)


def test_every_platform_responds_at_the_end_of_the_clock_and_after_more_requests() -> None:
    with Sandbox() as sandbox, httpx.Client(transport=sandbox.transport(), base_url="http://127.0.0.1") as client:
        moved = client.post("/__sandbox__/clock", json={"set": LATEST.isoformat()})
        assert moved.json() == {"now": "9000-01-01T00:00:00Z"}
        for name in sandbox.names:
            with sandbox.looking_at(name) as platform:
                samples = [platform.sample_request(account) for account in platform.accounts()]
            for sample in samples:
                url = sandbox.url(name) + sample.path
                assert client.request(sample.method, url, headers=sample.headers).status_code < 500
        assert sandbox.now() > LATEST
        assert client.post("/__sandbox__/clock", json={"advance": 1}).status_code == 400
        assert client.post("/__sandbox__/clock", json={"advance": 0}).status_code == 400
        assert sandbox.drift == ()


def test_faults_can_be_added_read_and_cleared(control: httpx.Client, client: httpx.Client) -> None:
    added = control.post(
        "/faults", json=[{"type": "rate_limit", "retry_after": 2, "times": 1}, {"type": "html", "nth": 3}]
    )
    assert [rule["number"] for rule in added.json()["faults"]] == [1, 2]

    assert [client.get("/notes").status_code for _ in range(3)] == [429, 200, 503]
    assert [(rule["type"], rule["seen"], rule["fired"]) for rule in control.get("/faults").json()["faults"]] == [
        ("rate_limit", 3, 1),
        ("html", 3, 1),
    ]
    control.post("/faults", json={"type": "status"})
    control.delete("/faults")
    assert client.get("/notes").status_code == 200


def test_a_profile_of_faults_ends_by_itself(control: httpx.Client, client: httpx.Client) -> None:
    added = control.post("/faults", json={"profile": "offline", "expires_in": 60, "platform": "notebook"}).json()
    assert [(rule["type"], rule["expires_at"]) for rule in added["faults"]] == [("reset", "2026-01-01T12:01:00Z")]
    with pytest.raises(httpx.ReadError):
        client.get("/notes")

    control.post("/clock", json={"advance": 60})

    assert client.get("/notes").status_code == 200
    assert control.get("/faults").json() == {"faults": []}


def test_data_can_be_seeded_and_everything_reset(control: httpx.Client, client: httpx.Client) -> None:
    seeded = control.post("/seed", json={"platform": "notebook", "data": {"texts": ["a", "b"]}}).json()
    assert len(seeded["uuids"]) == 2
    assert len(client.get("/notes").json()["notes"]) == 3

    control.post("/reset", json={"platform": "notebook"})
    assert len(client.get("/notes").json()["notes"]) == 1
    control.post("/reset")
    assert control.get("/clock").json() == {"now": "2026-01-01T12:00:00Z"}


def test_snapshots_can_be_taken_and_restored(control: httpx.Client, client: httpx.Client) -> None:
    control.post("/snapshot", json={"name": "before"})
    client.post("/notes", json={"text": "x"})
    control.post("/restore", json={"name": "before"})

    assert len(client.get("/notes").json()["notes"]) == 1


def test_an_action_reaches_its_platform(control: httpx.Client, client: httpx.Client) -> None:
    (note,) = client.get("/notes").json()["notes"]

    response = control.post("/notebook/forget", json={"uuid": note["uuid"]})

    assert response.json() == {"forgotten": 1, "at": "2026-01-01T12:00:00.002000+00:00"}
    assert client.get("/notes").json() == {"notes": []}


@pytest.mark.parametrize(
    ("path", "body", "field", "words"),
    [
        ("clock", {}, "advance", "either `advance`"),
        ("clock", {"advance": 1, "set": "2026-01-01T12:00:00Z"}, "advance", "either `advance`"),
        ("clock", {"advance": "1"}, "advance", "must be a number"),
        ("clock", {"advance": True}, "advance", "must be a number"),
        ("clock", {"advance": -1}, "advance", "only forward"),
        ("clock", {"advance": 1e300}, "advance", "the clock ends at 9000-01-01"),
        ("clock", {"set": "9999-12-31T23:59:59.999999Z"}, "set", "the clock ends at 9000-01-01"),
        ("clock", {"set": "tomorrow"}, "set", "not 'tomorrow'"),
        ("clock", {"set": "2030-01-01T00:00:00"}, "set", "time zone"),
        ("clock", {"jump": 1}, "jump", "there is: advance, set"),
        ("faults", {"type": "explosion"}, "type", "latency, status"),
        ("faults", {}, "type", "must be a string"),
        ("faults", {"type": "status", "status": 200}, "status", ">= 400"),
        ("faults", {"type": "status", "nth": "1"}, "nth", "Expected"),
        ("faults", {"type": "status", "colour": "red"}, "colour", "there is: type"),
        ("faults", {"type": "status", "operation_id": "note_list"}, "operation_id", "the nearest is 'notes_list'"),
        ("faults", {"profile": "lazy"}, "profile", "slow, flaky"),
        ("faults", {"profile": "slow", "seconds": 3}, "seconds", "there is: profile"),
        ("faults", {"profile": "slow", "expires_in": 0}, "expires_in", ">= 0.001"),
        ("faults", ["status"], None, "JSON object"),
        ("reset", {"platform": "telegraph"}, "platform", "there is: notebook"),
        ("seed", {"platform": "telegraph", "data": {}}, "platform", "there is: notebook"),
        ("seed", {"platform": "notebook", "data": []}, "data", "must be an object"),
        ("seed", {"platform": "notebook", "data": {}}, "texts", "list of strings"),
        ("snapshot", {}, "name", "must be a string"),
        ("restore", {"name": "never"}, "name", "there is: none"),
        ("notebook/explode", {}, None, "there is: forget"),
        ("notebook/forget", {}, "uuid", "must be a string"),
        ("notebook/forget", [], None, "JSON object"),
    ],
)
def test_what_is_wrong_is_a_400_that_names_the_field(
    control: httpx.Client, path: str, body: object, field: str | None, words: str
) -> None:
    response = control.post(f"/{path}", json=body)

    assert response.status_code == 400
    assert response.json()["field"] == field
    assert words in response.json()["error"]


def test_a_body_that_is_not_json_is_a_400(control: httpx.Client) -> None:
    response = control.post("/clock", content=b"{advance")

    assert (response.status_code, response.json()["error"][:21]) == (400, "the body must be JSON")


def test_a_journal_position_that_is_no_number_is_a_400(control: httpx.Client) -> None:
    assert control.get("/journal?after=x").json()["field"] == "after"
    assert control.get("/journal?before=1").json()["field"] == "before"


def test_unknown_paths_and_methods_are_told_apart(control: httpx.Client) -> None:
    missing, wrong = control.get("/jornal"), control.put("/clock")

    assert (
        missing.status_code
        == control.post("/telegraph/send").status_code
        == control.post("/notebook").status_code
        == 404
    )
    assert "journal, journal/stream, drift, clock" in missing.json()["error"]
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, POST")


def test_an_action_that_raises_is_a_500_that_says_what() -> None:
    class Broken(Notebook):
        def control(self, action: str, arguments: JsonObject) -> object:
            raise RuntimeError("out of ink")

    with notebook_sandbox(Broken) as sandbox, httpx.Client(transport=sandbox.transport()) as client:
        response = client.post("http://127.0.0.1/__sandbox__/notebook/write")

    assert response.status_code == 500
    assert "RuntimeError: out of ink" in response.json()["error"]


@pytest.mark.parametrize(
    ("url", "headers", "status"),
    [
        ("http://127.0.0.1:8000", {}, 200),
        ("http://localhost", {}, 200),
        ("http://[::1]:8000", {}, 200),
        ("http://192.0.2.1:8000", {}, 200),
        ("http://127.0.0.1:8000", {"Origin": "http://127.0.0.1:8000"}, 200),
        ("http://127.0.0.1:8000", {"Origin": "https://elsewhere.example"}, 403),
        ("http://127.0.0.1:8000", {"Origin": "null"}, 403),
        ("http://rebound.example:8000", {}, 403),
        ("http://[rebound", {}, 403),
    ],
)
def test_pages_of_other_sites_do_not_reach_the_control_plane(
    sandbox: Sandbox, url: str, headers: dict[str, str], status: int
) -> None:
    response = sandbox.respond(Request("GET", "/__sandbox__/clock", headers=headers, base_url=url))

    assert response.status == status
