"""Methods that wait until something is in a final state, as source."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen
from x_sdk import SdkMethod, Wait

from .annotations import Annotations, literal, tuple_of
from .arguments import Argument
from .description import Description
from .docstrings import arguments as arguments_section
from .docstrings import docstring, listed, paragraphs
from .errors import GenerationError
from .examples import Example
from .method import Method
from .naming import method_name
from .parser_internals import snake_case
from .shapes import Nullable, Object, ObjectField, Shapes, object_in

_OPTIONS = {
    "deadline": "Seconds to wait in all; None for no limit.",
    "on_progress": "Called with the result of each look-up.",
}


@frozen
class Key:
    """A field that identifies a thing, and the argument of the look-up that takes it, if there is one."""

    field: ObjectField
    argument: Argument | None

    def annotation(self, annotations: Annotations) -> str:
        """Return the annotation of its values."""
        shape = self.field.shape if self.argument is None else self.argument.shape
        return annotations.of(shape.inner if isinstance(shape, Nullable) else shape, "argument")


@frozen
class WaitMethod:
    """One method that waits: the method that looks up, and what identifies and describes the thing."""

    resource: str
    wait: Wait
    lookup: Method
    item: Object
    keys: list[Key]
    state: str
    pending_while: list[tuple[str, str]]
    example: Example

    @property
    def name(self) -> str:
        """Return its name."""
        return method_name(self.wait.method)

    @property
    def constant(self) -> str:
        """Return the name of its `Waiter`."""
        return self.wait.method.upper()

    @property
    def key(self) -> str:
        """Return the name of the argument that says what to wait for."""
        first = self.keys[0]
        return f"{snake_case(self.item.name)}_{first.field.python}" if first.argument is None else first.argument.name

    @property
    def waiter_type(self) -> str:
        """Return the annotation of its `Waiter`."""
        return f"Waiter[m.{self.item.name}]"

    @property
    def waiter(self) -> str:
        """Return the source of its `Waiter`."""
        keys = ((key.field.python, "" if key.argument is None else key.argument.name) for key in self.keys)
        parts = [
            f"name={literal(f'{self.resource}.{self.name}')}",
            f"lookup={self.lookup.constant}",
            f"keys={_pairs(keys)}",
            f"state={literal(self.state)}",
            f"success={tuple_of(map(literal, self.wait.success))}",
            f"failure={tuple_of(map(literal, self.wait.failure))}",
            *((f"pending_while={_pairs(self.pending_while)}",) if self.pending_while else ()),
        ]
        return f"Waiter({', '.join(parts)})"

    @property
    def others(self) -> list[Argument]:
        """Return the other arguments that the look-up needs."""
        own = [key.argument for key in self.keys]
        return [argument for argument in self.lookup.given if argument.required and argument not in own]

    def signature(self, annotations: Annotations) -> str:
        """Return the source of the arguments."""
        keys = dict.fromkeys(key.annotation(annotations) for key in self.keys)
        models = (f"m.{name}" for name in (self.item.name, *self.wait.accepts))
        declared = [
            "self",
            *(argument.declaration(annotations) for argument in self.others),
            f"{self.key}: {' | '.join((*keys, *models))}",
            "*",
            "deadline: float | None = WAIT_DEADLINE",
            f"on_progress: OnProgress[m.{self.item.name}] | None = None",
        ]
        return ", ".join(declared)

    def values(self) -> str:
        """Return the source of the mapping of the other arguments."""
        return f"{{{', '.join(f'{literal(argument.name)}: {argument.value()}' for argument in self.others)}}}"

    def returned(self, annotations: Annotations) -> str:
        """Return the annotation of the result."""
        return annotations.of(self.item, "response")

    def docstring(self, *, is_async: bool) -> str:
        """Return the docstring."""
        noun = snake_case(self.item.name).replace("_", " ")
        what = f"The {noun}, or its {listed((key.field.python for key in self.keys), 'or')}."
        texts = {argument.name: argument.text for argument in self.others} | {self.key: what} | _OPTIONS
        failed = f"    WaitFailed: it is {listed(self.wait.failure, 'or')}.\n" if self.wait.failure else ""
        return docstring(
            paragraphs(
                f"Wait until the {noun} is {listed(self.wait.success, 'or')}, and return it.",
                f"{self._exceptions()}It is looked up with `{self.lookup.name}`, after half a second, then at growing"
                " intervals of up to 15 seconds. To continue a wait that was interrupted, call this again.",
                arguments_section(texts.items()),
                f"Raises:\n{failed}    WaitTimedOut: the deadline passed before.",
            ),
            8,
            code=self.example.code(is_async=is_async),
        )

    def _exceptions(self) -> str:
        sentences = (f"With `{field}`, `{state}` is not the end. " for state, field in self.pending_while)
        return "".join(sentences)


def wait_method(sdk: SdkMethod, wait: Wait, lookup: Method, shapes: Shapes, description: Description) -> WaitMethod:
    """Return the method that waits by looking up with another.

    Raises:
        GenerationError: `wait` in x-sdk names a field or an argument that there is not.
    """
    where = f"x-sdk of `{sdk.resource}.{sdk.name}`: `wait`"
    item = object_in(lookup.result.rows or lookup.result.shape)
    if item is None:
        raise GenerationError(f"{where} needs a look-up that returns an object, or a list of objects")
    fields = {field.wire: field for field in shapes.fields(item.name)}
    arguments = {argument.wire: argument for argument in lookup.given}
    named = {*wait.keys, wait.state, *wait.pending_while.values()}
    missing = sorted(named - fields.keys() | (set(filter(None, wait.keys.values())) - arguments.keys()))
    if missing:
        raise GenerationError(f"{where} names {missing[0]}, which is neither a field of {item.name} nor an argument")
    keys = [Key(fields[name], None if wire is None else arguments[wire]) for name, wire in wait.keys.items()]
    return WaitMethod(
        sdk.resource,
        wait,
        lookup,
        item,
        keys,
        fields[wait.state].python,
        [(state, fields[name].python) for state, name in wait.pending_while.items()],
        _example(f"client.{sdk.resource}.{method_name(wait.method)}", lookup, item, keys, description),
    )


def _example(path: str, lookup: Method, item: Object, keys: list[Key], description: Description) -> Example:
    """Return a call with the arguments of the look-up's own example, and the first key of an example of the item."""
    own = {each.argument.name: each for each in (lookup.example.passed if lookup.example else ())}
    key = keys[0].argument
    taken = own.pop(key.name, None) if key else None
    found = taken.value if taken else literal(description.example(item.name).get(keys[0].field.wire, ""))
    others = [each.value for each in own.values() if each.argument.required]
    return Example(method_name(snake_case(item.name)), path, (*others, found))


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return tuple_of(f"({literal(one)}, {literal(other)})" for one, other in pairs)
