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
