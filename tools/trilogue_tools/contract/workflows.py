"""Runs the Arazzo workflows of a platform: what people build, step by step, and what must be true after each."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from attrs import define, field, frozen

from trilogue_tools.contract.pointers import at_pointer
from trilogue_tools.drift.endpoints import Endpoint, endpoints
from trilogue_tools.drift.findings import Finding
from trilogue_tools.drift.server import Exchange, Server
from trilogue_tools.errors import ToolError

_EMBEDDED = re.compile(r"\{(\$[^{}]+)\}")
_CONDITION = re.compile(r"(?P<left>\$\S+)\s*(?P<sign>==|!=|<=|>=|<|>)\s*(?P<right>.+)")
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@frozen(eq=False)
class Workflow:
    """A workflow of an Arazzo document, and the operations its steps call."""

    node: Mapping[str, Any]
    endpoints: Mapping[str, Endpoint] = field(repr=False)

    @property
    def id(self) -> str:
        """Its `workflowId`."""
        return str(self.node["workflowId"])

    @property
    def operations(self) -> set[str]:
        """The ids of the operations it calls."""
        return {step["operationId"] for step in self.node["steps"]}


@cache
def workflows(platform: str) -> tuple[Workflow, ...]:
    """Return the workflows of a platform."""
    documents = json.loads((files("trilogue_generated") / platform / "workflows.json").read_text("utf-8"))
    known = endpoints(platform)
    return tuple(Workflow(node, known) for document in documents.values() for node in document["workflows"])


def requests_for_workflows(platform: str) -> int:
    """Return how many requests the workflows of a platform take at most, one to sign in included."""
    return 1 + sum(len(workflow.node["steps"]) for workflow in workflows(platform))


@define(eq=False)
class WorkflowRun:
    """One run of a workflow; the client sends the credentials and the headers that it has settings for."""

    server: Server
    workflow: Workflow
    outputs: dict[str, Any] = field(factory=dict[str, Any])

    def findings(self) -> Iterator[Finding]:
        """Take the steps one after the other, and end with a finding where something is not as it must be."""
        for step in self.workflow.node["steps"]:
            exchange = self._send(step)
            for criterion in step.get("successCriteria", ()):
                if not self._is_met(criterion, exchange):
                    name = f"{self.workflow.id}/{step['stepId']}"
                    status, condition = exchange.status or 0, criterion["condition"]
                    yield Finding(exchange.endpoint.name, status, "a workflow fails", name, condition)
                    return
            for name, expression in step.get("outputs", {}).items():
                self.outputs[f"$steps.{step['stepId']}.outputs.{name}"] = self._evaluate(expression, exchange)

    def _send(self, step: Mapping[str, Any]) -> Exchange:
        endpoint = self.workflow.endpoints[step["operationId"]]
        parameters = [each for each in step.get("parameters", ()) if each["in"] != "header"]
        values = {each["name"]: self._fill(each["value"]) for each in parameters}
        body = self._fill(step.get("requestBody", {}).get("payload", {}))
        return self.server.send(endpoint, {**values, **body})

    def _fill(self, value: Any) -> Any:
        """Return a value with the expressions in it replaced by what they stand for."""
        if isinstance(value, dict):
            return {key: self._fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._fill(item) for item in value]
        if not isinstance(value, str):
            return value
        if value.startswith("$"):
            return self._evaluate(value, None)
        return _EMBEDDED.sub(lambda found: str(self._evaluate(found[1], None)), value)

    def _is_met(self, criterion: Mapping[str, Any], exchange: Exchange) -> bool:
        found = _CONDITION.fullmatch(criterion["condition"])
        if found is None or criterion.get("type", "simple") != "simple":
            raise ToolError(f"{self.workflow.id}: cannot read the condition {criterion['condition']}")
        left, right = self._evaluate(found["left"], exchange), self._literal(found["right"], exchange)
        try:
            return _COMPARISONS[found["sign"]](left, right)
        except TypeError:
            return False

    def _literal(self, text: str, exchange: Exchange) -> Any:
        if text.startswith("$"):
            return self._evaluate(text, exchange)
        return text[1:-1] if text.startswith("'") else json.loads(text)

    def _evaluate(self, expression: str, exchange: Exchange | None) -> Any:
        """Return what a runtime expression stands for; None for what is not there."""
        if expression in self.outputs:
            return self.outputs[expression]
        if expression.startswith("$inputs."):
            inputs = self.workflow.node.get("inputs", {}).get("properties", {})
            return inputs.get(expression.removeprefix("$inputs."), {}).get("default")
        if exchange is not None and expression == "$statusCode":
            return exchange.status
        if exchange is not None and expression.startswith("$response.body"):
            return at_pointer(exchange.body, expression.removeprefix("$response.body").removeprefix("#"))
        return None
