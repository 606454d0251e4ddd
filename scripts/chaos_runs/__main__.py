"""Runs the chaos and audits it: the command behind scripts/chaos."""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen
from trilogue_sandbox import Sandbox

from .journal import read_journal
from .platforms import TARGETS, Target, settings_of
from .relay import Relay
from .server import MortalServer
from .worker import BEGUN, MADE, NOT_MADE, UNKNOWN, read_ledger

LIFE_OF_A_WORKER = (1.0, 10.0)
"""Seconds after which a worker is killed, at least and at most."""

LIFE_OF_A_SERVER = (5.0, 20.0)
"""Seconds after which the server is killed, at least and at most."""

ROUNDS = 1_000
"""Workers started at most; then something does not end."""


@frozen
class Verdict:
    """What became of the items of one platform, and every disagreement between ledger and server.

    `kills`: how often the workers and the server were killed.
    """

    states: Counter[str]
    faults: int
    kills: tuple[int, int]
    wrong: list[str]


def audit(states: dict[str, str], found: Counter[str], journal: Counter[str]) -> list[str]:
    """Return where the ledger of the caller disagrees with the state of the server and with its journal, by item."""
    wrong: list[str] = []
    for key in sorted(states.keys() | found.keys() | journal.keys()):
        state, count, made = states.get(key, NOT_MADE), found[key], journal[key]
        if max(count, made) > 1:
            wrong.append(f"{key}: made {max(count, made)} times")
        if state == MADE and min(count, made) == 0:
            wrong.append(f"{key}: believed to be made, and is not there")
        if state == NOT_MADE and max(count, made) > 0:
            wrong.append(f"{key}: believed not to be made, and is there")
        if made > count:
            wrong.append(f"{key}: in the journal, and is lost")
    return wrong


def run(target: Target, seed: int, operations: int) -> Verdict:
    """Make so many items over a hostile network, with workers that are killed, and audit them."""
    keys = [f"item-{seed}-{number}" for number in range(operations)]
    with Sandbox(seed=seed) as sandbox:
        settings = settings_of(target, dict(sandbox.accounts(target.name)[0].credentials))
    with (
        TemporaryDirectory() as folder,
        MortalServer(seed, Path(folder), LIFE_OF_A_SERVER) as server,
    ):
        relay = Relay(server.port, seed)
        ledger = Path(folder) / "ledger"
        kills = make_all(target, f"http://127.0.0.1:{relay.port}/{target.name}", settings, ledger, keys, seed)
        relay.close()
        server.spare()
        with target.connect(**settings, host=f"http://127.0.0.1:{server.port}/{target.name}", deadline=None) as client:
            found = target.find(client)
        states = read_ledger(ledger)
        wrong = audit(states, found, read_journal(server.journal))
        return Verdict(Counter(states.values()), relay.faults, (kills, server.kills), wrong)


def make_all(target: Target, host: str, settings: dict[str, str], ledger: Path, keys: list[str], seed: int) -> int:
    """Start workers, and kill them, until each item has been made or its outcome is unknown; return the kills."""
    draws, kills = random.Random(seed), 0
    for _ in range(ROUNDS):
        states = read_ledger(ledger)
        if all(states.get(key, NOT_MADE) != NOT_MADE for key in keys):
            return kills
        worker = subprocess.Popen([sys.executable, "-m", "chaos_runs.worker"], stdin=subprocess.PIPE)
        order = json.dumps([target.name, host, settings, str(ledger), keys]).encode()
        try:
            worker.communicate(order, timeout=draws.uniform(*LIFE_OF_A_WORKER) + len(keys) / 500)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
            kills += 1
    raise SystemExit(f"{target.name}: not done after {ROUNDS} workers")


def main() -> None:
    """Run all platforms; exits with 1 where a ledger and a server disagree."""
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--operations", type=int, default=1_000, help="in all, over the three platforms (1000)")
    given = parser.parse_args()
    with ThreadPoolExecutor(len(TARGETS)) as pool:
        each = max(given.operations // len(TARGETS), 1)
        run_one = partial(run, seed=given.seed, operations=each)
        ran = pool.map(run_one, TARGETS.values())
        verdicts = dict(zip(TARGETS, ran, strict=True))
    for name, verdict in verdicts.items():
        counts = ", ".join(f"{verdict.states[state]} {state}" for state in (MADE, UNKNOWN, BEGUN))
        workers, servers = verdict.kills
        print(f"{name}: {counts}; {verdict.faults} faults, killed {workers} workers and {servers} servers")
    wrong = [f"{name} {line}" for name, verdict in verdicts.items() for line in verdict.wrong]
    print("\n".join(wrong) or "ledgers and servers agree")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
