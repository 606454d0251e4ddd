"""What a method returns, and how it is decoded from a response."""

from __future__ import annotations

from typing import Literal

from attrs import frozen
from x_sdk import SdkMethod

from .annotations import literal
from .decoding import Decoders, is_plain
from .errors import GenerationError
from .json_objects import has_struct
from .parser_internals import Endpoint, Response
from .shapes import Array, Either, Empty, Nullable, Object, Scalar, Shape, Shapes, json_type

Format = Literal["json", "bytes", "text"]

_FORMATS: dict[str, Format] = {"response.json()": "json", "response.content": "bytes", "response.text": "text"}


@frozen
class Result:
    """The result of a method; `shape` is None where there is none, `rows` that of the rows of a list.

    `row_struct` is the class whose struct the rows are decoded by, if they are decoded in one pass.
    """

    shape: Shape | None
    format: Format
    decode: str
    rows: Shape | None = None
    decode_rows: str = ""
    row_struct: str = ""


@frozen
class _Response:
    format: Format
    shape: Shape


def result(operation_id: str, endpoint: Endpoint, sdk: SdkMethod, shapes: Shapes, decoders: Decoders) -> Result:
    """Return the result of a method.

    Raises:
        GenerationError: the successful responses differ, or `x-sdk` names a field that they do not have.
    """
    successes = filter(is_success, endpoint.responses.patterns)
    responses = [_response(operation_id, response, sdk, shapes) for response in successes]
    found = list(dict.fromkeys(response for response in responses if response.shape != Empty()))
    if len(found) > 1:
        raise GenerationError(f"{operation_id}: the successful responses must have one schema, apart from empty ones")
    if not found:
        return Result(None, "json", "nothing")
    reader = _Reader(operation_id, shapes, decoders)
    whole = reader.whole(found[0], sdk.unwrap, may_be_empty=Empty() in [response.shape for response in responses])
    if sdk.only and isinstance(whole.shape, Array):
        return Result(whole.shape.items, "json", whole.decode.replace("lambda body: ", "lambda body: first(", 1) + ")")
    return whole if sdk.page is None else reader.listed(whole, sdk.page.items)


def is_success(response: Response) -> bool:
    """Return whether it is one of the 2xx."""
    return response.status_code.range is not None and 200 <= response.status_code.range[0] < 300


def _response(operation_id: str, response: Response, sdk: SdkMethod, shapes: Shapes) -> _Response:
    form = _FORMATS.get(response.source["attribute"])
    if form is None:
        return _Response("json", Empty())
    if not sdk.response:
        return _Response(form, shapes.of(response.prop))
    member = shapes.member(response.prop, sdk.response)
    if member is None:
        raise GenerationError(f"{operation_id}: x-sdk of `{sdk.name}` names no member of its response: {sdk.response}")
    return _Response(form, member)


@frozen
class _Reader:
    operation_id: str
    shapes: Shapes
    decoders: Decoders

    def whole(self, response: _Response, unwrap: str, *, may_be_empty: bool) -> Result:
        if response.format != "json":
            return Result(Scalar("file" if response.format == "bytes" else "str"), response.format, "lambda body: body")
        shape, source = self._walk(response.shape, unwrap)
        decoded = self._expect(shape, source)
        if not may_be_empty:
            return Result(shape, "json", f"lambda body: {decoded}")
        if unwrap and isinstance(shape, Array):
            return Result(shape, "json", f"lambda body: [] if body is None else {decoded}")
        return Result(Nullable(shape), "json", f"lambda body: None if body is None else {decoded}")

    def listed(self, whole: Result, items: str) -> Result:
        rows, _ = self._walk(whole.shape or Empty(), items)
        if not isinstance(rows, Array):
            raise GenerationError(f"{self.operation_id}: `{items}`, the rows of a page, must be an array")
        decode_rows = f"lambda rows: {self.decoders.rows(rows)}"
        return Result(whole.shape, whole.format, whole.decode, rows.items, decode_rows, self._struct(rows.items))

    def _struct(self, row: Shape) -> str:
        return row.name if isinstance(row, Object) and has_struct(row, self.shapes) else ""

    def _walk(self, shape: Shape, path: str) -> tuple[Shape, str]:
        source = "body"
        for name in path.split(".") if path else ():
            fields = (
                {field.wire: field for field in self.shapes.fields(shape.name)} if isinstance(shape, Object) else {}
            )
            if name not in fields:
                raise GenerationError(f"{self.operation_id}: x-sdk names `{path}`, but the response has no such field")
            if not fields[name].required:
                raise GenerationError(f"{self.operation_id}: x-sdk names `{path}`, which a response may lack")
            shape, source = fields[name].shape, f"{source}[{literal(name)}]"
        return shape, source

    def _expect(self, shape: Shape, source: str) -> str:
        """Return a decoder that raises for a value of another JSON type, which a plain value would not."""
        match shape:
            case Scalar("any" | "float") | Either():
                return self.decoders.expression(shape, source)
            case Nullable():
                return f"None if (value := {source}) is None else {self._expect(shape.inner, 'value')}"
            case _ if is_plain(shape):
                return f"expect({json_type(shape)}, {source})"
            case _:
                return self.decoders.expression(shape, source)
