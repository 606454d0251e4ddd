"""Servers and browsers that tests need, started by the tests themselves."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from attrs import frozen

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@frozen
class Postgres:
    """A server that listens on the loopback address, with a superuser `trilogue`."""

    port: int

    def database(self, name: str) -> str:
        """Make an empty database and return its address."""
        import psycopg2

        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="trilogue", dbname="postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
        connection.close()
        return f"postgresql://trilogue@127.0.0.1:{self.port}/{name}"


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Start Debian's Postgres; install it where that is possible, else skip the test."""
    programs = _programs() or (_install("postgresql") and _programs())
    if not programs:
        pytest.skip("there is no Postgres server on this machine: apt-get install postgresql")
    owner = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    with TemporaryDirectory(prefix="trilogue-postgres-", ignore_cleanup_errors=True) as folder:
        if owner:
            shutil.chown(folder, owner)
        data, port = Path(folder) / "data", _free_port()
        _run(owner, programs / "initdb", "-D", data, "-U", "trilogue", "-A", "trust", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        _run(owner, programs / "pg_ctl", "-D", data, "-o", options, "-l", data / "log", "-w", "start")
        try:
            yield Postgres(port)
        finally:
            _run(owner, programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


@contextmanager
def valkey_server() -> Iterator[str]:
    """Start Debian's Valkey, or its Redis, and give the address; install it where possible, else skip the test."""
    program = _valkey() or (_install("redis-server") and _valkey())
    if not program:
        pytest.skip("there is no Valkey or Redis server on this machine: apt-get install valkey-server")
    port = _free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd="/") as server:
        try:
            _wait_for_port(port)
            yield f"valkey://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def _valkey() -> str | None:
    return shutil.which("valkey-server") or shutil.which("redis-server")


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on port {port}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium without a window; install it where that is possible, else skip the test."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or (_install("chromium") and shutil.which("chromium"))
    if not program:
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=as_root)
        try:
            yield browser
        finally:
            browser.close()


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _install(package: str) -> bool:
    """Install a Debian package, and return whether that was possible."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", package]):
        subprocess.run(command, check=False, capture_output=True, timeout=300)
    return True


def _run(owner: str | None, *command: str | Path) -> None:
    account = {"user": owner, "group": owner} if owner else {}
    subprocess.run(
        [str(word) for word in command],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        timeout=60,
        **account,  # type: ignore[arg-type]
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
