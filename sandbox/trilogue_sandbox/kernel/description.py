"""A platform's description, ready to route requests and to judge what goes in and out."""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

import attrs
import msgspec

from trilogue_sandbox.kernel.bodies import Body, UnreadableBody, UploadedFile, read_body
from trilogue_sandbox.kernel.document import DescriptionError, Node
from trilogue_sandbox.kernel.http import Json, JsonObject, Request, Response
from trilogue_sandbox.kernel.parameters import Parameter, unknown_keys
from trilogue_sandbox.kernel.validation import Schemas, Violation

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@attrs.frozen
class Inputs:
    """What a request says, decoded.

    A parameter that was not given and has no default is absent; header names are in lower case. `body` is None where
    there was none; the files of a multipart body are in `files`. With `violations`, values may be of any type.
    """

    path: JsonObject
    query: JsonObject
    headers: JsonObject
    body: Json
    files: dict[str, UploadedFile]
    violations: tuple[Violation, ...]


class Operation:
    """One operation of a description. Its parts are read, and their schemas compiled, when they are first used."""

    def __init__(self, method: str, path: str, node: Node, path_item: Node, schemas: Schemas) -> None:
        self.method = method.upper()
        self.path = path
        self.node = node
        self.id = node.text("operationId")
        self.tag = tag.value if (tag := _first(node, "tags")) and isinstance(tag.value, str) else ""
        self.summary = node.text("summary")
        self._path_item = path_item
        self._schemas = schemas
        self._parameters: tuple[Parameter, ...] | None = None
        self._headers: dict[str, tuple[Parameter, ...]] = {}

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters of the operation and of its path."""
        if self._parameters is None:
            nodes = [*_children(self._path_item, "parameters"), *_children(self.node, "parameters")]
            by_key = {(parameter.place, parameter.name): parameter for parameter in map(Parameter.of, nodes)}
            self._parameters = tuple(by_key.values())
        return self._parameters

    def read(self, request: Request, path_values: dict[str, str]) -> Inputs:
        """Decode the parameters and the body of a request and hold them against the description."""
        values: dict[str, JsonObject] = {"path": {}, "query": {}, "header": {}}
        violations = [*self._unknown(request)]
        for parameter in self.parameters:
            given, value = _read_parameter(parameter, request, path_values)
            if given:
                violations += self._schemas.check(parameter.schema, value, f"{parameter.place}/{parameter.name}")
            elif parameter.is_required:
                violations.append(Violation(f"{parameter.place}/{parameter.name}", "required", "is required"))
            if given or (value := _default(parameter)) is not None:
                values[parameter.place][_key(parameter)] = value
        body, body_violations = self._read_body(request)
        return Inputs(
            values["path"], values["query"], values["header"], body.value, body.files, (*violations, *body_violations)
        )

    def _unknown(self, request: Request) -> Iterator[Violation]:
        for key in unknown_keys(self.parameters, request.query):
            yield Violation(f"query/{key}", "unknown", "there is no such parameter")

    def _read_body(self, request: Request) -> tuple[Body, Sequence[Violation]]:
        described = self.node.child("requestBody")
        if described is None:
            return Body(), [Violation("body", "unknown", "no body is expected")] if request.body else ()
        if not request.body:
            return Body(), [Violation("body", "required", "is required")] if described.is_true("required") else ()
        content = _content(described, request.headers.get("content-type", ""))
        if content is None:
            offered = ", ".join(key for key, _ in _pairs(described, "content"))
            return Body(), [Violation("header/content-type", "unknown", f"must be one of: {offered}")]
        return self._check_body(request, content.child("schema"))

    def _check_body(self, request: Request, schema: Node | None) -> tuple[Body, Sequence[Violation]]:
        try:
            body = read_body(request.headers.get("content-type", ""), schema, request.body)
        except UnreadableBody as error:
            return Body(), [Violation("body", "malformed", str(error))]
        return body, self._schemas.check(schema, body.value, "body") if schema else ()

    def check_response(self, response: Response) -> Sequence[Violation]:
        """Return everything about an answer that the description does not promise."""
        described = self._described_response(response.status)
        if described is None:
            known = ", ".join(key for key, _ in _pairs(self.node, "responses"))
            return [Violation("response/status", "unknown", f"{response.status} is not described; there is: {known}")]
        return [*self._check_headers(described, response), *self._check_content(described, response)]

    def _described_response(self, status: int) -> Node | None:
        responses = self.node.child("responses")
        if responses is None:
            return None
        for key in (str(status), f"{status // 100}XX", "default"):
            if found := responses.child(key):
                return found
        return None

    def _check_headers(self, described: Node, response: Response) -> Iterator[Violation]:
        for header in self._headers_of(described):
            location = f"response/header/{header.name}"
            if header.name in response.headers:
                yield from self._schemas.check(header.schema, header.read_text(response.headers[header.name]), location)
            elif header.is_required:
                yield Violation(location, "required", "is required")

    def _headers_of(self, described: Node) -> tuple[Parameter, ...]:
        if described.pointer not in self._headers:
            headers = (Parameter.of_header(name, node) for name, node in _pairs(described, "headers"))
            self._headers[described.pointer] = tuple(headers)
        return self._headers[described.pointer]

    def _check_content(self, described: Node, response: Response) -> Sequence[Violation]:
        if described.child("content") is None:
            return [Violation("response/body", "unknown", "no body is described")] if response.body else ()
        content = _content(described, response.content_type)
        if content is None:
            return [Violation("response/header/content-type", "unknown", f"{response.content_type} is not described")]
        schema = content.child("schema")
        try:
            value = read_body(response.content_type, schema, response.body)
        except UnreadableBody as error:
            return [Violation("response/body", "malformed", str(error))]
        return self._schemas.check(schema, value.value, "response/body") if schema and not value.files else ()


@attrs.frozen
class Match:
    """Where a path leads. `operation` is None where the path is known and the method is not."""

    operation: Operation | None
    path_values: dict[str, str] = attrs.field(repr=False)
    allowed: tuple[str, ...]


class Description:
    """A platform's whole description."""

    def __init__(self, document: JsonObject) -> None:
        self.root = Node.of(document)
        self._schemas = Schemas(document)
        items = {path: self._read_path(path, item) for path, item in _pairs(self.root, "paths")}
        self.operations = {op.id: op for operations in items.values() for op in operations.values()}
        self._static = {path: operations for path, operations in items.items() if "{" not in path}
        self._templates = _by_length({path: ops for path, ops in items.items() if "{" in path})

    @classmethod
    def load(cls, platform: str) -> Description:
        """Read the bundled description of a platform.

        Raises:
            DescriptionError: no description of that name is installed.
        """
        try:
            bundle = importlib.resources.files(f"trilogue_generated.{platform}") / "openapi.json"
            return cls(msgspec.json.decode(bundle.read_bytes()))
        except (ModuleNotFoundError, FileNotFoundError) as error:
            raise DescriptionError(f"there is no description of {platform!r} in this installation") from error

    def match(self, method: str, path: str) -> Match | None:
        """Find the operation of a method and a percent-encoded path; None if no path of the description fits.

        Written-out segments come before parameters, and the first path that fits decides.
        """
        if (operations := self._static.get(path)) is not None:
            return _match(operations, method, {})
        for template in self._templates.get(path.count("/"), ()):
            if found := template.pattern.fullmatch(path):
                values = dict(zip(template.names, map(unquote, found.groups()), strict=True))
                return _match(template.operations, method, values)
        return None

    def _read_path(self, path: str, item: Node) -> dict[str, Operation]:
        found = ((method, item.child(method)) for method in METHODS)
        return {method.upper(): Operation(method, path, node, item, self._schemas) for method, node in found if node}


