"""A system that asks whatever a test wants, and takes its time until a test lets it go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sallyport.adapters.mcp.answers import pin
from sallyport.model import Asks, Json, JsonObject, Stage, ToolPin
from sallyport.ports import Hear, Launch, Outbound, Reply
from sallyport.rules.strict_json import loads
from tests.integration.mcp import asking_system
from tests.integration.mcp.asking_system import SYSTEM, Asker
from tests.integration.mcp.house_fixture import Kit, listening, opened

WORKFLOW = f"""{asking_system.WORKFLOW}\
  ask:
    level: read
    only: {{what: {{max_length: 20}}}}
    may_ask: [form, url, sampling, roots]
  write:
    level: create
    only: {{text: {{max_length: 20}}}}
    allow: [{{because: a test, until: 2035-12-31}}]
"""


def _definition(name: str, argument: str, *, reads: bool) -> JsonObject:
    return {
        "name": name,
        "inputSchema": {
            "type": "object",
            "properties": {argument: {"type": "string"}},
            "required": [argument],
            "additionalProperties": False,
        },
        "annotations": {"readOnlyHint": reads},
    }


FORM: JsonObject = {
    "method": "elicitation/create",
    "params": {
        "mode": "form",
        "message": "What is your name?",
        "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}},
    },
}
URL: JsonObject = {
    "method": "elicitation/create",
    "params": {"mode": "url", "message": "Sign in.", "url": "https://id.example.com/start"},
}
SAMPLING: JsonObject = {
    "method": "sampling/createMessage",
    "params": {
        "messages": [{"role": "user", "content": {"type": "text", "text": "Say a word."}}],
        "maxTokens": 10,
    },
}
ROOTS: JsonObject = {"method": "roots/list"}
QUESTIONS: Mapping[str, JsonObject] = {
    "form": {"who": FORM},
    "url": {"go": URL},
    "sampling": {"word": SAMPLING},
    "roots": {"where": ROOTS},
    "two": {"who": FORM, "where": ROOTS},
    "twice": {"who": FORM},
}


@dataclass
class Curious(Asker):
    """Implements `ports.Upstreams`.

    `written` has what reached the tool `write`, which ends once `go_on` is set, as does `ask` when
    it is asked to `wait`. `open` says whether questions are asked in the middle of the work. `busy`
    is set while one is under way, and then `hear` is what takes what the system says. `cancelled`
    has the tools whose callers told it that they wait no more, `slow` those that take their time.
    """

    open: bool = True
    written: list[str] = field(default_factory=list[str])
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    busy: asyncio.Event = field(default_factory=asyncio.Event)
    hear: Callable[[str, JsonObject], None] | None = None
    cancelled: list[str] = field(default_factory=list[str])
    slow: set[str] = field(default_factory=set[str])

    async def call(self, outbound: Outbound, launch: Launch, hear: Hear | None = None) -> Reply:
        """Take a call."""
        if outbound.tool not in {"ask", "write"}:
            if outbound.tool in self.slow:
                launch()
                await self._work(outbound.tool)
                launch = _launched
            return await super().call(outbound, launch, hear)
        launch()
        self.seen.append(outbound)
        args = loads(outbound.arguments, bytes_max=2**16, depth_max=8)
        assert isinstance(args, dict)
        self.hear = hear
        if outbound.tool == "ask" and args["what"] != "wait":
            return self._ask(str(args["what"]), outbound)
        if outbound.tool == "write":
            self.written.append(str(args["text"]))
        await self._work(outbound.tool)
        return said(f"written: {args['text']}" if outbound.tool == "write" else "waited")

    async def _work(self, tool: str) -> None:
        self.busy.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.append(tool)
            raise

    def _ask(self, what: str, outbound: Outbound) -> Reply:
        rounds = 2 if what == "twice" else 1
        done = int(outbound.state.partition("/")[0] or 0)
        if done < rounds and what in QUESTIONS:
            asks = Asks(requests=QUESTIONS[what], state=f"{done + 1}/x", open=self.open)
            return Reply(result=None, asks=asks)
        return said(f"{outbound.answers}")

    async def tools(self, system: str) -> list[ToolPin]:
        """Return the tools, and the methods as if they were some."""
        own = [_definition("ask", "what", reads=True), _definition("write", "text", reads=False)]
        pins = [replace(pin(SYSTEM, one), system=SYSTEM) for one in own]
        return [*await super().tools(system), *pins]


def _launched() -> None:
    """Do nothing: it has left."""


def said(text: str) -> Reply:
    """Return an answer that is a text."""
    content: list[Json] = [{"type": "text", "text": text}]
    return Reply(result={"content": content})


@asynccontextmanager
async def curious_house(
    home: Path, *, workflow: str = WORKFLOW, **settings: Any
) -> AsyncGenerator[tuple[Kit, Curious]]:
    """Open a house in front of a curious system, and serve it."""
    system = Curious()
    async with opened(home, upstreams=system, **settings) as kit:
        await kit.activate(workflow, {"asker.yaml": asking_system.SYSTEM_FILE})
        await kit.stage(Stage.LIVE)
        async with listening(kit):
            yield kit, system
        system.go_on.set()
