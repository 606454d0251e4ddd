"""The one function from a request to a response."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.clock import START
from trilogue_sandbox.kernel.faults import Fault
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.operation import Inputs
from trilogue_sandbox.kernel.platform import ControlError, ErrorReason, Leniency
from trilogue_sandbox.kernel.world import World

from .notebook import TOKEN, Notebook, notebook_sandbox, source


def connect(sandbox: Sandbox) -> httpx.Client:
    return httpx.Client(transport=sandbox.transport(), base_url=sandbox.url("notebook"), headers=TOKEN)


def texts(client: httpx.Client) -> list[str]:
    return [note["text"] for note in client.get("/notes").json()["notes"]]


def test_what_is_written_is_found_again(client: httpx.Client) -> None:
    note = client.post("/notes", json={"text": "milk"}).json()

    assert client.get(f"/notes/{note['uuid']}").json() == note
    assert client.delete(f"/notes/{note['uuid']}").status_code == 204
    assert client.get(f"/notes/{note['uuid']}").status_code == 404


def test_a_path_that_belongs_to_no_platform_is_a_page_with_404(client: httpx.Client) -> None:
    response = client.get("http://127.0.0.1/elsewhere/notes")

    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")


def test_outside_its_prefix_a_platform_sees_the_whole_path() -> None:
    seen: list[Request] = []

    class Curious(Notebook):
        def respond(self, request: Request) -> Response:
            seen.append(request)
            return Response.empty()

    with notebook_sandbox(Curious) as sandbox:
        for path in ("/notebook/files/a", "/notebook/v1/nothing", "/notebook/v10"):
            sandbox.respond(Request("GET", path, base_url="http://127.0.0.1:9"))

    assert [(request.base_url, request.path) for request in seen] == [
        ("http://127.0.0.1:9", "/notebook/files/a"),
        ("http://127.0.0.1:9/notebook/v1", "/nothing"),
        ("http://127.0.0.1:9", "/notebook/v10"),
    ]


def session(sandbox: Sandbox) -> list[bytes]:
    """Do a bit of everything and return every byte that came back."""
    sandbox.faults.add(Fault("status", probability=0.3, retry_after=1))
    responses: list[httpx.Response] = []
    with connect(sandbox) as client:
        for number in range(30):
            responses.append(
                client.post("/notes", json={"text": f"note {number}", "color": "red" if number % 3 else "blue"})
            )
            responses.append(client.get("/notes"))
            if number % 10 == 9:
                sandbox.advance(timedelta(seconds=61))
    return [
        bytes(repr((response.status_code, response.headers.multi_items())), "utf-8") + response.content
        for response in responses
    ]


def test_the_same_seed_and_requests_give_the_same_bytes() -> None:
    runs: list[list[bytes]] = []
    for seed in (7, 7, 8):
        with Sandbox(seed=seed, platforms=source()) as sandbox:
            runs.append(session(sandbox))

    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_each_request_has_a_time_of_its_own(client: httpx.Client) -> None:
    for text in ("a", "b", "c"):
        client.post("/notes", json={"text": text})

    times = [note["created_on"] for note in client.get("/notes").json()["notes"]]
    assert len(set(times)) == 4
    assert times == sorted(times)


def test_a_handler_that_raises_becomes_a_500_and_changes_nothing(sandbox: Sandbox, client: httpx.Client) -> None:
    response = client.post("/notes", json={"text": "boom", "color": "explosive"})

    assert response.status_code == 500
    assert "this handler has a defect" in response.text
    assert texts(client) == ["Welcome"]
    (drift,) = sandbox.drift
    assert drift.operation_id == "notes_create"
    assert 'raise RuntimeError("this handler has a defect")' in drift.traceback


class Careless(Notebook):
    """A notebook whose handler for writing breaks the description in a way of the test's choosing."""

    response: Response

    def create_note(self, inputs: Inputs) -> Response:
        super().create_note(inputs)
        return self.response


def careless(response: Response) -> Callable[[World], Careless]:
    def create(world: World) -> Careless:
        platform = Careless(world)
        platform.response = response
        return platform

    return create


