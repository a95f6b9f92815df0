"""The thin client on stdin and stdout: what a client sees is what the gateway says."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import CallToolResult

from sallyport.doors.mcp.stdio import run, token_from
from sallyport.errors import BadInputError, KeyFileError, NotAuthenticatedError
from tests.integration.mcp.conftest import Desk
from tests.integration.mcp.house_fixture import WORKFLOW, Kit, message, ticket

CHILD = Path(__file__).with_name("stdio_child.py")
MAIL = {"to": "ada@brandt-bakery.example", "template": "ack"}
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "raw"}}


def child(url: str, token: str) -> StdioServerParameters:
    """Return how a client starts the thin client."""
    return StdioServerParameters(
        command=sys.executable,
        args=[str(CHILD), url, WORKFLOW],
        env={"SALLYPORT_TOKEN": token},
    )


def piped(url: str, token: str, lines: bytes) -> tuple[int, list[Any]]:
    """Run the thin client over pipes until it ends; return its status and what it wrote."""
    done = subprocess.run(
        [sys.executable, str(CHILD), url, WORKFLOW],
        input=lines,
        capture_output=True,
        timeout=30,
        check=False,
        env={**os.environ, "SALLYPORT_TOKEN": token},
    )
    assert done.stderr == b""
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def lines(*messages: Mapping[str, Any] | bytes) -> bytes:
    """Return messages as lines."""
    parts = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in messages]
    return b"\n".join(parts) + b"\n"


@pytest.mark.anyio
async def test_the_sdk_client_works_over_stdio_and_hears_of_changes(kit: Kit, desk: Desk) -> None:
    """List, read, a held call that is answered meanwhile, several at once, a clean end."""
    results: dict[str, CallToolResult] = {}
    before = len(desk.report().mails)
    with anyio.fail_after(60):
        async with Client(stdio_client(child(kit.url, await kit.task_token()))) as client:
            listed = await client.list_tools()

            async def call(name: str, args: dict[str, Any]) -> None:
                results[name] = await client.call_tool(name, args)

            async with anyio.create_task_group() as work:
                work.start_soon(call, "mail.send", MAIL)
                work.start_soon(call, "tickets.get", {"ticket_id": "T-4711"})
                await kit.answer(yes=True)

    assert "tickets.get" in {tool.name for tool in listed.tools}
    assert results["tickets.get"].structured_content is not None
    assert not results["mail.send"].is_error
    assert len(desk.report().mails) == before + 1


@pytest.mark.anyio
async def test_answers_under_way_are_still_written_when_stdin_ends(kit: Kit) -> None:
    """A script that pipes its messages in gets every answer, and status 0."""
    token = await kit.task_token()
    sent = lines(
        message("initialize", HELLO, number=0),
        message("notifications/initialized"),
        message("tools/call", {"name": "tickets.get", "arguments": ticket()}, number="a"),
        message("ping", number=2),
        b'{"jsonrpc":"2.0","id":3,"id":3,"method":"ping"}',
    )
    with anyio.fail_after(60):
        status, answers = await anyio.to_thread.run_sync(piped, kit.url, token, sent)

    assert status == 0
    found = {answer["id"]: answer for answer in answers}
    assert set(found) == {0, "a", 2, None}
    assert found[2]["result"] == {}
    assert found[None]["error"]["code"] == -32700
    assert found["a"]["result"]["isError"] is True


@pytest.mark.anyio
async def test_a_refused_token_is_an_error_to_each_request(kit: Kit) -> None:
    """The ids are answered; what and fix arrive where the client shows them."""
    sent = lines(message("initialize", HELLO, number=0), message("ping", number=1))
    with anyio.fail_after(60):
        status, answers = await anyio.to_thread.run_sync(piped, kit.url, "nobodys", sent)

    assert status == 0
    assert [answer["id"] for answer in answers] == [0, 1]
    assert {answer["error"]["data"]["code"] for answer in answers} == {"access.not_authenticated"}


def test_a_gateway_that_is_down_is_said_so() -> None:
    """Every request gets an error that says how to start it; notifications get nothing."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    sent = lines(
        message("initialize", HELLO, number=0),
        message("notifications/initialized"),
        message("ping", number=1),
    )
    status, answers = piped(url, "any", sent)

    assert status == 0
    assert [answer["id"] for answer in answers] == [0, 1]
    assert "sallyport serve" in answers[0]["error"]["data"]["fix"]


def test_a_gateway_that_goes_away_leaves_no_request_unanswered() -> None:
    """The connection is cut after the request was read: not sent again, and said so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, str(CHILD), _url(listener), WORKFLOW]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "SALLYPORT_TOKEN": "any"},
        ) as process:
            assert process.stdin is not None
            process.stdin.write(lines(message("ping", number=1)))
            process.stdin.flush()
            listener.settimeout(20)
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.close()
            written, _ = process.communicate(timeout=20)

    (answer,) = [json.loads(line) for line in written.splitlines()]
    assert answer["id"] == 1
    assert answer["error"]["data"]["code"] == "gateway.lost"
    assert process.returncode == 0


def _url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_token_comes_from_the_environment_or_a_private_file(tmp_path: Path) -> None:
    """A file that others can read is refused, and so is nothing at all."""
    private, shared = tmp_path / "private", tmp_path / "shared"
    for file, mode in ((private, 0o600), (shared, 0o644)):
        file.write_text("spt_token\n")
        file.chmod(mode)

    assert token_from({"SALLYPORT_TOKEN": "spt_other"}) == "spt_other"
    assert token_from({"SALLYPORT_TOKEN": "spt_other"}, private) == "spt_token"
    with pytest.raises(KeyFileError):
        token_from({}, shared)
    for bad in ("", "with\nnewline", "nül"):
        with pytest.raises(NotAuthenticatedError):
            token_from({"SALLYPORT_TOKEN": bad})


@pytest.mark.parametrize("url", ["", "ftp://127.0.0.1", "127.0.0.1:8642", "http://[::1", "http://"])
def test_an_address_that_is_none_is_said_so(url: str) -> None:
    """Before anything is read from the client."""
    with pytest.raises(BadInputError):
        run(url, WORKFLOW, "any")
