"""The sandbox on a port: it starts, responds and leaves nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import trilogue_sandbox
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.clock import START
from trilogue_sandbox.kernel.faults import Fault
from trilogue_sandbox.platform_sandbox import PlatformSandbox
from trilogue_sandbox.serve import greeting, stay
from trilogue_sandbox.server import serving
from trilogue_sandbox.snippets import snippets

from .notebook import TOKEN

IMPORT_ROOT = Path(trilogue_sandbox.__file__).parent.parent
TESTS = Path(__file__).parent.parent.parent


def open_sockets() -> set[str]:
    """Return the sockets this process has open."""
    links = (f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd"))
    return {os.readlink(link) for link in links if os.path.exists(link) and "socket" in os.readlink(link)}


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="only Linux tells a process its open files there")
@pytest.mark.parametrize(
    "fault",
    [
        None,
        Fault("hang"),
        Fault("latency", seconds=30),
        Fault("reset"),
        Fault("truncate"),
        Fault("slow_drip", seconds=30),
    ],
)
def test_a_server_leaves_no_thread_and_no_socket_behind(sandbox: Sandbox, fault: Fault | None) -> None:
    threads, sockets = set(threading.enumerate()), open_sockets()
    sandbox.faults.add(*([fault] if fault else []))
    began = time.perf_counter()

    with sandbox.serve() as origin, httpx.Client(base_url=origin, timeout=0.1) as client:
        assert {thread.name for thread in set(threading.enumerate()) - threads} == {"trilogue-sandbox"}
        waiting = threading.Thread(target=lambda: _try(lambda: httpx.get(f"{origin}/notebook/v1/notes", timeout=20)))
        waiting.start()
        _try(lambda: client.get("/notebook/v1/notes", headers=TOKEN))
    waiting.join()

    assert set(threading.enumerate()) == threads
    assert open_sockets() == sockets
    assert time.perf_counter() - began < 15


def _try(send: object) -> None:
    assert callable(send)
    with contextlib.suppress(httpx.TransportError):
        send()


def test_a_server_can_be_started_again(sandbox: Sandbox) -> None:
    origins: list[str] = []
    for _ in range(2):
        with sandbox.serve() as origin:
            origins.append(origin)
            assert httpx.get(f"{origin}/notebook/v1/notes", headers=TOKEN).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(origins[0])

    assert len(sandbox.journal.entries) == 2


def test_the_server_stops_when_the_block_fails(sandbox: Sandbox) -> None:
    threads = set(threading.enumerate())
    with pytest.raises(KeyError), sandbox.serve():
        raise KeyError

    assert set(threading.enumerate()) == threads


def test_a_port_that_is_taken_is_named(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} of 127.0.0.1 is not available"), sandbox.serve(port):
            pass


def test_a_host_that_is_no_loopback_address_is_served_and_said_to_be_one(sandbox: Sandbox) -> None:
    with serving(sandbox.respond, "0.0.0.0") as origin:
        assert httpx.get(origin.replace("0.0.0.0", "127.0.0.1") + "/__sandbox__/clock").status_code == 200

    assert "whoever reaches this machine can use and control the sandbox" in greeting(sandbox, origin)
    assert "whoever reaches" not in greeting(sandbox, "http://127.0.0.1:8000")


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_a_host_that_this_machine_does_not_have_is_named(sandbox: Sandbox, host: str) -> None:
    with pytest.raises(OSError, match=re.escape(host)), serving(sandbox.respond, host):
        pass


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_the_address_may_be_of_ipv6(sandbox: Sandbox) -> None:
    try:
        with serving(sandbox.respond, "::1") as origin:
            assert origin.startswith("http://[::1]:")
            assert httpx.get(f"{origin}/__sandbox__/clock").status_code == 200
            sandbox.faults.add(Fault("reset"))
            with pytest.raises(httpx.ReadError):
                httpx.get(f"{origin}/notebook/v1/notes")
    except OSError as error:
        pytest.skip(f"this machine has no IPv6 loopback: {error}")


def test_a_platform_is_served_under_its_own_url(sandbox: Sandbox) -> None:
    notebook = PlatformSandbox(sandbox, "notebook")
    with notebook.serve() as url:
        assert url.endswith("/notebook/v1")
        assert httpx.get(f"{url}/notes", headers=TOKEN).status_code == 200


def test_the_control_plane_and_the_pages_are_served_too(sandbox: Sandbox) -> None:
    with sandbox.serve() as origin:
        assert httpx.post(f"{origin}/__sandbox__/clock", json={"advance": 1}).status_code == 200
        assert httpx.post(f"{origin}/__sandbox__/clock", headers={"Origin": "http://evil.example"}).status_code == 403
        page = httpx.get(origin).text

    assert f"{origin}/notebook/v1" in page


def test_the_greeting_says_how_to_reach_and_sign_in_to_each_platform(sandbox: Sandbox) -> None:
    text = greeting(sandbox, "http://127.0.0.1:8000")

    assert "notebook   http://127.0.0.1:8000/notebook/v1" in text
    assert "reader: token=notebook  (may do everything)" in text
    assert "curl http://127.0.0.1:8000/notebook/v1/" in text


def test_the_greeting_has_programs_that_run() -> None:
    with Sandbox() as sandbox, sandbox.serve() as address:
        lines = greeting(sandbox, address).splitlines()
        for name in PLATFORMS:
            account = sandbox.accounts(name)[0]
            code = snippets(sandbox, name, account, address)
            assert {*code["Python"].splitlines(), code["curl"]} <= set(lines)
            exec(code["Python"] + "\nclient.close()", {})
            shown = subprocess.run([*shlex.split(code["curl"]), "-s"], capture_output=True, check=True).stdout
            assert "error" not in json.loads(shown)
    assert [entry.status for entry in sandbox.journal.entries] == [200] * len(PLATFORMS)


STAY = f"""
import sys

