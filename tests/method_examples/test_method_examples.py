"""Each method has an example in its docstring, and it runs."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from contextlib import chdir
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import trilogue
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox

from tests.method_examples.described import MethodExample, code_in, method_examples
from tests.method_examples.stages import Stage

EXAMPLES = [
    pytest.param(platform, example, id=f"{platform}.{example.path}")
    for platform in PLATFORMS
    for example in method_examples(platform)
]

FILES = ("photo.jpg", "invoice-10482.pdf", "notes.pdf")
"""The files that examples upload, beside the program."""


@cache
def failures(platform: str) -> Mapping[str, str]:
    """What the examples of a platform fail with that run for none of the sandbox's accounts."""
    examples = method_examples(platform)
    failed = {example.path: "" for example in examples}
    with Sandbox(seed=1) as sandbox, TemporaryDirectory() as folder, chdir(folder):
        for name in FILES:
            Path(name).write_bytes(b"...")
        for account in sandbox.accounts(platform):
            with sandbox.copy() as own:
                now_failed = Stage(platform, {**account.credentials}, own).try_all(examples)
            failed = {path: failed[path] or now_failed[path] for path in failed if path in now_failed}
    return failed


@pytest.mark.parametrize(("platform", "example"), EXAMPLES)
def test_the_example_of_a_method_runs(platform: str, example: MethodExample) -> None:
    assert example.code
    assert failures(platform).get(example.path, "") == ""


@pytest.mark.parametrize(("platform", "example"), EXAMPLES)
def test_the_method_that_returns_the_response_has_the_same_example(platform: str, example: MethodExample) -> None:
    if example.raw_code is not None:
        own, raw = ast.unparse(ast.parse(example.code)), ast.unparse(ast.parse(example.raw_code))
        call = raw.partition("client.with_raw_response.")[2]

        assert f"client.{call}" in own


@pytest.mark.parametrize(("platform", "example"), EXAMPLES)
def test_the_async_method_has_the_same_example_with_await(platform: str, example: MethodExample) -> None:
    client = getattr(trilogue, f"Async{PLATFORMS[platform].client}")
    resource: Any = object.__new__(client)
    resource._core = resource._http = None
    for part in example.path.split("."):
        resource = getattr(resource, part)

    code = code_in(inspect.getdoc(resource) or "")

    assert re.search(r"\b(await|async for)\b", code)
    assert ast.dump(ast.parse(re.sub(r"\b(await|async) ", "", code))) == ast.dump(ast.parse(example.code))
