"""The command against a sandbox on a port."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox
from trilogue_tools.cli.main import main

from ..conftest import Done

Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command against a sandbox on a port."""

    def run(platform: str, sandbox: Sandbox, *arguments: str) -> Done:
        info = PLATFORMS[platform]
        with sandbox, sandbox.serve() as origin:
            for name, value in sandbox.accounts(platform)[0].credentials.items():
                if name in info.variables:
                    monkeypatch.setenv(info.variables[name], value)
            capsys.readouterr()
            status = main(["contract", platform, "--url", sandbox.url(platform, origin), *arguments])
        return Done(status, *capsys.readouterr())

    return run
