"""Three messaging platforms in one process, for tests and for trying things out.

`Sandbox` has the platforms; a `Contact` is the person on the other side, a `Fault` an error to inject.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trilogue_sandbox.contact import ChatMessage, Contact
    from trilogue_sandbox.kernel.faults import Fault
    from trilogue_sandbox.kernel.platform import ControlError
    from trilogue_sandbox.platform_sandbox import PlatformSandbox
    from trilogue_sandbox.sandbox import Sandbox

__all__ = ["ChatMessage", "Contact", "ControlError", "Fault", "PlatformSandbox", "Sandbox"]

_MODULES = {
    "ChatMessage": "contact",
    "Contact": "contact",
    "ControlError": "kernel.platform",
    "Fault": "kernel.faults",
    "PlatformSandbox": "platform_sandbox",
    "Sandbox": "sandbox",
}


def __getattr__(name: str) -> object:
    """Load a name when it is used, since pytest imports this package in every run."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
