"""The pages for people."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx
import pytest
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.document import Node
from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.prose import prose
from trilogue_sandbox.schema_view import fields, limits_of, type_of

PAGES = ("/", "/notebook", "/docs/notebook/notes", "/docs/notebook/notes/%7Buuid%7D", "/nowhere")


class Reader(HTMLParser):
    """Reads a page: its text, its links, and whether each element is closed where it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.targets: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert tag not in ("script", "img", "link", "iframe")
        assert not any(name.startswith("on") for name in given)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if "href" in given:
            self.links.append(given["href"])
        if "id" in given:
            self.targets.append(given["id"])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def read(client: httpx.Client, path: str) -> Reader:
    reader = Reader()
    reader.feed(client.get(f"http://127.0.0.1{path}").text)
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_takes_nothing_from_outside(client: httpx.Client, path: str) -> None:
    answer = client.get(f"http://127.0.0.1{path}")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == "default-src 'none'; style-src 'self' 'unsafe-inline'"
    assert "http" not in " ".join(read(client, path).links)
    assert "url(" not in answer.text


def test_every_link_leads_to_a_page_and_to_a_place_on_it(client: httpx.Client) -> None:
    seen: set[str] = set()
    waiting = ["/"]
    while waiting:
        path, _, place = waiting.pop().partition("#")
        answer = client.get(f"http://127.0.0.1{path}")
        assert answer.status_code == 200, path
        page = read(client, path)
        assert not place or place in page.targets
        if path not in seen:
            seen.add(path)
            waiting += [path + link if link.startswith("#") else link for link in page.links]

    assert len(seen) == 6


def test_the_index_tells_addresses_and_credentials(client: httpx.Client) -> None:
    text = read(client, "/").text

    assert "http://127.0.0.1/notebook/v1" in text
    assert "token=notebook" in text


def test_a_page_of_an_endpoint_tells_everything_about_it(client: httpx.Client) -> None:
    text = read(client, "/docs/notebook/notes").text

    for words in (
        "List notes",
        "Write a note",
        "1 to 100, 50 by default",
        'list of "red" or "blue"',
        "map of string or list of string or Presence",
        "text required string 1 to 100 characters",
        "application/x-www-form-urlencoded",
        "X-Note-Number required Counts notes.",
        '"text": "Milk & <bread>"',
        "429",
        "Why not.",
    ):
        assert words in text, words


def test_text_of_a_description_is_escaped(client: httpx.Client) -> None:
    page = client.get("http://127.0.0.1/docs/notebook/notes").text

    assert "fewer &lt;of them&gt;" in page
    assert "<of them>" not in page


def test_an_endpoint_that_is_not_described_has_no_page(client: httpx.Client) -> None:
    assert client.get("http://127.0.0.1/docs/notebook/nothing").status_code == 404


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a <b>\n\nc", "<p>a &lt;b&gt;</p><p>c</p>"),
        ("use `a<b` **now** or *never*", "<p>use <code>a&lt;b</code> <strong>now</strong> or <em>never</em></p>"),
        ("these:\n- a\n- `b`", "<p>these:\n</p><ul><li>a</li><li><code>b</code></li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("# Calls\n\ntext", "<h3>Calls</h3><p>text</p>"),
        ("2 * 3 * 4 and a ` alone", "<p>2 * 3 * 4 and a ` alone</p>"),
        ("", ""),
    ],
)
def test_texts_become_html(text: str, html: str) -> None:
    assert prose(text).replace("these:</p>", "these:\n</p>") == html


def test_a_table_in_a_text_becomes_a_table() -> None:
    made = prose("| a | b |\n| --- | --- |\n| 1 | `2` |")

    assert '<th scope="col">a</th>' in made
    assert "<td>1</td><td><code>2</code></td>" in made


SCHEMAS: Json = {
    "Tree": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/Tree"}}},
    },
    "Nested": {"type": "array", "items": {"oneOf": [{"type": "number"}, {"$ref": "#/Nested"}]}},
    "Either": {"oneOf": [{"$ref": "#/Tree"}, {"$ref": "#/Leaf"}, {"type": "null"}]},
    "Leaf": {"type": "object", "properties": {"color": {"type": ["string", "null"], "format": "color"}}},
    "Limits": {"type": "integer", "minimum": 3, "default": 4},
    "Any": {},
}


def schema(name: str) -> Node:
    assert isinstance(SCHEMAS, dict)
    found = Node.of(SCHEMAS).child(name)
    assert found is not None
    return found


def test_a_schema_within_itself_is_named_and_not_walked_for_ever() -> None:
    assert [(field.name, field.depth) for field in fields(schema("Tree"))] == [("name", 0), ("children", 0)]
    assert type_of(schema("Nested")) == "list of number or object"


def test_the_variants_of_a_union_are_told_apart() -> None:
    shown = [(field.name, field.depth, field.is_variant) for field in fields(schema("Either"))]

    assert [name for name, _, is_variant in shown if is_variant] == ["object", "object"]
    assert ("color", 1, False) in shown


def test_types_and_limits_are_said_in_words() -> None:
    (color,) = fields(schema("Leaf"))

    assert color.type == "string (color) or null"
    assert type_of(schema("Any")) == "anything"
    assert limits_of(schema("Limits")) == "3 or more, 4 by default"


def test_the_descriptions_title_is_optional() -> None:
    assert Description({"paths": {}}).operations == {}
