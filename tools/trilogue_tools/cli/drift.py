"""`trilogue drift`: how a live server, or captured responses, differ from the description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import click

from trilogue_tools.cli.common import PlatformName, connection, with_account
from trilogue_tools.cli.groups import HelpfulCommand
from trilogue_tools.cli.progress import steps
from trilogue_tools.errors import ToolError, UsageError

FOUND = 1
"""The exit status when something was found."""

Format = Literal["markdown", "json"]
FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command(cls=HelpfulCommand)
@click.argument("platform", type=PlatformName())
@click.option("--url", metavar="URL", help="The server, as in `host=`. Default: that of the environment or profile.")
@click.option("--captures", type=FOLDER, help="Compare captured responses in this folder; nothing is sent.")
@click.option(
    "--format", "report_format", type=click.Choice(["markdown", "json"]), default="markdown", show_default=True
)
@click.option("--suggest", is_flag=True, help="Print a patch to the YAML of the description in place of the report.")
@click.option(
    "--descriptions",
    type=click.Path(path_type=Path, file_okay=False),
    default="openapi",
    show_default=True,
    help="The folder that --suggest patches.",
)
@click.option("--max-requests", type=click.IntRange(1), help="Send no more than these.")
@click.option("--max-response-time", type=float, default=10.0, show_default=True, help="Seconds; slower is a finding.")
@with_account
def drift(platform: str, url: str | None, captures: Path | None, **options: Any) -> None:
    """Read once through every list and get of a server, and report how it differs from its description.

    Nothing is written. The report names operations, JSON pointers and counts, never values. Credentials come from the
    environment or a profile. The exit status is 1 if anything was found.
    """
    from trilogue_tools.drift.findings import Report

    if options["suggest"] and not (options["descriptions"] / platform).is_dir():
        raise UsageError(
            f"--suggest patches the YAML in openapi/ of trilogue's repository, and there is no folder"
            f" '{options['descriptions']}/{platform}'; name it with --descriptions"
        )
    report = Report(platform, options["max_response_time"])
    if captures is not None:
        from trilogue_tools.drift.captures import read_captures

        for exchange in read_captures(platform, captures):
            report.compare(exchange)
    else:
        _read(report, url, options)
    _print(report, options)
    if report.counts:
        click.get_current_context().exit(FOUND)


def _read(report: Any, url: str | None, options: dict[str, Any]) -> None:
    from trilogue_tools.drift.endpoints import endpoints
    from trilogue_tools.drift.reading import Reading, most_requests
    from trilogue_tools.drift.server import Server

    known = endpoints(report.platform)
    limit = min(most_requests(known), options["max_requests"] or most_requests(known))
    click.echo(f"Reads only, with at most {limit:,} requests.", err=True)
    settings = {"host": url} if url else {}
    with connection(report.platform, options, **settings).open() as client:
        server = Server(client, limit)
        server.listeners.append(report.add)
        reading = Reading(server, known)
        count = sum(each.reads for each in known.values())
        for _ in steps(reading.run(), count, lambda endpoint: endpoint.name):
            pass
    report.untested = reading.untested
    click.echo(f"{server.sent:,} requests were sent.", err=True)
    if not reading.granted:
        raise ToolError(
            f"the server granted nothing ({next(iter(reading.outcomes.values()))}); check URL and credentials"
        )


def _print(report: Any, options: dict[str, Any]) -> None:
    from trilogue_tools.drift.findings import to_markdown

    if options["suggest"]:
        click.echo("".join(_suggested(report, options["descriptions"])), nl=False)
    elif options["report_format"] == "json":
        click.echo(json.dumps(report.to_dict(), indent=2))
    else:
        click.echo(to_markdown(report), nl=False)


def _suggested(report: Any, folder: Path) -> Iterator[str]:
    from trilogue_tools.drift.suggestions import Suggestions

    suggestions = Suggestions(report.platform, folder.resolve())
    yield suggestions.patch(report.counts)
    for finding in suggestions.left:
        place = f" at {finding.pointer}" if finding.pointer else ""
        click.echo(f"Decide by hand: {finding.operation}, {finding.status}: {finding.problem}{place}", err=True)