@pytest.mark.parametrize(
    ("response", "location"),
    [
        (Response.json({"uuid": "x"}, 201, {"X-Note-Number": "1"}), "response/body/uuid"),
        (Response.json({"detail": "teapot"}, 418), "response/status"),
        (Response.empty(201, {"X-Note-Number": "1"}), "response/header/content-type"),
    ],
)
def test_a_response_that_breaks_the_description_becomes_a_500_that_says_so(response: Response, location: str) -> None:
    with notebook_sandbox(careless(response)) as sandbox, connect(sandbox) as client:
        given = client.post("/notes", json={"text": "x"})

        assert given.status_code == 500
        assert location in [item["location"] for item in given.json()["violations"]]
        assert given.headers["X-Sandbox-Drift"] == "1"
        assert [drift.number for drift in sandbox.drift] == [1]
        assert texts(client) == ["Welcome"]


def test_an_injected_error_that_breaks_the_description_is_drift_and_one_that_raises_too() -> None:
    class Rude(Notebook):
        def error_response(self, reason: ErrorReason, status: int | None) -> Response:
            if reason == "rate_limit":
                raise RuntimeError("no words for this")
            return Response.json({"no": "words"}, status or 401)

    with notebook_sandbox(Rude) as sandbox, connect(sandbox) as client:
        sandbox.faults.add(Fault("status", times=1, status=400), Fault("rate_limit"))

        assert [client.get("/notes").status_code for _ in range(2)] == [500, 500]
        assert [str(drift.violations[0]) for drift in sandbox.drift] == [
            'response/body: "detail" is a required property',
            "handler: RuntimeError: no words for this",
        ]


