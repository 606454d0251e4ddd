"""Reports how the responses to a client's calls differ from the description."""

from __future__ import annotations

import logging
from typing import Any

from trilogue_generated.runtime.operation import Operation

from .._http.messages import HttpResponse
from .description import describe
from .differences import Drift, OnDrift
from .responses import compare_response

logger = logging.getLogger("trilogue")


def report_drift(on_drift: OnDrift, platform: str, operation: Operation[Any], response: HttpResponse) -> None:
    """Call back with each difference; what that raises is logged, for it must not end a call that was sent."""
    description = describe(platform)
    node = description.operations.get(operation.id)
    if node is None or response.fault:
        return
    seen = dict.fromkeys(compare_response(description, node, response.status, response.headers, response.content))
    for found in seen:
        try:
            on_drift(Drift(platform, operation.name, response.status, found.pointer, found.problem, found.detail))
        except Exception as error:  # whatever a caller's function raises, the call has been carried out
            logger.warning("on_drift raised %s", type(error).__name__)
