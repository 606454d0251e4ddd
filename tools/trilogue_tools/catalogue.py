"""Everything the clients can do, read from their code: platforms, resources, methods, arguments."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any

from attrs import frozen
from trilogue_generated.platforms import PLATFORMS, PlatformInfo
from trilogue_generated.runtime.bulk import Bulk
from trilogue_generated.runtime.model import Model
from trilogue_generated.runtime.operation import (
    Download,
    Lookup,
    Operation,
    Parameter,
    Waiter,
)

from trilogue_tools.errors import UsageError
from trilogue_tools.method import Composed, Method
from trilogue_tools.nearest import nearest


@frozen
class HandWritten:
    """Methods of a resource that no description has: their module, and the method whose options they take."""

    module: str
    options_of: str


HAND_WRITTEN: Mapping[str, HandWritten] = {"botpress.files": HandWritten("trilogue.botpress._files", "upsert")}
"""The resources that have such methods; a test compares this with the clients."""


@frozen(eq=False)
class Resource:
    """A resource of a platform, with its methods and the resources below it."""

    platform: str
    name: str
    doc: str

    @cached_property
    def methods(self) -> Mapping[str, Method]:
        """The methods by name."""
        generated = {
            name: method
            for name, member in vars(self._class).items()
            if inspect.isfunction(member) and (method := self._generated(name, member)) is not None
        }
        return {**generated, **self._hand_written(generated)}

    @cached_property
    def _constants(self) -> Mapping[str, Any]:
        operations = importlib.import_module(f"trilogue_generated.{self.platform}.operations.{self._module}")
        return {
            found.name: found
            for found in vars(operations).values()
            if isinstance(found, (Operation, Bulk, Download, Lookup, Waiter))
        }

    def _generated(self, name: str, member: Callable[..., Any]) -> Method | None:
        """Return a method that was generated."""
        made, doc = self._constants.get(f"{self.name}.{name}"), inspect.getdoc(member) or ""
        if made is None:
            return None
        if isinstance(made, Operation):
            return Method(self.platform, self.name, name, doc, made)
        operation = _operation_of(made)
        known = {} if operation is None else {parameter.name: parameter for parameter in operation.parameters}
        read_models = partial(_read_models, member) if operation is None else dict[str, type[Model]]
        read = partial(_read_parameters, member, known)
        return Method(self.platform, self.name, name, doc, None, made, read, read_models=read_models)

    def _hand_written(self, generated: Mapping[str, Method]) -> dict[str, Method]:
        added = HAND_WRITTEN.get(f"{self.platform}.{self.name}")
        if added is None:
            return {}
        described = generated[added.options_of]
        known = {parameter.name: parameter for parameter in described.parameters}
        docs = described.argument_docs
        members = vars(getattr(importlib.import_module(added.module), self._class.__name__))
        return {
            name: Method(
                *(self.platform, self.name, name, inspect.getdoc(member) or "", None, None),
                partial(_read_parameters, member, known),
                docs,
            )
            for name, member in members.items()
            if inspect.isfunction(member) and not name.startswith("_")
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

    def method(self, path: str) -> Method:
        """Return the method with a full name, such as `tables.rows.find`.

        Raises:
            UsageError: there is no such method; the message names the nearest.
        """
        *parts, name = path.split(".")
        found: Platform | Resource = self
        for part in parts:
            found = found.resources.get(part) or self._refuse(path)
        method = found.methods.get(name) if isinstance(found, Resource) else None
        return method or self._refuse(path)

    def _refuse(self, path: str) -> Any:
        names = [method.path for method in self.all_methods()]
        raise UsageError(f"there is no method {path!r} of {self.info.label}{nearest(path, names)}")


def _operation_of(composed: Composed) -> Operation[Any] | None:
    """Return the operation that a method calls; None for one that takes what a list returned."""
    return composed.operation if isinstance(composed, (Bulk, Lookup)) else composed.lookup


def _read_parameters(member: Callable[..., Any], known: Mapping[str, Parameter]) -> tuple[Parameter, ...]:
    from trilogue_tools.signatures import parameters_of  # here, because few commands need it

    return parameters_of(member, known)


def _read_models(member: Callable[..., Any]) -> Mapping[str, type[Model]]:
    from trilogue_tools.signatures import models_of

    return models_of(member)


def platforms() -> dict[str, Platform]:
    """Return all platforms by name."""
    return {name: Platform(info) for name, info in PLATFORMS.items()}
