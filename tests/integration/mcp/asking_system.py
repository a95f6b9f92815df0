"""A system that asks before it answers, has resources and prompts, and says when they change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sallyport.adapters.mcp.answers import pin
from sallyport.model import Asks, Json, JsonObject, ToolPin
from sallyport.ports import Hear, Launch, News, Outbound, Reply
from sallyport.rules import methods
from sallyport.rules.strict_json import loads

SYSTEM = "asker"

SYSTEM_FILE = """\
system: asker
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
  greet:
    level: read
    only: {title: {max_length: 20, optional: true}}
    may_ask: [form, url]
  change:
    level: update
    only: {id: {max_length: 20}}
    ask: [{who: [support_lead], within: 1h}]
  resources/read:
    level: read
    only: {uri: {starts_with: "memo:"}}
  prompts/get:
    level: read
    only:
      name: {max_length: 20}
      arguments: {any: true, optional: true}
    may_ask: [form]
  completion/complete:
    level: read
    only:
      ref: {any: true}
      argument: {any: true}
      context: {any: true, optional: true}
"""

GREET: JsonObject = {
    "name": "greet",
    "inputSchema": {
        "type": "object",
        "properties": {"title": {"type": "string"}},
        "additionalProperties": False,
    },
    "annotations": {"readOnlyHint": True},
}
CHANGE: JsonObject = {
    "name": "change",
    "inputSchema": {
        "type": "object",
        "properties": {"id": {"type": "string"}},
        "required": ["id"],
        "additionalProperties": False,
    },
}
NAME: JsonObject = {
    "method": "elicitation/create",
    "params": {
        "message": "What is your name?",
        "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}},
    },
}
MEMO = "memo:one"


@dataclass
class Asker:
    """Implements `ports.Upstreams`.

    `seen` has whatever reached it. `failing` lets the tool `change` end otherwise than with a
    result: `tool` for an error of the tool's own, `rpc` for one of the protocol.
    """

    seen: list[Outbound] = field(default_factory=list[Outbound])
    hears: list[Callable[[News], None]] = field(default_factory=list[Callable[[News], None]])
    failing: str = ""
    subscribed: set[str] = field(default_factory=set[str])
    let_go_of: list[str] = field(default_factory=list[str])
    unlistened: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    async def call(self, outbound: Outbound, launch: Launch, hear: Hear | None = None) -> Reply:
        """Take a call; ask for a name before greeting."""
        launch()
        self.seen.append(outbound)
        args = loads(outbound.arguments, bytes_max=2**24, depth_max=64)
        assert isinstance(args, dict)
        if hear is not None:
            hear("notifications/progress", {"progress": 1, "total": 2, "message": "half"})
            hear("notifications/message", {"level": "info", "data": "at work"})
            hear("notifications/message", {"level": "debug", "data": "too much"})
        if outbound.tool in {"greet", methods.GET_PROMPT}:
            return self._greet(outbound)
        if outbound.tool == "change":
            return self._change()
        return Reply(result=self._method(outbound.tool, args))

    def _greet(self, outbound: Outbound) -> Reply:
        if "form" not in outbound.abilities:
            return _answer(outbound.tool, "Hello, whoever you are!")
        if not outbound.answers:
            return Reply(result=None, asks=Asks(requests={"who": NAME}, state="s-1"))
        assert outbound.state == "s-1"
        who = outbound.answers["who"]
        assert isinstance(who, dict)
        content = who.get("content")
        name = content.get("name") if isinstance(content, dict) else "nobody"
        return _answer(outbound.tool, f"Hello, {name}!")

    def _change(self) -> Reply:
        if self.failing == "rpc":
            return Reply(result=None, error={"code": -32050, "message": "the job was lost"})
        content: list[Json] = [{"type": "text", "text": "changed"}]
        return Reply(result={"content": content, "isError": self.failing == "tool"})

    def _method(self, method: str, args: JsonObject) -> JsonObject:
        match method:
            case methods.READ:
                return {"contents": [{"uri": args["uri"], "text": "remember"}], "ttlMs": 50}
            case methods.LIST_RESOURCES:
                return {"resources": [{"uri": MEMO, "name": "one"}], "nextCursor": "more"}
            case methods.LIST_TEMPLATES:
                return {"resourceTemplates": [{"uriTemplate": "memo:{id}", "name": "memo"}]}
            case methods.LIST_PROMPTS:
                return {"prompts": [{"name": "greeting"}]}
            case methods.COMPLETE:
                return {"completion": {"values": ["greeting"]}}
            case methods.SUBSCRIBE:
                self.subscribed.add(str(args["uri"]))
            case _:
                self.subscribed.discard(str(args["uri"]))
        return {}

    async def unlisten(self, system: str, principal: str, uri: str) -> None:
        """Say no more of a resource."""
        self.unlistened.append((system, principal, uri))

    def let_go(self, state: str) -> None:
        """Remember which question nobody answers any more."""
        self.let_go_of.append(state)

    async def prepare(self, system: str, principal: str) -> None:
        """Connect to nothing."""

    async def tools(self, system: str) -> Sequence[ToolPin]:
        """Return the tools, and the methods as if they were some."""
        definitions = [GREET, CHANGE, *(methods.definition(one) for one in methods.METHODS)]
        return [replace(pin(SYSTEM, one), system=SYSTEM) for one in definitions]

    def watch(self, changed: Callable[[str], None]) -> None:
        """Never change a tool."""

    def listen(self, told: Callable[[News], None]) -> None:
        """Remember who wants to hear of what else changes."""
        self.hears.append(told)

    def say(self, method: str, uri: str = "", *, principal: str = "", system: str = SYSTEM) -> None:
        """Say something outside of a call."""
        for told in self.hears:
            told(News(system=system, principal=principal, method=method, uri=uri))

    async def close(self) -> None:
        """Let go of nothing."""


def _answer(tool: str, said: str) -> Reply:
    text: JsonObject = {"type": "text", "text": said}
    if tool == methods.GET_PROMPT:
        return Reply(result={"messages": [{"role": "user", "content": text}]})
    return Reply(result={"content": [text]})
