"""Clients that other people wrote, each with a call that waits for a person.

Two ways, both shown with each: the person answers while the client still waits, and the same
response brings the result; or the client is told that it waits, the person answers later, and the
client's exact repeat brings the result. The upstream's journal says that the effect came once, and
not before the answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clients.boundary import Desk
from tests.clients.processes import ROOT, WITHIN_S, Failed, Talker, installed, need, talker
from tests.clients.sdks import SDK1, SDK2, Sdk

INSPECTOR = "tests/clients/node_modules/@modelcontextprotocol/inspector/clients/launcher/build"
NODE = ".venv/bin/node"
HELD = "HELD, NOT DONE."
REFUSED = "REFUSED."
SLOW_S = 6
TOO_LONG = "x" * 101


@dataclass(frozen=True, slots=True)
class Told:
    """What a client showed of a call: its text, the gateway's statement, whether it is an error.

    `is_error` is None where the client keeps that to itself.
    """

    text: str
    ending: str
    is_error: bool | None = None


def ending_of(ruling: Mapping[str, Any] | None) -> str:
    """Return what the gateway's statement says came of a call; nothing where there is none."""
    return str(ruling["ending"]) if ruling else ""


class App(ABC):
    """A client that can list tools and call them."""

    @abstractmethod
    def tools(self) -> list[str]:
        """Return the names of the tools it sees."""

    @abstractmethod
    def call(self, tool: str, args: Mapping[str, Any]) -> Told:
        """Call a tool and return what it shows of that."""


class Lines(App):
    """A client that runs as a process of its own and takes orders."""

    def __init__(self, talking: Talker) -> None:
        self._talking = talking

    def tools(self) -> list[str]:
        """Return the names of the tools it sees."""
        names: list[str] = self._talking.do("list")
        return names

    def call(self, tool: str, args: Mapping[str, Any]) -> Told:
        """Call a tool and return what it shows of that."""
        said = self._talking.do("call", tool=tool, args=dict(args))
        return Told(said["text"], ending_of(said["ruling"]), said.get("is_error"))


class Inspector(App):
    """MCP Inspector's command line: every call is a process."""

    def __init__(self, desk: Desk, era: str, home: Path) -> None:
        self._desk = desk
        self._era = era
        self._home = home

    def tools(self) -> list[str]:
        """Return the names of the tools it sees."""
        listed = self._run("--method", "tools/list")
        return sorted(tool["name"] for tool in listed["tools"])

    def call(self, tool: str, args: Mapping[str, Any]) -> Told:
        """Call a tool and return what it shows of that."""
        given = ("--tool-name", tool, "--tool-args-json", json.dumps(args))
        result = self._run("--method", "tools/call", *given)
        text = "\n".join(block.get("text", "") for block in result["content"])
        ruling = result.get("_meta", {}).get("io.sallyport/call")
        return Told(text, ending_of(ruling), bool(result.get("isError")))

    def _run(self, *words: str) -> dict[str, Any]:
        command = (
            *(installed(NODE), f"{installed(INSPECTOR)}/index.js", "--cli", self._desk.url),
            *("--transport", "http", "--protocol-era", self._era),
            *("--header", f"Authorization: {self._desk.header}", "--format", "json", *words),
        )
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,  # a tool's error is an exit code too, and a result all the same
            cwd=ROOT,
            env={**os.environ, "HOME": str(self._home)},
        )
        try:
            said: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            raise Failed(f"exit code {done.returncode}: {done.stderr.strip()}") from None
        result: dict[str, Any] = said.get("result", said)
        return result


