"""Files, their content, passages and tags."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from trilogue_sandbox.botpress import credentials
from trilogue_sandbox.kernel.http import Request, Response

from tests.sandbox.botpress.caller import Caller, part

PATH = "/v1/files"

GUIDE = b"""# Pumps

How to use a pump.

## Repair

Close the valve before you open the pump.

Grease the rubber ring.
"""


def send(api: Caller, method: str, url: str, content: bytes = b"", **headers: str) -> Response:
    """Send a request to a link, without a token."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.sandbox.respond(Request(method, urlsplit(url).path, headers=named, body=content))


def upload(api: Caller, key: str, content: bytes = b"Hello", **more: Any) -> Any:
    """Make a file and send its content; return the file as upsertFile shows it."""
    file = api.put(PATH, key=key, size=len(content), **more)["file"]
    sent = send(api, "PUT", file["uploadUrl"], content, content_type=file["contentType"])
    assert sent.status == 200, sent.body
    return file


def settled(api: Caller, file: Any) -> Any:
    """Let time pass until nothing more happens to a file, and return it."""
    api.sandbox.advance(timedelta(seconds=1))
    return api.get(f"{PATH}/{file['id']}")["file"]


def test_a_file_is_made_filled_read_changed_copied_and_deleted(api: Caller) -> None:
    tags, metadata = {"team": "support", "old": "yes"}, {"pages": 3, "old": True}
    made = api.put(PATH, key="notes/a b.txt", size=5, tags=tags, metadata=metadata)["file"]
    send(api, "PUT", made["uploadUrl"], b"Hello", content_type="text/plain")
    filled = settled(api, made)
    content = send(api, "GET", filled["url"])
    by_key = f"{PATH}/{part('notes/a b.txt')}"
    changed = api.put(by_key, tags={"old": None, "new": "yes"}, metadata={"old": None})["file"]
    copied = api.post(f"{PATH}/{made['id']}/{part('notes/c.txt')}")["file"]
    deleted = api.delete(by_key)

    assert made["id"].startswith("file_")
    assert (made["status"], made["size"], made["contentType"]) == ("upload_pending", None, "text/plain")
    assert made["owner"] == {"type": "bot", "id": credentials.BOT_ID}
    assert (filled["status"], filled["size"]) == ("upload_completed", 5)
    assert (content.status, content.body, content.content_type) == (200, b"Hello", "text/plain")
    assert (changed["tags"], changed["metadata"]) == ({"team": "support", "new": "yes"}, {"pages": 3})
    assert (copied["key"], copied["tags"]) == ("notes/c.txt", changed["tags"])
    assert (copied["status"], copied["size"]) == ("upload_completed", 5)
    assert send(api, "GET", settled(api, copied)["url"]).body == b"Hello"
    assert deleted == {}
    api.error("ResourceNotFound", "GET", by_key)


def test_the_same_key_makes_the_file_again_and_erases_its_content(api: Caller) -> None:
    first = settled(api, upload(api, "a.txt", b"Hello", tags={"a": "b"}))
    again = api.put(PATH, key="a.txt", size=3)["file"]

    assert again["id"] == first["id"]
    assert (again["status"], again["size"], again["tags"]) == ("upload_pending", None, {})
    assert send(api, "GET", first["url"]).status == 404
    assert send(api, "PUT", again["uploadUrl"], b"New", content_type="text/plain").status == 200


def test_an_upload_of_another_length_than_declared_fails(api: Caller) -> None:
    file = api.put(PATH, key="a.txt", size=4)["file"]
    send(api, "PUT", file["uploadUrl"], b"Hello", content_type="text/plain")
    failed = settled(api, file)

    assert (failed["status"], failed["size"]) == ("upload_failed", None)
    assert "5 bytes and not 4" in failed["failedStatusReason"]


def test_an_upload_link_takes_only_what_it_was_made_for(api: Caller) -> None:
    file = api.put(PATH, key="a.txt", size=5, accessPolicies=["public_content"])["file"]
    at_once = api.put(
        PATH, key="b.txt", size=5, accessPolicies=["public_content"], publicContentImmediatelyAccessible=True
    )["file"]
    plain = {"content_type": "text/plain"}

    assert send(api, "PUT", file["uploadUrl"] + "x", b"Hello", **plain).status == 403
    assert send(api, "PUT", file["uploadUrl"], b"Hello", content_type="image/png").status == 403
    assert send(api, "PUT", file["uploadUrl"], b"Hello", **plain, authorization="Bearer x").status == 400
    assert send(api, "PUT", at_once["uploadUrl"], b"Hello", **plain).status == 403
    assert send(api, "GET", at_once["url"]).status == 404
    assert send(api, "PUT", at_once["uploadUrl"], b"Hello", **plain, x_amz_tagging="public=true").status == 200
    assert send(api, "GET", at_once["url"]).body == b"Hello"


