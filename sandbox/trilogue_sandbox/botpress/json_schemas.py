"""JSON schemas that came in with a request, and data held against them."""

from __future__ import annotations

from functools import lru_cache

import jsonschema_rs

from trilogue_sandbox.botpress import documents
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.kernel.http import Json, JsonObject


def check_schema(schema: JsonObject, name: str) -> None:
    """Make sure a JSON schema is one; what it refers to elsewhere is not fetched.

    Raises:
        ApiError: it is not (InvalidJsonSchema).
    """
    try:
        _compile(documents.encode(schema))
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        reason = str(error).partition("\n")[0]
        raise ApiError("InvalidJsonSchema", f"{name} is no valid JSON schema: {reason}") from error


def check_data(schema: JsonObject, data: Json, name: str) -> None:
    """Make sure data fits the schema declared for it.

    Raises:
        ApiError: it does not (InvalidDataFormat).
    """
    problem = first_problem(schema, data, name)
    if problem is not None:
        raise ApiError("InvalidDataFormat", problem)


def first_problem(schema: JsonObject, data: Json, name: str) -> str | None:
    """Return what does not fit a schema, beginning with where it stands below `name`; None if all fits."""
    for error in _compile(documents.encode(schema)).iter_errors(data):
        place = "/".join((name, *map(str, error.instance_path)))
        return f"{place}: {error.message}"
    return None


@lru_cache(maxsize=256)
def _compile(schema: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(documents.decode_object(schema), offline=True)
