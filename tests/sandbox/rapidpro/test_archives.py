"""Archives: the one list that is paged by offset, and its files."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.platform import ControlError

from tests.sandbox.rapidpro.caller import Caller


def create_archive(sandbox: Sandbox, start_date: str, **arguments: Any) -> Any:
    return sandbox.control("rapidpro", "create_archive", {"start_date": start_date, **arguments})


def find(api: Caller, **fields: str) -> Any:
    found = [archive for archive in api.rows("archives") if fields.items() <= archive.items()]
    assert len(found) == 1, found
    return found[0]


def download(sandbox: Sandbox, url: str) -> Response:
    return sandbox.respond(Request("GET", urlsplit(url).path))


def records(response: Response) -> list[Any]:
    return [json.loads(line) for line in gzip.decompress(response.body).splitlines()]


def test_an_archive_has_the_messages_of_its_day(sandbox: Sandbox, api: Caller) -> None:
    day = api.rows("messages")[0]["created_on"][:10]
    messages = [message for message in api.rows("messages") if message["created_on"].startswith(day)]
    sandbox.advance(timedelta(days=1))
    create_archive(sandbox, day)
    archive = find(api, start_date=day, type="message")
    file = download(sandbox, archive["download_url"])

    assert archive == {
        "type": "message",
        "start_date": day,
        "period": "daily",
        "record_count": len(messages),
        "size": len(file.body),
        "hash": hashlib.md5(file.body, usedforsecurity=False).hexdigest(),
        "download_url": archive["download_url"],
        "archive_type": "message",
    }
    assert (file.status, file.content_type) == (200, "application/octet-stream")
    assert [record["uuid"] for record in records(file)] == [message["uuid"] for message in reversed(messages)]


def test_an_archive_of_runs_has_those_that_are_over(sandbox: Sandbox, api: Caller) -> None:
    over = [run for run in api.rows("runs", reverse="true") if run["exited_on"]]
    sandbox.advance(timedelta(days=1))
    create_archive(sandbox, "2026-01-01", type="run")
    archive = find(api, start_date="2026-01-01", type="run")

    assert records(download(sandbox, archive["download_url"])) == over


def test_an_archive_of_nothing_has_no_file(api: Caller) -> None:
    archive = find(api, type="run")

    assert (archive["record_count"], archive["size"], archive["hash"], archive["download_url"]) == (0, 0, None, None)


def test_a_month_swallows_its_days(sandbox: Sandbox, api: Caller) -> None:
    days = [archive for archive in api.rows("archives", type="message") if archive["start_date"] < "2026"]
    create_archive(sandbox, "2025-12-01", period="monthly")

    assert days
    assert [(archive["period"], archive["start_date"]) for archive in api.rows("archives", type="message")] == [
        ("monthly", "2025-12-01")
    ]
    assert [archive["period"] for archive in api.rows("archives", type="run")] == ["daily"]


def test_the_address_of_a_file_is_new_each_time_and_good_for_24_hours(sandbox: Sandbox, api: Caller) -> None:
    def url() -> str:
        return str(next(archive for archive in api.rows("archives") if archive["size"])["download_url"])

    first = url()
    sandbox.advance(timedelta(hours=23))
    second, in_time = url(), download(sandbox, first)
    sandbox.advance(timedelta(hours=2))

    assert first != second
    assert (in_time.status, download(sandbox, first).status, download(sandbox, second).status) == (200, 403, 200)


def test_the_address_of_a_file_cannot_be_made_up(sandbox: Sandbox, api: Caller) -> None:
    url = next(archive for archive in api.rows("archives") if archive["size"])["download_url"]
    number, expires, signature, name = urlsplit(url).path.rsplit("/", 4)[1:]
    later = url.replace(expires, str(int(expires) + 1))
    elsewhere = url.replace(f"/{number}/{expires}", f"/999/{expires}")

    assert download(sandbox, later).status == 403
    assert download(sandbox, elsewhere).status == 404
    assert download(sandbox, url.replace(signature, "0" * 64)).status == 403
    assert download(sandbox, url.replace(name, "passwords.txt")).status == 404


def test_archives_can_be_filtered(api: Caller) -> None:
    archives = api.rows("archives")
    dates = [archive["start_date"] for archive in archives]
    runs = [archive for archive in archives if archive["type"] == "run"]

    assert dates == sorted(dates, reverse=True)
    assert api.rows("archives", type="run") == runs
    assert api.rows("archives", archive_type="run") == runs
    assert [archive["type"] for archive in api.rows("archives", type="run", archive_type="message")] == ["run"]
    assert api.rows("archives", type="nonsense") == []
    assert len(api.rows("archives", period="daily")) == len(archives)
    assert api.rows("archives", period="monthly") == []
    assert len(api.rows("archives", period="yearly")) == len(archives)
    assert {archive["start_date"] for archive in api.rows("archives", before=dates[2])} == set(dates[2:])
    assert {archive["start_date"] for archive in api.rows("archives", after=dates[2])} == set(dates[:3])
    assert api.rows("archives", after="nonsense") == []


def test_archives_are_counted_and_paged_by_limit_and_offset(sandbox: Sandbox, api: Caller) -> None:
    sandbox.seed_data("rapidpro", {"archives": 7})
    everything = api.get("archives", type="message")
    first = api.get("archives", type="message", limit=5)
    second, iterated = api.follow(first["next"]), api.iterate("archives", type="message", limit=5)

    assert (everything["count"], everything["next"], everything["previous"]) == (11, None, None)
    assert first["next"] == "http://127.0.0.1/rapidpro/api/v2/archives.json?limit=5&offset=5&type=message"
    assert (first["previous"], second["count"]) == (None, 11)
    assert second["previous"] == "http://127.0.0.1/rapidpro/api/v2/archives.json?limit=5&type=message"
    assert [archive["start_date"] for archive in iterated] == [a["start_date"] for a in everything["results"]]
    assert api.get("archives", type="message", limit=5, offset=7)["previous"].endswith("limit=5&offset=2&type=message")
    assert api.get("archives", type="message", offset=20)["results"] == []


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_without_sense_is_the_usual_one(sandbox: Sandbox, api: Caller, limit: str) -> None:
    sandbox.seed_data("rapidpro", {"archives": 260})

    assert len(api.rows("archives", limit=limit, offset="x")) == 250
    assert len(api.rows("archives", limit=1000)) == 265


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"start_date": "yesterday"}, "start_date"),
        ({"start_date": "2026-01-01"}, "start_date"),
        ({"start_date": "2025-12-02", "period": "monthly"}, "start_date"),
        ({"start_date": "2025-12-31", "type": "run"}, "start_date"),
        ({"start_date": "2025-12-31", "type": "contact"}, "type"),
        ({"start_date": "2025-12-31", "period": "yearly"}, "period"),
    ],
)
def test_only_what_is_over_is_archived_and_only_once(sandbox: Sandbox, arguments: Any, field: str) -> None:
    with pytest.raises(ControlError) as raised:
        create_archive(sandbox, **arguments)

    assert raised.value.field == field
