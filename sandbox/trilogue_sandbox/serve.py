"""The command `trilogue sandbox`: serves a sandbox in the foreground."""

from __future__ import annotations

import contextlib
import gc
import signal
import threading
from collections.abc import Generator
from types import FrameType

from trilogue_sandbox.kernel.origins import is_loopback
from trilogue_sandbox.request_log import RequestLog
from trilogue_sandbox.sandbox import Sandbox
from trilogue_sandbox.server import LOOPBACK, serving
from trilogue_sandbox.snippets import snippets

_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def stay(sandbox: Sandbox, host: str = LOOPBACK, port: int = 8000, *, quiet: bool = False) -> None:
    """Serve a sandbox until ctrl-C or SIGTERM.

    It prints how to reach it and then a line for each request; with `quiet`, no more than its address. A `host` that is
    no loopback address lets other machines in.

    Raises:
        OSError: the host or the port is not available.
    """
    sandbox.host_names = frozenset({host})
    with (
        _interrupted_by_signals(),
        contextlib.suppress(KeyboardInterrupt),
        serving(sandbox.respond, host, port) as address,
        RequestLog() as log,
    ):
        with _without_garbage_collection():
            text = greeting(sandbox, address)  # loads the platforms, also for those who want to see less
            print(headline(address) if quiet else text, flush=True)
        if not quiet:
            sandbox.log_requests(log.add)
        threading.Event().wait()


def greeting(sandbox: Sandbox, address: str) -> str:
    """Return the addresses, the credentials and a first program for every platform, for a person to read."""
    lines = [headline(address), ""]
    for name in sandbox.names:
        lines.append(f"{name:<10} {sandbox.url(name, address)}  {sandbox.flavour_of(name)}".rstrip())
        for account in sandbox.accounts(name):
            credentials = "  ".join(f"{key}={value}" for key, value in account.credentials.items())
            lines.append(f"{'':<10}   {account.name}: {credentials}" + (f"  ({account.note})" if account.note else ""))
        code = snippets(sandbox, name, sandbox.accounts(name)[0], address)
        lines += ["", *(code[language] for language in ("Python", "curl") if language in code), ""]
    return "\n".join(lines)


def headline(address: str) -> str:
    """Return where the sandbox is, and who can reach it there."""
    found = f"The sandbox is at {address} (a browser shows what is there; ctrl-C ends it)."
    if is_loopback(address):
        return found
    return f"{found}\nThis is no loopback address: whoever reaches this machine can use and control the sandbox."


@contextlib.contextmanager
def _without_garbage_collection() -> Generator[None, None, None]:
    """Keep what is loaded in the block out of garbage collection, and collect seldom after it.

    A large response is some ten thousand objects, none of which is part of a cycle.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
        gc.enable()


@contextlib.contextmanager
def _interrupted_by_signals() -> Generator[None, None, None]:
    """Let ctrl-C and SIGTERM end the block, also in a process that a shell started deaf to ctrl-C."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
