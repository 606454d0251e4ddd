"""The command of a method: its options, and what it does."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from itertools import islice
from typing import Any

import click
from trilogue_generated.platforms import PLATFORMS
from trilogue_generated.runtime.bulk import Bulk

from trilogue_tools.cli.arguments import option_name, parameters_of, read_arguments
from trilogue_tools.cli.common import account_options, connection
from trilogue_tools.cli.groups import HelpfulCommand, dashed
from trilogue_tools.cli.output import FORMATS, Output, default_format
from trilogue_tools.connections import Connection
from trilogue_tools.masking import is_personal
from trilogue_tools.method import Method
from trilogue_tools.profiles import SECRETS


def command_of(method: Method) -> click.Command:
    """Return the command of a method."""
    return HelpfulCommand(
        dashed(method.name),
        params=[*parameters_of(method), *_common_options(method)],
        callback=partial(_call, method),
        help=method.prose.replace("\n    ", "\n"),
        short_help=method.summary,
    )


def _common_options(method: Method) -> list[click.Option]:
    """Return the options besides the arguments; one that is named as an argument is `--cli-NAME`."""
    options = [*_output_options(), *account_options(), *_setting_options(method)]
    if method.is_list:
        options += [
            click.Option(["--limit", "-n"], type=click.IntRange(1), help="Stop after this many rows."),
            click.Option(["--resume"], is_flag=True, help="Go on where the same command was cut off."),
        ]
    if method.is_stream:
        options.append(click.Option(["--limit", "-n"], type=click.IntRange(1), help="Stop after this many."))
    if method.row_parameters:
        options.append(click.Option(["--json"], metavar="JSON|@FILE|@-", help="The rows, as an array or JSON lines."))
    elif any(parameter.location == "body" for parameter in method.parameters):
        options.append(click.Option(["--json"], metavar="JSON|@FILE|@-", help="The fields of the body."))
    if not method.reads_only:
        if not isinstance(method.composed, Bulk):
            options.append(click.Option(["--dry-run"], is_flag=True, help="Show the request; send nothing."))
        options.append(click.Option(["--yes", "-y"], is_flag=True, help="Do not ask before something is taken away."))
    return [_apart(option, method) for option in options]


def _apart(option: click.Option, method: Method) -> click.Option:
    taken = {option_name(method, parameter) for parameter in method.parameters}
    option.opts = [f"--cli-{name[2:]}" if name in taken else name for name in option.opts]
    option.name = f"cli_{option.name}"
    return option


def _output_options() -> list[click.Option]:
    return [
        click.Option(["--output", "-o"], type=click.Choice(FORMATS), help="Default: table, jsonl in a pipe."),
        click.Option(["--fields"], metavar="A,B.C", help="Show only these fields."),
        click.Option(["--query"], metavar="JMESPATH", help="Select from each result."),
        click.Option(["--show-personal-data"], is_flag=True, help="Do not mask personal data in tables."),
    ]


def _setting_options(method: Method) -> list[click.Option]:
    settings = [
        click.Option([f"--{dashed(name)}"], metavar="STRING", help=f"Instead of {variable}.")
        for name, variable in PLATFORMS[method.platform].variables.items()
        if name not in SECRETS
    ]
    return [*settings, click.Option(["--timeout"], type=float, metavar="SECONDS", help="Wait for a response so long.")]


def _call(method: Method, /, **given: Any) -> None:
    common = {name.removeprefix("cli_"): value for name, value in given.items() if name.startswith("cli_")}
    arguments = method.with_models(read_arguments(method, given, common.get("json")))
    account = connection(method.platform, common, **_settings(method, common))
    if common.get("dry_run"):
        _show_request(method, account, arguments)
        return
    if method.is_destructive(arguments) and not common["yes"]:
        _confirm(method, arguments)
    if method.is_list:
        _iterate(method, account, arguments, common)
        return
    if method.is_stream:
        _listen(method, account, arguments, common)
        return
    if isinstance(method.composed, Bulk):
        from trilogue_tools.cli.many import call_many

        call_many(method, method.composed.operation, account, arguments, _output(method, common))
        return
    from trilogue_tools.cli.progress import announce

    with account.open(on_wait=announce) as client:
        _output(method, common).show(method.on(client)(**arguments))


def _settings(method: Method, common: Mapping[str, Any]) -> dict[str, Any]:
    names = (*PLATFORMS[method.platform].variables, "timeout")
    return {name: common[name] for name in names if common.get(name) is not None}


def _output(method: Method, common: Mapping[str, Any]) -> Output:
    return Output(
        common["output"] or default_format(),
        tuple(field for field in (common["fields"] or "").split(",") if field),
        common["query"],
        masks=not common["show_personal_data"] and is_personal(method),
        is_continued=bool(common.get("resume")),
    )


def _iterate(method: Method, account: Connection, arguments: dict[str, Any], common: Mapping[str, Any]) -> None:
    from trilogue_tools.budgets import requests_left
    from trilogue_tools.cli.iteration import Rows
    from trilogue_tools.cli.positions import Position
    from trilogue_tools.cli.progress import progress_for

    output, position, operation = _output(method, common), Position(method, arguments, account), method.operation
    assert operation is not None
    with account.open() as client:
        is_shown = output.format == "table" or not sys.stdout.isatty()
        progress = progress_for(lambda: requests_left(client, operation), is_shown=is_shown)
        paginator = method.on(client.with_options(on_wait=progress.on_wait))(**arguments)
        iterator = paginator.resume(position.read()) if common["resume"] else paginator.iterator()
        if not common["resume"]:
            position.forget()
        rows = Rows(iterator, common["limit"], progress)
        output.show_rows(rows)
    _end(rows, position)


def _listen(method: Method, account: Connection, arguments: dict[str, Any], common: Mapping[str, Any]) -> None:
    """Print what happens as it happens, until ctrl-C; as JSON lines unless another format is asked for."""
    output = _output(method, {**common, "output": common["output"] or "jsonl"})
    with account.open() as client, method.on(client)(**arguments) as stream:
        output.show_rows(islice(stream, common["limit"]))


def _end(rows: Any, position: Any) -> None:
    """Keep the position of a list that is not at its end, and raise what cut it off."""
    if rows.is_finished:
        position.forget()
        return
    if rows.count == 0 and rows.stopped is not None:
        raise rows.stopped
    position.write(rows.position)
    if rows.stopped is not None or sys.stdout.isatty():
        what = "Stopped" if rows.stopped is not None else "There is more"
        click.echo(f"{what} after {rows.count:,} rows; the same command with --resume goes on.", err=True)
        click.echo(f"(The position is in {position.file}.)", err=True)
    if rows.stopped is not None:
        raise rows.stopped


def _confirm(method: Method, arguments: Mapping[str, Any]) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError(f"{method.path} takes something away; add --yes to do it without being asked")
    named = ", ".join(f"{name} {value}" for name, value in arguments.items())
    click.confirm(f"{method.summary.rstrip('.')} ({named}): do it?", abort=True, err=True)


def _show_request(method: Method, account: Connection, arguments: dict[str, Any]) -> None:
    from trilogue_tools.cli.dry_run import request_of

    request = request_of(method, account, arguments)
    click.echo(f"{request.method} {request.url}")
    click.echo(request.content.decode("utf-8", "replace") or "(no body)")
