"""An agent without a model that believes everything it reads.

It holds no grudge and no judgement: it does what the requester asked, then reads, then does what
the text told it, and goes on when a call is refused or held. That makes it the worst agent one can
let near a desk and the best one to watch a gateway with.

It works one ticket per connection and keeps nothing between tickets, so that what one ticket says
cannot follow it into the next. It asks first and reads afterwards: what it does before it has read
anything is the requester's wish alone.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, cast

import anyio
import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, Implementation

from sallyport.demo.instructions import (
    ChangeAddress,
    CloseTicket,
    Instruction,
    PayRefund,
    SearchAgain,
    SendList,
    instructions_in,
)
from sallyport.demo.story import Errand

CALL_META = "io.sallyport/call"
"""The reserved `_meta` key under which the gateway tells how a call ended."""

AGENT_NAME = "believing-agent"
PATIENCE = 60
"""How often the agent repeats a search before it gives up: far above any sensible limit."""

_TIMEOUT = httpx2.Timeout(30.0, read=120.0)

ToldBy = Literal["requester", "routine", "ticket", "gateway"]
"""Whose wish a call follows; `routine` is what the agent does on every ticket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What the gateway said about one call in `_meta`; absent on a direct connection.

    `verdict` is allow, ask, draft or refuse; `ending` is done, waiting, draft, refused or expired.
    `reasons` are pairs of code and sentence, strictest first, as the gateway ordered them.
    """

    call_id: str
    verdict: str
    ending: str
    reasons: tuple[tuple[str, str], ...]
    held_until: str
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One call the agent made and what came back, exactly as it arrived.

    `number` counts the calls on this ticket from 1. `meta` is the result's whole `_meta`.
    """

    ticket_id: str
    number: int
    told_by: ToldBy
    tool: str
    arguments: Mapping[str, Any]
    text: str
    is_error: bool
    structured: Any
    meta: Mapping[str, Any]
    ruling: Ruling | None

    @property
    def ending(self) -> str:
        """How the call ended; without a gateway's word only done and refused can be told apart."""
        if self.ruling is not None:
            return self.ruling.ending
        return "refused" if self.is_error else "done"

    @property
    def is_waiting(self) -> bool:
        """Whether a person still has to answer; repeat the call when they have."""
        return self.ending == "waiting"


Tell = Callable[[Event], None]


def ruling_in(meta: Mapping[str, Any]) -> Ruling | None:
    """Return the gateway's word from a result's `_meta`, or None when there is none to read."""
    told = meta.get(CALL_META)
    if not isinstance(told, dict):
        return None
    word = cast("dict[str, Any]", told)
    return Ruling(
        call_id=str(word.get("id", "")),
        verdict=str(word.get("verdict", "")),
        ending=str(word.get("ending", "")),
        reasons=tuple(_reason(reason) for reason in word.get("reasons") or ()),
        held_until=str(word.get("held_until") or ""),
        who=tuple(str(person) for person in word.get("who") or ()),
    )


def _reason(reason: Any) -> tuple[str, str]:
    if not isinstance(reason, dict):
        return ("", str(reason))
    told = cast("dict[str, Any]", reason)
    return (str(told.get("code", "")), str(told.get("sentence", "")))


@asynccontextmanager
async def connect(url: str, token: str, *, mode: str = "legacy") -> AsyncGenerator[Client]:
    """Open an MCP session over Streamable HTTP with a bearer credential.

    Args:
        url: The MCP endpoint, a gateway's or a desk's own.
        token: The credential that this endpoint expects.
        mode: `legacy` shakes hands as of 2025-11-25; `auto` looks for a newer era first.
    """
    headers = {"Authorization": f"Bearer {token}"}
    # trust_env: a proxy of the environment has no business between two local processes.
    async with httpx2.AsyncClient(headers=headers, timeout=_TIMEOUT, trust_env=False) as http:
        transport = streamable_http_client(url, http_client=http)
        about = Implementation(name=AGENT_NAME, version="1.0.0")
        async with Client(transport, mode=mode, client_info=about) as client:
            yield client


async def work_ticket(url: str, token: str, errand: Errand, tell: Tell) -> tuple[Event, ...]:
    """Work one ticket over a connection of its own and return all its events."""
    async with connect(url, token) as client:
        return await Agent(client, errand, tell).work()


async def repeat_calls(
    url: str, token: str, errand: Errand, waiting: Iterable[Event], tell: Tell
) -> tuple[Event, ...]:
    """Repeat exactly the calls in `waiting`, which is how the result of a held call is fetched."""
    async with connect(url, token) as client:
        return await Agent(client, errand, tell).repeat(waiting)


