"""One operation of a description: it decodes and checks requests, and checks responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import attrs
import msgspec

from trilogue_sandbox.kernel.bodies import Body, UnreadableBody, UploadedFile, read_body
from trilogue_sandbox.kernel.document import Node
from trilogue_sandbox.kernel.http import Json, JsonObject, Request, Response, media_type_of
from trilogue_sandbox.kernel.known_faults import find_faults
from trilogue_sandbox.kernel.parameters import Given, Parameter, group_by_key, unknown_keys
from trilogue_sandbox.kernel.validation import Schemas, Violation


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


class _Content:
    """The media types that a body may have, and their schemas."""

    def __init__(self, node: Node) -> None:
        self.is_required = node.is_true("required")
        self.schemas = {key.lower(): media.child("schema") for key, media in node.children_of("content")}

    def find(self, content_type: str) -> str | None:
        """Return the key that a content type falls under, or None."""
        media_type = media_type_of(content_type)
        candidates = (media_type, media_type.partition("/")[0] + "/*", "*/*")
        return next((key for key in candidates if key in self.schemas), None)


class _DescribedResponse:
    """The headers and the content of one response of an operation."""

    def __init__(self, node: Node) -> None:
        self.headers = tuple(Parameter.of_header(name, header) for name, header in node.children_of("headers"))
        self.content = _Content(node)


class Operation:
    """One operation of a description. Its parts are read, and their schemas compiled, when they are first used."""

    def __init__(self, method: str, path: str, node: Node, path_item: Node, schemas: Schemas) -> None:
        self.method = method
        self.path = path
        self.node = node
        self.id = node.text("operationId")
        self._path_item = path_item
        self._schemas = schemas
        self._responses: dict[int, _DescribedResponse | None] = {}

    @cached_property
    def tag(self) -> str:
        """The first tag; empty if there is none."""
        tags = [node.value for _, node in self.node.children_of("tags")]
        return str(tags[0]) if tags else ""

    @cached_property
    def faults(self) -> Mapping[str, frozenset[str]]:
        """The known faults of the real server by the names of its parameters and of the fields of its body."""
        return find_faults(self.node)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters of the operation and of its path."""
        nodes = [node for holder in (self._path_item, self.node) for _, node in holder.children_of("parameters")]
        by_key = {(parameter.location, parameter.name): parameter for parameter in map(Parameter.of, nodes)}
        return tuple(by_key.values())

    @cached_property
    def query_names(self) -> frozenset[str]:
        """The names of the parameters in the query."""
        return frozenset(parameter.name for parameter in self.parameters if parameter.location == "query")

    @cached_property
    def request_body(self) -> Node | None:
        """The description of the request body; None if there is to be none."""
        return self.node.child("requestBody")

    @cached_property
    def body_fields(self) -> frozenset[str]:
        """The names of the fields that a request body can have."""
        schemas = self._request_content.schemas.values() if self._request_content else ()
        branches = [branch for schema in schemas if schema for branch in schema.branches]
        return frozenset(name for branch in branches for name, _ in branch.children_of("properties"))

    @cached_property
    def _request_content(self) -> _Content | None:
        return _Content(self.request_body) if self.request_body else None

    def without_surplus_body(self, request: Request) -> Request:
        """Return a request without the empty object that some clients send where no body is expected."""
        is_surplus = self.request_body is None and request.body.strip() == b"{}"
        return attrs.evolve(request, body=b"") if is_surplus else request

    def read(self, request: Request, path_values: Mapping[str, str]) -> Inputs:
        """Decode the parameters and the body of a request and check them against the description."""
        query = group_by_key(request.query)
        violations = [
            Violation(f"query/{key}", "unknown", "there is no such parameter")
            for key in unknown_keys(self.parameters, [key for key in query if key not in self.query_names])
        ]
        given: Given = {"path": path_values, "query": query, "header": request.headers}
        values: dict[str, JsonObject] = {"path": {}, "query": {}, "header": {}}
        for parameter in self.parameters:
            is_looked_for = parameter.name in given[parameter.location] or parameter.style == "deepObject"
            value = parameter.read(given) if is_looked_for else msgspec.UNSET
            if value is not msgspec.UNSET:
                violations += self._schemas.check(parameter.schema, value, parameter.label)
            elif parameter.is_required:
                violations.append(Violation(parameter.label, "required", "is required"))
            if value is not msgspec.UNSET or (value := parameter.default) is not None:
                values[parameter.location][parameter.key] = value
        body, body_violations = self._read_body(request)
        violations += body_violations
        return Inputs(values["path"], values["query"], values["header"], body.value, body.files, tuple(violations))

    def _read_body(self, request: Request) -> tuple[Body, Sequence[Violation]]:
        content = self._request_content
        if content is None:
            return Body(), [Violation("body", "unknown", "no body is expected")] if request.body else ()
        if not request.body:
            return Body(), [Violation("body", "required", "is required")] if content.is_required else ()
        content_type = request.headers.get("content-type", "")
        key = content.find(content_type)
        if key is None:
            return Body(), [
                Violation("header/content-type", "unknown", f"must be one of: {', '.join(content.schemas)}")
            ]
        schema = content.schemas[key]
        try:
            body = read_body(content_type, schema, request.body)
        except UnreadableBody as error:
            return Body(), [Violation("body", "malformed", str(error))]
        return body, self._schemas.check(schema, body.value, "body") if schema else ()

    def check_response(self, response: Response) -> Sequence[Violation]:
        """Return how a response differs from what the description promises."""
        described = self._describe_response(response.status)
        if described is None:
            known = ", ".join(key for key, _ in self.node.children_of("responses"))
            return [Violation("response/status", "unknown", f"{response.status} is not described; must be: {known}")]
        return [*self._check_headers(described, response), *self._check_content(described.content, response)]

    def describes(self, status: int) -> bool:
        """Whether the description names a response with this status."""
        responses = self.node.child("responses")
        return responses is not None and responses.child(str(status)) is not None

    def _describe_response(self, status: int) -> _DescribedResponse | None:
        if status not in self._responses:
            responses = self.node.child("responses")
            keys = (str(status), f"{status // 100}XX", "default")
            found = [node for key in keys if responses and (node := responses.child(key))]
            self._responses[status] = _DescribedResponse(found[0]) if found else None
        return self._responses[status]

    def _check_headers(self, described: _DescribedResponse, response: Response) -> Iterator[Violation]:
        for header in described.headers:
            location = f"response/header/{header.name}"
            value = response.headers.get(header.name)
            if value is not None:
                yield from self._schemas.check(header.schema, header.read_text(value), location)
            elif header.is_required:
                yield Violation(location, "required", "is required")

    def _check_content(self, content: _Content, response: Response) -> Sequence[Violation]:
        if not content.schemas:
            return [Violation("response/body", "unknown", "no body is described")] if response.body else ()
        key = content.find(response.content_type)
        if key is None:
            return [Violation("response/header/content-type", "unknown", f"{response.content_type} is not described")]
        if response.stream:
            return ()
        schema = content.schemas[key]
        if schema and response.document is not None and self._schemas.is_valid(schema, response.document):
            return ()
        try:
            body = read_body(response.content_type, schema, response.body)
        except UnreadableBody as error:
            return [Violation("response/body", "malformed", str(error))]
        return self._schemas.check(schema, body.value, "response/body") if schema and not body.files else ()
