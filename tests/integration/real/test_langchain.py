"""LangChain's own MCP client, in its own environment, through a real gateway to a real server."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.integration.real import servers
from tests.integration.real.desks import Desk, furnish
from tests.real_gateway import RealGateway

SCRIPT = Path(__file__).with_name("langchain_client.py")
WITHIN_S = 60

Call = Callable[[str, dict[str, Any]], dict[str, str]]


@pytest.fixture(scope="module")
def desk(hasty: RealGateway, shelf: Path) -> Desk:
    """The filesystem server behind a gateway that holds nothing open."""
    return furnish(hasty, "notes", servers.filesystem(shelf), without={"directory_tree"})


@contextmanager
def langchain(desk: Desk) -> Generator[tuple[list[str], Call]]:
    """Run LangChain's client; return the names of its tools, and how to call one."""
    python = servers.installed(servers.LANGCHAIN, target="langchain")
    process = subprocess.Popen(
        [python, "-I", str(SCRIPT), desk.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"SALLYPORT_TOKEN": desk.token},
        text=True,
    )

    def hear() -> Any:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "LangChain's client ended, or took too long; its complaints stand above"
        return json.loads(line)

    def call(tool: str, args: dict[str, Any]) -> dict[str, str]:
        assert process.stdin is not None
        process.stdin.write(json.dumps({"tool": tool, "args": args}) + "\n")
        process.stdin.flush()
        said: dict[str, str] = hear()
        return said

    limit = threading.Timer(WITHIN_S, process.kill)
    limit.start()
    try:
        with process:
            yield hear(), call
    finally:
        limit.cancel()


def test_langchain_reads_is_held_and_gets_the_result_on_repeating(desk: Desk, shelf: Path) -> None:
    """Tools as declared; a read is real; a write waits, is told so, and is done once.

    `write_file` declares an output schema, so the protocol leaves only the form of an error.
    """
    target = shelf / "from-langchain.txt"
    write = {"path": str(target), "content": "by LangChain\n"}
    with langchain(desk) as (tools, call):
        read = call("read_text_file", {"path": str(shelf / "note.txt")})
        held = call("write_file", write)
        again = call("write_file", write)
        there_before = target.exists()
        (question,) = desk.waiting("question", "write_file")
        desk.gateway.answer(question, yes=True)
        settled = desk.gateway.settled(question["call"])
        done = call("write_file", write)
        anew = call("write_file", write)

    assert set(tools) == set(desk.levels)
    assert read == {"status": "success", "text": "buy oats\nfeed Olga\n"}
    assert held["text"].startswith("HELD, NOT DONE.")
    assert "output schema" in held["text"]
    assert again["text"].splitlines()[0] == held["text"].splitlines()[0]
    assert not there_before
    assert settled["ending"] == "done"
    assert done == {"status": "success", "text": f"Successfully wrote to {target}"}
    assert target.read_text(encoding="utf-8") == "by LangChain\n"
    assert anew["text"].startswith("HELD, NOT DONE.")
    assert anew["text"].splitlines()[0] != held["text"].splitlines()[0]


def test_langchain_is_told_that_a_write_became_a_draft(desk: Desk, shelf: Path) -> None:
    """An agent at the stage draft hears it in the same words, and nothing is written."""
    target = shelf / "langchain-draft.txt"
    with desk.gateway.staged(desk.agent, "draft"), langchain(desk) as (_, call):
        drafted = call("write_file", {"path": str(target), "content": "x"})

    assert drafted["text"].startswith("STORED AS A DRAFT, NOT DONE.")
    assert not target.exists()
