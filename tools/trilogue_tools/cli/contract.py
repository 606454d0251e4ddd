"""`trilogue contract`: a live server held to its description."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click
from trilogue_generated.platforms import PLATFORMS

from trilogue_tools.cli.common import PlatformName, connection, with_account
from trilogue_tools.cli.drift import FOUND
from trilogue_tools.cli.groups import HelpfulCommand
from trilogue_tools.cli.progress import steps
from trilogue_tools.errors import ToolError, UsageError
from trilogue_tools.nearest import nearest


class _ReportFile(click.Path):
    """A file that is written at the end; that it can be is found out before a request is sent."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path."""
        path = Path(str(super().convert(value, param, ctx)))
        if not path.absolute().parent.is_dir():
            self.fail(f"there is no folder {path.absolute().parent}", param, ctx)
        return path


FILE = _ReportFile(dir_okay=False, writable=True)


@click.command(cls=HelpfulCommand)
@click.argument("platform", type=PlatformName())
@click.option("--url", metavar="URL", help="The server, as in `host=`. Default: that of the environment or profile.")
@click.option("--depth", type=click.Choice(["quick", "normal", "deep"]), default="normal", show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="What is made up follows from it.")
@click.option("--resource", "resources", multiple=True, metavar="NAME", help="Only this resource. Repeat for more.")
@click.option("--max-requests", type=click.IntRange(1), help="Send no more than these.")
@click.option("--max-response-time", type=float, default=10.0, show_default=True, help="Seconds; slower is a finding.")
@click.option("--write", is_flag=True, help="Create, change and delete things too, in the workspace that is named.")
@click.option("--workspace", metavar="NAME", help="The workspace to write in; the server must say it is this one.")
@click.option("--workflows", is_flag=True, help="Run the Arazzo workflows in place of the checks; they write.")
@click.option("--json", "json_file", type=FILE, help="Write the report to this file as JSON.")
@click.option("--junit", "junit_file", type=FILE, help="Write the report to this file as JUnit XML.")
@click.option("--har", "har_file", type=FILE, help="Write what was sent to this file as HAR, without any value.")
@with_account
def contract(platform: str, url: str | None, **options: Any) -> None:
    """Hold a live server to all that its description promises.

    Reads only, unless --write: the form of each response; pages, filters, order and bounds of lists; who is let in.
    Says how many requests it sends at most, and keeps to it. Credentials come from the environment or a profile, and
    are in no output, nor is any value. What the server never granted counts as not tested. The exit status is 1 if
    anything was found. The same seed and data make the same requests.
    """
    if options["write"] != bool(options["workspace"]):
        raise UsageError("--write and --workspace NAME go together: name the workspace that may be written in")
    if options["workflows"] and not options["write"]:
        raise UsageError("--workflows write; add --write --workspace NAME")
    settings = {"host": url} if url else {}
    with connection(platform, options, **settings).open() as client:
        has_findings = _run(platform, client, options)
    if has_findings:
        click.get_current_context().exit(FOUND)


def _run(platform: str, client: Any, options: dict[str, Any]) -> bool:
    from trilogue_tools.contract.har import Har
    from trilogue_tools.contract.workspaces import require_workspace
    from trilogue_tools.drift.findings import Report
    from trilogue_tools.drift.server import Server

    if options["write"]:
        require_workspace(platform, client, options["workspace"])
    limit = _limit(platform, options)
    what = "Reads and writes" if options["write"] else "Reads only"
    click.echo(f"{what}, with at most {limit:,} requests; seed {options['seed']}.", err=True)
    started = time.monotonic()
    server = Server(client, limit, writes=options["write"])
    har = Har(client._core.base_url)
    report = Report(platform, options["max_response_time"])
    if options["har_file"]:
        server.listeners.append(har.add)
    check = _run_workflows if options["workflows"] else _run_checks
    failure = check(server, report, options)
    _write(report, har, options)
    if report.counts or not failure:
        _summarize(report, server.sent, limit, time.monotonic() - started)
    if failure:
        raise ToolError(f"the server granted nothing ({failure}); check URL and credentials")
    return bool(report.counts)


def _run_checks(server: Any, report: Any, options: dict[str, Any]) -> str:
    """Make all checks; return why nothing at all was granted, or an empty string."""
    from trilogue_tools.contract.plan import EFFORTS
    from trilogue_tools.contract.run import Run

    run = Run(server, _chosen(report.platform, options), EFFORTS[options["depth"]], report, options["seed"])
    for _ in steps(run.steps(), run.count, str):
        pass
    return "" if run.reading.granted else next(iter(run.reading.outcomes.values()), "no request was left")


def _run_workflows(server: Any, report: Any, options: dict[str, Any]) -> str:
    from trilogue_tools.contract.workflows import WorkflowRun, workflows
    from trilogue_tools.drift.endpoints import endpoints

    server.listeners.append(report.add)
    found = workflows(report.platform)
    for workflow in steps(found, len(found), lambda workflow: workflow.id):
        report.counts.update(WorkflowRun(server, workflow).findings())
    called = {operation for workflow in found for operation in workflow.operations}
    others = (each for each in endpoints(report.platform).values() if each.id not in called)
    report.untested = {each.name: "no workflow calls it" for each in others}
    return ""


def _chosen(platform: str, options: dict[str, Any]) -> Any:
    from trilogue_tools.contract.run import choose
    from trilogue_tools.drift.endpoints import endpoints

    known = endpoints(platform)
    names = sorted({each.resource for each in known.values()})
    for name in options["resources"]:
        if name not in names:
            raise UsageError(f"--resource: {PLATFORMS[platform].label} has no {name!r}{nearest(name, names)}")
    return choose(known, options["resources"])


def _limit(platform: str, options: dict[str, Any]) -> int:
    from trilogue_tools.contract.plan import EFFORTS, RATE_BUDGETS, requests_for
    from trilogue_tools.contract.workflows import requests_for_workflows

    if options["workflows"]:
        return requests_for_workflows(platform)
    chosen = _chosen(platform, options).values()
    most = requests_for(chosen, EFFORTS[options["depth"]], writes=options["write"])
    return min(most, options["max_requests"] or RATE_BUDGETS.get(platform, most))


def _write(report: Any, har: Any, options: dict[str, Any]) -> None:
    from trilogue_tools.contract.junit import to_junit

    if options["json_file"]:
        facts = {"depth": options["depth"], "seed": options["seed"], **report.to_dict()}
        options["json_file"].write_text(json.dumps(facts, indent=2), encoding="utf-8")
    if options["junit_file"]:
        options["junit_file"].write_text(to_junit(report), encoding="utf-8")
    if options["har_file"]:
        options["har_file"].write_text(json.dumps(har.to_dict(), ensure_ascii=False), encoding="utf-8")


def _summarize(report: Any, requests: int, limit: int, seconds: float) -> None:
    from trilogue_tools.contract.summary import Totals, to_text

    click.echo(to_text(report, Totals.of(report, requests, limit, seconds)))
