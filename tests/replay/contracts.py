"""Records the contract runs, tag by tag, each against a copy of one prepared sandbox."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.replay import recording, sessions

recording.install()

from tests.contract import contract  # noqa: E402  (imports the name `Sandbox`, which must be the recording one by now)


def record(platform: str, folder: Path) -> None:
    """Run schemathesis against each tag of a platform and write down what was recorded."""
    recording.RECORDER.source = f"contract {platform}"
    with contract.make_sandbox(platform) as prepared:
        for tag in _tags(platform):
            recording.RECORDER.source = f"contract {platform} {tag}"
            sandbox = prepared.copy()
            sandbox.journal = type(sandbox.journal)(limit=10_000_000, byte_limit=10**12)
            outcome = contract.run(platform, "--include-tag", tag, sandbox=sandbox)
            print(f"{platform} {tag}: {len(outcome.requests)} requests", flush=True)
    sessions.write(folder / f"contract-{platform}.jsonl.gz", recording.RECORDER.sessions)
    recording.RECORDER.sessions.clear()


def _tags(platform: str) -> list[str]:
    path = contract.ROOT / "generated" / "trilogue_generated" / platform / "openapi.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    tags = {operation["tags"][0] for item in document["paths"].values() for operation in item.values()}
    return sorted(tags)


if __name__ == "__main__":
    record(sys.argv[1], Path(sys.argv[2]))
