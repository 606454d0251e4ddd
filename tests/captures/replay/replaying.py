"""Replaying a script on the sandbox."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import attrs
from trilogue_sandbox.kernel.http import Json, Response
from trilogue_sandbox.sandbox import Sandbox

from tests.captures.replay.comparing import Difference, compare
from tests.captures.replay.database import seeded_identifiers, seeded_sandbox
from tests.captures.replay.identifiers import Identifiers, shown_objects
from tests.captures.replay.rules import without_excused
from tests.captures.replay.script import Step

Verdict: TypeAlias = Literal["equal", "excused", "different"]


@attrs.frozen
class Comparison:
    """A step whose real response is known: whether that of the sandbox is equal, and what no rule excuses."""

    step: Step
    verdict: Verdict
    differences: Sequence[Difference]

    @classmethod
    def of(cls, step: Step, found: Sequence[Difference]) -> Comparison:
        """Judge the differences of a step."""
        unexcused = without_excused(step, found)
        return cls(step, "different" if unexcused else "excused" if found else "equal", unexcused)


def replay(steps: Sequence[Step], flavour: str) -> list[Comparison]:
    """Send the requests of a script in order to a sandbox with the data of the real servers; compare the responses."""
    with tempfile.TemporaryDirectory() as folder, seeded_sandbox(Path(folder), flavour) as sandbox:
        return [*_replay(steps, sandbox)]


def _replay(steps: Sequence[Step], sandbox: Sandbox) -> Iterator[Comparison]:
    shown = shown_objects(step.response.body for step in steps if step.response)
    identifiers = Identifiers(seeded_identifiers(), shown)
    for step in steps:
        response = sandbox.respond(_translated(step, identifiers).request())
        if step.response is not None:
            yield Comparison.of(step, compare(step.response, response, identifiers))
        elif response.status == 201:
            identifiers.note_unseen(step.endpoint, _document(response))


def _document(response: Response) -> Json:
    return json.loads(response.body) if response.content_type == "application/json" and response.body else None


def _translated(step: Step, identifiers: Identifiers) -> Step:
    path = identifiers.translate(step.path, step.endpoint)
    body = json.loads(identifiers.translate(json.dumps(step.body), step.endpoint))
    return attrs.evolve(step, path=path, body=body)
