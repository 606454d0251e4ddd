"""One method of a client: what it does, what it takes, what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from attrs import field, frozen
from trilogue_generated.runtime.bulk import Bulk
from trilogue_generated.runtime.model import Model, is_object
from trilogue_generated.runtime.operation import (
    Download,
    ListOperation,
    Lookup,
    Operation,
    Parameter,
    StreamOperation,
    Waiter,
)

from trilogue_tools.errors import UsageError

Composed = Bulk[Any] | Download[Any] | Lookup[Any] | Waiter[Any]
"""What a method does that makes several calls of an operation."""

_READING = re.compile(r"(get|list|find|search|count|query|check)(?!_or_|_access_token)(_|$)")
_DESTRUCTIVE = re.compile(r"(delete|remove|revoke|clear|reset|cancel|unlink|disconnect|rotate|interrupt)(_|$)")
_ARGUMENT = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
_SECTION = re.compile(r"^(?:(?:Args|Raises|Returns|Yields):|```python)$", re.MULTILINE)


@frozen(eq=False)
class Method:
    """One method of a resource.

    `operation` is None if it takes several requests; `composed` says how, unless it was written by hand. Then
    `read_parameters` returns its arguments, `read_models` the classes of those that are what a list returned, and
    `shared_docs` are of those that it passes on to another method.
    """

    platform: str
    resource: str
    name: str
    doc: str
    operation: Operation[Any] | None = None
    composed: Composed | None = None
    read_parameters: Callable[[], tuple[Parameter, ...]] = tuple
    shared_docs: Mapping[str, str] = field(factory=dict[str, str])
    read_models: Callable[[], Mapping[str, type[Model]]] = dict

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its arguments."""
        return self.operation.parameters if self.operation is not None else self.read_parameters()

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
    def row_parameters(self) -> Mapping[str, Parameter]:
        """The arguments that each of any number of rows has, by name; empty if it takes no rows."""
        bulk = self.composed if isinstance(self.composed, Bulk) else None
        return {each.name: each for each in bulk.operation.parameters} if bulk and not bulk.items else {}

    @property
    def counts_rows_of_a_page(self) -> bool:
        """Whether its argument `limit` says how many rows a page has, not how many there are in all."""
        names = {parameter.name for parameter in self.parameters}
        return self.is_list and "limit" in names and "page_size" not in names

    @property
    def reads_only(self) -> bool:
        """Whether it changes nothing."""
        if self.operation is None:
            return isinstance(self.composed, (Download, Lookup, Waiter))
        return reads_only(self.operation.method, self.name, is_list=self.is_list)

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

    def with_models(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return arguments with models in place of the JSON objects that a list showed.

        Raises:
            UsageError: one is no object.
        """
        models, found = self.read_models(), dict(arguments)
        for name in models.keys() & found.keys():
            if not is_object(found[name]):
                raise UsageError(f"{name}: expected the JSON object that the list shows")
            found[name] = models[name].from_dict(found[name])
        return found

    def on(self, client: Any) -> Any:
        """Return the method of a client."""
        for part in self.path.split("."):
            client = getattr(client, part)
        return client


def reads_only(http_method: str, name: str, *, is_list: bool) -> bool:
    """Return whether a method with this name changes nothing."""
    if name.startswith("export"):
        return False  # Botpress makes a file of the rows, whatever the HTTP method
    return http_method == "GET" or is_list or _READING.match(name) is not None
