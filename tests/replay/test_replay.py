"""A recording replays equal on the sandbox it came from, and a changed response is found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from trilogue_sandbox import sandbox as facade
from trilogue_sandbox.kernel.http import Request

from tests.replay import recording
from tests.replay.accepted import Acceptance, is_accepted
from tests.replay.comparing import Renaming, compare
from tests.replay.recording import Recorder, RecordingSandbox
from tests.replay.replaying import replay
from tests.replay.sessions import Exchange, Received, Session

FIRST, SECOND, THIRD = (f"0f8c5a9e-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Session]]:
    """A group that is made and listed in a copy of a sandbox."""
    monkeypatch.setattr(facade, "Sandbox", RecordingSandbox)  # as the plug-in does for a whole run
    monkeypatch.setattr(recording, "RECORDER", Recorder())
    with RecordingSandbox(seed=3) as template:
        token = template.accounts("rapidpro")[0].credentials["token"]
        headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        with template.copy() as sandbox:
            sandbox.respond(Request("POST", "/rapidpro/api/v2/groups.json", (), headers, b'{"name": "Readers"}'))
            sandbox.control("rapidpro", "throttle", {"scope": "v2", "limit": 9})
            sandbox.respond(Request("GET", "/rapidpro/api/v2/groups.json", (), headers))
        yield recording.RECORDER.sessions


def _response(body: str, status: int = 200) -> Received:
    return Received(status, (("Content-Type", "application/json"),), body)


def test_a_recording_replays_equal(recorded: list[Session]) -> None:
    results = list(replay(recorded))

    assert [(one.operation, one.outcome) for one in results] == [
        ("groups_save", "equal"),
        ("control throttle", "equal"),
        ("groups_list", "equal"),
    ]


def test_ids_of_another_seed_are_equal_after_renaming(recorded: list[Session]) -> None:
    others = [replace(session, seed=4) for session in recorded]

    assert [one.outcome for one in replay(others, ["groups_save"])] == ["renamed"]


def test_a_changed_response_is_found(recorded: list[Session]) -> None:
    step = recorded[-1].steps[0]
    assert isinstance(step, Exchange)
    recorded[-1].steps[0] = replace(
        step, response=replace(step.response, body=step.response.body.replace("Readers", "Riders"))
    )

    results = list(replay(recorded, ["groups_save"]))

    assert [one.outcome for one in results] == ["different"]
    assert [difference.at for difference in results[0].differences] == ["body/name"]


@pytest.mark.parametrize(
    ("recorded", "replayed"),
    [
        (f'["{FIRST}", "{FIRST}"]', f'["{SECOND}", "{THIRD}"]'),
        (f'["{FIRST}", "{SECOND}"]', f'["{THIRD}", "{THIRD}"]'),
        ('"2026-01-01T12:00:00Z"', '"2026-01-02T12:00:00Z"'),
        ('"evt_01KDWPVNQJR9KH6MDTB86X5AY0"', '"evt_01KDWPVNKKPVT0107JKN415WFP"'),
        ('{"name": "Ann"}', '{"name": "Ben"}'),
        ('{"count": 1}', '{"count": true}'),
        ('{"count": 1}', "{}"),
        ("[1, 2]", "[1]"),
    ],
    ids=["two for one", "one for two", "date", "time of a ULID", "name", "type", "absent", "length"],
)
def test_what_is_no_renaming_differs(recorded: str, replayed: str) -> None:
    assert compare(_response(recorded), _response(replayed), Renaming())


def test_an_id_that_was_equal_before_cannot_become_another() -> None:
    renaming = Renaming()
    renaming.note_equal(f'{{"uuid": "{FIRST}"}}, {{"uuid": "{SECOND}"}}')

    assert compare(_response(f'"{FIRST}"'), _response(f'"{SECOND}"'), renaming)


@pytest.mark.parametrize("cursor", ["cD0yMDI2", "+/+/MFrGa+BlEKmoWzE3Nj=="])
def test_a_renamed_cursor_goes_into_the_next_request(cursor: str) -> None:
    renaming = Renaming()
    recorded, replayed = '"http://a/b.json?cursor=cD0yMDI1"', f'"http://a/b.json?cursor={cursor.replace("+", "%2B")}"'

    assert not compare(_response(recorded), _response(replayed), renaming)
    assert renaming.translate("cD0yMDI1") == cursor


def test_an_acceptance_covers_what_it_names_and_nothing_else() -> None:
    acceptance = Acceptance("was a defect", at="status", operation="groups_*", recorded="500", replayed="400 *")
    mended = compare(_response("{}", 500), _response("{}", 400), Renaming())
    broken = compare(_response("{}", 200), _response("{}", 400), Renaming())

    assert is_accepted([acceptance], "rapidpro", "groups_save", mended)
    assert not is_accepted([acceptance], "rapidpro", "groups_save", broken)
    assert not is_accepted([acceptance], "rapidpro", "labels_save", mended)
