"""Puts the scripts' Python where tests can import it, and lets no test of examples depend on the time they take."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each test that could not run, and why: a skipped one proves nothing."""
    for report in terminalreporter.getreports("skipped"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.write_line(f"did not run: {report.nodeid}: {reason}", yellow=True)


sys.path.insert(0, str(ROOT / "scripts"))

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
