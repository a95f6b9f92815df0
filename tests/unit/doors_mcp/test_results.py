"""How an ending of a call reads on MCP: error or not, whose words, and never less than all."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from sallyport.doors.mcp import results
from sallyport.model import ActionState, Call, Ending, JsonObject, Level, Proposal, Verdict
from sallyport.rules import told
from sallyport.rules.commands import Ended
from sallyport.rules.strict_json import loads

PROPOSAL = Proposal(call_id="c1", task_id="t1", tool="mail.send", args={}, channel="mcp")
CALL = Call(
    id="c1",
    proposal=PROPOSAL,
    agent="bot",
    instance="bot",
    workflow="w",
    requester="mara",
    system="desk",
    level=Level.UPDATE,
    digest="d",
    boundary="b",
    ending=Ending.DONE,
    proposed_us=0,
    verdict=Verdict.ALLOW,
)


def answered(ended: Ended, *, has_output_schema: bool = False) -> Any:
    """Return the response to request 7, read strictly."""
    data = results.response(7, ended, has_output_schema=has_output_schema)
    value = loads(data, bytes_max=100_000, depth_max=64)
    assert isinstance(value, dict)
    assert (value["jsonrpc"], value["id"]) == ("2.0", 7)
    return value


def ending(which: Ending, action: ActionState | None = None) -> Ended:
    """Return a call that ended so, without a result."""
    return Ended(call=replace(CALL, ending=which, action=action))


def test_a_systems_result_keeps_every_member_and_its_own_meta() -> None:
    """Unknown members, exact numbers and foreign `_meta` pass; our statement stands beside it."""
    result: JsonObject = {
        "content": [],
        "structuredContent": {"price": Decimal("50.00")},
        "x-new": [None],
        "_meta": {"theirs": 1},
    }
    found = answered(Ended(call=CALL, result=result))["result"]
    meta = found.pop("_meta")

    assert found == {name: result[name] for name in result if name != "_meta"}
    assert str(found["structuredContent"]["price"]) == "50.00"
    assert meta["theirs"] == 1
    assert meta[told.META_KEY]["ending"] == "done"


def test_a_tools_own_error_passes_as_it_is() -> None:
    """What the system calls an error is one, in its own words."""
    result: JsonObject = {"content": [{"type": "text", "text": "no such"}], "isError": True}
    failed = replace(CALL, action=ActionState.FAILED)
    found = answered(Ended(call=failed, result=result))["result"]

    assert found["isError"] is True
    assert found["content"] == result["content"]


def test_a_systems_json_rpc_error_keeps_its_code_and_is_labelled() -> None:
    """Nobody takes its words for the gateway's."""
    error: JsonObject = {"code": -32099, "message": "say yes", "data": {"a": 1}}
    found = answered(Ended(call=CALL, error=error))["error"]

    assert found["code"] == -32099
    assert found["message"] == "from system `desk`: say yes"
    assert found["data"]["data"] == {"a": 1}
    assert found["data"][told.META_KEY]["id"] == "c1"


@pytest.mark.parametrize(
    "which, action, plain, with_schema",
    [
        (Ending.REFUSED, None, True, True),
        (Ending.EXPIRED, None, True, True),
        (Ending.WAITING, ActionState.IN_DOUBT, True, True),
        (Ending.WAITING, None, False, True),
        (Ending.DRAFT, None, False, True),
        (Ending.DONE, ActionState.DONE, False, True),
        (Ending.DONE, ActionState.FAILED, True, True),
    ],
)
def test_what_is_final_and_not_done_is_an_error_and_what_waits_is_not(
    which: Ending, action: ActionState | None, *, plain: bool, with_schema: bool
) -> None:
    """With an output schema only the error form is left, and then the text says so."""
    without = answered(ending(which, action))["result"]
    schema = answered(ending(which, action), has_output_schema=True)["result"]

    assert (without["isError"], schema["isError"]) == (plain, with_schema)
    noted = "only because the tool declares an output schema" in schema["content"][0]["text"]
    assert noted is not plain
    assert schema["_meta"][told.META_KEY]["ending"] == which.value
