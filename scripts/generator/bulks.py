"""Methods that take any number of items, as source."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from x_sdk import Bulk, SdkMethod

from .annotations import Annotations, literal, tuple_of
from .arguments import Argument
from .description import DescribedOperation, Description
from .docstrings import arguments as arguments_section
from .docstrings import docstring, listed, paragraphs
from .errors import GenerationError
from .examples import Example, Examples, Passed
from .method import Method
from .naming import method_name
from .shapes import Array

ROWS = "rows"
"""The argument of a method whose items are the arguments of one call each."""

_OPTIONS = {
    "ledger": (
        "A file in which each item is noted before and after it is sent; a run that was interrupted goes on from there"
        " when it is called again. It holds digests of the items."
    ),
    "dry_run": "True to send nothing, but check the arguments and return how many calls there would be, and how long"
    " the rate limit would make them wait.",
    "max_failures": "The share of items from 0 to 1 that may fail before the run stops.",
    "on_progress": "Called after each call with what became of the items so far.",
}


@frozen
class BulkMethod:
    """One method for many items: the method for one call, and the arguments of which one is cut to size."""

    resource: str
    bulk: Bulk
    single: Method
    items: list[Argument]
    size: int
    passed: Sequence[Passed]

    @property
    def name(self) -> str:
        """Return its name."""
        return method_name(self.bulk.method or f"{self.single.name.rstrip('_')}_many")

    @property
    def constant(self) -> str:
        """Return the name of its `Bulk`."""
        return self.name.upper()

    @property
    def bulk_type(self) -> str:
        """Return the annotation of its `Bulk`."""
        return f"Bulk[{self.returned(Annotations())}]"

    @property
    def source(self) -> str:
        """Return the source of its `Bulk`."""
        parts = [
            f"name={literal(f'{self.resource}.{self.name}')}",
            f"operation={self.single.constant}",
            *(
                (f"items={tuple_of(literal(each.name) for each in self.items)}, size={self.size}",)
                if self.items
                else ()
            ),
            *(("returns_failed=True",) if self.bulk.returns_failed else ()),
            *(
                (f"errors={literal(self.bulk.errors)}, position={literal(self.bulk.position)}",)
                if self.bulk.errors
                else ()
            ),
        ]
        return f"Bulk({', '.join(parts)})"

    @property
    def others(self) -> list[Argument]:
        """Return the arguments that are the same for all items; without items to cut, only those in the path."""
        kept = (each for each in self.single.given if each not in self.items and each.location != "header")
        omitted = {*self.bulk.omit}
        return [each for each in kept if each.wire not in omitted and (self.items or each.location == "path")]

    def signature(self, annotations: Annotations, *, is_async: bool) -> str:
        """Return the source of the arguments."""
        placed = [each.declaration(annotations) for each in self.others if each.is_positional]
        named = [each.declaration(annotations) for each in self.others if not each.is_positional]
        items = [f"{name}: {annotation}" for name, annotation in self._items(annotations, is_async=is_async)]
        declared = [
            *([*placed, "*", *items] if self.items else [*placed, *items, "*"]),
            *named,
            "ledger: str | PathLike[str] | None = None",
            "dry_run: bool = False",
            "max_failures: float = 1.0",
            "on_progress: OnBulkProgress | None = None",
        ]
        return ", ".join(("self", *declared))

    def _items(self, annotations: Annotations, *, is_async: bool) -> list[tuple[str, str]]:
        if not self.items:
            return [(ROWS, _iterable("Mapping[str, Any]", is_async=is_async))]
        absent = " | None = None" if len(self.items) > 1 else ""
        return [
            (each.name, f"{_iterable(annotations.of(each.shape.items, 'argument'), is_async=is_async)}{absent}")
            for each in self.items
            if isinstance(each.shape, Array)
        ]

    def item_values(self) -> str:
        """Return the source of the mapping of items."""
        names = [each.name for each in self.items] or [ROWS]
        return f"{{{', '.join(f'{literal(name)}: {name}' for name in names)}}}"

    def values(self) -> str:
        """Return the source of the mapping of the other arguments."""
        return f"{{{', '.join(f'{literal(each.name)}: {each.value()}' for each in self.others)}}}"

    def returned(self, annotations: Annotations) -> str:
        """Return the annotation of the result of one call."""
        return self.single.returned(annotations)

    def docstring(self, *, is_async: bool) -> str:
        """Return the docstring."""
        rows = f"Mappings of the arguments of `{self.single.name}`, one for each call."
        text = f"Any number of them, each as `{self.single.name}` takes it.{_choice(self.items)}"
        items = {each.name: text for each in self.items} or {ROWS: rows}
        texts = items | {each.name: each.text for each in self.others} | _OPTIONS
        calls = f"in calls of {self.size} at most" if self.items else "with one call for each"
        return docstring(
            paragraphs(
                f"{self.single.summary.rstrip('.')}: any number of items, {calls}.",
                f"Calls `{self.single.name}`, and waits for the rate limit as long as necessary. Where a call is"
                " refused because of an item, the rest is sent without it. See the guide on many items.",
                arguments_section(texts.items()),
                "Raises:\n    BulkStopped: too many items failed, or a call failed for another reason than its items.",
            ),
            8,
            code=self._example().code(is_async=is_async),
        )

    def _example(self) -> Example:
        """Return a call with what an example of the single method passes."""
        others = [each for each in self.passed if each.argument in self.others]
        placed = [each.source() for each in others if each.argument.is_positional]
        named = [each.source() for each in others if not each.argument.is_positional]
        return Example(
            "result",
            f"client.{self.resource}.{self.name}",
            (*placed, *self._example_items(), *named),
        )

    def _example_items(self) -> list[str]:
        """Return the items as arrays, or as a row."""
        if self.items:
            return [each.source() for each in self.passed if each.argument in self.items]
        own = (each for each in self.passed if each.argument not in self.others)
        fields = (f"{literal(each.argument.name)}: {each.value}" for each in own)
        return [f"[{{{', '.join(fields)}}}]"]


def bulk_method(
    operation: DescribedOperation, sdk: SdkMethod, bulk: Bulk, single: Method, examples: Examples
) -> BulkMethod:
    """Return the method that calls another for many items.

    Raises:
        GenerationError: `bulk` in x-sdk names an argument that is no array of limited length.
    """
    arguments = {each.wire: each for each in single.given}
    where = f"x-sdk of `{sdk.resource}.{sdk.name}`: `bulk`"
    if missing := sorted({*bulk.items, *bulk.omit} - arguments.keys()):
        raise GenerationError(f"{where} names {missing[0]}, which is no argument")
    sizes = {_size(operation, wire, examples.description) for wire in bulk.items} or {1}
    if len(sizes) != 1 or None in sizes or not all(isinstance(arguments[wire].shape, Array) for wire in bulk.items):
        raise GenerationError(f"{where}: `items` must be arrays with the same `maxItems`")
    taken = [each for each in single.arguments if each.wire not in bulk.omit]
    example = examples.of(operation, sdk, taken, single.result)
    return BulkMethod(
        sdk.resource,
        bulk,
        single,
        [arguments[wire] for wire in bulk.items],
        sizes.pop() or 1,
        example.passed if example else (),
    )


def _size(operation: DescribedOperation, wire: str, description: Description) -> int | None:
    content = description.resolve(operation.node["requestBody"])["content"]["application/json"]
    property_ = description.resolve(content["schema"])["properties"].get(wire, {})
    size: int | None = description.resolve(property_).get("maxItems")
    return size


def _iterable(item: str, *, is_async: bool) -> str:
    return f"Iterable[{item}]{f' | AsyncIterable[{item}]' if is_async else ''}"


def _choice(items: list[Argument]) -> str:
    return f" Give exactly one of {listed((each.name for each in items), 'and')}." if len(items) > 1 else ""
