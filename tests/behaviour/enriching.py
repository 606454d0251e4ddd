"""A request with everything added that its body may have, and what is shown of it afterwards."""

from __future__ import annotations

import itertools

from tests.behaviour.descriptions import JSON
from tests.behaviour.linking import OWN, requests_along
from tests.behaviour.probing import Probe
from tests.behaviour.requests import body_of, with_body
from tests.behaviour.values import additions
from tests.replay.sessions import Sent

ROUNDS = 4
"""How often it is looked for what a body lacks, as what was added may lack something itself."""


def enrich(probe: Probe) -> Probe:
    """Add to a body, one after the other, the properties it lacks, as far as the sandbox takes them."""
    sent = probe.sent
    if JSON in probe.operation.request_contents and isinstance(body_of(sent), dict):
        for _ in range(ROUNDS):
            before, sent = sent, _enrich_once(probe, sent)
            if sent == before:
                break
    return probe.with_request(sent)


def _enrich_once(probe: Probe, sent: Sent) -> Sent:
    schema, tried = probe.operation.request_contents[JSON], set[str]()
    while True:
        possible = additions(probe.document, schema, body_of(sent))
        addition = next((one for one in possible if one.name not in tried), None)
        if addition is None:
            return sent
        tried.add(addition.name)
        extended = (with_body(sent, body) for body in addition.bodies)
        sent = next((one for one in extended if probe.ask_before(one).is_granted), sent)


def read_back(probe: Probe) -> None:
    """Read what a request has made, along its links and in the lists of its tag."""
    after, response = probe.after()
    with after.sandbox as sandbox:
        for link in probe.operation.links:
            target = probe.document.operations[link.target]
            if link.status == str(response.status) and target.is_read and probe.observer.misses(target.id, "response"):
                for request in itertools.islice(requests_along(probe, link, response), OWN):
                    probe.ask(sandbox, request.sent)
        for operation in probe.document.operations.values():
            if (
                operation.tag == probe.operation.tag
                and operation.is_read
                and probe.observer.misses(operation.id, "response")
            ):
                for sent in itertools.islice(probe.samples.get(operation.id, ()), 2):
                    probe.ask(sandbox, sent)
