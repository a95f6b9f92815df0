"""The official SDK's client through a real gateway to servers that other people wrote."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from sallyport.rules.methods import METHODS
from tests.integration.real import servers
from tests.integration.real.conftest import in_git
from tests.integration.real.desks import Desk, furnish
from tests.real_gateway import RealGateway
from tests.requirements import requirement

META = "io.sallyport/call"
WITHIN_S = 60

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def client_of(desk: Desk) -> AsyncGenerator[Client]:
    """Connect the SDK's client as an agent's developer would: an address and a bearer token."""
    headers = {"Authorization": f"Bearer {desk.token}"}
    with anyio.fail_after(WITHIN_S):
        async with (
            httpx2.AsyncClient(headers=headers, timeout=WITHIN_S) as http,
            Client(streamable_http_client(desk.url, http_client=http)) as client,
        ):
            yield client


def text(result: CallToolResult) -> str:
    """Return the text of a result."""
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


def ruling(result: CallToolResult) -> dict[str, Any]:
    """Return the gateway's statement about a call."""
    assert result.meta is not None
    said: dict[str, Any] = result.meta[META]
    return said


def nothing() -> None:
    """Do nothing while a call waits."""


async def answered(
    desk: Desk,
    client: Client,
    tool: str,
    args: dict[str, Any],
    *,
    yes: bool,
    meanwhile: Callable[[], object] = nothing,
) -> CallToolResult:
    """Make a call that asks, and have the owner answer it while the client waits for its result."""
    asked: list[str] = []
    results: list[CallToolResult] = []

    def answer() -> None:
        question = desk.question(tool)
        meanwhile()
        asked.append(question["call"])
        desk.gateway.answer(question, yes=yes)

    async def call() -> None:
        results.append(await client.call_tool(tool, args))

    async with anyio.create_task_group() as both:
        both.start_soon(call)
        both.start_soon(anyio.to_thread.run_sync, answer)
    assert asked == [ruling(result)["id"] for result in results]
    return results[0]


# The filesystem server of npm.


@requirement("B-01")
async def test_the_list_is_exactly_what_the_boundary_declares(files: Desk) -> None:
    """What the server offers and the owner left out is not there, each of the others is."""
    async with client_of(files) as client:
        listed = await client.list_tools()

    assert {tool.name for tool in listed.tools} == set(files.levels)
    assert "directory_tree" not in files.levels
    assert files.writes == {"write_file", "edit_file", "create_directory", "move_file"}


async def test_a_read_brings_what_is_in_the_file(files: Desk, shelf: Path) -> None:
    """The server's own result, text and structure, with the gateway's statement beside it."""
    args = {"path": str(shelf / "note.txt")}
    async with client_of(files) as client:
        result = await client.call_tool("read_text_file", args)

    assert not result.is_error
    assert text(result) == "buy oats\nfeed Olga\n"
    assert result.structured_content == {"content": "buy oats\nfeed Olga\n"}
    assert (ruling(result)["verdict"], ruling(result)["ending"]) == ("allow", "done")


async def test_a_servers_own_refusal_comes_back_as_it_is(files: Desk, tmp_path: Path) -> None:
    """A path outside the server's folder: the boundary lets it ask, and the server says no."""
    async with client_of(files) as client:
        result = await client.call_tool("read_text_file", {"path": str(tmp_path / "other.txt")})

    assert result.is_error
    assert "outside allowed directories" in text(result)
    assert ruling(result)["verdict"] == "allow"


async def test_a_new_agents_write_becomes_a_draft_and_touches_no_disk(
    files: Desk, shelf: Path
) -> None:
    """At the stage draft a write is kept for a person; reads go on."""
    target = shelf / "draft.txt"
    with files.gateway.staged(files.agent, "draft"):
        async with client_of(files) as client:
            args = {"path": str(target), "content": "not yet"}
            drafted = await client.call_tool("write_file", args)
            read = await client.call_tool("read_text_file", {"path": str(shelf / "note.txt")})

    assert text(drafted).startswith("STORED AS A DRAFT, NOT DONE.")
    assert not target.exists()
    assert not read.is_error
    kept = files.waiting("draft", "write_file")
    assert [item["id"] for item in kept] == [ruling(drafted)["draft"]]
    assert kept[0]["args"] == args


@pytest.mark.parametrize("stage", ["ask", "live"])
async def test_a_held_write_is_done_within_the_request_once_a_person_says_yes(
    files: Desk, shelf: Path, stage: str
) -> None:
    """The client waits; the file is not there until the answer, and then the result is real."""
    target = shelf / f"{stage}.txt"
    args = {"path": str(target), "content": "as agreed\n"}
    there: list[bool] = []
    with files.gateway.staged(files.agent, stage):
        async with client_of(files) as client:
            result = await answered(
                files,
                client,
                "write_file",
                args,
                yes=True,
                meanwhile=lambda: there.append(target.exists()),
            )

    assert there == [False]
    assert not result.is_error
    assert text(result) == f"Successfully wrote to {target}"
    assert ruling(result)["ending"] == "done"
    assert target.read_text(encoding="utf-8") == "as agreed\n"


async def test_a_no_leaves_the_disk_as_it_was(files: Desk, shelf: Path) -> None:
    """The waiting client is told, in the same request."""
    target = shelf / "refused.txt"
    args = {"path": str(target), "content": "never"}
    async with client_of(files) as client:
        result = await answered(files, client, "write_file", args, yes=False)

    assert result.is_error
    assert text(result).startswith("REFUSED.")
    assert not target.exists()


