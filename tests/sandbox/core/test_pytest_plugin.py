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
    templates = {{seed: Sandbox(seed=seed, platforms=source()) for seed in (0, 7)}}
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


def test_a_mistaken_marker_is_an_error_that_says_what_it_takes(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import pytest

        @pytest.mark.sandbox(fault=[])
        def test_it(trilogue_sandbox):
            pass
        """,
        "--strict-markers",
    )

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the marker `sandbox` takes `seed` and `faults`*"])


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


def test_the_fixtures_are_listed_with_what_they_give(project: pytest.Pytester) -> None:
    result = run(project, "", "--fixtures")

    result.stdout.fnmatch_lines(["trilogue_sandbox*", *sorted(f"{name}_sandbox*" for name in PLATFORMS)])


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
