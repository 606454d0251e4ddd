"""Everything the clients can do, read from the generated code: platforms, resources, methods, arguments."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import frozen
from trilogue_generated.platforms import PLATFORMS, PlatformInfo
from trilogue_generated.runtime.operation import ListOperation, Operation, Parameter

_DESTRUCTIVE = re.compile(r"(delete|remove|revoke|clear|reset|cancel|unlink|disconnect)(_|$)")
_ARGUMENT = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
_SECTION = re.compile(r"^(?:Args|Raises|Returns|Yields):$", re.MULTILINE)


@frozen
class Method:
    """One method of a resource."""

    platform: str
    resource: str
    name: str
    operation: Operation[Any]
    doc: str

    @property
    def path(self) -> str:
        """Its full name: `contacts.list`."""
        return f"{self.resource}.{self.name}"

    @property
    def summary(self) -> str:
        """The first sentence of its docstring."""
        return self.doc.partition("\n")[0]

    @property
    def prose(self) -> str:
        """The docstring without its sections."""
        return _SECTION.split(self.doc)[0].strip()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its arguments."""
        return self.operation.parameters

    @property
    def is_list(self) -> bool:
        """Whether it returns a list that is read page by page."""
        return isinstance(self.operation, ListOperation)

    @property
    def reads_only(self) -> bool:
        """Whether it changes nothing."""
        reading = ("get", "list", "find", "search", "count", "query", "check", "verify")
        return self.operation.method == "GET" or (self.is_list or self.name.split("_")[0] in reading)

    @property
    def is_destructive(self) -> bool:
        """Whether it takes something away that cannot be brought back."""
        return self.operation.method == "DELETE" or _DESTRUCTIVE.match(self.name) is not None

    @cached_property
    def argument_docs(self) -> Mapping[str, str]:
        """What the docstring says of each argument."""
        found = re.search(r"^Args:\n((?:    .*\n?|\n)*)", self.doc, re.MULTILINE)
        return {name: " ".join(text.split()) for name, text in _ARGUMENT.findall(found[1])} if found else {}


@frozen
class Resource:
    """A resource of a platform, with its methods and the resources below it."""

    platform: str
    name: str
    doc: str

    @cached_property
    def methods(self) -> Mapping[str, Method]:
        """The methods by name."""
        operations = importlib.import_module(f"trilogue_generated.{self.platform}.operations.{self._module}")
        by_name = {found.name: found for found in vars(operations).values() if isinstance(found, Operation)}
        return {
            name: Method(self.platform, self.name, name, by_name[f"{self.name}.{name}"], inspect.getdoc(member) or "")
            for name, member in vars(self._class).items()
            if inspect.isfunction(member) and f"{self.name}.{name}" in by_name
        }

    @cached_property
    def resources(self) -> Mapping[str, Resource]:
        """The resources below by their last name: `rows` of `tables`."""
        return {
            name: Resource(self.platform, f"{self.name}.{name}", inspect.getdoc(member) or "")
            for name, member in vars(self._class).items()
            if isinstance(member, cached_property)
        }

    def all_methods(self) -> Iterator[Method]:
        """Yield the methods of the resource and of those below it."""
        yield from self.methods.values()
        for below in self.resources.values():
            yield from below.all_methods()

    @property
    def _module(self) -> str:
        return self.name.replace(".", "_")

    @cached_property
    def _class(self) -> type:
        module = importlib.import_module(f"trilogue_generated.{self.platform}.resources.{self._module}")
        name = "".join(part.capitalize() for part in self._module.split("_"))
        found: type = getattr(module, name)
        return found


@frozen
class Platform:
    """A platform and its resources."""

    info: PlatformInfo

    @property
    def name(self) -> str:
        """Its name: `rapidpro`."""
        return self.info.name

    @cached_property
    def resources(self) -> Mapping[str, Resource]:
        """The resources at the top by name."""
        client = importlib.import_module(f"trilogue_generated.{self.name}.client")
        return {
            name: Resource(self.name, name, inspect.getdoc(member) or "")
            for name, member in vars(client.Resources).items()
            if isinstance(member, cached_property)
        }

    def all_methods(self) -> Iterator[Method]:
        """Yield every method of the platform."""
        for resource in self.resources.values():
            yield from resource.all_methods()


def platforms() -> dict[str, Platform]:
    """Return all platforms by name."""
    return {name: Platform(info) for name, info in PLATFORMS.items()}
