"""Runs schemathesis, with all its phases, against the sandbox on a loopback port."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.journal import Entry, Journal

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent

_SECONDS = 900
_MANY = 10_000_000
_CASE = "X-Schemathesis-TestCaseId"


@attrs.frozen
class Outcome:
    """What a run of the suite found: its report, and what the sandbox has to say."""

    is_green: bool
    report: str = attrs.field(repr=False)
    drift: tuple[str, ...]
    requests: tuple[Entry, ...] = attrs.field(repr=False)

    @property
    def findings(self) -> frozenset[str]:
        """The types of failures, such as "Server error"; of our own checks, their names."""
        return frozenset(re.findall(r"^- ST\d+ (?:Custom check failed: )?`?(.+?)`?$", self.report, re.MULTILINE))

    @property
    def accepted(self) -> frozenset[str]:
        """The operations of which the sandbox has granted a case; what our hooks and checks ask does not count."""
        cases = (entry for entry in self.requests if _CASE in entry.request.headers)
        return frozenset(entry.operation_id for entry in cases if entry.status is not None and entry.status < 300)


class ShortStreams(Sandbox):
    """A sandbox whose streams end at once: schemathesis reads each response to its end."""

    def exchange(self, name: str, request: Request) -> Response:
        response = super().exchange(name, request)
        if response.stream:
            response.stream.close()
        return response


def make_sandbox(platform: str, make: Callable[..., Sandbox] = ShortStreams) -> Sandbox:
    """Return a sandbox that never says "too many", as the limits have tests of their own."""
    sandbox = make(seed=1)
    sandbox.journal = Journal(limit=_MANY, byte_limit=_MANY * 100)
    if platform in _PREPARATIONS:
        _PREPARATIONS[platform](sandbox)
    return sandbox


def run(platform: str, *options: str, sandbox: Sandbox | None = None) -> Outcome:
    """Hold the sandbox of a platform against its committed description; `options` go to `st run`."""
    with sandbox or make_sandbox(platform) as served, served.serve() as origin:
        url = served.url(platform, origin)
        ended = subprocess.run(
            [*_command(platform), "--url", url, *options],
            cwd=ROOT,
            env=os.environ | {"URL": url, "PYTHONHASHSEED": "0"} | _credentials(served, platform),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        drift = tuple(f"{item}\n{item.traceback}" for item in served.drift)
        return Outcome(ended.returncode == 0, ended.stdout, drift, served.journal.entries)


def _command(platform: str) -> list[str]:
    st = Path(sys.executable).with_name("st")
    description = ROOT / "generated" / "trilogue_generated" / platform / "openapi.json"
    return [str(st), "--config-file", str(HERE / f"{platform}.toml"), "run", str(description)]


def _credentials(sandbox: Sandbox, platform: str) -> dict[str, str]:
    """Return what the configurations call ${TOKEN}, ${CLIENT_ID} and so on."""
    return {name.upper(): value for name, value in sandbox.accounts(platform)[0].credentials.items()}


def _prepare_rapidpro(sandbox: Sandbox) -> None:
    for scope in ("v2", "v2.contacts", "v2.messages", "v2.runs"):
        sandbox.control("rapidpro", "throttle", {"scope": scope, "limit": _MANY})
    sandbox.seed_data("rapidpro", {"channel_events": 600})  # three pages


def _prepare_pantheon(sandbox: Sandbox) -> None:
    sandbox.seed_data("pantheon", {"contacts": 45, "conversations": 10, "webhooks": 5})  # three pages of contacts


def _prepare_botpress(sandbox: Sandbox) -> None:
    sandbox.control("botpress", "set_limit", {"name": "requests_per_second", "value": _MANY})
    for feature in ("bot_count", "collaborator_count", "file_storage", "indexed_file_count", "saved_versions"):
        sandbox.control("botpress", "set_quota", {"feature": feature, "value": _MANY * _MANY})
    things = (
        *("users", "conversations", "messages", "files", "bots", "integrations", "interfaces", "plugins", "workspaces"),
        *("members", "issues", "invoices", "logs", "activities", "action_runs"),
    )
    sandbox.seed_data("botpress", {**dict.fromkeys(things, 45), "rows": 250})  # three pages of each


_PREPARATIONS: Mapping[str, Callable[[Sandbox], None]] = {
    "rapidpro": _prepare_rapidpro,
    "pantheon": _prepare_pantheon,
    "botpress": _prepare_botpress,
}
NEVER_ACCEPTED: Mapping[str, Mapping[str, str]] = {
    "rapidpro": {},
    "pantheon": {
        "conversations_switch_channel": "by then no channel is left on which the contact has an identity",
        "webhooks_redeliver": "a delivery has failed for good after hours only",
    },
    "botpress": {"deleteAccount": "the account of the run owns a workspace, so it cannot be deleted"},
    "botpress_chat": {"deleteUser": "the user whose key the run has would be gone"},
}
"""The operations of which no case may be granted, and why; tests/sandbox has the calls that are."""
