"""JSON-RPC: every message is one thing, and what we write is what we read."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import Json
from sallyport.rules import jsonrpc, strict_json
from sallyport.rules.jsonrpc import InvalidMessageError, Notification, Request, Response

IDS = st.integers() | st.text(st.characters(codec="utf-8"), max_size=20)


def back(data: bytes) -> jsonrpc.Message:
    """Read one message from its bytes."""
    return jsonrpc.read(strict_json.loads(data, bytes_max=100_000, depth_max=32))


def test_the_three_kinds_of_message_are_told_apart() -> None:
    """By their members alone."""
    assert jsonrpc.read({"jsonrpc": "2.0", "id": 1, "method": "ping"}) == Request(1, "ping")
    assert jsonrpc.read({"jsonrpc": "2.0", "method": "n", "params": {"a": 1}}) == Notification(
        "n", {"a": 1}
    )
    assert jsonrpc.read({"jsonrpc": "2.0", "id": "x", "result": {}}) == Response("x", result={})


def test_unknown_members_are_dropped() -> None:
    """They reach nobody behind the gateway."""
    error: Json = {"code": 1, "message": "m", "extra": 1}
    assert jsonrpc.read({"jsonrpc": "2.0", "id": 1, "error": error, "x": 1}) == Response(
        1, error={"code": 1, "message": "m"}
    )


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "ping",
        {},
        {"jsonrpc": "1.0", "id": 1, "method": "ping"},
        {"id": 1, "method": "ping"},
        {"jsonrpc": "2.0", "id": 1},
        {"jsonrpc": "2.0", "id": 1, "method": ""},
        {"jsonrpc": "2.0", "id": 1, "method": 5},
        {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []},
        {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": None},
        {"jsonrpc": "2.0", "id": None, "method": "ping"},
        {"jsonrpc": "2.0", "id": True, "method": "ping"},
        {"jsonrpc": "2.0", "id": Decimal("1.0"), "method": "ping"},
        {"jsonrpc": "2.0", "id": "x" * 257, "method": "ping"},
        {"jsonrpc": "2.0", "id": {}, "method": "ping"},
        {"jsonrpc": "2.0", "id": 1, "method": "ping", "result": {}},
        {"jsonrpc": "2.0", "id": 1, "result": {}, "error": {"code": 1, "message": "m"}},
        {"jsonrpc": "2.0", "id": 1, "result": []},
        {"jsonrpc": "2.0", "id": None, "result": {}},
        {"jsonrpc": "2.0", "result": {}},
        {"jsonrpc": "2.0", "id": True, "error": {"code": 1, "message": "m"}},
        {"jsonrpc": "2.0", "id": 1, "error": "no"},
        {"jsonrpc": "2.0", "id": 1, "error": {"code": "1", "message": "m"}},
        {"jsonrpc": "2.0", "id": 1, "error": {"code": True, "message": "m"}},
        {"jsonrpc": "2.0", "id": 1, "error": {"code": 1}},
    ],
)
def test_what_is_no_message_or_two_at_once_is_refused(value: Json) -> None:
    """One message is exactly one of request, notification and response."""
    with pytest.raises(InvalidMessageError):
        jsonrpc.read(value)


def test_a_refused_message_still_says_whose_it_was() -> None:
    """So that its sender can be answered."""
    with pytest.raises(InvalidMessageError) as caught:
        jsonrpc.read({"jsonrpc": "2.0", "id": 7, "method": "ping", "params": 1})

    assert caught.value.id == 7


def test_an_error_about_an_unreadable_message_has_no_id() -> None:
    """JSON-RPC 2.0, section 5: then the id is null."""
    error: Json = {"code": jsonrpc.PARSE_ERROR, "message": "m"}
    assert jsonrpc.read({"jsonrpc": "2.0", "id": None, "error": error}) == Response(
        None, error={"code": -32700, "message": "m"}
    )


@pytest.mark.parametrize("version", ["2025-11-25", "2025-06-18", "2024-11-05", "2026-07-28"])
def test_only_one_version_has_batches(version: str) -> None:
    """2025-03-26 brought them, 2025-06-18 took them away."""
    first: Json = {"jsonrpc": "2.0", "method": "a"}
    second: Json = {"jsonrpc": "2.0", "method": "b"}
    batch: Json = [first, second]

    with pytest.raises(InvalidMessageError, match="batch"):
        jsonrpc.read_all(batch, version)
    assert jsonrpc.read_all(batch, "2025-03-26") == (Notification("a"), Notification("b"))


def test_a_batch_is_neither_empty_nor_endless() -> None:
    """It has 1 to 100 messages."""
    for count in (0, 101):
        one: Json = {"jsonrpc": "2.0", "method": "a"}
        batch: Json = [one for _ in range(count)]
        with pytest.raises(InvalidMessageError):
            jsonrpc.read_all(batch, "2025-03-26")


def test_a_version_we_do_not_speak_is_answered_with_our_newest() -> None:
    """MCP 2025-11-25, lifecycle: version negotiation."""
    assert jsonrpc.negotiate("2025-03-26") == "2025-03-26"
    assert jsonrpc.negotiate("1999-01-01") == jsonrpc.LATEST


@given(IDS, st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_what_is_written_is_read_back(id_: jsonrpc.Id, text: str) -> None:
    """Requests, results and errors survive the way over the wire."""
    assert back(jsonrpc.request(id_, text, b'{"a":50.00}')) == Request(
        id_, text, {"a": Decimal("50.00")}
    )
    assert back(jsonrpc.result(id_, {"t": text})) == Response(id_, result={"t": text})
    assert back(jsonrpc.error(id_, -1, text, [1])) == Response(
        id_, error={"code": -1, "message": text, "data": [1]}
    )
    assert back(jsonrpc.notification(text)) == Notification(text)


def test_arguments_are_forwarded_byte_for_byte() -> None:
    """The digest covers these bytes: nothing re-encodes them."""
    arguments = b'{"b": 50.00,"a":1e2, "\\u00e4":[ ]}'

    assert arguments in jsonrpc.call_params("x", arguments, {"k": "v"})
    assert jsonrpc.call_params("x", arguments, {}).endswith(arguments + b"}")


def test_a_written_message_is_one_line() -> None:
    """Stdio frames messages by line breaks."""
    message = jsonrpc.result(1, {"text": "a\nb\r\u2028"})
    assert b"\n" not in message
    assert b"\r" not in message


def _call(**more: Json) -> Json:
    return {"jsonrpc": "2.0", "id": 7, "method": "ping", **more}


def _answer(**more: Json) -> Json:
    return {"jsonrpc": "2.0", "id": 7, **more}


NO_ID = "the member `id` is neither a short string nor an integer"
NO_NAME = "the member `method` is not a name"
NOT_ONE = "a response has either a result or an error"
NO_CODE = "the error has no integer `code`"


@pytest.mark.parametrize(
    "value, what, id_",
    [
        ([], "a message is a JSON object", None),
        ({"id": 7, "method": "ping"}, 'the member `jsonrpc` is not `"2.0"`', 7),
        ({"jsonrpc": "2", "id": "x", "method": "ping"}, 'the member `jsonrpc` is not `"2.0"`', "x"),
        (_call(method=""), NO_NAME, 7),
        (_call(method=5), NO_NAME, 7),
        (_call(result={}), "a message is a question and an answer at once", 7),
        (_call(error={}), "a message is a question and an answer at once", 7),
        (_call(params=[]), "the member `params` is not an object", 7),
        (_call(id=None), NO_ID, None),
        (_call(id=True), NO_ID, None),
        (_call(id="x" * 257), NO_ID, None),
        (_answer(), NOT_ONE, 7),
        (_answer(result={}, error={}), NOT_ONE, 7),
        (_answer(id=True, result={}), NO_ID, None),
        (_answer(id=None, result={}), "a result answers no id", None),
        (_answer(result=[]), "the member `result` is not an object", 7),
        (_answer(error="no"), "the member `error` is not an object", 7),
        (_answer(error={"message": "m"}), NO_CODE, 7),
        (_answer(error={"code": True, "message": "m"}), NO_CODE, 7),
        (_answer(error={"code": 1, "message": 5}), "the error has no text `message`", 7),
    ],
)
def test_a_refusal_says_what_is_wrong_and_whose_message_it_was(
    value: Json, what: str, id_: str | int | None
) -> None:
    """In words for whoever writes a client, with the id where it could be read."""
    with pytest.raises(InvalidMessageError) as caught:
        jsonrpc.read(value)

    assert (caught.value.what, caught.value.id) == (what, id_)
    assert caught.value.as_dict() == {
        "code": "rpc.invalid",
        "what": what,
        "fix": "send one JSON-RPC 2.0 request, notification or response",
    }


@pytest.mark.parametrize("id_", [0, -1, 2**70, "", "x" * 256])
def test_an_id_is_an_integer_or_a_short_string(id_: jsonrpc.Id) -> None:
    """Of at most 256 characters."""
    assert jsonrpc.read({"jsonrpc": "2.0", "id": id_, "method": "ping"}) == Request(id_, "ping")


def test_an_error_keeps_its_data() -> None:
    """Code, message and data are its members; an error about no message has no id."""
    error: Json = {"code": -1, "message": "m", "data": [1]}

    assert jsonrpc.read(_answer(error=error)) == Response(
        7, error={"code": -1, "message": "m", "data": [1]}
    )
    assert jsonrpc.read({"jsonrpc": "2.0", "error": error}) == Response(
        None, error={"code": -1, "message": "m", "data": [1]}
    )


@pytest.mark.parametrize("count", [1, 2, 100])
def test_a_batch_has_one_to_a_hundred_messages(count: int) -> None:
    """In their order."""
    batch: Json = [{"jsonrpc": "2.0", "method": f"n{number}"} for number in range(count)]

    assert jsonrpc.read_all(batch, "2025-03-26") == tuple(
        Notification(f"n{number}") for number in range(count)
    )


@pytest.mark.parametrize(
    "count, version, what",
    [
        (0, "2025-03-26", "a batch has 1 to 100 messages, this one 0"),
        (101, "2025-03-26", "a batch has 1 to 100 messages, this one 101"),
        (1, "2025-11-25", "a batch came where one message belongs"),
    ],
)
def test_what_is_wrong_with_a_batch_is_said(count: int, version: str, what: str) -> None:
    """Its size, or that there is one at all."""
    batch: Json = [{"jsonrpc": "2.0", "method": "n"} for _ in range(count)]
    with pytest.raises(InvalidMessageError) as caught:
        jsonrpc.read_all(batch, version)

    assert (caught.value.what, caught.value.id) == (what, None)


def test_one_message_is_read_in_every_version() -> None:
    """Also where batches exist."""
    for version in jsonrpc.VERSIONS:
        assert jsonrpc.read_all(_call(), version) == (Request(7, "ping"),)


def test_codes_and_versions_are_those_of_the_specifications() -> None:
    """JSON-RPC 2.0, section 5.1; MCP, newest first."""
    assert (jsonrpc.PARSE_ERROR, jsonrpc.INVALID_REQUEST) == (-32700, -32600)
    assert (jsonrpc.METHOD_NOT_FOUND, jsonrpc.INVALID_PARAMS) == (-32601, -32602)
    assert (jsonrpc.INTERNAL_ERROR, jsonrpc.SERVER_ERROR) == (-32603, -32000)
    assert jsonrpc.VERSIONS == ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
    assert jsonrpc.LATEST == jsonrpc.negotiate("") == "2025-11-25"
    assert (jsonrpc.BATCH_VERSION, jsonrpc.VERSION_HEADER_SINCE) == ("2025-03-26", "2025-06-18")


def test_what_is_written_is_these_bytes() -> None:
    """Members in their order, nothing between them, and what is empty left out."""
    assert jsonrpc.encode({"b": Decimal("1.50"), "a": "ü"}) == '{"b":1.50,"a":"ü"}'.encode()
    assert jsonrpc.notification("n") == b'{"jsonrpc":"2.0","method":"n"}'
    assert jsonrpc.notification("n", {}) == b'{"jsonrpc":"2.0","method":"n"}'
    assert jsonrpc.notification("n", {"a": 1}) == (
        b'{"jsonrpc":"2.0","method":"n","params":{"a":1}}'
    )
    assert jsonrpc.result(1, {"a": 1}) == b'{"jsonrpc":"2.0","id":1,"result":{"a":1}}'
    assert jsonrpc.error(None, -1, "m") == (
        b'{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"m"}}'
    )
    assert jsonrpc.error(1, -1, "m", 0) == (
        b'{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"m","data":0}}'
    )


def test_a_request_is_written_around_what_is_encoded_already() -> None:
    """Parameters and arguments stand in it as they are; what is said beside them is added."""
    assert jsonrpc.request(1, "ping") == b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{}}'
    assert jsonrpc.request("x", "ping", b'{ "a":1}') == (
        b'{"jsonrpc":"2.0","id":"x","method":"ping","params":{ "a":1}}'
    )
    assert jsonrpc.method_params(b"{ }", {}) == b"{ }"
    assert jsonrpc.method_params(b"{}", {"k": 1}) == b'{"_meta":{"k":1}}'
    assert jsonrpc.method_params(b'{"a": 1}', {"k": 1}) == b'{"a": 1,"_meta":{"k":1}}'
    assert jsonrpc.call_params("t", b"{ }", {}) == b'{"name":"t","arguments":{ }}'
    assert jsonrpc.call_params("t", b"{}", {"k": 1}) == (
        b'{"name":"t","arguments":{},"_meta":{"k":1}}'
    )
