"""Exit statuses by error class, and errors as a person or a program reads them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import click

STATUSES: tuple[tuple[str, int], ...] = (
    ("InvalidArgument", 2),
    ("RateLimited", 5),
    ("OutcomeUnknown", 6),
    ("AuthenticationFailed", 3),
    ("PermissionDenied", 3),
    ("NotFound", 4),
    ("ServerError", 8),
    ("ConnectionFailed", 7),
    ("TrilogueError", 1),
)
"""The first class that fits decides."""

INTERRUPTED = 130


def report(command: Callable[[], Any], *, as_json: bool) -> int:
    """Run a command; print what went wrong; return the exit status."""
    try:
        status = command()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except click.ClickException as error:
        _print(error.format_message(), "UsageError", as_json, {})
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output is gone, and so is the one of our complaint
        return 0
    except Exception as error:
        return _report_error(error, as_json)
    return status if isinstance(status, int) else 0


def _report_error(error: Exception, as_json: bool) -> int:
    from trilogue import errors

    if not isinstance(error, errors.TrilogueError):
        raise error
    facts = {
        name: value
        for name in ("status", "type", "request_id", "operation", "attempts", "retry_at", "sent_at")
        if (value := getattr(error, name, None)) is not None
    }
    _print(str(error), type(error).__name__, as_json, facts)
    return next(status for name, status in STATUSES if isinstance(error, getattr(errors, name)))


def _print(message: str, kind: str, as_json: bool, facts: dict[str, Any]) -> None:
    if as_json:
        print(json.dumps({"error": kind, "message": message, **facts}, default=str), file=sys.stderr)
    else:
        print(f"Error: {message}", file=sys.stderr)
