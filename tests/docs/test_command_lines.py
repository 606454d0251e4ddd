"""The commands on the pages about the command line run as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox

from tests.conftest import ROOT

PAGES = ("command-line.md", "export.md", "backup.md")
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_commands_run(page: str, tmp_path: Path) -> None:
    script = "\n".join(BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8")))
    (tmp_path / "README.md").write_text("# Notes\n")
    with Sandbox(start=None) as sandbox, sandbox.serve() as address:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            env={**_environment(sandbox, address), "TRILOGUE_STATE": str(tmp_path / "state")},
            capture_output=True,
            text=True,
        )

    assert script.count("trilogue ") > 3
    assert done.returncode == 0, done.stderr


def _environment(sandbox: Sandbox, address: str) -> dict[str, str]:
    """Return variables that make the sandbox the server of each platform."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment["TRILOGUE_SANDBOX"] = address
    for name, info in PLATFORMS.items():
        settings = {**sandbox.accounts(name)[0].credentials, "host": f"{address}/{name}"}
        environment |= {variable: settings[key] for key, variable in info.variables.items() if key in settings}
    return environment