sys.path += {[str(TESTS), str(IMPORT_ROOT)]!r}

from sandbox.core.notebook import notebook_sandbox
from trilogue_sandbox.serve import stay

with notebook_sandbox() as sandbox:
    stay(sandbox, port=0)
print("ended well")
"""


@pytest.mark.parametrize("quiet", [False, True])
def test_a_line_is_printed_for_each_request_unless_it_is_to_be_quiet(quiet: bool) -> None:
    program = STAY.replace("port=0", f"port=0, quiet={quiet}")
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        origin = process.stdout.readline().split()[4]
        httpx.post(f"{origin}/__sandbox__/faults", json={"type": "status", "times": 1})
        for _ in range(2):
            httpx.get(f"{origin}/notebook/v1/notes?limit=1", headers=TOKEN)
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=20)

    shown = re.sub(r"[0-9.]+ ms", "0 ms", rest)
    lines = ["GET    /notebook/v1/notes  503  0 ms  fault: status", "GET    /notebook/v1/notes  200  0 ms"]
    assert ("\n".join(lines) in shown) is not quiet


def test_a_reader_that_does_not_read_the_lines_holds_up_no_response() -> None:
    with subprocess.Popen([sys.executable, "-c", STAY], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        origin = process.stdout.readline().split()[4]
        with httpx.Client(base_url=origin, timeout=10) as client:
            path = "/notebook/v1/" + "n" * 8000
            assert {client.get(path).status_code for _ in range(20)} == {404}
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_ends_cleanly(number: signal.Signals) -> None:
    command = [sys.executable, "-W", "error", "-c", STAY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        origin = program.stdout.readline().split()[4]
        assert httpx.get(f"{origin}/__sandbox__/").json()["seed"] == 0
        program.send_signal(number)
        rest, errors = program.communicate(timeout=20)

    assert (program.returncode, errors) == (0, "")
    assert rest.endswith("ended well\n")


def test_the_command_says_which_host_it_cannot_have(sandbox: Sandbox) -> None:
    with pytest.raises(OSError, match=r"192\.0\.2\.1"):
        stay(sandbox, "192.0.2.1")


def exchange_bytes(origin: str, *sent: bytes) -> bytes:
    """Send bytes over one connection and return what came back until the server closed it."""
    received = b""
    with socket.create_connection((httpx.URL(origin).host, httpx.URL(origin).port or 0), timeout=10) as connection:
        for part in sent:
            connection.sendall(part)
        while more := connection.recv(65536):
            received += more
    return received


CLOCK = b"GET /__sandbox__/clock HTTP/1.1\r\nHost: 127.0.0.1\r\n"


def test_requests_that_follow_each_other_at_once_are_responded_to_in_turn(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("latency", seconds=0.05, times=1))
    slow = b"GET /notebook/v1/notes HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with sandbox.serve() as origin:
        received = exchange_bytes(origin, slow + CLOCK + b"Connection: close\r\n\r\n")

    assert re.findall(rb"HTTP/1.1 (\d+)", received) == [b"401", b"200"]
    assert b"connection: close" in received


def test_a_request_that_arrives_in_parts_is_read_to_its_end(sandbox: Sandbox) -> None:
    head = b"POST /__sandbox__/clock HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nConnection: close\r\n"
    with sandbox.serve() as origin:
        parts = (head, b"Transfer-Encoding: chunked\r\n\r\n", b'5\r\n{"adv', b'\r\na\r\nance": 60}\r\n0\r\n\r\n')
        received = exchange_bytes(origin, *parts)

    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert sandbox.now() == START + timedelta(minutes=1)


@pytest.mark.parametrize("sent", [b"\x16\x03\x01 this is TLS\r\n\r\n", b"GET / HTTP/1.1\r\nno header\r\n\r\n"])
def test_what_is_not_http_is_a_400_and_the_end_of_the_connection(sandbox: Sandbox, sent: bytes) -> None:
    with sandbox.serve() as origin:
        assert exchange_bytes(origin, sent).startswith(b"HTTP/1.1 400 Bad Request\r\n")