def test_a_content_type_that_is_none_is_an_error(api: Caller) -> None:
    for wrong in ("text", "text/plain\r\nSet-Cookie: a=b", "tëxt/plain", ""):
        api.error("InvalidPayload", "PUT", PATH, {"key": "a.txt", "size": 1, "contentType": wrong})
    assert api.put(PATH, key="a", size=1, contentType="text/plain; charset=utf-8")["file"]["contentType"] == (
        "text/plain; charset=utf-8"
    )


def test_a_link_to_a_private_file_is_another_each_time_and_ends(api: Caller) -> None:
    file = settled(api, upload(api, "a.txt"))
    url, other = file["url"], api.get(f"{PATH}/{file['id']}")["file"]["url"]
    before = send(api, "GET", url)
    forged = send(api, "GET", url.replace(file["id"], "file_00000000000000000000000000"))
    api.sandbox.advance(timedelta(hours=1))
    after = send(api, "GET", url)

    assert url != other
    assert (before.status, forged.status, after.status) == (200, 403, 403)


def test_a_public_file_has_one_link_for_ever(api: Caller) -> None:
    file = settled(api, upload(api, "a b.txt", accessPolicies=["public_content"]))
    api.sandbox.advance(timedelta(days=100))

    assert api.get(f"{PATH}/{file['id']}")["file"]["url"] == file["url"]
    assert send(api, "GET", file["url"]).body == b"Hello"


def test_files_are_found_by_tags_in_every_way(api: Caller) -> None:
    files = {
        "a.txt": {"team": "sales", "draft": "yes"},
        "b.txt": {"team": "support"},
        "c.txt": {"team": "legal"},
        "d.txt": {},
    }
    for key, tags in files.items():
        upload(api, key, tags=tags)

    def found(tags: object) -> list[str]:
        rows = api.get(PATH, tags=tags, sortField="key", sortDirection="asc")["files"]
        return [row["key"][0] for row in rows if row["key"] in files]

    assert found({"team": "sales"}) == ["a"]
    assert found({"team": ["sales", "support"]}) == ["a", "b"]
    assert found({"team": {"in": ["sales", "legal"]}}) == ["a", "c"]
    assert found({"team": {"not": "sales"}}) == ["b", "c", "d"]
    assert found({"team": {"not": ["sales", "legal"]}}) == ["b", "d"]
    assert found({"draft": {"exists": True}}) == ["a"]
    assert found({"team": {"exists": True}, "draft": {"exists": False}}) == ["b", "c"]
    assert found('{"team": ["sales", "legal"]}') == ["a", "c"]
    assert {"draft", "team"} < {*api.iterate(f"{PATH}/tags", "tags", pageSize=1)}
    assert api.iterate(f"{PATH}/tags/team/values", "values", pageSize=2) == ["legal", "sales", "support"]


def test_files_are_sorted_and_found_by_id_and_by_being_indexed(api: Caller) -> None:
    long = settled(api, upload(api, "b.txt", b"longer", index=True))
    short = settled(api, upload(api, "a.txt", b"short"))
    ids = [long["id"], short["id"]]

    def found(**query: object) -> list[str]:
        return [file["key"] for file in api.get(PATH, ids=ids, **query)["files"]]

    assert found() == ["a.txt", "b.txt"]
    assert found(sortField="key", sortDirection="desc") == ["b.txt", "a.txt"]
    assert found(sortField="size", sortDirection="asc") == ["a.txt", "b.txt"]
    assert found(indexed=True) == ["b.txt"]
    assert found(indexed=False) == ["a.txt"]


def test_an_indexed_file_is_cut_into_passages_and_searched(api: Caller) -> None:
    made = upload(api, "guide.md", GUIDE, index=True, tags={"kind": "guide"})
    api.sandbox.advance(timedelta(milliseconds=5))
    pending = api.get(f"{PATH}/{made['id']}")["file"]
    indexed = settled(api, made)
    passages = api.iterate(f"{PATH}/{made['id']}/passages", "passages", limit=2)
    found = api.get(f"{PATH}/search", query="open the valve of the pump", tags={"kind": "guide"})["passages"]
    nothing = api.get(f"{PATH}/search", query="valve", tags={"kind": "invoice"})
    first = api.get(f"{PATH}/search", query="open the valve of the pump", limit=1)["passages"]

    assert pending["status"] == "indexing_pending"
    assert (indexed["status"], indexed["indexingStack"]) == ("indexing_completed", "v2")
    assert [passage["meta"]["subtype"] for passage in passages] == [
        "title",
        "paragraph",
        "subtitle",
        "paragraph",
        "paragraph",
    ]
    assert found[0]["content"] == "Close the valve before you open the pump."
    assert found[0]["file"]["id"] == made["id"]
    assert found[0]["score"] > found[1]["score"]
    assert nothing == {"passages": []}
    assert first == found[:1]


