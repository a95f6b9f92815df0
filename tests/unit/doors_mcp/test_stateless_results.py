"""How a call's ending reads in the stateless era: the gateway says that it is whole, and who is."""

from dataclasses import replace

import pytest

from sallyport.doors.mcp import held, results
from sallyport.doors.mcp.refusals import MissingCapabilityError, ParamsError, body_of, status_of
from sallyport.model import Ending, JsonObject
from sallyport.rules import told
from sallyport.rules.commands import Ended
from sallyport.rules.jsonrpc import Request
from sallyport.rules.strict_json import loads
from tests.unit.doors_mcp.test_results import CALL

SERVER = "io.modelcontextprotocol/serverInfo"


def answered(ended: Ended) -> JsonObject:
    """Return the response to request 7, read strictly."""
    value = loads(held.plain(7, ended, has_output_schema=False), bytes_max=100_000, depth_max=64)
    assert isinstance(value, dict)
    assert (value["jsonrpc"], value["id"]) == ("2.0", 7)
    return value


def test_a_system_does_not_say_whether_a_result_is_whole_nor_who_answers() -> None:
    """Its other members stay, and its own words for these two are replaced."""
    theirs: JsonObject = {
        "content": [],
        "structuredContent": [1, 2],
        "resultType": "input_required",
        "_meta": {SERVER: {"name": "sallyport", "version": "99"}, "theirs": 1},
    }
    found = answered(Ended(call=CALL, result=theirs))["result"]

    assert isinstance(found, dict)
    assert found["resultType"] == "complete"
    assert found["structuredContent"] == [1, 2]
    meta = found["_meta"]
    assert isinstance(meta, dict)
    assert set(meta) == {SERVER, "theirs", told.META_KEY}
    assert meta[SERVER] != {"name": "sallyport", "version": "99"}


@pytest.mark.parametrize("which", [Ending.WAITING, Ending.DRAFT, Ending.REFUSED, Ending.EXPIRED])
def test_what_did_not_happen_is_a_whole_result_too(which: Ending) -> None:
    """The same text as in the older era; nothing is left to ask the client for."""
    found = answered(Ended(call=replace(CALL, ending=which)))["result"]

    assert isinstance(found, dict)
    assert found["resultType"] == "complete"
    assert found["content"]


@pytest.mark.parametrize(
    "code, said",
    [
        (-32601, -32601),
        (7, 7),
        (-32000, -32000),
        (-32002, -32602),
        (-32020, -32603),
        (-32022, -32603),
        (-32042, -32603),
        (-32099, -32603),
        (-32100, -32100),
    ],
)
def test_reserved_codes_of_a_system_are_not_repeated(code: int, said: int) -> None:
    """They speak of the gateway's connection to it, and the client would act on its own."""
    error = answered(Ended(call=CALL, error={"code": code, "message": "no"}))["error"]

    assert isinstance(error, dict)
    assert error["code"] == said
    assert error["message"] == "from system `desk`: no"


def test_a_capability_that_the_client_lacks_is_told_in_the_form_for_it() -> None:
    """400 and -32021, with what would have to be declared, and the gateway's statement."""
    theirs: JsonObject = {
        "code": -32021,
        "message": "needs sampling",
        "data": {"requiredCapabilities": {"sampling": {}}},
    }
    with pytest.raises(MissingCapabilityError) as raised:
        answered(Ended(call=CALL, error=theirs))
    value = loads(body_of(raised.value, 7), bytes_max=10_000, depth_max=64)

    assert status_of(raised.value) == 400
    assert isinstance(value, dict)
    error = value["error"]
    assert isinstance(error, dict)
    assert error["code"] == -32021
    data = error["data"]
    assert isinstance(data, dict)
    assert data["requiredCapabilities"] == {"sampling": {}}
    assert data["system"] == "desk"
    assert told.META_KEY in data


NO_ANSWERS: list[JsonObject] = [
    {"inputResponses": {"who": {}}},
    {"inputResponses": None},
    {"requestState": 7},
    {"requestState": "x", "inputResponses": [{}]},
    {"requestState": "x", "inputResponses": {"who": "Ada"}},
]


@pytest.mark.parametrize("params", NO_ANSWERS)
def test_answers_that_cannot_be_to_anything_are_refused(params: JsonObject) -> None:
    """Without the state of what was asked, or of the wrong form."""
    with pytest.raises(ParamsError):
        held.brought(Request(1, "tools/call", {"name": "look", **params}))


@pytest.mark.parametrize("method", ["tools/list", "completion/complete", "resources/list"])
def test_what_is_never_asked_for_anything_brings_nothing_back(method: str) -> None:
    """Only three methods may be answered with a question."""
    with pytest.raises(ParamsError):
        held.brought(Request(1, method, {"requestState": "x"}))


def test_a_request_that_brings_nothing_back_is_a_first_one() -> None:
    """Which is what nearly every request is."""
    assert held.brought(Request(1, "tools/call", {"name": "look"})) is None


def test_only_what_was_asked_is_taken_and_all_of_it() -> None:
    """What is missing is asked again; what nobody asked is not passed on."""
    asked: JsonObject = {"a": {}, "b": {}}

    assert held.chosen(asked, {"a": {"x": 1}}) is None
    assert held.chosen(asked, {"c": {}, "b": {}, "a": {"x": 1}}) == {"a": {"x": 1}, "b": {}}


def test_the_older_era_is_told_nothing_new() -> None:
    """Members that it does not know are not added."""
    data = results.response(7, Ended(call=CALL, result={"content": []}), has_output_schema=False)

    assert b"resultType" not in data
    assert SERVER.encode() not in data
