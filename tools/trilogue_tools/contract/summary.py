"""The summary of a run, for a person to read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from attrs import frozen

from trilogue_tools.contract.junit import describe
from trilogue_tools.drift.findings import Report


@frozen
class Totals:
    """How many operations passed, failed and were not tested, and what it took."""

    passed: int
    failed: int
    untested: int
    requests: int
    limit: int
    seconds: float

    @classmethod
    def of(cls, report: Report, requests: int, limit: int, seconds: float) -> Totals:
        """Count; what was never granted has not passed."""
        failed = {found.operation for found in report.counts}
        passed = set(report.responses) - failed - report.untested.keys()
        return cls(len(passed), len(failed), len(report.untested.keys() - failed), requests, limit, seconds)


def to_text(report: Report, totals: Totals) -> str:
    """Return the summary: the findings of each operation, what was not tested and why, and one line of totals."""
    lines = [f"Contract of {report.title}", ""]
    findings: dict[str, list[str]] = defaultdict(list)
    for found, count in report.findings:
        findings[found.operation].append(describe(found, count))
    for name, texts in findings.items():
        lines += [f"✗ {name}", *(f"    {text}" for text in texts)]
    lines += [*([""] if findings else []), *_untested(report.untested)]
    lines.append(
        f"{totals.passed} operations passed, {totals.failed} failed, {totals.untested} were not tested; "
        f"{totals.requests:,} of {totals.limit:,} requests, {totals.seconds:.0f} s."
    )
    return "\n".join(lines)


def _untested(untested: Mapping[str, str]) -> list[str]:
    reasons: dict[str, list[str]] = defaultdict(list)
    for name, reason in sorted(untested.items()):
        reasons[reason].append(name)
    lines = [f"Not tested, as {reason}: {', '.join(names)}." for reason, names in reasons.items()]
    return [*lines, ""] if lines else []
