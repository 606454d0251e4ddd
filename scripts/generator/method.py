"""One method of a resource, as source."""

from __future__ import annotations

from attrs import frozen

from .annotations import Annotations, literal
from .arguments import Argument
from .docstrings import arguments as arguments_section
from .docstrings import docstring, paragraphs
from .examples import Example
from .parser_internals import snake_case
from .results import Result
from .shapes import Object, Shape


@frozen
class Method:
    """One method of a resource: its operation, its arguments, its result."""

    name: str
    constant: str
    operation: str
    operation_type: str
    arguments: list[Argument]
    result: Result
    text: str
    raises: str
    is_stream: bool
    example: Example | None

    @property
    def given(self) -> list[Argument]:
        """Return the arguments that a caller gives; the others are always the same."""
        return [argument for argument in self.arguments if not argument.fixed]

    @property
    def is_list(self) -> bool:
        """Return whether its result is paginated."""
        return self.result.rows is not None

    @property
    def item(self) -> str:
        """Return what the rows of its list are called, in words."""
        name = self.result.rows.name if isinstance(self.result.rows, Object) else "item"
        return snake_case(name).replace("_", " ")

    def signature(self, annotations: Annotations) -> str:
        """Return the source of the arguments."""
        placed = [argument for argument in self.given if argument.is_positional]
        named = [argument for argument in self.given if not argument.is_positional]
        declared = [argument.declaration(annotations) for argument in (*placed, *named)]
        return ", ".join(("self", *declared[: len(placed)], *(("*",) if named else ()), *declared[len(placed) :]))

    def values(self) -> str:
        """Return the source of the mapping of arguments."""
        return f"{{{', '.join(f'{literal(argument.name)}: {argument.value()}' for argument in self.arguments)}}}"

    def returned(self, annotations: Annotations) -> str:
        """Return the annotation of the result: for a list, of a row."""
        return annotation(self.result.rows if self.is_list else self.result.shape, annotations)

    def parsed(self, annotations: Annotations) -> str:
        """Return the annotation of the parsed response: for a list, of a page."""
        return annotation(self.result.shape, annotations)

    def docstring(self, *, is_async: bool) -> str:
        """Return the docstring with all arguments and an example."""
        texts = ((argument.name, self._explain(argument)) for argument in self.given)
        text = paragraphs(self.text, arguments_section(texts), self.raises)
        return docstring(text, 8, code=self.example.code(is_async=is_async) if self.example else "")

    def _explain(self, argument: Argument) -> str:
        text = argument.text
        if (
            argument.can_be_null
            and self._changes_what_is_there
            and not argument.required
            and "null" not in text.lower()
        ):
            return f"{text} None clears it; leave it out to send nothing."
        if not argument.default:
            return text
        return f"{text} {argument.default} unless given, so that rows that change meanwhile are not skipped."

    @property
    def _changes_what_is_there(self) -> bool:
        return not self.name.startswith(("create", "start", "send", "request", "connect"))

    @property
    def summary(self) -> str:
        """Return the first sentence of its docstring."""
        return self.text.partition("\n")[0]

    def raw_docstring(self, *, is_async: bool) -> str:
        """Return the docstring of the method that returns the response: a summary, and the example."""
        return docstring(
            self.summary,
            8,
            code=self.example.raw().code(is_async=is_async) if self.example else "",
        )


def annotation(shape: Shape | None, annotations: Annotations) -> str:
    return "None" if shape is None else annotations.of(shape, "response")
