"""Puts the scripts' Python where tests can import it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each test that could not run, and why: a skipped one proves nothing."""
    for report in terminalreporter.getreports("skipped"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.write_line(f"did not run: {report.nodeid}: {reason}", yellow=True)


sys.path.insert(0, str(ROOT / "scripts"))
