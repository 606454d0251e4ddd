"""The page after the first one of a list."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.behaviour.descriptions import Fact
from tests.behaviour.probing import Probe, Response
from tests.behaviour.requests import body_of, with_body, with_parameter
from tests.replay.sessions import Sent


def turn_page(probe: Probe) -> None:
    """Ask for a page of one row where the size can be chosen, and for the page after it."""
    name = probe.operation.page.get("parameter", "cursor")
    fact = Fact(probe.operation.id, "parameter", f"query {name}")
    if not probe.operation.page or fact not in probe.observer.missing:
        return
    with probe.before() as sandbox:
        request = _of_one_row(probe)
        first = probe.ask(sandbox, request)
        if (token := _next_page(probe, first)) is not None:
            second = probe.ask(sandbox, with_parameter(request, name, token))
            if second.is_granted and second.differs_from(first):
                probe.observer.add(fact)


def _of_one_row(probe: Probe) -> Sent:
    names = {parameter.name for parameter in probe.operation.parameters}
    size = next((name for name in ("pageSize", "limit") if name in names), None)
    if size is not None:
        return with_parameter(probe.sent, size, "1")
    body = body_of(probe.sent)
    return with_body(probe.sent, {**body, "limit": 1}) if isinstance(body, dict) else probe.sent


def _next_page(probe: Probe, response: Response) -> str | None:
    value: Any = json.loads(response.body) if response.is_granted else None
    for key in probe.operation.page.get("next", "").split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, str) and "://" in value:
        return dict(parse_qsl(urlsplit(value).query)).get("cursor")
    return value if isinstance(value, str) else None
