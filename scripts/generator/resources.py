"""The tree of resources that hold the methods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from attrs import frozen
from x_sdk import SdkMethod

from .annotations import Annotations
from .arguments import Arguments
from .bulks import BulkMethod, bulk_method
from .decoding import Decoders
from .description import DescribedOperation, Description
from .docstrings import docstring, lead
from .downloads import DownloadMethod, download_method
from .errors import GenerationError
from .examples import Examples
from .lookups import LookupMethod, lookup_method
from .method import Method
from .naming import method_name
from .operations import Methods
from .parser_internals import pascal_case
from .parsing import Parsed
from .waits import WaitMethod, wait_method


@frozen
class Resource:
    """One resource: its path in the tree, its methods, the tables its decoders use."""

    path: tuple[str, ...]
    text: str
    methods: list[Method]
    waits: list[WaitMethod]
    downloads: list[DownloadMethod]
    lookups: list[LookupMethod]
    bulks: list[BulkMethod]
    children: list[Resource]
    tables: Mapping[str, str]

    @property
    def members(self) -> list[str]:
        """Return the names of its methods and of the resources below it."""
        return [
            *(method.name for method in self.methods),
            *(wait.name for wait in self.waits),
            *(download.name for download in self.downloads),
            *(lookup.name for lookup in self.lookups),
            *(bulk.name for bulk in self.bulks),
            *(child.attribute for child in self.children),
        ]

    @property
    def annotations(self) -> Annotations:
        """Return what writes annotations inside its class."""
        return Annotations(frozenset(self.members))

    @property
    def attribute(self) -> str:
        """Return the name of the attribute that holds it."""
        return method_name(self.path[-1])

    @property
    def module(self) -> str:
        """Return the name of its modules."""
        return method_name("_".join(self.path))

    @property
    def class_name(self) -> str:
        """Return the name of its class."""
        return pascal_case("_".join(self.path))

    @property
    def dotted(self) -> str:
        """Return how a caller writes it."""
        return ".".join(self.path)

    def docstring(self) -> str:
        """Return the docstring of its class."""
        return docstring(lead(self.text) or f"The methods under `{self.dotted}`.")


def resources(description: Description, parsed: Parsed, arguments: Arguments) -> list[Resource]:
    """Return the resources at the top of the tree.

    Raises:
        GenerationError: two methods of a resource, or two resources, have one name.
    """
    grouped: dict[tuple[str, ...], list[tuple[DescribedOperation, SdkMethod]]] = {}
    for operation in description.operations:
        for sdk in operation.methods:
            grouped.setdefault(tuple(sdk.resource.split(".")), []).append((operation, sdk))
    tree = _Tree(description, parsed, arguments, grouped).below(())
    _refuse_clashes(list(flatten(tree)))
    return tree


def _refuse_clashes(listed: list[Resource]) -> None:
    for resource in listed:
        if len(set(resource.members)) < len(resource.members):
            raise GenerationError(f"{resource.dotted}: two methods have the same name; see `x-sdk`")
    modules = Counter(resource.module for resource in listed)
    if repeated := [module for module, count in modules.items() if count > 1]:
        raise GenerationError(f"x-sdk: two resources would share the module {repeated[0]}; rename one")


@frozen
class _Tree:
    description: Description
    parsed: Parsed
    arguments: Arguments
    grouped: Mapping[tuple[str, ...], list[tuple[DescribedOperation, SdkMethod]]]

    def below(self, path: tuple[str, ...]) -> list[Resource]:
        depth = len(path) + 1
        found = {known[:depth] for known in self.grouped if known[: len(path)] == path and len(known) >= depth}
        return [self._resource(child) for child in sorted(found)]

    def _resource(self, path: tuple[str, ...]) -> Resource:
        decoders = Decoders("")
        methods = Methods(self.parsed, self.arguments, decoders)
        own = self.grouped.get(path, [])
        made = [methods.of(operation, sdk) for operation, sdk in own]
        waits = [
            wait_method(sdk, sdk.wait, method, self.arguments.shapes, self.description)
            for (_, sdk), method in zip(own, made, strict=True)
            if sdk.wait is not None
        ]
        downloads = [
            download_method(sdk, sdk.download, method, self.arguments.shapes)
            for (_, sdk), method in zip(own, made, strict=True)
            if sdk.download is not None
        ]
        lookups = [
            lookup_method(sdk, sdk.lookup, method, self.arguments.shapes, self.description)
            for (_, sdk), method in zip(own, made, strict=True)
            if sdk.lookup is not None
        ]
        getters = [
            methods.of(operation, sdk.getter(method.item))
            for (operation, sdk), method in zip(own, made, strict=True)
            if sdk.get and method is made[0]
        ]
        bulks = [
            bulk_method(operation, sdk, sdk.bulk, method, Examples(self.description, self.arguments.shapes))
            for (operation, sdk), method in zip(own, made, strict=True)
            if sdk.bulk is not None
        ]
        tables = {name: decoders.table(shape) for shape, name in decoders.tables.items()}
        text = self.description.tags.get(".".join(path), "")
        return Resource(path, text, [*made, *getters], waits, downloads, lookups, bulks, self.below(path), tables)


def flatten(tree: list[Resource]) -> Iterator[Resource]:
    """Yield every resource of a tree."""
    for resource in tree:
        yield resource
        yield from flatten(resource.children)
