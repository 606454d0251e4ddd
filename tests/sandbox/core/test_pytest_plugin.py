"""The fixtures that pytest users get."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import trilogue_sandbox
from trilogue_generated.platforms import PLATFORMS

pytest_plugins = ["pytester"]

IMPORT_ROOT = Path(trilogue_sandbox.__file__).parent.parent
TESTS = Path(__file__).parent.parent.parent
OPTIONS = ("-p", "no:trilogue", "-p", "trilogue_sandbox.pytest_plugin", "-p", "no:cacheprovider", "-W", "error")
CONFTEST = f"""
import sys

sys.path.insert(0, {str(TESTS)!r})

import httpx
import pytest
from sandbox.core.notebook import TOKEN, Notebook, source
from trilogue_sandbox import PlatformSandbox, Sandbox


@pytest.fixture(scope="session")
def trilogue_sandbox_templates():
    templates = {{
        **{{(seed, "standing"): Sandbox(seed=seed, platforms=source()) for seed in (0, 7)}},
        (0, None): Sandbox(start=None, platforms=source()),
    }}
    yield templates
    for template in templates.values():
        template.close()


@pytest.fixture
def notebook_sandbox(trilogue_sandbox):
    return PlatformSandbox(trilogue_sandbox, "notebook")


@pytest.fixture
def client(notebook_sandbox):
    with httpx.Client(transport=notebook_sandbox.transport(), base_url=notebook_sandbox.url, headers=TOKEN) as client:
        yield client
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST)
    return pytester


def run(project: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    project.makepyfile(source)
    return project.runpytest_inprocess(*OPTIONS, *options)


def test_each_test_has_a_state_of_its_own(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import pytest

        seen = []

        @pytest.mark.parametrize("number", range(3))
        def test_write(number, client, notebook_sandbox):
            notebook_sandbox.seed(texts=["seeded"])
            seen.append(client.post("/notes", json={"text": "mine"}).json())
            assert [note["text"] for note in client.get("/notes").json()["notes"]] == ["Welcome", "seeded", "mine"]
            assert [entry.number for entry in notebook_sandbox.journal] == [1, 2]

        def test_the_same_each_time():
            assert seen == [seen[0]] * 3
        """,
    )

    result.assert_outcomes(passed=4)


def test_the_marker_sets_the_seed_and_the_faults(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import pytest
        from trilogue_sandbox import Fault

        pytestmark = pytest.mark.sandbox(faults=[Fault("status", times=1)])

        def test_of_the_module(client, trilogue_sandbox):
            assert trilogue_sandbox.seed == 0
            assert [client.get("/notes").status_code for _ in range(2)] == [503, 200]

        @pytest.mark.sandbox(seed=7)
        def test_of_its_own(client, trilogue_sandbox):
            assert trilogue_sandbox.seed == 7
            assert [client.get("/notes").status_code for _ in range(2)] == [503, 200]

        @pytest.mark.sandbox(faults=[])
        def test_without_faults(client):
            assert client.get("/notes").status_code == 200
        """,
    )

    result.assert_outcomes(passed=3)


def test_a_marker_sets_the_clock_to_the_real_time(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        from datetime import UTC, datetime, timedelta
        import pytest

        @pytest.mark.sandbox(start=None)
        def test_in_real_time(notebook_sandbox):
            assert abs(notebook_sandbox.now() - datetime.now(UTC)) < timedelta(minutes=5)

        def test_at_a_time_that_stands_still(notebook_sandbox):
            assert notebook_sandbox.now() == notebook_sandbox.now()

        @pytest.mark.sandbox(start="now")
        def test_at_no_time(notebook_sandbox):
            pass

        @pytest.mark.sandbox(start=datetime(2030, 1, 1))
        def test_without_a_time_zone(notebook_sandbox):
            pass
        """,
    )

    result.assert_outcomes(passed=2, errors=2)
    result.stdout.fnmatch_lines(["*`start` of the marker `sandbox` must be a datetime with a time zone, or None"])


def test_a_mistaken_marker_is_an_error_that_says_what_it_takes(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import pytest

        @pytest.mark.sandbox(fault=[])
        def test_it(trilogue_sandbox):
            pass

        @pytest.mark.sandbox(7)
        def test_another(trilogue_sandbox):
            pass
        """,
        "--strict-markers",
    )

    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*the marker `sandbox` takes its arguments by name: seed=*"])
    result.stdout.fnmatch_lines(
        ["*the marker `sandbox` has no argument 'fault'; it takes seed=..., start=..., faults=...*"]
    )


def test_a_failing_test_shows_the_seed_and_its_requests(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import pytest
        from trilogue_sandbox import Fault

        @pytest.mark.sandbox(faults=[Fault("rate_limit", nth=2)])
        def test_it(client):
            client.get("/notes?limit=1")
            assert client.get("/notes/latest").status_code == 200
        """,
        "--sandbox-seed=7",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*trilogue sandbox*",
            "--sandbox-seed=7",
            "   1  200  GET    /notebook/v1/notes",
            "   2  429  GET    /notebook/v1/notes/latest  fault: rate_limit",
        ],
        consecutive=True,
    )


def test_a_sandbox_that_breaks_its_description_fails_the_test(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        def test_it(client):
            assert client.post("/notes", json={"text": "x", "color": "explosive"}).status_code == 500
        """,
    )

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*request 1, notebook notes_create: handler: RuntimeError: this handler has a defect*"]
    )


