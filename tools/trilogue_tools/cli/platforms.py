"""A command for each method of each platform, made from the generated code."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice
from typing import Any

import click
from trilogue_generated.platforms import PLATFORMS, PlatformInfo

from trilogue_tools.catalogue import Method, Platform, Resource
from trilogue_tools.cli.arguments import parameters_of, read_arguments
from trilogue_tools.cli.clients import PRIVATE, DryRun, default_sandbox, opened
from trilogue_tools.cli.masking import is_about_persons
from trilogue_tools.cli.output import FORMATS, Output, default_format
from trilogue_tools.cli.root import LazyGroup

_Makers = dict[str, tuple[str, Callable[[], click.Command]]]


def platform_group(name: str) -> click.Command:
    """Return the group of a platform."""
    platform = Platform(PLATFORMS[name])
    return LazyGroup(
        lambda: {
            _dashed(each): (_summary(found.doc), partial(_resource_group, found))
            for each, found in platform.resources.items()
        },
        name=name,
        help=f"Call {platform.info.label}. Settings come from {', '.join(platform.info.variables.values())}, or a profile.",
    )


def _resource_group(resource: Resource) -> click.Command:
    def makers() -> _Makers:
        methods: _Makers = {
            _dashed(name): (method.summary, partial(_command, method)) for name, method in resource.methods.items()
        }
        below: _Makers = {
            _dashed(name): (_summary(found.doc), partial(_resource_group, found))
            for name, found in resource.resources.items()
        }
        return {**methods, **below}

    return LazyGroup(makers, name=resource.name.rpartition(".")[2], help=resource.doc)


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _summary(doc: str) -> str:
    return doc.partition("\n")[0]


def _command(method: Method) -> click.Command:
    return click.Command(
        _dashed(method.name),
        params=[*parameters_of(method), *_common_options(method)],
        callback=partial(_call, method),
        help=method.prose.replace("\n    ", "\n"),
        short_help=method.summary,
    )


def _common_options(method: Method) -> list[click.Parameter]:
    options = [
        click.Option(
            ["--output", "-o", "output_format"], type=click.Choice(FORMATS), help="Default: table, jsonl in a pipe."
        ),
        click.Option(["--fields", "shown_fields"], metavar="A,B.C", help="Show only these fields."),
        click.Option(["--query", "shown_query"], metavar="JMESPATH", help="Select from each result."),
        click.Option(["--show-personal-data"], is_flag=True, help="Do not mask personal data in tables."),
        click.Option(["--profile"], metavar="NAME", help="Use the settings of this profile."),
        click.Option(
            ["--sandbox"],
            is_flag=False,
            flag_value=PRIVATE,
            default=default_sandbox,
            metavar="[URL]",
            help="Use the sandbox at URL, or one in this process.",
        ),
        click.Option(
            ["--timeout", "with_timeout"], type=float, metavar="SECONDS", help="Wait no longer for a response."
        ),
        click.Option(["--errors"], type=click.Choice(["text", "json"]), default="text", help="How errors are printed."),
    ]
    options += [
        click.Option([f"--with-{_dashed(name)}", f"with_{name}"], metavar="STRING", help=f"Instead of {variable}.")
        for name, variable in PLATFORMS[method.platform].variables.items()
        if name not in ("token", "client_secret")
    ]
    if method.is_list:
        options += [
            click.Option(["--limit", "-n", "row_limit"], type=click.IntRange(1), help="Stop after this many rows."),
            click.Option(["--resume"], metavar="POSITION", help="Go on from the position that was printed."),
        ]
    if any(parameter.location == "body" for parameter in method.parameters):
        options.append(click.Option(["--json", "body"], metavar="JSON|@FILE|@-", help="The fields of the body."))
    if not method.reads_only:
        options.append(click.Option(["--dry-run"], is_flag=True, help="Show the request; send nothing."))
    if method.is_destructive:
        options.append(click.Option(["--yes", "-y"], is_flag=True, help="Do not ask."))
    return list(options)


def _call(method: Method, /, **given: Any) -> None:
    info = PLATFORMS[method.platform]
    arguments = read_arguments(method, given, given.get("body"))
    if given.get("dry_run"):
        _show_request(method, info, arguments, given)
        return
    if method.is_destructive and not given["yes"]:
        _confirm(method)
    more = {"timeout": given["with_timeout"]} if given["with_timeout"] else {}
    with opened(info, given, **more) as client:
        result = _method_of(client, method)(**arguments)
        if method.is_list:
            _iterate(result, given, _output(method, given))
        else:
            _output(method, given).show(result)


def _method_of(client: Any, method: Method) -> Callable[..., Any]:
    found = client
    for part in method.path.split("."):
        found = getattr(found, part)
    return found  # type: ignore[no-any-return]  # looked up by name


def _output(method: Method, given: Mapping[str, Any]) -> Output:
    fields = tuple(field for field in (given["shown_fields"] or "").split(",") if field)
    masks = not given["show_personal_data"] and is_about_persons(method.resource)
    return Output(given["output_format"] or default_format(), fields, given["shown_query"], masks)


def _iterate(paginator: Any, given: Mapping[str, Any], output: Output) -> None:
    from trilogue_tools.cli.progress import counted

    if given["resume"]:
        paginator.resume(base64.urlsafe_b64decode(given["resume"]).decode())
    rows = islice(paginator, given["row_limit"])
    try:
        output.show_rows(counted(rows, is_shown=output.format != "table" and not sys.stdout.isatty()))
    except (KeyboardInterrupt, Exception):
        position = base64.urlsafe_b64encode(paginator.position.encode()).decode()
        click.echo(f"\nStopped. To go on, add: --resume {position}", err=True)
        raise


def _confirm(method: Method) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError(f"{method.path} takes something away; add --yes to do it without being asked")
    click.confirm(f"{method.summary.rstrip('.')}: do it?", abort=True, err=True)


def _show_request(method: Method, info: PlatformInfo, arguments: dict[str, Any], given: dict[str, Any]) -> None:
    import contextlib

    from trilogue.errors import DecodeError

    transport = DryRun()
    with opened(info, given, transport=transport) as client, contextlib.suppress(DecodeError):
        _method_of(client, method)(**arguments)
    request = transport.request
    if request is None:
        raise click.ClickException("nothing would be sent")
    click.echo(f"{request.method} {request.url}")
    click.echo(request.content.decode("utf-8", "replace") or "(no body)")