def test_a_fault_may_ask_for_a_status_that_is_not_described(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add(Fault("status", status=520))

    assert client.get("/notes").status_code == 520
    assert sandbox.drift == ()


class Sloppy(Notebook):
    """A notebook that does not look at its input."""

    leniencies: Sequence[Leniency] = ()

    def respond(self, request: Request) -> Response:
        return Response.json({"notes": self.notes()})


def test_a_request_that_should_have_been_rejected_is_drift_too() -> None:
    with notebook_sandbox(Sloppy) as sandbox, connect(sandbox) as client:
        assert client.get("/notes").status_code == 200
        assert client.get("/notes?limit=0").status_code == 500
        assert client.get("/notes?unheard_of=1").status_code == 500

        found = [(item.location, item.keyword) for drift in sandbox.drift for item in drift.violations]
    assert found == [("query/limit", "minimum"), ("query/unheard_of", "unknown")]


def test_a_declared_leniency_is_no_drift_and_covers_nothing_else() -> None:
    class Lenient(Sloppy):
        leniencies = (Leniency("notes_*", "query/*", "unknown", "the notebook ignores what it does not know"),)

    with notebook_sandbox(Lenient) as sandbox, connect(sandbox) as client:
        assert client.get("/notes?unheard_of=1").status_code == 200
        assert client.get("/notes?limit=0").status_code == 500


def test_an_error_response_is_no_drift(sandbox: Sandbox, client: httpx.Client) -> None:
    assert client.get("/notes?limit=0").status_code == 400
    assert client.patch("/notes").status_code == 405
    assert client.get("/nothing").status_code == 404
    assert client.get("/notes", headers={"Authorization": ""}).status_code == 401

    assert sandbox.drift == ()


def test_a_snapshot_brings_back_rows_clock_ids_and_timers(sandbox: Sandbox, client: httpx.Client) -> None:
    def go_on() -> list[bytes]:
        responses = [client.post("/notes", json={"text": "after", "color": color}).content for color in ("red", "blue")]
        sandbox.advance(timedelta(minutes=2))
        return [*responses, client.get("/notes").content]

    client.post("/notes", json={"text": "before", "color": "red"})
    sandbox.snapshot("here")
    first = go_on()
    sandbox.restore("here")

    assert go_on() == first


def test_a_snapshot_can_be_taken_again_under_the_same_name(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.snapshot("here")
    client.post("/notes", json={"text": "kept"})
    sandbox.snapshot("here")
    client.post("/notes", json={"text": "lost"})

    sandbox.restore("here")

    assert texts(client) == ["Welcome", "kept"]


def test_a_snapshot_that_was_never_taken_is_an_error_that_lists_the_others(sandbox: Sandbox) -> None:
    sandbox.snapshot("here")

    with pytest.raises(ControlError, match="'there'; there is: here"):
        sandbox.restore("there")


def test_a_reset_sandbox_is_as_new(sandbox: Sandbox, client: httpx.Client) -> None:
    first = session(sandbox)
    sandbox.reset()

    assert sandbox.now() == START
    assert (sandbox.journal.entries, sandbox.drift, sandbox.faults.rules) == ((), (), ())
    assert session(sandbox) == first


def test_a_reset_brings_back_the_faults_of_the_start() -> None:
    with Sandbox(platforms=source(), faults=[Fault("status", times=1)]) as sandbox, connect(sandbox) as client:
        assert [client.get("/notes").status_code for _ in range(2)] == [503, 200]
        sandbox.faults.clear()
        sandbox.reset()

        assert [client.get("/notes").status_code for _ in range(2)] == [503, 200]


def test_one_platform_can_be_reset_alone(sandbox: Sandbox, client: httpx.Client) -> None:
    client.post("/notes", json={"text": "gone", "color": "red"})
    sandbox.reset("notebook")

    assert texts(client) == ["Welcome"]
    sandbox.advance(timedelta(minutes=5))
    assert (texts(client), sandbox.drift) == (["Welcome"], ())
    assert len(sandbox.journal.entries) == 3


def test_a_copy_goes_its_own_way(sandbox: Sandbox, client: httpx.Client) -> None:
    client.post("/notes", json={"text": "shared"})
    with sandbox.copy([Fault("status", nth=2)]) as copy, connect(copy) as other:
        assert copy.now() == sandbox.now()
        client.post("/notes", json={"text": "mine"})
        other.post("/notes", json={"text": "theirs"})

        assert other.get("/notes").status_code == 503
        assert texts(other) == ["Welcome", "shared", "theirs"]
        assert texts(client) == ["Welcome", "shared", "mine"]
        assert [entry.number for entry in copy.journal.entries] == [1, 2, 3]


def test_a_database_file_keeps_everything_between_runs(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.sqlite"
    with Sandbox(database=file, platforms=source()) as sandbox, connect(sandbox) as client:
        first = client.post("/notes", json={"text": "kept", "color": "red"}).json()
        now = sandbox.now()

    with Sandbox(database=file, platforms=source()) as sandbox, connect(sandbox) as client:
        assert sandbox.now() == now
        assert texts(client) == ["Welcome", "kept"]
        assert client.post("/notes", json={"text": "new"}).json()["uuid"] != first["uuid"]
        sandbox.advance(timedelta(minutes=2))
        assert texts(client) == ["Welcome", "new"]


def test_threads_can_share_a_sandbox(sandbox: Sandbox) -> None:
    def write(number: int) -> int:
        with connect(sandbox) as client:
            return client.post("/notes", json={"text": f"note {number}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(write, range(200)))

    assert statuses == [201] * 200
    with connect(sandbox) as client:
        notes = client.get("/notes?limit=100").json()["notes"]
        assert len({note["uuid"] for note in notes}) == len({note["created_on"] for note in notes}) == 100
    assert sorted(entry.number for entry in sandbox.journal.entries) == list(range(1, 202))
    assert sandbox.drift == ()


def test_an_unknown_platform_is_an_error_that_lists_the_others(sandbox: Sandbox) -> None:
    with pytest.raises(ControlError, match="'telegraph'; there is: notebook"):
        sandbox.url("telegraph")


def test_a_control_action_that_fails_changes_nothing() -> None:
    class Halfway(Notebook):
        def control(self, action: str, arguments: object) -> object:
            self.add_note("half done", None)
            raise ControlError("no", "field")

    with notebook_sandbox(Halfway) as halfway, connect(halfway) as other:
        with pytest.raises(ControlError):
            halfway.control("notebook", "anything")
        assert texts(other) == ["Welcome"]


def test_a_running_clock_can_still_be_moved() -> None:
    with Sandbox(start=None, platforms=source()) as sandbox, connect(sandbox) as client:
        note = client.post("/notes", json={"text": "x", "color": "red"}).json()
        before = sandbox.now()
        sandbox.advance(timedelta(hours=1))

        assert sandbox.now() - before >= timedelta(hours=1)
        assert client.get(f"/notes/{note['uuid']}").status_code == 404
