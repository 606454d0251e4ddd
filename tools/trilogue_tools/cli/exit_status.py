"""Exit statuses by error class, and errors as a person or a program reads them."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from trilogue_tools.errors import ToolError, UsageError
from trilogue_tools.extras import advice

STATUSES: Mapping[str, int] = {
    "InvalidArgument": 2,
    "RateLimited": 5,
    "OutcomeUnknown": 6,
    "AuthenticationFailed": 3,
    "PermissionDenied": 3,
    "NotFound": 4,
    "ServerError": 8,
    "ConnectionFailed": 7,
    "TrilogueError": 1,
}
"""By the errors of the client; the first class that fits decides."""

FAILED, MISUSED, INTERRUPTED = 1, 2, 130

_HEADING = re.compile(r"[^:]+: 4\d\d")
_FACTS = ("status", "type", "request_id", "operation", "attempts", "retry_at", "sent_at", "field_errors")


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether errors are to be JSON: `--errors json` among the arguments, or TRILOGUE_ERRORS=json."""
    given = " ".join(arguments).replace("--errors=", "--errors ")
    return "--errors json" in given or os.environ.get("TRILOGUE_ERRORS") == "json"


def report(command: Callable[[], Any], *, as_json: bool) -> int:
    """Run a command; print what went wrong; return the exit status."""
    try:
        status = command()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.ctx.get_help() if error.ctx else "", file=sys.stderr)
        return MISUSED
    except (click.Abort, KeyboardInterrupt):
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads what is still to be flushed
        return 0
    except Exception as error:
        status, error_type, message, facts = explain(error)
        _print(message, error_type, facts, as_json)
    return status if isinstance(status, int) else 0


def explain(error: Exception) -> tuple[int, str, str, dict[str, Any]]:
    """Return the exit status, the class, the message and the facts of an error.

    Raises:
        Exception: the error itself, if it is a defect.
    """
    if isinstance(error, click.ClickException):
        return error.exit_code, "UsageError", error.format_message(), {}
    if isinstance(error, ToolError):
        return (MISUSED if isinstance(error, UsageError) else FAILED), type(error).__name__, str(error), {}
    if isinstance(error, ModuleNotFoundError) and (message := advice(error)):
        return FAILED, "MissingExtra", message, {}
    if isinstance(error, OSError):
        return FAILED, type(error).__name__, f"{error.filename or ''}: {error.strerror or error}".removeprefix(": "), {}
    return _explain_of_client(error)


def _explain_of_client(error: Exception) -> tuple[int, str, str, dict[str, Any]]:
    from trilogue import errors

    if not isinstance(error, errors.TrilogueError):
        raise error
    facts = {name: value for name in _FACTS if (value := getattr(error, name, None)) not in (None, {})}
    status = next(status for name, status in STATUSES.items() if isinstance(error, getattr(errors, name)))
    return status, type(error).__name__, str(error), facts


def _print(message: str, error_type: str, facts: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps({"error": error_type, "message": message, **facts}, default=str), file=sys.stderr)
        return
    fields: Mapping[str, list[str]] = facts.get("field_errors", {})
    heading = _HEADING.match(message) if fields else None  # what follows it stands in the fields too, less whole
    print(f"Error: {heading[0] if heading else message}", file=sys.stderr)
    for field, messages in fields.items():
        print(f"  {field or 'request'}: {'; '.join(messages)}", file=sys.stderr)
