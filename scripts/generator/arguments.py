"""The arguments of one method: what a caller passes, and where it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve, frozen
from x_sdk import SdkMethod

from .annotations import Annotations, literal
from .description import DescribedOperation, Description, Node
from .errors import GenerationError
from .limits import with_limits
from .naming import python_name
from .parser_internals import Body, BodyType, Endpoint, ModelProperty, PropertyProtocol
from .schemas import parameter
from .settings import Settings
from .shapes import Array, Choice, Empty, Nullable, Object, Scalar, Shape, Shapes

RESERVED = frozenset({"op", "client"})
"""Names that mean something else inside a method."""


@frozen
class Argument:
    """One argument; `wire` is empty for one that is the body itself."""

    name: str
    wire: str
    location: str
    shape: Shape
    required: bool
    text: str
    style: str = ""
    default: str = ""
    fixed: str = ""
    bounds: tuple[int, int] | None = None

    @property
    def can_be_null(self) -> bool:
        """Return whether None is sent as null; otherwise it means not given."""
        return self.location in ("body", "multipart") and isinstance(self.shape, Nullable)

    @property
    def is_positional(self) -> bool:
        """Return whether it is positional too: path parameters, and the file of an upload."""
        return self.location == "path" or (self.required and self.shape == Scalar("file"))

    def declaration(self, annotations: Annotations) -> str:
        """Return the source of the argument in a signature."""
        if self.required:
            return f"{self.name}: {annotations.of(self.shape, 'argument')}"
        if self.default:
            return f"{self.name}: {annotations.of(self.shape, 'argument')} = {self.default}"
        absent = ("Unset", "UNSET") if self.can_be_null else ("None", "None")
        return f"{self.name}: {annotations.of(self.shape, 'argument', absent[0])} = {absent[1]}"

    def value(self) -> str:
        """Return the source of what the method passes on: the argument, or a constant."""
        return self.fixed or self.name

    def parameter(self) -> str:
        """Return the source of its `Parameter`."""
        source = parameter(self.name, self.wire, self.location, self.shape, self.required, self.style)
        return f"{source.removesuffix(')')}, bounds={self.bounds})" if self.bounds else source


@frozen
class Arguments:
    """Finds the arguments of operations."""

    shapes: Shapes
    description: Description
    settings: Settings

    def of(self, operation: DescribedOperation, endpoint: Endpoint, sdk: SdkMethod) -> list[Argument]:
        """Return the arguments of a method: those of the path, the required ones, the others.

        Raises:
            GenerationError: two have one name, or `x-sdk` names one that there is not.
        """
        given = [*self._parameters(operation, endpoint, sdk), *self._body(operation, endpoint, sdk)]
        _refuse_unknown(operation, sdk, {argument.wire for argument in given})
        if sdk.only:
            given = [_as_single(argument) for argument in given if argument.wire in sdk.only]
        kept = [_as_settled(argument, sdk) for argument in given if argument.wire not in sdk.withheld]
        _refuse_clashes(operation, kept)
        return sorted(
            kept, key=lambda argument: (argument.location != "path", not argument.is_positional, not argument.required)
        )

    def _parameters(self, operation: DescribedOperation, endpoint: Endpoint, sdk: SdkMethod) -> Iterator[Argument]:
        by_location: Mapping[str, list[PropertyProtocol]] = {
            "path": [*endpoint.path_parameters],
            "query": [*endpoint.query_parameters],
            "header": [*endpoint.header_parameters],
        }
        for location, properties in by_location.items():
            for prop in properties:
                wire = prop.name.get_untrusted_value()
                if location != "header" or not self.settings.is_context(wire):
                    yield self._parameter(operation.parameters[location, wire], location, wire, prop, sdk)

    def _parameter(self, node: Node, location: str, wire: str, prop: PropertyProtocol, sdk: SdkMethod) -> Argument:
        shape = self.shapes.of(prop)
        style = self._style(node, shape) if location == "query" else ""
        return Argument(
            self._name(wire, location), wire, location, shape, prop.required, self._text(wire, node, sdk), style
        )

    def _style(self, node: Mapping[str, object], shape: Shape) -> str:
        if isinstance(shape, Array):
            return "comma" if node.get("explode") is False else ""
        if node.get("style") == "deepObject":
            return self.settings.own.object_query_style
        if not isinstance(shape, Scalar | Choice):
            raise GenerationError(f"query parameter {node['name']}: an object needs `style: deepObject`")
        return ""

    def _body(self, operation: DescribedOperation, endpoint: Endpoint, sdk: SdkMethod) -> Iterator[Argument]:
        body = choose_body(endpoint, self.shapes)
        if body is None:
            return
        required = bool(self.description.resolve(operation.node["requestBody"]).get("required"))
        location = "multipart" if body.body_type is BodyType.FILES else "body"
        shape = self.shapes.of(body.prop)
        match shape:
            case Object():
                yield from self._body_fields(operation, shape.name, location, required, sdk)
            case Empty():
                return
            case _:
                node = self.description.resolve(operation.node["requestBody"])
                yield Argument("body", "", location, shape, required, self.description.text(node) or "The body.")

    def _body_fields(
        self, operation: DescribedOperation, class_name: str, location: str, required: bool, sdk: SdkMethod
    ) -> Iterator[Argument]:
        properties = self.description.schemas[class_name]["properties"]
        for field in self.shapes.fields(class_name):
            if field.required and not required:
                raise GenerationError(f"{operation.id}: {field.wire} is required, so the request body must be, too")
            node = properties[field.wire]
            yield Argument(
                self._name(field.wire, location),
                field.wire,
                location,
                field.shape,
                field.required,
                self._text(field.wire, node, sdk),
                bounds=self._bounds(node),
            )

    def _bounds(self, node: Node) -> tuple[int, int] | None:
        """Return the limits of a value beyond which a server is known to fail, so that the client must not send it."""
        schema = self.description.value_of(node)
        limits = [
            (schema.get("minimum", 0), schema.get("maximum")),
            (schema.get("minLength", 0), schema.get("maxLength")),
        ]
        return next(((least, most) for least, most in limits if "x-faults" in node and most is not None), None)

    def _text(self, wire: str, node: Node, sdk: SdkMethod) -> str:
        return with_limits(sdk.arguments.get(wire) or self.description.text(node), self.description.value_of(node))

    def _name(self, wire: str, location: str) -> str:
        plain = wire.removeprefix("x-").removeprefix("X-") if location == "header" else wire
        name = python_name(plain, self.settings.parser.field_prefix)
        return f"{name}_" if name in RESERVED else name


def choose_body(endpoint: Endpoint, shapes: Shapes) -> Body | None:
    """Return the body that is sent: a multipart one if a file goes in it, else JSON if there is one."""
    ranks = {BodyType.JSON: 1, BodyType.DATA: 2, BodyType.CONTENT: 3}
    return min(
        endpoint.bodies,
        key=lambda body: ranks.get(body.body_type, 0 if _has_file(body, shapes) else 4),
        default=None,
    )


def _has_file(body: Body, shapes: Shapes) -> bool:
    return isinstance(body.prop, ModelProperty) and any(
        field.shape in (Scalar("file"), Array(Scalar("file")))
        for field in shapes.fields(str(body.prop.class_info.name))
    )


def _as_single(argument: Argument) -> Argument:
    return evolve(argument, shape=argument.shape.items) if isinstance(argument.shape, Array) else argument


def _as_settled(argument: Argument, sdk: SdkMethod) -> Argument:
    default = sdk.page.defaults.get(argument.wire) if sdk.page else None
    fixed = sdk.fixed.get(argument.wire)
    return evolve(
        argument,
        required=argument.required or argument.wire in sdk.required,
        default="" if default is None else literal(default),
        fixed="" if fixed is None else literal(fixed),
    )


def _refuse_unknown(operation: DescribedOperation, sdk: SdkMethod, known: set[str]) -> None:
    groups = (sdk.exactly_one, sdk.at_most_one, sdk.at_least_one)
    grouped = {name for group in groups for names in group for name in names}
    complete = sdk.page.defaults.keys() if sdk.page else set[str]()
    chosen = {*sdk.require, *sdk.retry_unless, *grouped, *complete, *sdk.arguments}
    fixed = sdk.fixed.keys()
    unknown = (chosen | sdk.withheld | fixed) - known
    taken = (chosen & sdk.withheld) | (chosen & fixed) | (sdk.withheld & fixed)
    if unknown or taken:
        names = ", ".join(sorted(unknown | taken))
        raise GenerationError(f"{operation.id}: x-sdk of `{sdk.name}` names {names}, which is no argument of it")


def _refuse_clashes(operation: DescribedOperation, arguments: list[Argument]) -> None:
    seen: dict[str, Argument] = {}
    for argument in arguments:
        other = seen.setdefault(argument.name, argument)
        if other is not argument:
            raise GenerationError(
                f"{operation.id}: `{argument.name}` would be both {other.wire!r} of the {other.location} and"
                f" {argument.wire!r} of the {argument.location}; leave one out with `omit` in x-sdk, or rename it"
            )
