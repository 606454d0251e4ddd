"""JSON schemas that came with a request, and data validated by them."""

from __future__ import annotations

from functools import lru_cache

import jsonschema_rs
import msgspec

from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.kernel.http import Json, JsonObject


def check_schema(schema: JsonObject, name: str) -> None:
    """Raise InvalidJsonSchema unless a JSON schema is one; what it refers to elsewhere is not fetched."""
    try:
        _compile(msgspec.json.encode(schema))
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        reason = str(error).partition("\n")[0]
        raise ApiError("InvalidJsonSchema", f"{name} is no valid JSON schema: {reason}") from error


def check_data(schema: JsonObject, data: Json, name: str) -> None:
    """Raise InvalidDataFormat unless data fits the schema declared for it."""
    violation = first_violation(schema, data, name)
    if violation is not None:
        raise ApiError("InvalidDataFormat", violation)


def first_violation(schema: JsonObject, data: Json, name: str) -> str | None:
    """Return what does not fit a schema, beginning with its location below `name`; None if all fits."""
    for error in _compile(msgspec.json.encode(schema)).iter_errors(data):
        location = "/".join((name, *map(str, error.instance_path)))
        return f"{location}: {error.message}"
    return None


@lru_cache(maxsize=256)
def _compile(schema: bytes) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(msgspec.json.decode(schema), offline=True)
