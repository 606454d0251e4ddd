"""What the journal remembers, and for how long."""

from __future__ import annotations

import contextlib

import httpx
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.clock import START
from trilogue_sandbox.kernel.faults import Fault
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.journal import Entry, Journal


def entry(number: int, body: bytes = b"") -> Entry:
    request, response = Request("POST", "/x", body=body), Response(200, body=b"")
    return Entry(number, START, "notebook", "", "POST", "/x", 200, None, 0.0, request, response)


def numbers(journal: Journal) -> list[int]:
    return [entry.number for entry in journal.entries]


def test_only_the_latest_requests_are_remembered() -> None:
    journal = Journal(limit=3)
    for number in range(1, 6):
        journal.add(entry(number))

    assert numbers(journal) == [3, 4, 5]


def test_large_bodies_push_out_older_requests() -> None:
    journal = Journal(byte_limit=100)
    for number in range(1, 6):
        journal.add(entry(number, b"x" * 40))

    assert numbers(journal) == [4, 5]


def test_a_cleared_journal_counts_from_one_again() -> None:
    journal = Journal(byte_limit=100)
    journal.add(entry(journal.next_number(), b"x" * 90))
    journal.clear()
    journal.add(entry(journal.next_number(), b"x" * 90))

    assert numbers(journal) == [1]


def test_a_request_whose_response_was_lost_has_no_status(sandbox: Sandbox, client: httpx.Client) -> None:
    for fault_type in ("reset", "commit_then_drop", "truncate"):
        sandbox.faults.clear()
        sandbox.faults.add(Fault(fault_type))
        with contextlib.suppress(httpx.TransportError):
            client.get("/notes")

    assert [(entry.fault, entry.status) for entry in sandbox.journal.entries] == [
        ("reset", None),
        ("commit_then_drop", None),
        ("truncate", 200),
    ]


def test_an_entry_keeps_both_messages_and_shows_neither(sandbox: Sandbox, client: httpx.Client) -> None:
    client.post("/notes", json={"text": "between us"})

    (entry,) = sandbox.journal.entries
    assert entry.request.json() == {"text": "between us"}
    assert entry.response.status == 201
    assert entry.seconds > 0
    assert "between us" not in repr(entry)
