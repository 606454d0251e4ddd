"""Everything the clients can do, read from their code: platforms, resources, methods, arguments."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import field, frozen
from trilogue_generated.platforms import PLATFORMS, PlatformInfo
from trilogue_generated.runtime.operation import ListOperation, Operation, Parameter, StreamOperation

from trilogue_tools.errors import UsageError

HAND_WRITTEN: Mapping[str, str] = {"botpress.files": "trilogue.botpress._files"}
"""Resources with methods that no description has, and where they are; a test compares this with the clients."""

_READING = re.compile(r"(get|list|find|search|count|query|check)(?!_or_|_access_token)(_|$)")
_DESTRUCTIVE = re.compile(r"(delete|remove|revoke|clear|reset|cancel|unlink|disconnect|rotate|interrupt)(_|$)")
_ARGUMENT = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
_SECTION = re.compile(r"^(?:(?:Args|Raises|Returns|Yields):|```python)$", re.MULTILINE)


@frozen(eq=False)
class Method:
    """One method of a resource.

    `operation` is None if it was written by hand and takes several requests; `shared_docs` are of arguments that it
    passes on to another method.
    """

    platform: str
    resource: str
    name: str
    parameters: tuple[Parameter, ...]
    operation: Operation[Any] | None
    doc: str
    shared_docs: Mapping[str, str] = field(factory=dict[str, str])

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
    def is_list(self) -> bool:
        """Whether it returns a list that is read page by page."""
        return isinstance(self.operation, ListOperation)

    @property
    def is_stream(self) -> bool:
        """Whether it returns a stream, which waits for what happens and has no end."""
        return isinstance(self.operation, StreamOperation)

    @property
    def counts_rows_of_a_page(self) -> bool:
        """Whether its argument `limit` says how many rows a page has, not how many there are in all."""
        names = {parameter.name for parameter in self.parameters}
        return self.is_list and "limit" in names and "page_size" not in names

    @property
    def reads_only(self) -> bool:
        """Whether it changes nothing."""
        return self.operation is not None and reads_only(self.operation.method, self.name, is_list=self.is_list)

    def is_destructive(self, arguments: Mapping[str, Any] | None = None) -> bool:
        """Whether it takes something away that cannot be brought back; `arguments` may name such an action."""
        named = (arguments or {}).get("action")
        is_named = isinstance(named, str) and _DESTRUCTIVE.match(named) is not None
        deletes = self.operation is not None and self.operation.method == "DELETE"
        return deletes or is_named or _DESTRUCTIVE.match(self.name) is not None

    @cached_property
    def argument_docs(self) -> Mapping[str, str]:
        """What the docstring says of each argument."""
        found = re.search(r"^Args:\n((?:    .*\n?|\n)*)", self.doc, re.MULTILINE)
        own = {name: " ".join(text.split()) for name, text in _ARGUMENT.findall(found[1])} if found else {}
        return {**self.shared_docs, **own}

    def on(self, client: Any) -> Any:
        """Return the method of a client."""
        for part in self.path.split("."):
            client = getattr(client, part)
        return client


@frozen(eq=False)
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
        generated = {
            name: Method(self.platform, self.name, name, operation.parameters, operation, inspect.getdoc(member) or "")
            for name, member in vars(self._class).items()
            if inspect.isfunction(member) and (operation := by_name.get(f"{self.name}.{name}")) is not None
        }
        return {**generated, **self._hand_written(generated)}

    def _hand_written(self, generated: Mapping[str, Method]) -> dict[str, Method]:
        module = HAND_WRITTEN.get(f"{self.platform}.{self.name}")
        if module is None:
            return {}
        from trilogue_tools.signatures import parameters_of  # here, because few commands need it

        members = vars(getattr(importlib.import_module(module), self._class.__name__))
        known = {parameter.name: parameter for method in generated.values() for parameter in method.parameters}
        docs = {name: text for method in generated.values() for name, text in method.argument_docs.items()}
        return {
            name: Method(
                self.platform, self.name, name, parameters_of(member, known), None, inspect.getdoc(member) or "", docs
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


def reads_only(http_method: str, name: str, *, is_list: bool) -> bool:
    """Return whether a method with this name changes nothing."""
    if name.startswith("export"):
        return False  # Botpress makes a file of the rows, whatever the HTTP method
    return http_method == "GET" or is_list or _READING.match(name) is not None


def platforms() -> dict[str, Platform]:
    """Return all platforms by name."""
    return {name: Platform(info) for name, info in PLATFORMS.items()}


def nearest(wrong: str, names: list[str]) -> str:
    """Return the end of a message that names what was probably meant, or all that there is."""
    import difflib

    found = difflib.get_close_matches(wrong, names, 2)
    if found:
        return f"; did you mean {' or '.join(found)}?"
    return f"; there is: {', '.join(names)}"
