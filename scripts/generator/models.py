"""Component schemas as classes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from attrs import frozen

from .annotations import Annotations, Use, literal
from .decoding import Decoders
from .description import Description, Node
from .docstrings import docstring, lead
from .errors import GenerationError
from .json_objects import JsonObject, json_object
from .shapes import Choice, Nullable, ObjectField, Scalar, Shape, Shapes
from .usage import Usage

RESERVED = frozenset(
    {"from_dict", "to_dict", "additional_properties", "m", "rt", "literals", "unions", "renamed", "to_model"}
)
"""Names that mean something else inside a model, or its struct."""

TAKEN = frozenset({"Any", "ClassVar", "Literal", "Mapping", "Self", "UNSET", "Unset"}) | frozenset(
    {"ABSENT", "Absent", "JsonObject", "JsonValue"}
)
"""Names that the module of a model imports."""

IDENTITIES = ("uuid", "id", "key")
"""The names of fields that identify an object, the first that there is."""

MAPPING_NAMES = frozenset({"get", "items", "keys", "values"})
"""The names of the methods of a mapping; an object that has such a field is none."""


@frozen
class ModelField:
    """One attribute of a class, as source."""

    name: str
    declaration: str
    docstring: str
    entry: str
    decoder: str
    encoder: str


@frozen
class ModelClass:
    """One class, as source; `is_as_described` tests whether an object has nothing that has to be noted.

    `json` is its struct, if it is in the rows of a list that are decoded in one pass.
    """

    name: str
    module: str
    docstring: str
    fields: list[ModelField]
    identity: str
    is_open: bool
    public_package: str
    is_as_described: str
    json: JsonObject | None
    tables: Mapping[str, str]


def models(
    shapes: Shapes,
    description: Description,
    usage: Usage,
    modules: Mapping[str, str],
    public_package: str,
    structs: Collection[str],
) -> Iterator[ModelClass]:
    """Yield the classes that responses and arguments are made of; those in `structs` have one.

    Raises:
        GenerationError: a name is taken, by another class or by what generated code uses.
    """
    _refuse_clashes(usage.classes, modules)
    for name in sorted(usage.classes):
        writer = _ModelWriter(name, shapes, description, usage, public_package)
        yield writer.write(modules[name], has_struct=name in structs)


def _refuse_clashes(classes: set[str], modules: Mapping[str, str]) -> None:
    seen: dict[str, str] = {}
    for name in sorted(classes):
        other = seen.setdefault(modules[name], name)
        if other != name:
            raise GenerationError(f"the schemas {other} and {name} would share the module {modules[name]}; rename one")
        if name in TAKEN:
            raise GenerationError(f"the schema {name} has a name that generated code uses; rename it")


class _ModelWriter:
    def __init__(self, name: str, shapes: Shapes, description: Description, usage: Usage, public_package: str) -> None:
        self._name, self._public_package = name, public_package
        self._node = description.resolve(description.schemas[name])
        if "allOf" in self._node:
            raise GenerationError(f"the schema {name} is an `allOf`; write its properties out")
        self._description = description
        self._is_open = shapes.is_open(name) and not MAPPING_NAMES & {field.python for field in shapes.fields(name)}
        self._is_sent = name in usage.sent
        self._fields = sorted(shapes.fields(name), key=lambda field: bool(self._default(field)))
        self._use: Use = "response" if name in usage.received else "request"
        self._refuse_repeated_names()
        self._annotations = Annotations(frozenset(map(field_name, self._fields)))
        self._decoders = Decoders("rt.")

    def _refuse_repeated_names(self) -> None:
        wires: dict[str, str] = {}
        for field in self._fields:
            other = wires.setdefault(field_name(field), field.wire)
            if other != field.wire:
                both = f"{other!r} and {field.wire!r}"
                raise GenerationError(f"{self._name}: {both} would both be `{field_name(field)}` in Python; rename one")

    def write(self, module: str, *, has_struct: bool) -> ModelClass:
        fields = [self._field(field, self._node["properties"][field.wire]) for field in self._fields]
        json = json_object(map(self._struct_field, self._fields), self._decoders) if has_struct else None
        tables = {name: self._decoders.table(shape) for shape, name in self._decoders.tables.items()}
        return ModelClass(
            self._name,
            module,
            docstring(lead(self._description.text(self._node)) or f"{self._name}."),
            fields,
            self._identity(),
            self._is_open,
            self._public_package,
            self._is_as_described(),
            json,
            tables,
        )

    def _identity(self) -> str:
        """Return the field that tells it from others of its class, empty if there is none."""
        scalars = {field.wire: field_name(field) for field in self._fields if field.required and _is_key(field.shape)}
        return next((scalars[wire] for wire in IDENTITIES if wire in scalars), "")

    def _field(self, field: ObjectField, node: Node) -> ModelField:
        text = self._description.text(node)
        return ModelField(
            field_name(field),
            self._declaration(field),
            docstring(text) if text else "",
            f"rt.Field({', '.join(self._entry(field))})",
            self._decoder(field),
            f"{literal(field.wire)}: {self._encoded(field)}",
        )

    def _struct_field(self, field: ObjectField) -> tuple[str, ObjectField, str]:
        return field_name(field), field, self._default(field)

    def _is_as_described(self) -> str:
        required = sum(field.required for field in self._fields)
        optional = [
            f"(model.{field_name(field)} is not {self._default(field)})" for field in self._fields if not field.required
        ]
        test = f"len(data) == {required}"
        return f"{test} or {test} + {' + '.join(optional)}" if optional else test

    def _encoded(self, field: ObjectField) -> str:
        value = f"self.{field_name(field)}"
        return value if _is_scalar(field.shape) else f"rt.to_json({value})"

    def _default(self, field: ObjectField) -> str:
        """Return the source of the default, empty if there is none; the only choice there is need not be given."""
        if not field.required:
            return "UNSET" if self._is_sent and isinstance(field.shape, Nullable) else "None"
        if self._is_sent and isinstance(field.shape, Choice) and len(field.shape.values) == 1:
            return literal(field.shape.values[0])
        return ""

    def _declaration(self, field: ObjectField) -> str:
        absent = () if field.required else ("Unset",) if self._default(field) == "UNSET" else ("None",)
        declared = f"{field_name(field)}: {self._annotations.of(field.shape, self._use, *absent)}"
        return f"{declared} = {self._default(field)}" if self._default(field) else declared

    def _entry(self, field: ObjectField) -> Iterable[str]:
        yield from (literal(field_name(field)), literal(field.wire))
        if (converter := self._decoders.converter(field.shape)) is not None:
            yield converter
        unset = not field.required and self._default(field) == "UNSET"
        yield from ("null=True",) if field.required or unset else ()
        yield from ("shown=True",) if is_shown(field.shape, field.wire) else ()
        yield from ("absent=UNSET",) if unset else ()

    def _decoder(self, field: ObjectField) -> str:
        key = literal(field.wire)
        if field.required:
            return self._decoders.expression(field.shape, f"data[{key}]")
        if self._default(field) != "UNSET":
            return self._decoders.expression(_nullable(field.shape), f"data.get({key})")
        source = f"data.get({key}, UNSET)"
        decoded = self._decoders.expression(field.shape, "value")
        return source if decoded == "value" else f"UNSET if (value := {source}) is UNSET else {decoded}"


def _is_scalar(shape: Shape) -> bool:
    """Return whether the values are the same in Python and in JSON, and cannot be changed."""
    match shape:
        case Nullable():
            return _is_scalar(shape.inner)
        case Choice() | Scalar("str" | "int" | "float" | "bool"):
            return True
        case _:
            return False


def field_name(field: ObjectField) -> str:
    """Return the name of an attribute."""
    return f"{field.python}_" if field.python in RESERVED else field.python


def is_shown(shape: Shape, wire: str) -> bool:
    """Return whether `repr` may show a value: identifiers, choices, times and integers, never text."""
    match shape:
        case Nullable():
            return is_shown(shape.inner, wire)
        case Choice() | Scalar("uuid" | "datetime" | "date" | "bool" | "int"):
            return True
        case Scalar("str"):
            return wire == "id" or wire.endswith(("_id", "Id", "uuid", "Uuid"))
        case _:
            return False


def _is_key(shape: Shape) -> bool:
    return isinstance(shape, Scalar) and shape.name in ("str", "uuid", "int")


def _nullable(shape: Shape) -> Shape:
    return shape if isinstance(shape, Nullable) else Nullable(shape)
