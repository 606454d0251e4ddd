"""All that this project takes from openapi-python-client, whose parser promises nothing to importers.

A release that moves or removes one of these names breaks here; a test says which.
"""

from __future__ import annotations

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.bodies import Body, BodyType
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import AnyProperty, LiteralEnumProperty, ModelProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty
from openapi_python_client.parser.responses import Response
from openapi_python_client.strings import (
    ClassName,
    PythonIdentifier,
    in_double_quote_literal,
    pascal_case,
    safe_for_docstring,
    snake_case,
)

__all__ = [
    "AnyProperty",
    "Body",
    "BodyType",
    "BooleanProperty",
    "ClassName",
    "Config",
    "ConfigFile",
    "DateProperty",
    "DateTimeProperty",
    "Endpoint",
    "FileProperty",
    "FloatProperty",
    "GeneratorData",
    "GeneratorError",
    "IntProperty",
    "ListProperty",
    "LiteralEnumProperty",
    "MetaType",
    "ModelProperty",
    "NoneProperty",
    "Project",
    "PropertyProtocol",
    "PythonIdentifier",
    "Response",
    "StringProperty",
    "UnionProperty",
    "UuidProperty",
    "in_double_quote_literal",
    "pascal_case",
    "safe_for_docstring",
    "snake_case",
]