@requirement("B-12")
async def test_what_the_boundary_refuses_never_reaches_the_server(
    gateway: RealGateway, shelf: Path, tmp_path: Path
) -> None:
    """A tap before the server sees the one allowed call, and none of the refused ones."""
    tap, note = tmp_path / "tap.jsonl", str(shelf / "note.txt")
    desk = furnish(
        gateway,
        "tapped",
        servers.tapped(tap, servers.filesystem(shelf)),
        without={"list_directory"},
        narrowed={("read_text_file", "path"): f"{{one_of: [{json.dumps(note)}]}}"},
    )
    (shelf / "diary.txt").write_text("private\n", encoding="utf-8")
    async with client_of(desk) as client:
        refused = [
            await client.call_tool("read_text_file", {"path": str(shelf / "diary.txt")}),
            await client.call_tool("read_text_file", {"path": f"{shelf}/./note.txt"}),
            await client.call_tool("read_text_file", {"path": note, "encoding": "utf-8"}),
            await client.call_tool("list_directory", {"path": str(shelf)}),
            await client.call_tool("no_such_tool", {}),
        ]
        allowed = await client.call_tool("read_text_file", {"path": note})

    assert all(text(one).startswith("REFUSED.") for one in refused)
    assert [ruling(one)["verdict"] for one in refused] == ["refuse"] * len(refused)
    assert text(allowed) == "buy oats\nfeed Olga\n"
    sent = [(call["name"], call["arguments"]) for call in servers.calls_in(tap)]
    assert sent == [("read_text_file", {"path": note})]


@requirement("B-14")
async def test_no_write_reaches_the_server_without_an_answer(
    hasty: RealGateway, tmp_path: Path
) -> None:
    """Every tool of the server that changes something waits, and the tap stays dry."""
    tap, folder = tmp_path / "tap.jsonl", (tmp_path / "folder").resolve()
    folder.mkdir()
    (folder / "a.txt").write_text("a", encoding="utf-8")
    desk = furnish(hasty, "writes", servers.tapped(tap, servers.filesystem(folder)))
    writes: dict[str, dict[str, Any]] = {
        "write_file": {"path": f"{folder}/b.txt", "content": "b"},
        "edit_file": {"path": f"{folder}/a.txt", "edits": [{"oldText": "a", "newText": "b"}]},
        "create_directory": {"path": f"{folder}/c"},
        "move_file": {"source": f"{folder}/a.txt", "destination": f"{folder}/d.txt"},
    }
    async with client_of(desk) as client:
        results = {tool: await client.call_tool(tool, args) for tool, args in writes.items()}

    assert set(writes) == desk.writes
    assert {ruling(one)["ending"] for one in results.values()} == {"waiting"}
    assert all(text(one).startswith("HELD, NOT DONE.") for one in results.values())
    assert servers.calls_in(tap) == []
    assert [path.name for path in folder.iterdir()] == ["a.txt"]
    assert (folder / "a.txt").read_text(encoding="utf-8") == "a"


# The git server of PyPI.


async def test_the_repository_can_be_read(git: Desk, repository: Path) -> None:
    """Status and log say what git itself says."""
    where = {"repo_path": str(repository)}
    async with client_of(git) as client:
        status = await client.call_tool("git_status", where)
        log = await client.call_tool("git_log", {**where, "max_count": 5})

    assert not status.is_error
    assert "Changes to be committed" in text(status)
    assert "poem.txt" in text(status)
    assert "Begin the poem" in text(log)
    assert in_git(repository, "rev-parse", "HEAD").strip() in text(log)


async def test_a_commit_asks_and_is_made_once_after_a_yes(git: Desk, repository: Path) -> None:
    """Nothing is committed while it waits; afterwards there is exactly one commit more."""
    args = {"repo_path": str(repository), "message": "Add a line"}
    before = _subjects(repository)
    async with client_of(git) as client:
        refused = await answered(git, client, "git_commit", args, yes=False)
        between = _subjects(repository)
        result = await answered(git, client, "git_commit", args, yes=True)

    assert text(refused).startswith("REFUSED.")
    assert between == before == ["Begin the poem"]
    assert not result.is_error
    assert _subjects(repository) == ["Add a line", "Begin the poem"]
    assert in_git(repository, "rev-parse", "HEAD").strip() in text(result)


# The time server of PyPI, over both doors.


async def test_the_time_is_told(clock: Desk) -> None:
    """A server whose tools only read needs nobody's yes."""
    async with client_of(clock) as client:
        result = await client.call_tool("get_current_time", {"timezone": "Europe/Vienna"})

    assert not result.is_error
    assert json.loads(text(result))["timezone"] == "Europe/Vienna"


async def test_a_client_that_starts_its_servers_comes_in_by_our_own_stdio_door(
    clock: Desk,
) -> None:
    """`sallyport mcp` as the command of a client: the same tools, the same real answer."""
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "sallyport", "mcp", "--workflow", clock.name],
        env={"SALLYPORT_HOME": str(clock.gateway.home), "SALLYPORT_TOKEN": clock.token},
    )
    with anyio.fail_after(WITHIN_S):
        async with Client(stdio_client(command)) as client:
            listed = await client.list_tools()
            result = await client.call_tool("get_current_time", {"timezone": "Asia/Tokyo"})

    assert {tool.name for tool in listed.tools} == set(clock.levels) - METHODS
    assert json.loads(text(result))["timezone"] == "Asia/Tokyo"
    assert ruling(result)["ending"] == "done"


def _subjects(repository: Path) -> list[str]:
    return in_git(repository, "log", "--format=%s").splitlines()
