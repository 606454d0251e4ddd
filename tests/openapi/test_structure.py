"""A description is a valid OpenAPI document, and everything in its folder is part of it."""

from __future__ import annotations

from functools import cache

import jsonschema_rs
import pytest
from description_rules.description import Description, descriptions
from openapi_spec_validator.schemas import schema_v31

DESCRIPTIONS = [pytest.param(description, id=description.platform.name) for description in descriptions()]


@cache
def official_schema() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(dict(schema_v31))


@pytest.mark.parametrize("description", DESCRIPTIONS)
def test_a_description_is_valid_openapi(description: Description) -> None:
    errors = official_schema().iter_errors(description.document)

    assert [f"{'/'.join(map(str, error.instance_path))}: {error.message[:200]}" for error in errors] == []


@pytest.mark.parametrize("description", DESCRIPTIONS)
def test_every_schema_is_valid_json_schema(description: Description) -> None:
    parts = [part for schemas in description.schemas for part in schemas.roots]

    assert [part.where for part in parts if not jsonschema_rs.meta.is_valid(part.node)] == []


@pytest.mark.parametrize("description", DESCRIPTIONS)
def test_nothing_in_the_folder_is_unused(description: Description) -> None:
    assert description.unreached == []
