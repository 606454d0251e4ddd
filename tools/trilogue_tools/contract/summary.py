"""The summary of a run, for a person to read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from textwrap import wrap

from attrs import frozen

from trilogue_tools.contract.junit import describe
from trilogue_tools.drift.findings import Report

WRITES = "it writes"
"""Why an operation is not tested by a run that only reads."""

_WIDTH = 100


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
    findings = _findings(report)
    lines = [f"Contract of {report.title}", "", *findings, *([""] if findings else []), *_untested(report.untested)]
    lines.append(
        f"{totals.passed} operations passed, {totals.failed} failed, {totals.untested} were not tested; "
        f"{totals.requests:,} of {totals.limit:,} requests, {totals.seconds:.0f} s."
    )
    return "\n".join(lines)


def _findings(report: Report) -> list[str]:
    """Return what was found, once for all operations of which the same was found."""
    by_operation: dict[str, list[str]] = defaultdict(list)
    for found, count in report.findings:
        by_operation[found.operation].append(describe(found, count))
    operations: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, texts in by_operation.items():
        operations[tuple(texts)].append(name)
    lines: list[str] = []
    for found_of_all, names in operations.items():
        lines += wrap(f"✗ {', '.join(names)}", _WIDTH, subsequent_indent="  ", break_long_words=False)
        lines += [f"    {text}" for text in found_of_all]
    return lines


def _untested(untested: Mapping[str, str]) -> list[str]:
    reasons: dict[str, list[str]] = defaultdict(list)
    for name, reason in sorted(untested.items()):
        reasons[reason].append(name)
    paragraphs = [f"Not tested, as {reason}: {_listed(reason, names)}." for reason, names in reasons.items()]
    lines = [line for paragraph in paragraphs for line in wrap(paragraph, _WIDTH, break_long_words=False)]
    return [*lines, ""] if lines else []


def _listed(reason: str, names: Sequence[str]) -> str:
    """Return the names of operations; where it is only that a run may not write, how many they are."""
    return f"{len(names)} operations; --write tests them" if reason == WRITES else ", ".join(names)