def test_a_search_gives_what_is_around_or_all_together(api: Caller) -> None:
    settled(api, upload(api, "guide.md", GUIDE, index=True))
    search = f"{PATH}/search"
    deep = api.get(search, query="valve", contextDepth=1, includeBreadcrumb=True)["passages"][0]
    apart = api.get(search, query="valve", contextDepth=1, withContext=True, includeBreadcrumb=True)["passages"][0]
    together = api.get(search, query="pump", consolidate=True)["passages"]
    texts = ["Pumps", "Repair", "Repair", "Close the valve before you open the pump.", "Grease the rubber ring."]

    assert deep["content"] == "\n\n".join(texts)
    assert apart["content"] == texts[3]
    assert [item["text"] for item in apart["context"]] == texts
    assert [item["type"] for item in apart["context"]] == [
        "breadcrumb",
        "breadcrumb",
        "preceding",
        "current",
        "subsequent",
    ]
    assert [item["content"] for item in together] == ["How to use a pump.\n\nClose the valve before you open the pump."]
    api.error("InvalidQuery", "GET", search, query="x" * 1025)


def test_passages_are_not_set_before_the_content_has_come(api: Caller) -> None:
    file = api.put(PATH, key="a.txt", size=5)["file"]

    api.error("ResourceLockedConflict", "PUT", f"{PATH}/{file['id']}/passages", {"passages": [{"content": "Text"}]})


def test_passages_can_be_set_and_are_found_after_a_while(api: Caller) -> None:
    file = settled(api, upload(api, "guide.md", GUIDE, index=True))
    path = f"{PATH}/{file['id']}/passages"
    api.put(path, passages=[{"content": "Own words", "pageNumber": 2}, {"content": "Title", "type": "title"}])
    pending = api.get(f"{PATH}/{file['id']}")["file"]["status"]
    early = api.get(f"{PATH}/search", query="own words")["passages"]
    settled(api, file)
    (found,) = api.get(f"{PATH}/search", query="own words")["passages"]

    assert (pending, early) == ("indexing_pending", [])
    assert found["meta"] == {"type": "chunk", "subtype": "paragraph", "pageNumber": 2, "position": 0}
    assert len(api.get(path)["passages"]) == 2


def test_a_file_that_cannot_be_read_is_not_indexed(api: Caller) -> None:
    failed = settled(api, upload(api, "a.png", index=True))

    assert failed["status"] == "indexing_failed"
    assert "image/png" in failed["failedStatusReason"]
    large = {"key": "b.txt", "size": 96 * 1024 * 1024, "index": True}
    api.error("LimitExceeded", "PUT", PATH, large)


def test_web_pages_and_simple_pdfs_are_read(api: Caller) -> None:
    page = b"<html><script>x()</script><h1>Pumps</h1><p>Fish &amp; pumps</p></html>"
    pdf = b"%PDF-1.4 stream BT (Bicycle repair) Tj ET endstream"
    settled(api, upload(api, "page.html", page, index=True))
    settled(api, upload(api, "book.pdf", pdf, index=True))

    def found(query: str) -> list[str]:
        return [passage["content"] for passage in api.get(f"{PATH}/search", query=query)["passages"]]

    assert found("fish") == ["Fish & pumps"]
    assert found("bicycle") == ["Bicycle repair"]


