"""The sandbox as pytest fixtures, each test with a state of its own. `-p no:trilogue` switches them off."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from trilogue_generated.platforms import PLATFORMS, PlatformInfo

if TYPE_CHECKING:  # the sandbox is loaded by the first test that uses it, not by each run of pytest
    from trilogue_sandbox.client_clock import ClientClock
    from trilogue_sandbox.kernel.faults import Fault
    from trilogue_sandbox.platform_sandbox import PlatformSandbox
    from trilogue_sandbox.sandbox import Sandbox

Templates = dict[tuple[int, object], "Sandbox"]

_LATEST = 20
_STANDING = "standing"
"""The start of a clock that stands still at the time that it has unless told otherwise."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--sandbox-seed` and `--sandbox-flavour`."""
    group = parser.getgroup("trilogue")
    group.addoption("--sandbox-seed", type=int, default=0, help="The seed of the trilogue sandbox (0 by default).")
    flavours = [flavour for info in PLATFORMS.values() for flavour in info.flavours]
    group.addoption("--sandbox-flavour", choices=flavours, help="Which server a platform with several is.")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "sandbox(seed=..., start=..., faults=[...], flavour=..., known_faults=...): the seed of the trilogue sandbox in"
        " this test, when its clock begins, or None for the real time, the faults that are active in it, as Fault(...)"
        " or as {'type': ...}, which server a platform with several is, and whether it fails as that server does",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the seed and the latest requests below a test that failed."""
    report = yield
    sandbox: Sandbox | None = getattr(item, "funcargs", {}).get("trilogue_sandbox")
    if report.failed and sandbox is not None:
        report.sections.append(("trilogue sandbox", _summary(sandbox)))
    return report


@pytest.fixture(scope="session")
def trilogue_sandbox_templates() -> Iterator[Templates]:
    """The sandboxes, by seed and start, that each test gets a copy of."""
    templates: Templates = {}
    yield templates
    for template in templates.values():
        template.close()


@pytest.fixture
def trilogue_sandbox(request: pytest.FixtureRequest, trilogue_sandbox_templates: Templates) -> Iterator[Sandbox]:
    """Give a sandbox with all platforms, as new; the test fails if the sandbox broke one of its own descriptions."""
    wishes = _wishes(request)
    template = _template(trilogue_sandbox_templates, _read_seed(wishes.pop("seed")), _read_start(wishes.pop("start")))
    for name in template.names:
        if f"{name}_sandbox" in request.fixturenames:
            template.url(name)  # moves in now, to be copied from here on
    with _copy(template, _read_faults(wishes.pop("faults")), wishes) as sandbox:
        yield sandbox
        if sandbox.drift:
            pytest.fail("\n".join(f"{drift}\n{drift.traceback}" for drift in sandbox.drift), pytrace=False)


def _platform_fixture(info: PlatformInfo) -> Callable[..., PlatformSandbox]:
    def platform_sandbox(trilogue_sandbox: Sandbox) -> PlatformSandbox:
        from trilogue_sandbox.platform_sandbox import PlatformSandbox

        return PlatformSandbox(trilogue_sandbox, info.name)

    platform_sandbox.__doc__ = f"Give the {info.label} of a sandbox that is as new."
    return pytest.fixture(name=f"{info.name}_sandbox")(platform_sandbox)


def _client_fixture(info: PlatformInfo) -> Callable[..., Iterator[Any]]:
    def client(request: pytest.FixtureRequest) -> Iterator[Any]:
        platform: PlatformSandbox = request.getfixturevalue(f"{info.name}_sandbox")
        clock = _clock(platform.sandbox)
        arguments = _arguments(info, platform)
        with _class(info.client)(**arguments, transport=platform.sandbox.transport(clock.sleep), clock=clock) as client:
            yield client

    client.__doc__ = (
        f"Give a client of the {info.label} of a sandbox that is as new; its waits pass on the sandbox's clock."
    )
    return pytest.fixture(name=f"{info.name}_client")(client)


def _async_client_fixture(info: PlatformInfo) -> Callable[..., Any]:
    def client(request: pytest.FixtureRequest) -> Any:
        platform: PlatformSandbox = request.getfixturevalue(f"{info.name}_sandbox")
        clock = _clock(platform.sandbox)
        transport = platform.sandbox.async_transport(clock.sleep_async)
        return _class(f"Async{info.client}")(**_arguments(info, platform), transport=transport, clock=clock)

    client.__doc__ = (
        f"Give an async client of the {info.label} of a sandbox that is as new; nothing of it is left open."
    )
    return pytest.fixture(name=f"async_{info.name}_client")(client)


for _info in PLATFORMS.values():
    globals()[f"{_info.name}_sandbox"] = _platform_fixture(_info)
    globals()[f"{_info.name}_client"] = _client_fixture(_info)
    globals()[f"async_{_info.name}_client"] = _async_client_fixture(_info)


def _class(name: str) -> Any:
    return getattr(importlib.import_module("trilogue"), name)


def _clock(sandbox: Sandbox) -> ClientClock:
    from trilogue_sandbox.client_clock import ClientClock

    return ClientClock(sandbox)


def _arguments(info: PlatformInfo, platform: PlatformSandbox) -> Mapping[str, str]:
    """Return the arguments of a client: of the account, what the client takes."""
    credentials = {name: value for name, value in platform.credentials.items() if name in info.variables}
    return {**credentials, "host": platform.url}


def _wishes(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return what a test wishes of its sandbox: of its nearest marker that says it, else of the command line."""
    options = request.config.option
    wishes: dict[str, Any] = {
        "seed": options.sandbox_seed,
        "start": _STANDING,
        "faults": [],
        "flavour": options.sandbox_flavour,
        "known_faults": None,
    }
    for marker in reversed(list(request.node.iter_markers("sandbox"))):
        _require_known(marker, wishes)
        wishes.update(marker.kwargs)
    return wishes


