"""The command `trilogue sandbox`: serves a sandbox in the foreground."""

from __future__ import annotations

import contextlib
import gc
import signal
import threading
from collections.abc import Generator
from pathlib import Path
from types import FrameType

from trilogue_sandbox.sandbox import Sandbox
from trilogue_sandbox.server import LOOPBACK, serving


def run(
    host: str = LOOPBACK[0],
    port: int = 8000,
    *,
    seed: int = 0,
    database: str | Path | None = None,
    flavour: str | None = None,
) -> None:
    """Serve a sandbox that follows the real time until ctrl-C or SIGTERM, after printing how to reach it.

    Raises:
        ValueError: the host is not a loopback address, or there is no such flavour.
        OSError: the port is not available, or the database cannot be used.
    """
    with Sandbox(seed=seed, database=database, start=None, flavour=flavour) as sandbox:
        stay(sandbox, host, port)


def stay(sandbox: Sandbox, host: str = LOOPBACK[0], port: int = 8000) -> None:
    """Do the same for a sandbox that is there already."""
    with (
        _interrupted_by_signals(),
        contextlib.suppress(KeyboardInterrupt),
        serving(sandbox.respond, host, port) as address,
    ):
        with _without_garbage_collection():
            print(greeting(sandbox, address), flush=True)
        threading.Event().wait()


def greeting(sandbox: Sandbox, address: str) -> str:
    """Return the addresses and the credentials of every platform, for a person to read."""
    lines = [f"The sandbox is at {address} (a browser shows what is there; ctrl-C ends it).", ""]
    for name in sandbox.names:
        lines.append(f"{name:<10} {sandbox.url(name, address)}  {sandbox.flavour_of(name)}".rstrip())
        for account in sandbox.accounts(name):
            credentials = "  ".join(f"{key}={value}" for key, value in account.credentials.items())
            lines.append(f"{'':<10}   {account.name}: {credentials}")
    return "\n".join(lines)


@contextlib.contextmanager
def _without_garbage_collection() -> Generator[None, None, None]:
    """Keep what is loaded in the block out of garbage collection, which makes large responses a third faster."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
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
