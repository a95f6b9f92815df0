"""Ten thousand hostile messages: nothing breaks, and nothing that is not in order gets through."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.types import Message

from sallyport.model import Json, JsonObject, Stage
from sallyport.rules import jsonrpc
from sallyport.rules.strict_json import loads
from tests.fuzz import hostile
from tests.fuzz.hostile import Hostile
from tests.integration.mcp import recording
from tests.integration.mcp.house_fixture import WORKFLOW, Kit, message, opened
from tests.integration.mcp.recording import Recorder
from tests.requirements import requirement

pytestmark = pytest.mark.anyio

MESSAGES = 10_000
SEED = 20261121
AT_ONCE = 64
CLEAN = {200, 202, 400, 401, 403, 404, 405, 406, 413, 415}

Post = Callable[[Hostile], Awaitable[tuple[int, bytes]]]


@pytest.fixture
async def recorded(tmp_path: Path) -> AsyncGenerator[tuple[Kit, Recorder]]:
    """Open a house in front of a system that records whatever reaches it."""
    recorder = Recorder()
    async with opened(tmp_path, upstreams=recorder, hold_s=0) as kit:
        await kit.activate(recording.WORKFLOW, {"recorder.yaml": recording.SYSTEM_FILE})
        await kit.stage(Stage.LIVE)
        yield kit, recorder


async def poster(kit: Kit) -> Post:
    """Return a function that puts a request straight into the application, in one session."""
    headers = {
        b"host": b"127.0.0.1:8642",
        b"content-type": b"application/json",
        b"accept": b"application/json",
        b"authorization": b"Bearer " + (await kit.task_token({})).encode(),
    }

    async def post(request: Hostile) -> tuple[int, bytes]:
        status, fields, body = await exchange(kit, {**headers, **request.headers}, request.body)
        headers.setdefault(b"mcp-session-id", fields.get(b"mcp-session-id", b""))
        return status, body

    hello = message("initialize", {"protocolVersion": "2025-11-25"}, number=0)
    assert (await post(Hostile(json.dumps(hello).encode())))[0] == 200
    return post


async def exchange(
    kit: Kit, headers: dict[bytes, bytes], body: bytes
) -> tuple[int, dict[bytes, bytes], bytes]:
    """Send one request as a server would hand it on, in two pieces, and collect the answer."""
    half = len(body) // 2
    sent: list[Message] = []
    pieces = iter(
        [
            {"type": "http.request", "body": body[:half], "more_body": True},
            {"type": "http.request", "body": body[half:], "more_body": False},
        ]
    )

    async def receive() -> Message:
        piece = next(pieces, None)
        if piece is None:
            await asyncio.Event().wait()
        return piece or {}

    async def send(part: Message) -> None:
        sent.append(part)

    path = f"/mcp/{WORKFLOW}"
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": list(headers.items()),
    }
    await kit.app(scope, receive, send)
    content = b"".join(part.get("body", b"") for part in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), content


async def all_of(post: Post, requests: Iterator[Hostile]) -> Counter[int]:
    """Post every request, many at a time, check each answer, and count the statuses."""
    counted: Counter[int] = Counter()

    async def work() -> None:
        for request in requests:
            status, body = await post(request)
            check_answer(request, status, body)
            counted[status] += 1

    async with anyio.create_task_group() as group:
        for _ in range(AT_ONCE):
            group.start_soon(work)
    return counted


def check_answer(request: Hostile, status: int, body: bytes) -> None:
    """Every answer is a JSON-RPC response, or empty where nobody is owed one."""
    assert status in CLEAN, (request, status, body)
    assert b"Traceback" not in body
    if status == 202:
        assert body == b""
        return
    if not body.startswith((b"{", b"[")):
        # A stream: an id to come back with, perhaps signs of life, and the answer as its last
        # event. How it begins depends on how long the answer took.
        body = body.rpartition(b"data: ")[2].strip()
    value = loads(body, bytes_max=2**24, depth_max=512)
    answers = jsonrpc.read_all(value, jsonrpc.LATEST)
    assert all(isinstance(answer, jsonrpc.Response) for answer in answers), request
    if status != 200:
        assert isinstance(value, dict)
        assert set(data(value)) >= {"code", "what", "fix"}, request


def call_of(number: int, args: Any) -> Hostile:
    """Return a call of `look` that is in order but for its arguments."""
    params = {"name": "look", "arguments": args}
    return Hostile(json.dumps(message("tools/call", params, number=number)).encode())


def data(value: JsonObject) -> dict[str, Any]:
    """Return the data of an error."""
    error = value["error"]
    assert isinstance(error, dict)
    found = error["data"]
    assert isinstance(found, dict)
    return found


def in_order(tool: str, args: JsonObject) -> bool:
    """Return whether a call fits both the schema and the boundary, judged without either."""
    known = {"id", "count", "price", "deep"}
    return (
        tool == "look"
        and set(args) <= known
        and isinstance(args.get("id"), str)
        and is_record_id(str(args["id"]))
        and (is_number(args.get("count", 0), 0, Decimal(100)) and is_whole(args.get("count", 0)))
        and is_number(args.get("price", 0), 0, Decimal("99.50"))
        and is_shallow(args.get("deep", {}))
    )


def is_record_id(text: str) -> bool:
    """Return whether a text is R, a dash, and one to six plain digits."""
    digits = text.removeprefix("R-")
    return digits != text and 1 <= len(digits) <= 6 and all(c in "0123456789" for c in digits)


def is_number(value: Json, low: int, high: Decimal) -> bool:
    """Return whether a value is a number within bounds, and no truth value."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return False
    return low <= value <= high


def is_whole(value: Json) -> bool:
    """Return whether a number has no fraction."""
    return isinstance(value, (int, Decimal)) and value == int(value)


def is_shallow(value: Json) -> bool:
    """Return whether a value is an object of objects and nulls."""
    return isinstance(value, dict) and all(
        item is None or isinstance(item, dict) for item in value.values()
    )


async def test_hostile_messages_break_nothing_and_get_nothing_through(
    recorded: tuple[Kit, Recorder],
) -> None:
    """Each gets a JSON-RPC answer or a clean status; the system sees only what is in order."""
    kit, recorder = recorded
    chance = random.Random(SEED)  # noqa: S311 (repeatable)
    requests = (hostile.message(chance, number) for number in range(1, MESSAGES + 1))
    with anyio.fail_after(300):
        counted = await all_of(await poster(kit), requests)

    assert counted.total() == MESSAGES
    assert [call for call in recorder.seen if not in_order(*call)] == []
    # The world is not idle: hundreds were in order, and most kinds of refusal were met.
    assert len(recorder.seen) > 500
    assert {200, 202, 400, 401, 403, 404, 406, 413, 415} <= set(counted)


@requirement("B-16")
async def test_ten_thousand_random_arguments_reach_the_system_only_when_they_are_valid(
    recorded: tuple[Kit, Recorder],
) -> None:
    """Nothing passes that is not in order; and much does, so that this is no idle claim."""
    kit, recorder = recorded
    chance = random.Random(SEED + 1)  # noqa: S311 (repeatable)
    calls = [hostile.arguments(chance) for _ in range(MESSAGES)]
    requests = (call_of(number, args) for number, args in enumerate(calls, start=1))
    with anyio.fail_after(300):
        await all_of(await poster(kit), requests)

    assert [call for call in recorder.seen if not in_order(*call)] == []
    assert len(recorder.seen) > 500
