"""Which accounts are exported, in a form that other processes can be handed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from trilogue_tools.connections import Connection
from trilogue_tools.errors import ToolError
from trilogue_tools.profiles import SECRETS


@frozen
class Workspace:
    """An account of a platform, and the name that its rows carry in the column `workspace`.

    `profile` is the name of a profile of the command line; without one the environment decides. `variables` names an
    environment variable for each setting that another one than the usual brings, as in `{"token": "HEALTH_TOKEN"}`.
    `sandbox` is the address of a sandbox. `settings` are arguments of the client; with a secret among them a workspace
    cannot be pickled.
    """

    name: str = "default"
    profile: str | None = None
    sandbox: str | None = None
    variables: Mapping[str, str] = field(factory=dict[str, str])
    settings: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)

    def connection(self, platform: str) -> Connection:
        """Return how to reach it.

        Raises:
            ToolError: an environment variable is not set.
        """
        return Connection(platform, self.profile, self.sandbox, {**self._from_variables(), **self.settings})

    def _from_variables(self) -> dict[str, str]:
        missing = [variable for variable in self.variables.values() if not os.environ.get(variable)]
        if missing:
            raise ToolError(f"workspace {self.name}: set {', '.join(missing)}")
        return {name: os.environ[variable] for name, variable in self.variables.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it be pickled, if it holds no secret."""
        secrets = [name for name in SECRETS if name in self.settings]
        if secrets:
            raise TypeError(
                f"workspace {self.name} holds a {secrets[0]}, which must not be written to other processes; "
                f"name a profile, or variables={{'{secrets[0]}': ...}}"
            )
        return Workspace, (self.name, self.profile, self.sandbox, dict(self.variables), dict(self.settings))


def to_workspaces(given: Iterable[str | Workspace] | None) -> tuple[Workspace, ...]:
    """Return workspaces: a string is the name of a profile; none at all is the account of the environment.

    Raises:
        ToolError: two have the same name.
    """
    found = tuple(
        Workspace(each, profile=each) if isinstance(each, str) else each for each in (given or (Workspace(),))
    )
    names = [workspace.name for workspace in found]
    if len(set(names)) < len(names):
        raise ToolError(f"two workspaces have the same name: {', '.join(names)}")
    return found
