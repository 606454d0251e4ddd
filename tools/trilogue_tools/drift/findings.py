"""What was found, counted: by operation, status, problem and place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen
from trilogue._drift.differences import Difference
from trilogue_generated.platforms import PLATFORMS

from trilogue_tools.drift.endpoints import flavour_headers
from trilogue_tools.drift.server import Exchange


@frozen(order=True)
class Finding:
    """A difference of an operation's responses; `status` is 0 where no response came."""

    operation: str
    status: int
    problem: str
    pointer: str
    detail: str = ""

    @classmethod
    def of(cls, exchange: Exchange, found: Difference) -> Finding:
        """Return the finding that a difference is."""
        return cls(exchange.endpoint.name, exchange.status or 0, found.problem, found.pointer, found.detail)


@define(eq=False)
class Report:
    """What a run found. `seconds_allowed`: a response that takes longer is a finding."""

    platform: str
    seconds_allowed: float = 10.0
    counts: Counter[Finding] = field(factory=Counter[Finding])
    responses: Counter[str] = field(factory=Counter[str])
    untested: Mapping[str, str] = field(factory=dict[str, str])
    flavour: str = ""

    def compare(self, exchange: Exchange) -> None:
        """Compare a response with its description."""
        self.responses[exchange.endpoint.name] += 1
        self._look_at_flavour(exchange)
        self.counts.update(Finding.of(exchange, found) for found in exchange.differences())

    def add(self, exchange: Exchange) -> None:
        """Compare a response with its description, and note that it is none that a live server should send."""
        self.compare(exchange)
        for problem, detail in self._faults(exchange):
            self.counts[Finding(exchange.endpoint.name, exchange.status or 0, problem, "", detail)] += 1

    def _faults(self, exchange: Exchange) -> Iterator[tuple[str, str]]:
        if exchange.error:
            yield "no usable response", exchange.error
        if exchange.status == 429:
            yield "rate limited", ""
        if exchange.status is not None and exchange.status >= 500:
            yield "server error", ""
        if exchange.seconds > self.seconds_allowed:
            yield "slow", f"more than {self.seconds_allowed:g} s"

    def _look_at_flavour(self, exchange: Exchange) -> None:
        names = {name.lower() for name in exchange.headers}
        for header, flavour in flavour_headers(self.platform).items():
            if header in names:
                self.flavour = flavour

    @property
    def title(self) -> str:
        """What was looked at: the platform, and the kind of server that it is."""
        info = PLATFORMS[self.platform]
        return f"{info.label} ({info.flavours[self.flavour]})" if self.flavour else info.label

    @property
    def findings(self) -> Sequence[tuple[Finding, int]]:
        """The findings in order, with their counts."""
        return sorted(self.counts.items())

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "platform": self.platform,
            "flavour": self.flavour or None,
            "operations": len(self.responses),
            "responses": self.responses.total(),
            "findings": [
                {
                    "operation": found.operation,
                    "status": found.status or None,
                    "problem": found.problem,
                    "pointer": found.pointer,
                    "detail": found.detail,
                    "count": count,
                }
                for found, count in self.findings
            ],
            "untested": dict(self.untested),
        }


def to_markdown(report: Report) -> str:
    """Return the report as Markdown: one table, and what was not tested."""
    read = f"{report.responses.total()} responses of {len(report.responses)} operations compared"
    lines = [f"# Drift of {report.title}", "", f"{read}, {len(report.counts)} findings.", ""]
    if report.counts:
        lines += ["| operation | status | problem | where | detail | count |", "| --- | --- | --- | --- | --- | --- |"]
        lines += [_row(found, count) for found, count in report.findings]
        lines.append("")
    if report.untested:
        lines += ["Not tested:", "", *(f"- `{name}`: {reason}" for name, reason in sorted(report.untested.items())), ""]
    return "\n".join(lines)


def _row(found: Finding, count: int) -> str:
    cells: Iterable[object] = (
        f"`{found.operation}`",
        found.status or "-",
        found.problem,
        f"`{found.pointer}`" if found.pointer else "",
        found.detail.replace("|", "\\|"),
        count,
    )
    return f"| {' | '.join(map(str, cells))} |"
