"""`sallyport connect` on a client's real file, a real server and a real gateway."""

import json
import sys
from typing import Any

import anyio
import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.integration.connect.conftest import FILES, KEY, TOKEN, Machine, notes

pytestmark = pytest.mark.anyio


async def say(machine: Machine, tool: str, args: dict[str, Any], server: str = "notes") -> str:
    """Call a tool as the client would, by the command that its file names."""
    command, words = machine.entry(server)
    with anyio.fail_after(60):
        async with (
            stdio_client(StdioServerParameters(command=command, args=words)) as (
                incoming,
                outgoing,
            ),
            ClientSession(incoming, outgoing) as session,
        ):
            await session.initialize()
            result = await session.call_tool(tool, args)
            return "".join(getattr(block, "text", "") for block in result.content)


async def test_a_client_goes_through_and_comes_back_byte_for_byte(machine: Machine) -> None:
    """Reads go on, writes become drafts, a person releases them, and all of it can be undone."""
    before = machine.write_client(notes(), '    "off": {"command": "x", "disabled": true}')
    machine.client.chmod(0o640)
    told = machine.run("connect", "claude-desktop", "--config", str(machine.client), "--yes")
    *_, allowed, drafts, refused, _, hint = told.splitlines()

    assert allowed == "allowed: list_notes"
    assert drafts == "becomes a draft that you release: add_note"
    assert refused.startswith("refused: every other tool")
    assert "Use list_notes, then use add_note." in hint
    assert machine.client.stat().st_mode & 0o777 == 0o640

    listed = json.loads(await say(machine, "list_notes", {}))
    assert listed == {"notes": ["buy milk"], "key_length": len(KEY) + len(f"--token={TOKEN}")}
    assert "STORED AS A DRAFT" in await say(machine, "add_note", {"note": "sell the house"})
    assert json.loads(await say(machine, "list_notes", {}))["notes"] == ["buy milk"]

    [draft] = machine.json("inbox")["items"]
    released = machine.json("inbox", "release", draft["id"])
    answered = machine.json("inbox", "yes", released["approval"]["id"], "--because", "fine")
    assert answered["outcome"]["action"] == "done"
    assert "sell the house" in json.loads(await say(machine, "list_notes", {}))["notes"]

    assert KEY.encode() not in machine.all_files()
    assert TOKEN.encode() not in machine.all_files()

    machine.run("disconnect")
    assert machine.client.read_bytes() == before
    assert machine.client.stat().st_mode & 0o777 == 0o640
    assert not list((machine.home / ".sallyport" / "connections").iterdir())


async def test_connecting_again_changes_nothing_and_finds_its_files(machine: Machine) -> None:
    """What goes through already is left alone; after a disconnect the owner's files are used."""
    machine.write_client(notes())
    words = ("connect", "claude-desktop", "--config", str(machine.client), "--yes")
    machine.run(*words)
    connected = machine.client.read_bytes()

    assert machine.json(*words)["already"] == ["notes"]
    assert machine.client.read_bytes() == connected

    machine.run("disconnect", "claude-desktop")
    workflow = machine.home / "workflows" / "notes.yaml"
    edited = workflow.read_text(encoding="utf-8").replace("calls_per_task: 50", "calls_per_task: 7")
    workflow.write_text(edited, encoding="utf-8")
    machine.run(*words, "--writes", "ask")

    assert workflow.read_text(encoding="utf-8") == edited
    assert sorted(path.name for path in (machine.home / "workflows").iterdir()) == ["notes.yaml"]
    assert "HELD, NOT DONE" in await say(machine, "add_note", {"note": "x"})
    assert [item["kind"] for item in machine.json("inbox")["items"]] == ["question"]


async def test_a_server_that_does_not_start_leaves_everything_as_it_was(machine: Machine) -> None:
    """No file, no token, not one byte of the client's configuration."""
    before = machine.write_client('    "broken": {"command": "false", "args": []}')
    said = machine.run(
        "connect", "claude-desktop", "--config", str(machine.client), "--yes", code=2
    )

    assert "left as it is: broken" in said
    assert "nothing was changed" in said
    assert machine.client.read_bytes() == before
    assert not (machine.home / "workflows").exists()
    assert machine.json("admin", "tokens", "list")["tokens"] == []
    assert machine.json("admin", "people", "list")["people"] == []


async def test_one_server_is_taken_in_while_another_is_left(machine: Machine) -> None:
    """The exit code says that something still goes around, and which it is."""
    machine.write_client(notes(), '    "legacy": {"type": "sse", "url": "https://x.example.com"}')
    said = machine.run(
        "connect", "claude-desktop", "--config", str(machine.client), "--yes", code=1
    )

    assert "left as it is: legacy, because it speaks the old SSE transport" in said
    assert json.loads(machine.client.read_bytes())["mcpServers"]["legacy"]["type"] == "sse"
    assert machine.entry("notes")[1][0] == "mcp"


