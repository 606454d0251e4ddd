"""What shows what a request has changed: reads along its links and of its tag, addresses, and the control plane."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from trilogue_sandbox import Sandbox

from tests.behaviour.linking import requests_along
from tests.behaviour.probing import Probe, Response
from tests.replay.sessions import Sent

Look: TypeAlias = Callable[[Sandbox], Any]
"""Returns what a sandbox shows; equal if it shows the same."""

READS = 2
"""How many requests of each operation that reads are made."""

_CONTROL_READS: Mapping[str, tuple[str, ...]] = {"botpress": ("observations",)}
"""Control actions that read what the API takes and never shows."""


def looks(probe: Probe, response: Response) -> Iterator[Look]:
    """Return ways to see what a request has changed, of which `response` came."""
    for sent in {sent.path + str(sent.query) + sent.body: sent for sent in _reads(probe, response)}.values():
        yield lambda sandbox, sent=sent: probe.ask(sandbox, sent).shown
    for action in _CONTROL_READS.get(probe.observer.platform, ()):
        yield lambda sandbox, action=action: sandbox.control(probe.observer.platform, action, {})


def _reads(probe: Probe, response: Response) -> Iterator[Sent]:
    yield from _addresses(probe, response)
    for link in probe.operation.links:
        if link.status == str(response.status) and probe.document.operations[link.target].is_read:
            yield from (one.sent for one in itertools.islice(requests_along(probe, link, response), READS))
    for operation in probe.document.operations.values():
        if operation.tag == probe.operation.tag and operation.is_read and operation.id != probe.operation.id:
            yield from map(probe.player.translate, probe.samples.get(operation.id, ())[:READS])


def _addresses(probe: Probe, response: Response) -> Iterator[Sent]:
    """Return requests for what the response names by its address in the sandbox, such as an icon."""
    origin = probe.sent.base_url.rstrip("/")
    for text in _strings(json.loads(response.body) if response.is_json else None):
        if text.startswith(f"{origin}/"):
            parts = urlsplit(text.removeprefix(origin))
            yield Sent("GET", parts.path, probe.sent.base_url, tuple(parse_qsl(parts.query)))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        yield from itertools.chain.from_iterable(map(_strings, value))
    elif isinstance(value, str):
        yield value
