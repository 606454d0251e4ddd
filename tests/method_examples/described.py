"""The examples in docstrings, and the responses that the descriptions show for the same operations."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from attrs import frozen
from trilogue_tools.catalogue import platforms
from trilogue_tools.method import Method

from tests.conftest import ROOT

_CODE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"(?=.*[0-9])[\w.-]{8,}")


@frozen(eq=False)
class MethodExample:
    """The example of one method, and the bodies with which the description shows its operation to respond.

    `raw_code` is the example of the method that returns the response, None where there is no such method.
    """

    path: str
    code: str
    raw_code: str | None
    responses: tuple[Any, ...]


def with_values(code: str, known: Mapping[Any, Any]) -> ast.Module:
    """Return code with values that the sandbox knows in the place of those of the description."""
    module = ast.parse(code)
    _Replacing(known).visit(module)
    return ast.fix_missing_locations(module)


def method_examples(platform: str) -> list[MethodExample]:
    """Return the examples of all methods of a platform; the code of one that has none is empty."""
    responses = _described_responses(platform)
    return [
        MethodExample(method.path, code_in(method.doc), _raw_code(method), responses.get(_operation_id(method), ()))
        for method in platforms()[platform].all_methods()
    ]


def _raw_code(method: Method) -> str | None:
    if method.operation is None or method.is_stream:
        return None
    module = method.resource.replace(".", "_")
    name = "".join(part.capitalize() for part in module.split("_"))
    raw = import_module(f"trilogue_generated.{method.platform}.raw.{module}")
    return code_in(inspect.getdoc(getattr(getattr(raw, f"Raw{name}"), method.name)) or "")


def same_values(described: Any, actual: Any, key: str = "") -> Iterator[tuple[Any, Any]]:
    """Yield what names something in a described response, with what stands there in an actual one."""
    if isinstance(described, dict) and isinstance(actual, dict):
        for name in described.keys() & actual.keys():
            yield from same_values(described[name], actual[name], name)
    elif isinstance(described, list) and isinstance(actual, list):
        for one, other in zip(described, actual, strict=False):
            yield from same_values(one, other, key)
    elif type(described) is type(actual) and _names_something(described, key):
        yield described, actual


def _names_something(value: object, key: str) -> bool:
    return _NAME.fullmatch(value) is not None if isinstance(value, str) else isinstance(value, int) and key == "id"


def code_in(doc: str) -> str:
    """Return the code of a docstring, empty if there is none."""
    found = _CODE.search(doc)
    return found[1] if found else ""


def _operation_id(method: Method) -> str:
    return method.operation.id if method.operation else ""


def _described_responses(platform: str) -> Mapping[str, tuple[Any, ...]]:
    path = ROOT / "generated" / "trilogue_generated" / platform / "openapi.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    operations = (each for item in document["paths"].values() for each in item.values() if "responses" in each)
    components = document["components"].get("responses", {})
    return {each["operationId"]: tuple(_bodies(each["responses"], components)) for each in operations}


def _bodies(responses: Mapping[str, Any], components: Mapping[str, Any]) -> Iterator[Any]:
    for status, response in responses.items():
        described = components[response["$ref"].rpartition("/")[2]] if "$ref" in response else response
        for content in described.get("content", {}).values() if status.startswith("2") else ():
            yield from (example["value"] for example in content.get("examples", {}).values())
            yield from (content["example"],) if "example" in content else ()


class _Replacing(ast.NodeTransformer):
    """Replaces strings, and integers that are ids."""

    def __init__(self, known: Mapping[Any, Any]) -> None:
        self._known = known

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(self._known.get(node.value, node.value)) if isinstance(node.value, str) else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "wait":
            node.args = [
                ast.Constant(self._known.get(each.value, each.value)) if isinstance(each, ast.Constant) else each
                for each in node.args
            ]
            return node
        return self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        if node.arg == "id" and isinstance(node.value, ast.Constant):
            return ast.keyword(node.arg, ast.Constant(self._known.get(node.value.value, node.value.value)))
        return self.generic_visit(node)