class Agent:
    """Works one errand through one connection.

    Args:
        client: An open MCP session.
        errand: What the opener knows and wants.
        tell: Called once for every call, as soon as its result is there.
        patience: How often a search is repeated when the text demands it.
    """

    def __init__(
        self, client: Client, errand: Errand, tell: Tell, *, patience: int = PATIENCE
    ) -> None:
        self._client = client
        self._errand = errand
        self._tell = tell
        self._patience = patience
        self._events: list[Event] = []
        self.tools: tuple[str, ...] = ()

    async def work(self) -> tuple[Event, ...]:
        """Do the errand from first to last, and everything the ticket says in between.

        Never raises for a call that was refused, held or failed: it is noted, and work goes on.
        """
        listed = await self._client.list_tools()
        self.tools = tuple(tool.name for tool in listed.tools)
        await self._do_as_asked()
        ticket = await self._read("tickets.get", ticket_id=self._errand.ticket_id)
        contact = await self._read("crm.get_contact", contact_id=self._errand.contact_id)
        found = await self._read("kb.search", query=ticket.get("subject") or "help")
        for instruction in instructions_in(str(ticket.get("body", ""))):
            await self._obey(instruction)
        await self._answer(_reply(contact, found))
        return tuple(self._events)

    async def repeat(self, waiting: Iterable[Event]) -> tuple[Event, ...]:
        """Make the given calls again, with the same arguments to the letter."""
        return tuple(
            [await self._call(held.tool, held.arguments, told_by="gateway") for held in waiting]
        )

    async def _do_as_asked(self) -> None:
        wish: dict[str, Any] = {"ticket_id": self._errand.ticket_id, "status": self._errand.status}
        if self._errand.refund is not None:
            wish["refund"] = float(self._errand.refund)
        await self._call("tickets.update", wish, told_by="requester")

    async def _read(self, tool: str, **arguments: str) -> Mapping[str, Any]:
        event = await self._call(tool, arguments, told_by="routine")
        return _record_of(event)

    async def _obey(self, instruction: Instruction) -> None:
        match instruction:
            case SendList(to):
                await self._send_list(to)
            case PayRefund(amount):
                wish = {
                    "ticket_id": self._errand.ticket_id,
                    "status": self._errand.status,
                    "refund": float(amount),
                }
                await self._believe("tickets.update", wish)
            case ChangeAddress(contact_id, email):
                await self._believe("crm.get_contact", {"contact_id": contact_id})
                await self._believe(
                    "crm.update_contact", {"contact_id": contact_id, "email": email}
                )
            case CloseTicket(ticket_id):
                await self._believe("tickets.update", {"ticket_id": ticket_id, "status": "solved"})
            case SearchAgain(query):
                await self._search_until_found(query)

    async def _believe(self, tool: str, arguments: Mapping[str, Any]) -> Event:
        return await self._call(tool, arguments, told_by="ticket")

    async def _send_list(self, to: str) -> None:
        """Fetch the list and mail it; when there is no list, mail whatever came instead."""
        exported = await self._believe("crm.export_contacts", {})
        body = exported.text[:3500]
        await self._believe("mail.send", {"to": to, "template": "answer", "body": body})

    async def _search_until_found(self, query: str) -> None:
        for _ in range(self._patience):
            event = await self._believe("kb.search", {"query": query})
            if _record_of(event).get("articles"):
                return

    async def _answer(self, reply: str) -> None:
        draft = {"ticket_id": self._errand.ticket_id, "body": reply}
        await self._call("tickets.draft_reply", draft, told_by="routine")
        if self._errand.mail is not None:
            mail = {
                "to": self._errand.customer_email,
                "template": self._errand.mail,
                "body": reply,
            }
            await self._call("mail.send", mail, told_by="requester")

    async def _call(self, tool: str, arguments: Mapping[str, Any], *, told_by: ToldBy) -> Event:
        result = await self._ask(tool, dict(arguments))
        meta = dict(result.meta or {})
        event = Event(
            ticket_id=self._errand.ticket_id,
            number=len(self._events) + 1,
            told_by=told_by,
            tool=tool,
            arguments=dict(arguments),
            text=_text_of(result),
            is_error=result.is_error,
            structured=result.structured_content,
            meta=meta,
            ruling=ruling_in(meta),
        )
        self._events.append(event)
        self._tell(event)
        return event

    async def _ask(self, tool: str, arguments: dict[str, Any]) -> CallToolResult:
        """Call the tool; a protocol error or an unusable answer becomes an error result."""
        try:
            return await self._client.call_tool(tool, arguments)
        except (MCPError, RuntimeError, ValueError, httpx2.HTTPError) as failed:
            return _failed(str(failed))
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            return _failed("the connection is closed")


def _failed(why: str) -> CallToolResult:
    return CallToolResult.model_validate(
        {"content": [{"type": "text", "text": why}], "isError": True}
    )


def _text_of(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if block.type == "text")


def _record_of(event: Event) -> Mapping[str, Any]:
    """Return the structured answer, or the same from the text of a server without one."""
    if event.is_error:
        return {}
    answer = event.structured if event.structured is not None else _json_in(event.text)
    return cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}


def _json_in(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _reply(contact: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    name = str(contact.get("name") or "there").split()[0]
    articles: list[Mapping[str, Any]] = found.get("articles") or []
    help_text = str(articles[0]["body"]) if articles else "We are looking into it."
    return f"Hello {name},\n{help_text}\nYour support desk"
