"""Asks a platform whether it knows the idempotency key of a request, without having anything carried out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.json import encode
from msgspec.structs import replace

from ._calls import PreparedCall
from ._core import Core
from ._deadline import Deadline
from ._flow import Flow
from ._responses import Response
from ._sending import send
from .errors import BadRequest, NotFound

REPLAYED = "idempotent-replayed"

KEYS_LAST = 23 * 3600.0
"""Seconds for which a platform remembers an idempotency key, with an hour to spare."""


def probe(
    core: Core, call: PreparedCall[Any], request: Mapping[str, Any], fields: Sequence[str], deadline: Deadline
) -> Flow[Response[Any] | bool]:
    """Return the response that a call got when it was carried out, or else whether its key is certainly unused.

    The key is sent with another body, about an object that there is not: a used key is refused for the other body, an
    unused one for the missing object. Only then the request itself is repeated, for the stored response.
    """
    changed = _about_nothing(request, fields)
    if changed is None:
        return False
    try:
        yield from send(replace(call, body=encode(changed)), core, deadline)
    except NotFound:
        return True
    except BadRequest as error:
        if call.operation.key_header not in error.field_errors:
            return False
        response = yield from send(call, core, deadline)
        return response if REPLAYED in response.headers else False
    return False


def _about_nothing(request: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any] | None:
    """Return a request with the id of nothing in place of one of its ids; None if it has none."""
    for name in fields:
        value = request.get(name)
        if isinstance(value, str) and (found := re.fullmatch(r"(\w+_)(\w+)", value)):
            return {**request, name: found[1] + "0" * len(found[2])}
    return None