def test_a_platform_moves_in_once_and_is_copied_from_then_on(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        from sandbox.core.notebook import Notebook

        def test_first(notebook_sandbox):
            notebook_sandbox.url

        def test_second(notebook_sandbox, monkeypatch):
            def reset(self):
                raise AssertionError("the notebook is set up again")

            monkeypatch.setattr(Notebook, "reset", reset)
            assert notebook_sandbox.url == "http://127.0.0.1/notebook/v1"
        """,
    )

    result.assert_outcomes(passed=2)


def test_the_fixtures_can_be_used_in_a_loop_that_is_running(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import asyncio

        import httpx
        from sandbox.core.notebook import TOKEN

        def test_it(notebook_sandbox):
            async def get():
                url = notebook_sandbox.url
                async with httpx.AsyncClient(transport=notebook_sandbox.async_transport(), base_url=url) as client:
                    return (await client.get("/notes", headers=TOKEN)).status_code

            assert asyncio.run(get()) == 200
        """,
    )

    result.assert_outcomes(passed=1)


CLIENT_FIXTURES = [f"{prefix}{name}_client" for name in PLATFORMS for prefix in ("", "async_")]


def test_the_fixtures_are_listed_with_what_they_give(project: pytest.Pytester) -> None:
    result = run(project, "", "--fixtures")

    for name in ("trilogue_sandbox", *(f"{name}_sandbox" for name in PLATFORMS), *CLIENT_FIXTURES):
        result.stdout.fnmatch_lines([f"{name}*", "    Give *"])


def test_each_platform_has_a_sync_and_an_async_client_that_are_ready(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import asyncio

        def test_sync(rapidpro_client, botpress_client, pantheon_client):
            assert next(iter(rapidpro_client.contacts.list())).uuid
            assert next(iter(botpress_client.conversations.list())).id
            assert next(iter(pantheon_client.conversations.list())).id

        def test_async(async_rapidpro_client, async_botpress_client, async_pantheon_client):
            async def look():
                assert (await async_rapidpro_client.workspace.get()).name
                assert (await anext(aiter(async_botpress_client.conversations.list()))).id
                assert (await async_pantheon_client.apps.get()).name
            asyncio.run(look())

        def test_client_and_sandbox_are_the_same(rapidpro_sandbox, rapidpro_client):
            created = rapidpro_client.contacts.create(urns=["tel:+250788123123"])
            assert [entry.operation_id for entry in rapidpro_sandbox.journal] == ["contacts_save"]
            assert created.urns == ["tel:+250788123123"]
        """,
    )

    result.assert_outcomes(passed=3)


def test_what_a_client_waits_passes_on_the_clock_of_the_sandbox(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import asyncio
        from datetime import timedelta

        import pytest
        from trilogue_sandbox import Fault

        pytestmark = pytest.mark.sandbox(
            faults=[Fault("rate_limit", times=1, retry_after=60), {"type": "latency", "seconds": 5.0}]
        )

        @pytest.fixture(autouse=True)
        def nobody_sleeps(monkeypatch):
            monkeypatch.setattr("time.sleep", None)

        def test_sync(trilogue_sandbox, rapidpro_client):
            began = trilogue_sandbox.now()
            assert rapidpro_client.workspace.get().name
            assert timedelta(seconds=70) <= trilogue_sandbox.now() - began < timedelta(seconds=90)

        def test_async(trilogue_sandbox, async_pantheon_client):
            began = trilogue_sandbox.now()
            asyncio.run(async_pantheon_client.apps.get())
            assert timedelta(seconds=70) <= trilogue_sandbox.now() - began < timedelta(seconds=90)
        """,
    )

    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ("'flaky'", "must be a list of faults"),
        ("[7]", "a fault must be a JSON object"),
        ("[{'type': 'status', 'operation': 'notes_list'}]", "`operation` is unknown; the nearest is 'operation_id'"),
        ("[{'type': 'explosion'}]", "`type` must be one of*latency, status"),
        (
            "[{'type': 'status', 'operation_id': 'note_list'}]",
            "there is no operation 'note_list'; the nearest is 'notes_l",
        ),
        (
            "[Fault('status', operation_id='note_list')]",
            "there is no operation 'note_list'; the nearest is 'notes_list'",
        ),
        ("[Fault('status', platform='telegram')]", "there is no platform 'telegram'; there is: notebook"),
        ("[{'profile': 'slow', 'seconds': 3}]", "`seconds` is unknown; there is: profile, platform"),
        ("[{'profile': 'lazy'}]", "`profile` must be one of*slow, flaky, rate-limited, offline"),
    ],
)
def test_a_fault_of_the_marker_that_cannot_be_used_is_an_error(
    project: pytest.Pytester, faults: str, message: str
) -> None:
    result = run(
        project,
        f"""
        import pytest
        from trilogue_sandbox import Fault

        @pytest.mark.sandbox(faults={faults})
        def test_it(client):
            pass
        """,
    )

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{message}*"])


LOADED = f"""
import sys
import pytest

sys.path.insert(0, {str(IMPORT_ROOT)!r})

before = set(sys.modules)
import trilogue_sandbox.pytest_plugin

print(*sorted(set(sys.modules) - before))
"""


def test_loading_the_plugin_loads_no_more_than_the_names_of_the_platforms() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)

    assert done.stdout.split() == [
        *("trilogue_generated", "trilogue_generated.platforms"),
        *("trilogue_sandbox", "trilogue_sandbox.pytest_plugin"),
    ]
