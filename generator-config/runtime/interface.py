"""Classes that users see and overlays implement."""

from __future__ import annotations


class Interface:
    """The base of such classes; `dir()` of an implementation lists what the interface has, and nothing else."""

    def __dir__(self) -> list[str]:
        """List the names of the interface."""
        runtime = __name__.rpartition(".")[0]
        interface = next(base for base in type(self).__mro__ if base.__module__.startswith(f"{runtime}."))
        return [*dir(interface), *interface.__annotations__]