def _require_known(marker: pytest.Mark, wishes: Mapping[str, object]) -> None:
    names = ", ".join(f"{name}=..." for name in wishes)
    if marker.args:
        pytest.fail(f"the marker `sandbox` takes its arguments by name: {names}", pytrace=False)
    unknown = next((name for name in marker.kwargs if name not in wishes), None)
    if unknown is not None:
        pytest.fail(f"the marker `sandbox` has no argument {unknown!r}; it takes {names}", pytrace=False)


def _read_seed(seed: object) -> int:
    if not isinstance(seed, int):
        pytest.fail("the `seed` of the marker `sandbox` must be an integer", pytrace=False)
    return seed


def _read_start(start: object) -> object:
    is_time = isinstance(start, datetime) and start.tzinfo is not None
    if not is_time and start not in (None, _STANDING):
        pytest.fail("the `start` of the marker `sandbox` must be a datetime with a time zone, or None", pytrace=False)
    return start


def _read_faults(given: object) -> list[Fault]:
    if not isinstance(given, list | tuple):
        pytest.fail("the `faults` of the marker `sandbox` must be a list of faults", pytrace=False)
    if not given:
        return []
    items = cast("Sequence[Any]", given)
    from trilogue_sandbox.kernel.fault_reading import read_faults
    from trilogue_sandbox.kernel.faults import Fault
    from trilogue_sandbox.kernel.platform import ControlError

    faults: list[Fault] = []
    for item in items:
        try:
            faults += (item,) if isinstance(item, Fault) else read_faults(item)
        except ControlError as error:
            raise _mistake(error) from None
    return faults


def _template(templates: Templates, seed: int, start: object) -> Sandbox:
    if (seed, start) not in templates:
        try:
            from trilogue_sandbox.sandbox import Sandbox
        except ModuleNotFoundError as error:
            pytest.fail(f"{error}; the sandbox needs: pip install 'trilogue[sandbox]'", pytrace=False)
        given: dict[str, Any] = {} if start == _STANDING else {"start": start}
        templates[seed, start] = Sandbox(seed=seed, **given)
    return templates[seed, start]


def _mistake(error: ValueError) -> BaseException:
    return pytest.fail.Exception(f"the marker `sandbox`: {error}", pytrace=False)


def _copy(template: Sandbox, faults: list[Fault], server: Mapping[str, Any]) -> Sandbox:
    try:
        return template.copy(faults, **server)
    except ValueError as error:
        raise _mistake(error) from None


def _summary(sandbox: Sandbox) -> str:
    lines = [f"--sandbox-seed={sandbox.seed}"]
    for entry in sandbox.journal.entries[-_LATEST:]:
        fault = f"  fault: {entry.fault}" if entry.fault else ""
        lines.append(f"{entry.number:>4}  {entry.status or '---'}  {entry.method:<6} {entry.path}{fault}")
    return "\n".join(lines)