@attrs.frozen
class _Template:
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    operations: dict[str, Operation]

    @classmethod
    def of(cls, path: str, operations: dict[str, Operation]) -> _Template:
        parts = re.split(r"\{([^{}]+)\}", path)
        pattern = "([^/]+)".join(re.escape(written_out) for written_out in parts[::2])
        return cls(re.compile(pattern), tuple(parts[1::2]), operations)


def _by_length(items: dict[str, dict[str, Operation]]) -> dict[int, list[_Template]]:
    templates: dict[int, list[_Template]] = {}
    for path in sorted(items, key=lambda path: ["{" in segment for segment in path.split("/")]):
        templates.setdefault(path.count("/"), []).append(_Template.of(path, items[path]))
    return templates


def _match(operations: dict[str, Operation], method: str, path_values: dict[str, str]) -> Match:
    return Match(operations.get(method.upper()), path_values, tuple(operations))


def _read_parameter(parameter: Parameter, request: Request, path_values: dict[str, str]) -> tuple[bool, Json]:
    if parameter.place == "query":
        return parameter.read_query(request.query)
    texts = path_values if parameter.place == "path" else request.headers
    if parameter.name not in texts:
        return False, None
    return True, parameter.read_text(texts[parameter.name])


def _default(parameter: Parameter) -> Json:
    default = parameter.schema.child("default")
    return default.value if default else None


def _key(parameter: Parameter) -> str:
    return parameter.name.lower() if parameter.place == "header" else parameter.name


def _content(node: Node, content_type: str) -> Node | None:
    media_type = content_type.partition(";")[0].strip().lower()
    by_type = {key.lower(): content for key, content in _pairs(node, "content")}
    return by_type.get(media_type) or by_type.get(media_type.partition("/")[0] + "/*") or by_type.get("*/*")


def _pairs(node: Node, key: str) -> Iterator[tuple[str, Node]]:
    found = node.child(key)
    return found.children() if found else iter(())


def _children(node: Node, key: str) -> Iterator[Node]:
    return (child for _, child in _pairs(node, key))


def _first(node: Node, key: str) -> Node | None:
    return next(_children(node, key), None)
