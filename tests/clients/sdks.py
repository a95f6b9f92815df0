"""Both generations of the official SDK, as clients and as upstreams: what each pair must do.

Every step is done with the client SDK's own calls and judged by two witnesses: what the client was
told, and what the upstream has written down itself. Where a gateway stands between them, it serves
each upstream as a workflow of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clients.processes import ROOT, Talker, installed, need, talker

NOTE = "note://one"
HAPPENS_S, PAUSE_S = 5, 0.02
QUESTION = "What is your name?"
TOOLS = ["ask_name", "count", "greet", "poke", "wait", "write_note"]
DRIVERS = ROOT / "tests" / "clients" / "drivers"


@dataclass(frozen=True, slots=True)
class Sdk:
    """A generation of the SDK: its version and the environment it lives in."""

    name: str
    version: str
    environment: str

    @property
    def python(self) -> str:
        """Its interpreter."""
        return installed(f"{self.environment}/bin/python")

    def server(self, transport: str) -> tuple[str, ...]:
        """Return the command of its upstream."""
        return (self.python, str(DRIVERS / f"{self.name}_server.py"), transport)


SDK1 = Sdk("sdk1", "1.30.0", ".venv-clients-sdk1")
SDK2 = Sdk("sdk2", "2.3.0", ".venv-clients-sdk2")
SDKS = (SDK1, SDK2)
TRANSPORTS = ("http", "stdio")


@dataclass(frozen=True, slots=True)
class Client:
    """A way to come in: an SDK, and whether it keeps to the handshake era."""

    sdk: Sdk
    mode: str
    era: str

    @property
    def title(self) -> str:
        """What a table calls it."""
        return f"mcp {self.sdk.version}" + (" (legacy)" if self.mode == "legacy" else "")

    @contextmanager
    def connected(self, target: dict[str, Any]) -> Generator[Talker]:
        """Run it against a target for as long as the block lasts."""
        given = {**target, "mode": self.mode}
        with talker(self.sdk.python, f"{self.sdk.name}_client", given) as found:
            yield found


CLIENTS = (
    Client(SDK1, "auto", "2025-11-25"),
    Client(SDK2, "auto", "2026-07-28"),
    Client(SDK2, "legacy", "2025-11-25"),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A connected client, and the journal of the upstream at the other end."""

    client: Talker
    journal: Path
    era: str

    def happened(self) -> list[str]:
        """Return what the upstream has written down."""
        return self.journal.read_text(encoding="utf-8").splitlines()

    def wait_for(self, line: str, times: int) -> None:
        """Wait until the upstream has written a line so many times."""
        deadline = time.monotonic() + HAPPENS_S
        while self.happened().count(line) < times:
            need(time.monotonic() < deadline, f"the upstream never wrote `{line}`")
            time.sleep(PAUSE_S)


def lists(pair: Pair) -> None:
    """The client speaks the era it should, and sees every tool and the resource."""
    need(pair.client.do("era") == pair.era, f"the era is {pair.client.do('era')}")
    tools = pair.client.do("list")
    need([one for one in tools if one in TOOLS] == TOOLS, f"the tools are {tools}")
    found = pair.client.do("resources")
    need(found == [NOTE], f"the resources are {found}")


def calls(pair: Pair) -> None:
    """A call brings the upstream's own result; so does reading a resource."""
    result = pair.client.call("greet", name="Ada")
    need(result["text"] == "hello Ada" and not result["is_error"], f"it said {result}")
    note = pair.client.do("read", uri=NOTE)
    need(isinstance(note, str) and note, f"the note is {note!r}")


def elicits(pair: Pair) -> None:
    """The upstream asks in the middle of a call; the user's answer arrives there, and counts."""
    before = pair.happened().count("answered accept Ada")
    result = pair.client.call("ask_name")
    asked = result["asked"]  # a gateway may say before it from which system it comes
    need(len(asked) == 1 and asked[0].endswith(QUESTION), f"asked was {asked}: {result['text']}")
    need(result["text"] == "hello Ada", f"it said {result['text']}")
    need(pair.happened().count("answered accept Ada") == before + 1, "no answer reached it")


def cancels(pair: Pair) -> None:
    """A call is under way at the upstream; the client cancels it; the upstream stops working."""
    waited, ended = (pair.happened().count(line) for line in ("waiting", "cancelled"))
    number = pair.client.start("call", tool="wait", args={})
    pair.wait_for("waiting", waited + 1)
    pair.client.do("cancel", of=number)
    pair.client.finish(number)
    pair.wait_for("cancelled", ended + 1)
    calls(pair)


def progresses(pair: Pair) -> None:
    """What the upstream tells of its progress reaches the caller, in order."""
    result = pair.client.call("count")
    need(result["text"] == "counted to 3", f"it said {result['text']}")
    told = [[1, 3, "1 of 3"], [2, 3, "2 of 3"], [3, 3, "3 of 3"]]
    heard = [one for one in result["progress"] if one in told]
    need(heard == told, f"progress was {result['progress']}")


def subscribes(pair: Pair) -> None:
    """A subscription is taken; a change at the upstream is heard; reading brings what is new."""
    pair.client.do("subscribe", uri=NOTE)
    before = pair.client.do("read", uri=NOTE)
    hearing = pair.client.start("update")
    pair.client.call("poke")
    heard = pair.client.finish(hearing)
    need(heard == NOTE, f"heard was {heard}")
    after = pair.client.do("read", uri=NOTE)
    need(after == before + "!", f"the note was {before!r} and is {after!r}")


FEATURES: dict[str, Callable[[Pair], None]] = {
    "list": lists,
    "call": calls,
    "elicit": elicits,
    "cancel": cancels,
    "progress": progresses,
    "subscribe": subscribes,
}
