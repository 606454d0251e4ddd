"""The description as openapi-python-client understands it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from .description import Description
from .errors import GenerationError
from .lowering import lower
from .parser_internals import Endpoint, GeneratorData, GeneratorError, ModelProperty, PythonIdentifier
from .settings import Settings
from .unsupported import refuse_unsupported


@frozen
class Parsed:
    """Classes by their names, endpoints by the names the parser makes of their ids."""

    data: GeneratorData
    models: Mapping[str, ModelProperty]
    endpoints: Mapping[str, Endpoint]

    def endpoint(self, operation_id: str, prefix: str) -> Endpoint:
        """Return the endpoint of an operation."""
        return self.endpoints[PythonIdentifier(operation_id, prefix)]


def parse(description: Description, settings: Settings) -> Parsed:
    """Parse a description.

    Raises:
        GenerationError: the parser left something out, or two operations have one name.
    """
    for operation in description.operations:
        refuse_unsupported(operation, description)
    data = GeneratorData.from_dict(lower(description.document), config=settings.parser)
    if isinstance(data, GeneratorError):
        raise GenerationError(_tell(data))
    if problems := [_tell(problem) for problem in _problems(data)]:
        raise GenerationError("\n\n".join(problems))
    endpoints = [endpoint for tag in data.endpoint_collections_by_tag.values() for endpoint in tag.endpoints]
    by_name = {str(endpoint.name): endpoint for endpoint in endpoints}
    if len(by_name) != len(description.operations):
        raise GenerationError("two operations have ids that become the same Python name; rename one")
    return Parsed(data, {str(model.class_info.name): model for model in data.models}, by_name)


def _problems(data: GeneratorData) -> Iterator[GeneratorError]:
    yield from data.errors
    for collection in data.endpoint_collections_by_tag.values():
        yield from collection.parse_errors


def _tell(problem: GeneratorError) -> str:
    node = getattr(problem, "data", None)
    excerpt = "" if node is None else node.model_dump_json(exclude_none=True, exclude_defaults=True)[:400]
    return "\n".join(part for part in (problem.header.strip(), problem.detail, excerpt) if part)
