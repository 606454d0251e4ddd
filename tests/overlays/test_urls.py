"""Addresses of requests, which are sent as httpx would send them."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from trilogue import InvalidArgument
from trilogue._http.hosts import normalize_host
from trilogue._http.urls import Url, origin, parse_url

HOSTS = st.one_of(
    st.from_regex(r"[A-Za-z0-9._-]{1,20}", fullmatch=True),
    st.sampled_from(["[::1]", "127.0.0.1", "999.1.1.1", "xn--bcher-kva.example", "bücher.example", "a%20b", ""]),
)
PORTS = st.sampled_from(["", ":80", ":443", ":8080", ":0", ":080", ":65535", ":65536", ":99999", ":x"])
PATHS = st.text(st.sampled_from("/.a%2F é~\\|{}`\"'<>[]^:@!$&()*+,;=-_\t#"), max_size=8)
QUERIES = st.one_of(st.just(""), st.text(st.sampled_from("ab&%2?/é \"'<>[]{}|`^+\\~\n#"), max_size=8).map("?{}".format))
ADDRESSES = st.builds(
    "{}{}{}{}{}".format, st.sampled_from(["http://", "https://", "HTTP://", "//", ""]), HOSTS, PORTS, PATHS, QUERIES
)


@given(address=ADDRESSES)
@example(address="https://textit.com/api/v2/contacts.json?cursor=cD0y")
@example(address="http://127.0.0.1:8000/v1/files/a%2Fb/../c")
@example(address=f"http://localhost/{'a' * 70_000}")
@example(address="http://localhost/a?")
@example(address="http://localhost?a=1")
@example(address="http://999.1.1.1/a")
def test_an_address_is_sent_as_httpx_sends_it(address: str) -> None:
    try:
        expected = httpx.URL(address)
        is_reachable = expected.scheme in ("http", "https") and expected.raw_host and (expected.port or 0) <= 65535
    except httpx.InvalidURL:
        is_reachable = False
    if not is_reachable:
        with pytest.raises(InvalidArgument, match="not valid HTTP"):
            parse_url(address)
        return

    url = parse_url(address)

    assert (url.scheme, url.host.encode(), url.port) == (expected.scheme, expected.raw_host, expected.port)
    assert (url.netloc.encode(), url.target.encode()) == (expected.netloc, expected.raw_path)


@given(host=HOSTS)
def test_a_host_is_normalized_as_httpx_does_it(host: str) -> None:
    try:
        expected = httpx.URL(scheme="https", host=host)
        by_httpx = expected.netloc.decode() if expected.host else None
    except (httpx.InvalidURL, UnicodeError):
        by_httpx = None

    assert normalize_host(host) in (by_httpx, None)


@pytest.mark.parametrize("host", ["textit.com", "TextIt.com", "127.0.0.1", "localhost", "bücher.example", "[::1]"])
def test_a_usual_host_is_taken(host: str) -> None:
    assert normalize_host(host) == httpx.URL(scheme="https", host=host).netloc.decode()


def test_an_origin_is_that_of_any_address_there() -> None:
    assert origin("https://TextIt.com:443/api/v2/contacts.json?urn=tel:1") == "https://textit.com"


def test_an_address_shows_nothing() -> None:
    assert "250788" not in repr(parse_url("https://textit.com/contacts.json?urn=tel:+250788123123"))
    assert str(Url("http", "a", 8000, "a:8000", "/b?c")) == "http://a:8000/b?c"
