"""The Arazzo workflows run in Redocly's runner as well, which knows nothing of this project."""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest
from trilogue_sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
REDOCLY = ROOT / "scripts" / "node" / "node_modules" / ".bin" / "redocly"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
FILES = sorted(ROOT.glob("openapi/*/workflows/*.arazzo.yaml"))


def inputs(credentials: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs of the workflows for an account."""
    names = {"token": "token", "bot": "bot_id", "userKey": "user_key"}
    found = {name: credentials[key] for name, key in names.items() if key in credentials}
    if "client_secret" in credentials:
        pair = f"{credentials['client_id']}:{credentials['client_secret']}"
        found["basic"] = b64encode(pair.encode()).decode()
    return found


@pytest.mark.nightly
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parents[1].name}/{file.name.partition('.')[0]}")
def test_a_workflow_runs(file: Path) -> None:
    platform = file.parents[1].name
    with Sandbox(seed=7) as sandbox, sandbox.serve() as origin:
        ended = subprocess.run(
            [
                *(REDOCLY, "respect", file),
                *("--server", f"{platform}={sandbox.url(platform, origin)}"),
                *("--input", json.dumps(inputs(sandbox.accounts(platform)[0].credentials))),
            ],
            env=os.environ | QUIET,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )

    assert ended.returncode == 0, ended.stdout


def test_there_are_workflows() -> None:
    assert len(FILES) >= 12
