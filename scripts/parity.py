"""The parity ledger: what each operation of the sandbox was held against, per flavour."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from platforms import ROOT, platforms
from trilogue_sandbox.kernel.description import Description

Evidence: TypeAlias = Literal["captured", "official client", "documented", "decided"]

MEANINGS: Mapping[Evidence, str] = {
    "captured": "a response of a real server is in the tests, and the sandbox responds alike",
    "official client": "the platform's own client drives it in the tests, unmodified",
    "documented": "the platform documents it, and the sandbox does what its documentation says",
    "decided": "the platform does not say; this project decided",
}
"""The evidence there can be, the best first."""

CAPTURES = ROOT / "tests" / "captures"
DRIVEN = {"botpress": "@botpress/client", "botpress_chat": "@botpress/chat"}
"""The platforms all of whose operations a test drives by the official client, and that client."""

LEDGER = ROOT / "sandbox" / "trilogue_sandbox" / "parity.json"
PAGE = ROOT / "docs" / "parity.md"

Ledger: TypeAlias = "dict[str, dict[str, dict[str, Evidence]]]"
"""By platform, by flavour (empty for a platform that has one), by operation."""


def ledger() -> Ledger:
    """Return what is known of each operation that a flavour has."""
    return {name: dict(_of_platform(name)) for name in platforms()}


def _of_platform(name: str) -> Iterator[tuple[str, dict[str, Evidence]]]:
    document = json.loads((ROOT / "generated" / "trilogue_generated" / name / "openapi.json").read_bytes())
    description = Description(document)
    for flavour in document.get("x-servers", {"": ""}):
        captured = set(_captured(description, name, flavour))
        yield (
            flavour,
            {
                operation.id: _evidence(name, node, operation.id in captured)
                for operation in description.operations.values()
                for node in [_node(document, operation.id)]
                if flavour in node.get("x-servers", [flavour])
            },
        )


def _evidence(platform: str, node: Mapping[str, Any], is_captured: bool) -> Evidence:
    if is_captured:
        return "captured"
    if platform in DRIVEN:
        return "official client"
    return "decided" if node.get("x-provenance") == "decided" else "documented"


def _node(document: Mapping[str, Any], operation_id: str) -> Mapping[str, Any]:
    items: list[dict[str, Any]] = [*document["paths"].values()]
    nodes: list[dict[str, Any]] = [item[key] for item in items for key in item if key != "parameters"]
    return next(node for node in nodes if node["operationId"] == operation_id)


def _captured(description: Description, platform: str, flavour: str) -> Iterator[str]:
    """Yield the operations of which a successful response of a real server is kept."""
    base = "/api/v2"
    for request, status in _kept(platform, flavour):
        match = description.match(request["method"], urlsplit(str(request["path"])).path.removeprefix(base))
        if match and match.operation and 200 <= status < 300:
            yield match.operation.id


def _kept(platform: str, flavour: str) -> Iterator[tuple[Mapping[str, Any], int]]:
    if platform != "rapidpro":
        return
    for line in (CAPTURES / "replay" / f"{flavour}.jsonl").read_text(encoding="utf-8").splitlines():
        exchange = json.loads(line)
        if exchange.get("response"):
            yield exchange["request"], exchange["response"]["status"]
    if flavour == "rapidpro-9":
        for path in sorted((CAPTURES / platform).glob("*.json")):
            exchange = json.loads(path.read_text(encoding="utf-8"))
            yield exchange["request"], exchange["response"]["status"]


def page(found: Ledger) -> str:
    """Return the page of the documentation."""
    lines = [
        "# What the sandbox was held against",
        "",
        "For each operation the best evidence there is that the sandbox does what the platform does.",
        "`scripts/parity` writes this page from the tests.",
        "",
        *(f"- **{evidence}**: {meaning}" for evidence, meaning in MEANINGS.items()),
        "",
        "`python -m tests.parity rapidpro --against https://rapidpro.example.org` compares the sandbox with a server.",
        "It makes the same calls on both, and prints which operations differ in status, keys or types.",
        "It only reads unless `--allow-writes` is given; credentials come from the environment.",
        "",
        f"| platform | {' | '.join(MEANINGS)} |",
        f"| --- |{' --- |' * len(MEANINGS)}",
        *_counts(found),
    ]
    for name, flavours in found.items():
        lines += ["", f"## {platforms()[name].label}", "", *_table(flavours)]
    return "\n".join([*lines, ""])


def _counts(found: Ledger) -> Iterator[str]:
    for name, flavours in found.items():
        for flavour, operations in flavours.items():
            counts = Counter(operations.values())
            label = " ".join(filter(None, (platforms()[name].label, flavour and f"(`{flavour}`)")))
            yield f"| {label} | {' | '.join(str(counts[evidence]) for evidence in MEANINGS)} |"


def _table(flavours: Mapping[str, Mapping[str, Evidence]]) -> Iterator[str]:
    operations = dict.fromkeys(operation for known in flavours.values() for operation in known)
    yield f"| operation | {' | '.join(f'`{flavour}`' if flavour else 'evidence' for flavour in flavours)} |"
    yield f"| --- |{' --- |' * len(flavours)}"
    for operation in operations:
        cells: Iterable[str] = (known.get(operation, "absent") for known in flavours.values())
        yield f"| `{operation}` | {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(prog="scripts/parity", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the committed files differ")
    options = parser.parse_args(arguments)
    found = ledger()
    texts: dict[Path, str] = {LEDGER: json.dumps(found, indent=1) + "\n", PAGE: page(found)}
    if options.check:
        differing = [path for path, text in texts.items() if path.read_text(encoding="utf-8") != text]
        for path in differing:
            print(f"{path.relative_to(ROOT)} is not as the tests have it; run scripts/parity", file=sys.stderr)
        return 1 if differing else 0
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
