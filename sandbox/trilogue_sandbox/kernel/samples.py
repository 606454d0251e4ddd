"""A first request to a platform, to be copied as code."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import attrs


@attrs.frozen
class SampleRequest:
    """A request that an account may send; `path` is below the base URL of the platform."""

    method: str
    path: str
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    body: str | None = None


def basic(user: str, password: str) -> str:
    """Return the value of an Authorization header."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
