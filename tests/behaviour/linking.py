"""Where the links of a response lead."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import attrs
from msgspec.structs import replace

from tests.behaviour.descriptions import Fact, Link
from tests.behaviour.probing import Probe, Response
from tests.behaviour.requests import body_of, header, inputs, linked, with_body
from tests.replay.replaying import Player
from tests.replay.sessions import Sent

OWN = 8
"""How many requests of the same session are tried for what a link leaves open."""

_ID = re.compile(r"\b((?:[a-z]+_)+)([0-9A-HJKMNP-TV-Z]{26})\b")


@attrs.frozen
class Followed:
    """A request to where a link leads; it is complete if it has all that a request to this operation needs."""

    sent: Sent
    is_complete: bool


def follow(probe: Probe) -> None:
    """Follow each link that was not followed yet."""
    after, response = probe.after()
    with after.sandbox:
        for link in probe.operation.links:
            fact = Fact(probe.operation.id, "link", link.fact_name)
            is_new = link.status == str(response.status) and fact in probe.observer.missing
            if is_new and _leads_somewhere(probe, after, link, response):
                probe.observer.add(fact)


def _leads_somewhere(probe: Probe, after: Player, link: Link, response: Response) -> bool:
    """Whether the operation finds what the link names: it grants the request, or refuses it for the state of that."""
    for request in requests_along(probe, link, response):
        with after.branch().sandbox as sandbox:
            other = probe.ask(sandbox, request.sent)
            if other.is_granted or (request.is_complete and other.status in (400, 409)):
                return True
    return False


def requests_along(probe: Probe, link: Link, response: Response) -> Iterator[Followed]:
    """Return requests along a link, with what it leaves open taken from granted requests of the same operation."""
    target = probe.document.operations[link.target]
    source = _Source(probe, response)
    try:
        values = {name: source.value(expression) for name, expression in link.parameters.items()}
        body = source.value(link.body)
    except LookupError:  # the response lacks what the link is about
        return
    bare = linked(probe.operation, target, probe.sent, values)
    yield Followed(bare if body is None else with_body(bare, body), False)
    own = [step.request for step in probe.session.exchanges if step.operation == target.id]
    for sample in (*own[:OWN], *probe.samples.get(target.id, ())):
        whole = body_of(sample)
        if not target.request_contents:
            others = (pair for pair in sample.query if pair[0] not in values)
            yield Followed(replace(bare, query=(*bare.query, *others)), True)
        elif isinstance(whole, dict):
            yield Followed(with_body(bare, {**whole, **(body or {})}), True)
            yield Followed(with_body(bare, {**_with_known_ids(probe, whole), **(body or {})}), True)


def _with_known_ids(probe: Probe, body: Any) -> Any:
    """Put ids that are known in this session instead of those of another one."""
    known = dict(_ID.findall(" ".join(step.response.body for step in probe.session.exchanges)))
    return json.loads(_ID.sub(lambda found: found[1] + known.get(found[1], found[2]), json.dumps(body)))


@attrs.frozen
class _Source:
    """The request and the response that runtime expressions speak of."""

    probe: Probe
    response: Response

    def value(self, expression: Any) -> Any:
        """Return the value of a runtime expression such as `$response.body#/id`, or a constant with those inside.

        Raises:
            LookupError: the body lacks it.
        """
        if isinstance(expression, dict):
            return {key: self.value(item) for key, item in expression.items()}
        if isinstance(expression, list):
            return [self.value(item) for item in expression]
        if not isinstance(expression, str) or not expression.startswith("$"):
            return expression
        source, _, rest = expression.removeprefix("$").partition(".")
        return self._in_body(source, rest) if rest.startswith("body") else self._parameter(rest)

    def _in_body(self, source: str, rest: str) -> Any:
        found = json.loads(self.response.body) if source == "response" else body_of(self.probe.sent)
        for key in filter(None, rest.partition("#")[2].split("/")):
            found = found[int(key) if isinstance(found, list) else key]
        return found

    def _parameter(self, rest: str) -> Any:
        location, _, name = rest.partition(".")
        given = inputs(self.probe.operation, self.probe.sent)
        return next((one.value for one in given if one.name == f"{location} {name}"), header(self.probe.sent, name))
