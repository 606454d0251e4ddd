"""Three messaging platforms in one process, for tests and for trying things out.

`Sandbox` is the whole of it; `Fault` says what shall go wrong.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trilogue_sandbox.kernel.engine import Sandbox
    from trilogue_sandbox.kernel.faults import Fault
    from trilogue_sandbox.kernel.platform import ControlError
    from trilogue_sandbox.platform_sandbox import PlatformSandbox

__all__ = ["ControlError", "Fault", "PlatformSandbox", "Sandbox"]

_HOMES = {
    "ControlError": "kernel.platform",
    "Fault": "kernel.faults",
    "PlatformSandbox": "platform_sandbox",
    "Sandbox": "kernel.engine",
}


def __getattr__(name: str) -> object:
    """Load what is asked for; pytest imports this package in every run, whether the sandbox is used or not."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
