"""Methods that find a value of a row by its name, as source."""

from __future__ import annotations

from attrs import frozen
from x_sdk import Lookup, SdkMethod

from .annotations import Annotations, literal
from .description import Description
from .docstrings import arguments as arguments_section
from .docstrings import docstring, paragraphs
from .errors import GenerationError
from .examples import Example
from .method import Method
from .naming import method_name
from .shapes import Nullable, ObjectField, Shape, Shapes, object_in


@frozen
class LookupMethod:
    """One method that looks up: the list, the field that is given, the field that is returned."""

    resource: str
    listing: Method
    by: ObjectField
    value: ObjectField
    example: Example

    @property
    def name(self) -> str:
        """Return its name, that of the field it returns."""
        return method_name(self.value.python)

    @property
    def constant(self) -> str:
        """Return the name of its `Lookup`."""
        return f"{self.value.python.upper()}_BY_{self.by.python.upper()}"

    @property
    def constant_type(self) -> str:
        """Return the annotation of its `Lookup`."""
        return f"Lookup[{self.returned(Annotations())}]"

    @property
    def source(self) -> str:
        """Return the source of its `Lookup`."""
        return (
            f"Lookup(name={literal(f'{self.resource}.{self.name}')}, operation={self.listing.constant},"
            f" by={literal(self.by.python)}, value={literal(self.value.python)})"
        )

    def signature(self, annotations: Annotations) -> str:
        """Return the source of the arguments."""
        return f"self, {self.by.python}: {annotations.of(_present(self.by), 'argument')}"

    def returned(self, annotations: Annotations) -> str:
        """Return the annotation of the result."""
        return annotations.of(_present(self.value), "response")

    def docstring(self, *, is_async: bool) -> str:
        """Return the docstring."""
        item, by = self.listing.item, self.by.python
        value = self.value.python.upper() if self.value.python == "uuid" else self.value.python
        return docstring(
            paragraphs(
                f"Look up the {value} of a {item} by its {by}.",
                f"The first call lists the {item}s, and their {by}s are remembered for five minutes, for all copies of"
                f" the client. A {by} that is not among them lists them again. A {item} that was renamed or deleted"
                f" meanwhile is found under its old {by} for that long.",
                arguments_section([(by, f"The {by}. Where no {item} has it in this case, it may differ in case.")]),
                f"Raises:\n    NotFound: there is none; the message has the most similar {by}s.\n"
                f"    InvalidArgument: several have this {by}; the message has their {value}s.",
            ),
            8,
            code=self.example.code(is_async=is_async),
        )


def lookup_method(
    sdk: SdkMethod, lookup: Lookup, listing: Method, shapes: Shapes, description: Description
) -> LookupMethod:
    """Return the method that looks up a value in a list.

    Raises:
        GenerationError: `lookup` in x-sdk names a field that there is not.
    """
    item = object_in(listing.result.rows)
    fields = {field.wire: field for field in shapes.fields(item.name)} if item else {}
    if item is None or not fields.keys() >= {lookup.by, lookup.value}:
        raise GenerationError(
            f"x-sdk of `{sdk.resource}.{sdk.name}`: `lookup` names {lookup.by} and {lookup.value}, which must be fields"
            " of the rows of a list"
        )
    by, value = fields[lookup.by], fields[lookup.value]
    key = literal(description.example(item.name).get(lookup.by, ""))
    example = Example(value.python, f"client.{sdk.resource}.{method_name(value.python)}", (key,))
    return LookupMethod(sdk.resource, listing, by, value, example)


def _present(field: ObjectField) -> Shape:
    return field.shape.inner if isinstance(field.shape, Nullable) else field.shape
