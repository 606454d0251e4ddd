"""Running VRL programs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.botpress.caller import Caller

PATH = "/v1/admin/helper/vrl"


def run(api: Caller, script: str, **data: Any) -> Any:
    """Run a program."""
    return api.post(PATH, script=script, data=data)


def test_a_program_changes_its_data_and_gives_the_value_of_its_last_line(api: Caller) -> None:
    script = """
    # what a webhook brings
    body = parse_json!(.body)
    .team = upcase(string!(body.team)) + "-" + to_string(body.ids[1])
    .headers."x-first" = true
    .list[2] = { "last": [1, 2.5, -3] }
    del(.body)
    if exists(.team) && length(.team) > 3 { .long = true } else { .long = false }
    .team
    """

    assert run(api, script, body='{"team": "sup", "ids": [1, 2]}', headers={"a": 1}) == {
        "data": {
            "team": "SUP-2",
            "headers": {"a": 1, "x-first": True},
            "list": [None, None, {"last": [1, 2.5, -3]}],
            "long": True,
        },
        "result": "SUP-2",
    }


@pytest.mark.parametrize(
    ("script", "result"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3 - 1", 8),
        ("7 / 2", 3.5),
        ("7 % 2 == 1 && !(2 > 3)", True),
        ("null || false || 5", 5),
        ('parse_json(.missing) ?? "none"', "none"),
        (".missing.deeper[3]", None),
        ('split("a,b", ",")', ["a", "b"]),
        ('join(["a", "b"], "-")', "a-b"),
        ('replace("a.b.c", ".", "/")', "a/b/c"),
        ('merge({"a": 1}, {"b": 2})', {"a": 1, "b": 2}),
        ('keys({"a": 1})', ["a"]),
        ('to_int("12") + to_int(true)', 13),
        ('to_float("1.5")', 1.5),
        ('if starts_with("abc", "ab") { "yes" } else if false { "no" } else { "never" }', "yes"),
        ("strip_whitespace(\"  a \") + s'\\d'", "a\\d"),
        ("push([1], 2)", [1, 2]),
        ("x = [1, 2]\nx[-1]", 2),
        ('encode_json({"a": null})', '{"a":null}'),
        ("del(.a.b)", 1),
        ("", None),
    ],
)
def test_expressions(api: Caller, script: str, result: Any) -> None:
    assert run(api, script, a={"b": 1})["result"] == result


@pytest.mark.parametrize(
    "script",
    [
        '1 + "a"',
        "1 / 0",
        "unknown_variable",
        "launch_rockets()",
        'upcase("a", "b")',
        "parse_json!(.a)",
        'if 1 { "x" }',
        "(1",
        "1 2",
        ".a.",
        "@",
        '. = "text"',
        "{a: 1}",
        'to_int("x")',
        "length(5)",
    ],
)
def test_a_program_that_fails_is_refused_and_says_why(api: Caller, script: str) -> None:
    error = api.refused("Runtime", "POST", PATH, {"script": script, "data": {"a": 1}})

    assert error["message"].startswith("the program failed: ")


LIVES = (test_a_program_changes_its_data_and_gives_the_value_of_its_last_line,)