def test_a_file_expires_and_is_then_gone(api: Caller) -> None:
    timestamp = (api.sandbox.now() + timedelta(days=2)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    file = settled(api, upload(api, "a.txt", expiresAt=timestamp))
    kept = settled(api, upload(api, "b.txt", expiresAt=timestamp))
    forever = api.put(f"{PATH}/{kept['id']}", expiresAt=None)["file"]
    api.sandbox.advance(timedelta(days=3))
    gone = api.error("ResourceGone", "GET", f"{PATH}/a.txt")
    api.error("ResourceGone", "PUT", f"{PATH}/a.txt", {"tags": {"a": "b"}})
    api.error("ResourceGone", "DELETE", f"{PATH}/a.txt")
    api.error("ResourceGone", "POST", f"{PATH}/a.txt/c.txt", {})
    api.error("ResourceGone", "GET", f"{PATH}/a.txt/passages")
    api.error("ResourceGone", "PUT", f"{PATH}/a.txt/passages", {"passages": [{"content": "Text"}]})

    assert file["expiresAt"] == timestamp[:17] + "00.000Z"
    assert "expiresAt" not in forever
    assert gone["status"] == 410
    assert {"a.txt", "b.txt"} & {row["key"] for row in api.get(PATH)["files"]} == {"b.txt"}
    assert upload(api, "a.txt")["id"] == file["id"]
    api.error("InvalidPayload", "PUT", PATH, {"key": "c.txt", "size": 1, "expiresAt": "2020-01-01T00:00:00Z"})
    api.error("InvalidPayload", "PUT", PATH, {"key": "c.txt", "size": 1, "expiresAt": "2040-01-01T00:00:00Z"})


def test_a_copy_replaces_nothing_unless_it_may(api: Caller) -> None:
    source, taken = upload(api, "a.txt", b"one"), upload(api, "b.txt", b"two")
    api.error("ResourceLockedConflict", "POST", f"{PATH}/a.txt/c.txt", {})
    settled(api, source)
    api.error("AlreadyExists", "POST", f"{PATH}/a.txt/b.txt", {})
    copied = api.post(f"{PATH}/a.txt/b.txt", overwrite=True)["file"]

    assert copied["id"] == taken["id"]
    assert send(api, "GET", settled(api, copied)["url"]).body == b"one"


def test_a_copy_belongs_to_who_makes_it(api: Caller, integration: Caller) -> None:
    settled(api, upload(api, "a.txt", accessPolicies=["integrations"]))
    copied = integration.post(f"{PATH}/{api.get(PATH)['files'][0]['id']}/b.txt")["file"]

    assert copied["owner"] == {"type": "integration", "name": "telegram", "alias": "telegram"}


def test_a_file_whose_upload_failed_says_why(api: Caller) -> None:
    file = api.put(PATH, key="a.txt", size=9)["file"]
    send(api, "PUT", file["uploadUrl"], b"Hello", content_type="text/plain")
    failed = settled(api, file)

    assert (failed["status"], failed["failedStatusReason"]) == (
        "upload_failed",
        "the content has 5 bytes and not 9, as was said",
    )
    assert api.get(PATH, ids=[file["id"]])["files"][0]["failedStatusReason"] == failed["failedStatusReason"]


def test_a_file_is_copied_into_another_bot_of_the_caller_only(api: Caller, bot: Caller) -> None:
    settled(api, upload(api, "a.txt"))
    elsewhere = {"x_destination_bot_id": credentials.OTHER_BOT_ID}

    api.with_headers(**elsewhere).error("Forbidden", "POST", f"{PATH}/a.txt/b.txt", {})
    bot.with_headers(**elsewhere).error("Forbidden", "POST", f"{PATH}/a.txt/b.txt", {})


def test_an_integration_keeps_its_files_to_itself_and_reads_those_it_may(
    api: Caller, bot: Caller, integration: Caller
) -> None:
    own = upload(integration, "same.txt", b"integration")
    upload(bot, "same.txt", b"bot")
    upload(bot, "shared.txt", b"shared", accessPolicies=["integrations"])

    def keys(caller: Caller) -> list[str]:
        return sorted(file["key"] for file in caller.get(PATH)["files"])

    assert own["owner"] == {"type": "integration", "name": "telegram", "alias": "telegram"}
    assert keys(integration) == ["same.txt", "shared.txt"]
    assert integration.get(f"{PATH}/same.txt")["file"]["id"] == own["id"]
    assert own["id"] not in [file["id"] for file in bot.get(PATH)["files"]]
    assert own["id"] in [file["id"] for file in api.get(PATH)["files"]]
    integration.error("Forbidden", "DELETE", f"{PATH}/shared.txt")
    bot.error("ResourceNotFound", "GET", f"{PATH}/{own['id']}")


def test_a_file_made_for_a_user_is_theirs(api: Caller) -> None:
    file = upload(api.with_headers(x_user_id="user-7", x_user_role="manager"), "a.txt")

    assert file["owner"] == {"type": "user", "id": "user-7"}


LIVES = (
    test_a_file_is_made_filled_read_changed_copied_and_deleted,
    test_files_are_found_by_tags_in_every_way,
    test_an_indexed_file_is_cut_into_passages_and_searched,
    test_passages_can_be_set_and_are_found_after_a_while,
)
