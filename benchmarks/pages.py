"""What a page of 250 contacts costs, from bytes to objects."""

from __future__ import annotations

import json
from typing import Any

from temba_client.v2.types import Contact as PeerContact  # pyright: ignore[reportMissingTypeStubs]  it has no types
from trilogue._json import parse_json
from trilogue_generated.rapidpro.operations.contacts import LIST

from benchmarks.measure import interleaved, show
from benchmarks.server import PAGE, page


def measure() -> None:
    """Print the cost of decoding."""
    peer: Any = PeerContact
    content = page("http://127.0.0.1/api/v2/contacts.json", 0, PAGE)
    results = interleaved(
        {
            "json.loads (dicts)": lambda: json.loads(content),
            "trilogue (attrs objects)": lambda: LIST.rows(parse_json(content)["results"]),
            "rapidpro-python (objects)": lambda: peer.deserialize_list(json.loads(content)["results"]),
        },
        rounds=150,
    )
    show(f"A page of {PAGE} contacts, {len(content) // 1000} kB, CPU", results, "json.loads (dicts)")
