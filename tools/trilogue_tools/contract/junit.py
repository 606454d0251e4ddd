"""A report as JUnit XML, for CI: an operation is a test case, and skipped if it was never granted."""

from __future__ import annotations

from collections import defaultdict
from xml.etree import ElementTree

from trilogue_tools.drift.findings import Finding, Report


def to_junit(report: Report) -> str:
    """Return the XML: a suite for each resource, a case for each operation, a failure for each finding."""
    findings: dict[str, list[tuple[Finding, int]]] = defaultdict(list)
    for found, count in report.findings:
        findings[found.operation].append((found, count))
    names = {*report.responses, *report.untested, *findings}
    root = ElementTree.Element("testsuites", name=f"trilogue contract {report.platform}")
    suites: dict[str, ElementTree.Element] = {}
    for name in sorted(names):
        resource, _, method = name.rpartition(".")
        if resource not in suites:
            suites[resource] = ElementTree.SubElement(root, "testsuite", name=resource)
        suite = suites[resource]
        case = ElementTree.SubElement(suite, "testcase", classname=f"{report.platform}.{resource}", name=method)
        for found, count in findings[name]:
            ElementTree.SubElement(case, "failure", type=found.problem, message=describe(found, count))
        if not findings[name] and name in report.untested:
            ElementTree.SubElement(case, "skipped", message=report.untested[name])
    for suite in suites.values():
        _count(suite)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def describe(found: Finding, count: int) -> str:
    """Return a finding as one line."""
    place = f" at {found.pointer}" if found.pointer else ""
    detail = f" ({found.detail})" if found.detail else ""
    times = f", {count} times" if count > 1 else ""
    return f"{found.problem}{place}{detail}, status {found.status or 'none'}{times}"


def _count(suite: ElementTree.Element) -> None:
    suite.set("tests", str(len(suite)))
    for kind in ("failure", "skipped"):
        total = sum(case.find(kind) is not None for case in suite)
        suite.set({"failure": "failures", "skipped": "skipped"}[kind], str(total))
