"""The command line: `trilogue sandbox` serves the three servers on this machine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ._version import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 for success, 1 for a failure, 2 for wrong arguments."""
    options = _parser().parse_args(arguments)
    return _serve_sandbox(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="trilogue",
        description="Clients of RapidPro/TextIt, Botpress Cloud and Pantheon, and a sandbox of the three.",
    )
    parser.add_argument("--version", action="version", version=f"trilogue {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    sandbox = commands.add_parser(
        "sandbox",
        help="serve the three platforms on this machine",
        description="Serve the platforms on this machine, with real state behind every operation. Ctrl-C ends it.",
    )
    sandbox.add_argument("--port", type=_port, default=8000, help="where to listen; 0 for a free port (default: 8000)")
    sandbox.add_argument("--seed", type=int, default=1, help="ids and invented data follow from it (default: 1)")
    sandbox.add_argument("--database", metavar="FILE", help="keep the state in this file (default: in memory)")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, not {text!r}")
    return int(text)


def _serve_sandbox(options: argparse.Namespace) -> int:
    try:
        from trilogue_sandbox import serve
    except ImportError as error:
        print(f"The sandbox needs {error.name}. Install it: pip install 'trilogue[sandbox]'", file=sys.stderr)
        return 1
    try:
        serve.run(port=options.port, seed=options.seed, database=options.database)
    except OSError as error:
        print(f"The sandbox cannot start: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
