"""The servers that are compared, each in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import attrs
import httpx
import trilogue_generated

HERE = Path(__file__).parent
DESCRIPTION = Path(trilogue_generated.__path__[0]) / "rapidpro" / "openapi.json"
START_SECONDS = 60


@attrs.frozen
class Server:
    """A server that responds: where, and in which process."""

    url: str
    pid: int
    token: str

    def cpu_seconds(self) -> float:
        """Return the CPU seconds its process has used so far, of all its threads."""
        threads = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

    def get(self, path: str, **query: str) -> Any:
        """Return the document at a path."""
        response = httpx.get(
            self.url + path, params=query, headers={"Authorization": f"Token {self.token}"}, timeout=60
        )
        return response.raise_for_status().json()

    def post(self, path: str, body: Mapping[str, object]) -> Any:
        """Return what came of a POST."""
        headers = {"Authorization": f"Token {self.token}"}
        response = httpx.post(self.url + path, json=body, headers=headers, timeout=60)
        return response.raise_for_status().json()


@contextlib.contextmanager
def serve_sandbox() -> Generator[Server]:
    """Serve the sandbox as its command does."""
    with _running([sys.executable, "-m", "trilogue", "sandbox", "--port", "0", "--quiet"], subprocess.PIPE) as process:
        assert process.stdout
        found = re.search(rb"http://[\d.:]+", process.stdout.readline())
        assert found, "the sandbox did not say where it is"
        origin = found[0].decode()
        overview = httpx.get(f"{origin}/__sandbox__/").raise_for_status().json()
        platform = overview["platforms"]["rapidpro"]
        yield Server(origin + platform["url"], process.pid, platform["accounts"][0]["credentials"]["token"])


def control(server: Server, path: str, body: Mapping[str, object]) -> None:
    """Ask the control plane of a sandbox for something."""
    origin = httpx.URL(server.url).copy_with(path="/")
    httpx.post(f"{origin}__sandbox__/{path}", json=body, timeout=900).raise_for_status()


@contextlib.contextmanager
def serve_floor(sandbox: Server) -> Generator[Server]:
    """Serve the data of the sandbox from a bare application."""
    groups, contacts = (_read_all(sandbox, path) for path in ("/groups.json", "/contacts.json"))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.json"
        data.write_text(json.dumps({"token": sandbox.token, "groups": groups, "contacts": contacts}), encoding="utf-8")
        port = _free_port()
        with _running([sys.executable, "-m", "benchmarks.sandbox.floor", str(data), str(port)]) as process:
            yield _wait_for(Server(f"http://127.0.0.1:{port}", process.pid, sandbox.token))


@contextlib.contextmanager
def serve_prism(token: str) -> Generator[Server]:
    """Serve the description of RapidPro with Prism."""
    port = _free_port()
    command = HERE / "node" / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    arguments = ["node", str(command), "mock", "--port", str(port), str(DESCRIPTION)]
    with _running(arguments) as process:
        yield _wait_for(Server(f"http://127.0.0.1:{port}", process.pid, token))


@contextlib.contextmanager
def _running(command: list[str], output: int = subprocess.DEVNULL) -> Generator[subprocess.Popen[bytes]]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command, stdout=output, cwd=HERE.parents[1], env=environment) as process:
        try:
            yield process
        finally:
            process.terminate()


def _read_all(server: Server, path: str) -> list[dict[str, Any]]:
    document = server.get(path)
    rows: list[dict[str, Any]] = document["results"]
    while document["next"]:
        document = server.get(path, **httpx.URL(document["next"]).params)
        rows += document["results"]
    return rows


def _wait_for(server: Server) -> Server:
    for _ in range(START_SECONDS * 10):
        with contextlib.suppress(httpx.TransportError):
            httpx.get(server.url)
            return server
        time.sleep(0.1)
    raise TimeoutError(f"{server.url} did not respond")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
