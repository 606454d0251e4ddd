"""The client classes of the platforms and the public names of `trilogue`, as source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from attrs import frozen
from platforms import Argument, Platform

from .annotations import literal
from .docstrings import arguments as arguments_section
from .docstrings import docstring, paragraphs
from .registry import environment
from .settings import load

OPTIONS = {
    "timeout": "seconds to wait for each read or write (60); to connect, ten at most.",
    "deadline": (
        "seconds a call may take in all, waits for the rate limit included; unset, 120 for a single call and none for"
        " iterating over a list. A wait that would pass it raises `RateLimited` at once."
    ),
    "max_attempts": "how often a call is sent at most, retries included (3).",
    "retry_quota": (
        "bounds the retries of a client in an outage: a retry costs 14, a call that succeeds earns 1, or what its "
        "retries have cost (500)."
    ),
    "on_wait": "called with a `Wait` before a pause, once those of a call are more than a second.",
    "on_request": "called with an `AttemptEvent` before each attempt.",
    "on_response": "called with an `AttemptEvent` after each attempt.",
    "on_retry": "called with an `AttemptEvent` before each retry.",
    "on_drift": "called with a `Drift` for each difference between a response and the description.",
    "priority": (
        "`high`, `normal` or `low`: who goes first where calls wait for the rate limit; default: low for pages of"
        " lists, normal for all other calls."
    ),
    "budget": (
        "where to count requests, for processes and hosts that share a rate limit: `valkey://host:6379/0`, `redis://...`"
        " or the path of a file; default: in this process."
    ),
    "headers": "added to each request.",
    "verify": "an SSL context that replaces the usual certificates.",
    "allow_http": "allow plain http to a machine other than this one; the token can then be read on the way.",
    "clock": "a `Clock`, for tests.",
    "transport": "a transport of httpx or httpx2 that replaces the network.",
}
"""The arguments that every constructor has, with their docstrings."""


@frozen
class ConstructorArgument:
    """One argument that only one platform has."""

    argument: Argument

    @property
    def name(self) -> str:
        """Return its name."""
        return self.argument.name

    @property
    def type_name(self) -> str:
        """Return its annotation, without the module."""
        return self.argument.type.rpartition(".")[2]

    @property
    def value(self) -> str:
        """Return the source of its value, taken from the environment where it has a variable."""
        if not self.argument.variable:
            return self.name
        return f"from_environment({literal(self.name)}, {self.name}, {literal(self.argument.variable)})"

    def text(self) -> str:
        """Return what it is and what it defaults to."""
        variable = f"the environment variable {self.argument.variable}" if self.argument.variable else ""
        default = ", or else ".join(part for part in (variable, self.argument.otherwise) if part)
        return f"{self.argument.description.removesuffix('.')}{f'; default: {default}' if default else ''}."


@frozen
class Client:
    """The clients of one platform."""

    entry: Platform
    has_own_methods: bool

    @property
    def arguments(self) -> list[ConstructorArgument]:
        """Return the arguments that only this platform has."""
        return [ConstructorArgument(argument) for argument in self.entry.arguments]

    @property
    def positional(self) -> int:
        """Return how many arguments can be given without their names."""
        return sum(argument.positional for argument in self.entry.arguments)

    @property
    def imports(self) -> list[tuple[str, str]]:
        """Return the modules and names of the types of arguments."""
        dotted = [argument.type.rpartition(".") for argument in self.entry.arguments if "." in argument.type]
        return [(module, name) for module, _, name in dotted]

    def constructor_docstring(self) -> str:
        """Return the docstring of both constructors."""
        own = [(argument.name, argument.text()) for argument in self.arguments]
        wrong = f"    InvalidArgument: {self.entry.raises.removesuffix('.')}."
        raises = f"Raises:\n{wrong}\n    TypeError: there is no such argument."
        first = "Check the settings; nothing is sent before the first call."
        return docstring(paragraphs(first, arguments_section([*own, *OPTIONS.items()]), raises), 8)


def client_modules(platforms: Iterable[Platform], config: Path) -> Iterator[tuple[str, str]]:
    """Yield the modules that stand in `overlays/trilogue`, by path."""
    templates = environment(config / "templates")
    entries = list(platforms)
    for entry in entries:
        client = Client(entry, load(config / f"{entry.name}.yaml").own.own_methods)
        yield f"{entry.name}/clients.py", _HEADER + templates.get_template("clients.py.jinja").render(client=client)
    exported = yaml.safe_load((config / "exports.yaml").read_text(encoding="utf-8"))
    modules = {**{f".{entry.name}": [f"Async{entry.client}", entry.client] for entry in entries}, **exported}
    labels = ", ".join(entry.label for entry in entries[:-1]) + f" and {entries[-1].label}"
    listed = sorted([*(name for names in modules.values() for name in names), "__version__"], key=_order)
    submodules = sorted(name.removeprefix(".") for name in modules if name.startswith(".") and name[1] != "_")
    names = {"labels": labels, "modules": modules, "submodules": submodules, "listed": listed}
    yield "__init__.py", _HEADER + templates.get_template("exports.py.jinja").render(names)


_HEADER = "# Generated by scripts/generate from openapi/platforms.yaml and generator-config; do not edit.\n"


def _order(name: str) -> tuple[int, str]:
    """Put constants first, then classes, then the rest, each in alphabetical order."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)