async def test_the_filesystem_server_of_npm_is_governed(machine: Machine) -> None:
    """A server that nobody here wrote: reads go on, and writing a file becomes a draft."""
    assert FILES.exists(), "the npm servers are not installed: make node"
    folder = machine.folder / "documents"
    folder.mkdir()
    (folder / "a.txt").write_text("hello", encoding="utf-8")
    entry = {"command": "node", "args": [str(FILES), str(folder)]}
    before = machine.write_client(f'"files": {json.dumps(entry)}')
    found = machine.json("connect", "claude-desktop", "--config", str(machine.client), "--yes")
    levels = found["servers"]["files"]["tools"]

    assert (levels["read_text_file"], levels["write_file"]) == ("read", "update")
    read = await say(machine, "read_text_file", {"path": str(folder / "a.txt")}, "files")
    assert read == "hello"
    write = {"path": str(folder / "b.txt"), "content": "x"}
    assert "STORED AS A DRAFT" in await say(machine, "write_file", write, "files")
    assert not (folder / "b.txt").exists()
    machine.run("disconnect")
    assert machine.client.read_bytes() == before


async def test_a_command_alone_is_connected(machine: Machine) -> None:
    """Without a client there is a command to start, and disconnecting revokes its token."""
    entry = json.loads("{" + notes() + "}")["notes"]
    machine.client.write_bytes(b"")
    options = ("connect", "--json", "--name", "notes", "--yes")
    told = json.loads(machine.run(*options, "--", entry["command"], *entry["args"]))

    assert told["servers"]["notes"]["tools"] == {"add_note": "create", "list_notes": "read"}
    assert len(machine.json("admin", "tokens", "list")["tokens"]) == 1
    assert TOKEN.encode() not in machine.all_files()
    machine.run("disconnect")
    assert machine.json("admin", "tokens", "list")["tokens"] == []


async def test_a_new_workflow_passes_its_check_and_can_be_signed(machine: Machine) -> None:
    """From nothing to a boundary in force, by the steps that `new` names."""
    entry = json.loads("{" + notes() + "}")["notes"]
    words = ["--name", "jotter", "--purpose", "Keep my notes.", "--agent", "jotter", "--yes"]
    machine.client.write_bytes(b"")
    machine.run("new", *words, "--", entry["command"], *entry["args"])

    machine.run("boundary", "check", "jotter")
    machine.run("admin", "people", "add", "ada", "--role", "owner", "--role", "reviewer")
    machine.run("admin", "agents", "add", "jotter", "--purpose", "jot", "--contact", "me")
    machine.run("boundary", "sign", "jotter", "--yes")
    [active] = machine.json("admin", "status")["workflows"]
    assert (active["name"], active["agent"]) == ("jotter", "jotter")
    tried = machine.json("try", "jotter", "add_note", "note=x", "--requester", "ada")
    assert tried["verdict"] == "draft"
    assert "refuse" in machine.run("try", "jotter", "add_note", "more=x", code=1)

    page = machine.run("boundary", "explain", "jotter", "--html")
    assert page.startswith("<!doctype html>")
    assert "Workflow jotter, for agent jotter" in page
    for kind in ("workflow", "system"):
        first = (machine.home / f"{kind}s" / "jotter.yaml").read_text("utf-8").splitlines()[0]
        schema = first.removeprefix("# yaml-language-server: $schema=")
        told = json.loads((machine.home / f"{kind}s" / schema).read_text("utf-8"))
        assert told["title"] == f"A {kind} of Sallyport"
    assert machine.json("replay", "--ledger")["different"] == 0
    assert machine.json("replay", "--ledger", "--boundary", "jotter")["calls"] == 0

    shown = machine.json("stop", "jotter")
    assert shown["switch"]["scope"] == "agent:jotter"
    machine.run("resume", "jotter", "--because", "tested")
    assert machine.json("log", "verify")["intact"] is True


async def test_a_gateway_is_ended_and_comes_back_when_it_is_needed(machine: Machine) -> None:
    """`down` ends the one that a command started; where none runs, it says so and starts none."""
    machine.client.write_bytes(b"")
    assert "no gateway runs here" in machine.run("down")
    before = machine.json("admin", "status")["pid"]

    assert machine.json("down") == {"was_running": True, "pid": before}
    assert "no gateway runs here" in machine.run("down")
    assert machine.json("admin", "status")["pid"] != before


async def test_a_gateway_that_cannot_start_says_why(machine: Machine) -> None:
    """Its last lines are the error, not a hint to look elsewhere."""
    (machine.home / ".sallyport").mkdir(mode=0o700)
    (machine.home / ".sallyport" / "key").write_bytes(b"short")
    said = machine.run("inbox", code=2)

    assert said.startswith("error: the gateway did not start; it said:")
    assert "key file" in said
    assert "Traceback" not in said


async def test_a_program_that_ends_at_once_is_the_thing_to_mend(machine: Machine) -> None:
    """No call is in doubt, so nobody is told to settle one."""
    machine.client.write_bytes(b"")
    words = ["--name", "jotter", "--purpose", "Keep my notes.", "--agent", "jotter", "--yes"]

    said = machine.run("new", *words, "--", sys.executable, "-c", "raise SystemExit(3)", code=2)

    assert "`jotter` ended before it said what it offers" in said
    assert "settle" not in said
