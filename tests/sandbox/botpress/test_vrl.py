"""Running VRL programs, which is only simulated."""

from __future__ import annotations

from tests.sandbox.botpress.caller import Caller

PATH = "/v1/admin/helper/vrl"


def test_a_program_leaves_its_data_unless_a_result_is_set(api: Caller) -> None:
    program = {"script": ".greeting = upcase(.name)", "data": {"name": "ana"}}
    unchanged = api.post(PATH, **program)
    api.control("set_vrl_result", script=program["script"], data={"name": "ana", "greeting": "ANA"}, result="ANA")

    assert unchanged == {"data": {"name": "ana"}, "result": {"name": "ana"}}
    assert api.post(PATH, **program) == {"data": {"name": "ana", "greeting": "ANA"}, "result": "ANA"}
    assert api.post(PATH, script=".", data={"a": 1})["data"] == {"a": 1}


def test_a_program_fails_with_the_error_that_is_set(api: Caller) -> None:
    api.control("set_vrl_result", error="undefined variable")

    assert api.error("Runtime", "POST", PATH, {"script": "x", "data": {}})["message"] == "undefined variable"


LIVES = (test_a_program_leaves_its_data_unless_a_result_is_set,)
