"""A system that writes down whatever reaches it, and whose tools change when a test says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sallyport.adapters.mcp.answers import pin
from sallyport.model import JsonObject, ToolPin
from sallyport.ports import Hear, Launch, News, Outbound, Reply
from sallyport.rules.strict_json import loads

SYSTEM = "recorder"

SYSTEM_FILE = """\
system: recorder
transport: http
url: http://127.0.0.1:9/mcp
"""

WORKFLOW = """\
workflow: customer-support
purpose: See what gets through.
owner: lena@example.com
agent: support-bot
environment: test
expires: 2035-12-31
for: [support_agent]
tools:
  look:
    level: read
    only:
      id: {max_length: 20}
      count: {at_most: 100, optional: true}
      price: {at_most: 99.50, optional: true}
      deep: {any: true, optional: true}
  change:
    level: update
    only: {id: {max_length: 20}}
    ask: [{who: [support_lead], within: 1h}]
"""

LOOK: JsonObject = {
    "name": "look",
    "description": "Look at one record.",
    "inputSchema": {
        "type": "object",
        "properties": {
            "id": {"type": "string", "pattern": "^R-[0-9]{1,6}$"},
            "count": {"type": "integer", "minimum": 0, "maximum": 100},
            "price": {"type": "number", "minimum": 0},
            "deep": {"type": "object", "additionalProperties": {"type": ["object", "null"]}},
        },
        "required": ["id"],
        "additionalProperties": False,
    },
    "annotations": {"readOnlyHint": True},
    "x-unknown": {"kept": [1, None, "as it is"]},
}
CHANGE: JsonObject = {
    "name": "change",
    "inputSchema": {
        "type": "object",
        "properties": {"id": {"type": "string"}},
        "required": ["id"],
        "additionalProperties": False,
    },
    "outputSchema": {"type": "object", "properties": {"ok": {"type": "boolean"}}},
}


@dataclass
class Recorder:
    """Implements `ports.Upstreams`. `seen` has the tool and the arguments of each call."""

    definitions: list[JsonObject] = field(default_factory=lambda: [LOOK, CHANGE])
    seen: list[tuple[str, JsonObject]] = field(default_factory=list[tuple[str, JsonObject]])
    watchers: list[Callable[[str], None]] = field(default_factory=list[Callable[[str], None]])

    async def call(self, outbound: Outbound, launch: Launch, hear: Hear | None = None) -> Reply:
        """Take a call and answer it."""
        launch()
        args = loads(outbound.arguments, bytes_max=2**24, depth_max=512)
        assert isinstance(args, dict)
        self.seen.append((outbound.tool, args))
        return Reply(result={"content": [{"type": "text", "text": "seen"}]})

    async def unlisten(self, system: str, principal: str, uri: str) -> None:
        """Never say anything of a resource."""

    def let_go(self, state: str) -> None:
        """Wait for nothing."""

    async def prepare(self, system: str, principal: str) -> None:
        """Connect to nothing."""

    async def tools(self, system: str) -> Sequence[ToolPin]:
        """Return the tools as they are now."""
        return [replace(pin(SYSTEM, definition), system=SYSTEM) for definition in self.definitions]

    def watch(self, changed: Callable[[str], None]) -> None:
        """Remember who wants to hear of changes."""
        self.watchers.append(changed)

    def listen(self, told: Callable[[News], None]) -> None:
        """Have nothing to say."""

    def change(self, *definitions: JsonObject) -> None:
        """Offer other tools from now on, and say so."""
        self.definitions = list(definitions)
        for watcher in self.watchers:
            watcher(SYSTEM)

    async def close(self) -> None:
        """Let go of nothing."""
