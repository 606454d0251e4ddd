"""`trilogue` on the command line."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from urllib.request import urlopen

import pytest
from trilogue import __version__
from trilogue.__main__ import main

COMMAND = [sys.executable, "-m", "trilogue"]


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert (ended.value.code, capsys.readouterr().out) == (0, f"trilogue {__version__}\n")


@pytest.mark.parametrize("arguments", [[], ["serve"], ["sandbox", "--port", "70000"], ["sandbox", "--seed", "x"]])
def test_wrong_arguments_are_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: trilogue")


def test_a_port_that_is_taken_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert main(["sandbox", "--port", str(port)]) == 1

    assert f"cannot listen on port {port}" in capsys.readouterr().err


def test_the_sandbox_serves_until_it_is_interrupted() -> None:
    with subprocess.Popen([*COMMAND, "sandbox", "--port", "0"], stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        greeting = served.stdout.readline()
        address = next(word for word in greeting.split() if word.startswith("http"))
        with urlopen(address, timeout=10) as page:
            assert page.status == 200
        served.send_signal(signal.SIGINT)

        assert served.wait(10) == 0