@dataclass(frozen=True, slots=True)
class Kind:
    """A client to try: its name, and how to have one at a desk.

    `hasty_s` stands where a client gives up by itself: after so long, to be quick about it here.
    `slow_s` stands where its HTTP client, as it comes, gives up on a stream that is silent: a
    person who takes longer than that must still find it waiting. `tasks` stands where it declares
    the extension of that name: what waits is a task to it, and it comes back by itself.
    """

    title: str
    module: str = ""
    sdk: Sdk = SDK1
    era: str = ""
    hasty_s: int = 0
    slow_s: int = 0
    tasks: bool = False

    @contextmanager
    def at(self, desk: Desk, **details: Any) -> Generator[App]:
        """Have it at a desk for as long as the block lasts."""
        if self.era:
            with tempfile.TemporaryDirectory() as home:
                yield Inspector(desk, self.era, Path(home))
            return
        target = {**desk.target, "elicits": False, **details}
        with talker(self.sdk.python, self.module, target) as talking:
            yield Lines(talking)


KINDS = (
    Kind("mcp 1.30.0", "sdk1_client", SDK1, slow_s=SLOW_S),
    Kind("mcp 2.3.0", "sdk2_client", SDK2, slow_s=SLOW_S),
    Kind("MCP Inspector 2.12.0 (legacy)", era="legacy"),
    Kind("MCP Inspector 2.12.0 (modern)", era="modern", tasks=True),
    Kind("langchain-mcp-adapters 0.3.2", "langchain_client", SDK1),
    Kind("openai-agents 0.24.0", "agents_client", SDK2, hasty_s=1),
)


def written(journal: Path, text: str) -> int:
    """Return how often the upstream has written a text."""
    return journal.read_text(encoding="utf-8").splitlines().count(f"written {text}")


def sees(app: App) -> None:
    """It lists the tools of the boundary and gets the upstream's own result of a read."""
    tools = app.tools()
    need("write_note" in tools and "greet" in tools, f"the tools are {tools}")
    told = app.call("greet", {"name": "Ada"})
    need((told.text, told.ending) == ("hello Ada", "done"), f"it said {told}")


def is_refused(app: App) -> None:
    """What the boundary refuses is shown as a refusal, with the reason."""
    told = app.call("greet", {"name": TOO_LONG})
    need(told.text.startswith(REFUSED) and told.ending == "refused", f"it said {told}")
    need(told.is_error is not False, "it took the refusal for a result")


def answered_meanwhile(
    app: App, desk: Desk, journal: Path, text: str, after_s: float = 0.0
) -> None:
    """A person answers while the call is held open: its own response brings the result."""
    with ThreadPoolExecutor(1) as pool:
        calling = pool.submit(app.call, "write_note", {"text": text})
        question = desk.question(text)
        wait((calling,), after_s)
        need(written(journal, text) == 0, "it was written before the answer")
        desk.gateway.answer(question, yes=True)
        told = calling.result(WITHIN_S)
    need(told.text == f"written: {text}", f"it said {told}")
    need(written(journal, text) == 1, "it was not written once")


def gives_up(app: App, desk: Desk, journal: Path, text: str) -> None:
    """A client gives up before the answer: its repeat brings the result all the same, once."""
    told = app.call("write_note", {"text": text})
    need(HELD not in told.text and not told.ending, f"it said {told}")
    need(written(journal, text) == 0, "it was written before the answer")
    question = desk.question(text)
    desk.gateway.answer(question, yes=True)
    desk.gateway.settled(question["call"])
    told = app.call("write_note", {"text": text})
    need(told.text == f"written: {text}", f"it said {told}")
    need(written(journal, text) == 1, "it was not written once")


def answered_later(app: App, desk: Desk, journal: Path, text: str) -> None:
    """The client is told that it waits; after the answer its exact repeat brings the result."""
    held = app.call("write_note", {"text": text})
    need(held.text.startswith(HELD) and held.ending == "waiting", f"it said {held}")
    need(not held.is_error, "it took what waits for an error")
    need(written(journal, text) == 0, "it was written before the answer")
    question = desk.question(text)
    desk.gateway.answer(question, yes=True)
    desk.gateway.settled(question["call"])
    told = app.call("write_note", {"text": text})
    need(told.text == f"written: {text}", f"it said {told}")
    need(written(journal, text) == 1, "it was not written once")
