"""Calls of the stateless era: proposed, gone on with, or come back for.

Rules:
  1. What a client brings back is read before anything is proposed. What was not handed out to it
     for this very request is an error, and nothing has happened.
  2. Answers go on with the call whose system asked. That is a new call, decided anew.
  3. A client that can be told in another form than by waiting is not kept waiting for a person.
  4. A client that hangs up has cancelled: a call that is out is cancelled at its system. A question
     to a person stands, and so does what a person has said yes to: that was more than a request.

Source of rule 4: MCP 2026-07-28, "Cancellation", which makes a disconnect the cancelling.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from sallyport.doors.mcp import calls, hearing, methods, resource
from sallyport.doors.mcp.bounds import Bounds
from sallyport.doors.mcp.caller import Caller
from sallyport.doors.mcp.calls import Asked
from sallyport.doors.mcp.client import Client, log_level
from sallyport.doors.mcp.held import CALL, Calling, Forms, brought, chosen
from sallyport.doors.mcp.mirrored import Mirrors
from sallyport.doors.mcp.outbox import Outbox
from sallyport.doors.mcp.sealed import ASKED, Seals, State, StateError
from sallyport.doors.mcp.tasks import Tasks
from sallyport.errors import NotFoundError
from sallyport.flow.house import House
from sallyport.flow.runs import Asker
from sallyport.model import Ending, JsonObject
from sallyport.rules.commands import Ended
from sallyport.rules.jsonrpc import Request


class Callings:
    """Answers requests that propose a call.

    Args:
        house: Where calls are proposed.
        bounds: The settings.
        tasks: Makes tasks of calls that wait.
    """

    def __init__(self, house: House, bounds: Bounds, tasks: Tasks) -> None:
        self._house = house
        self._bounds = bounds
        self._seals = Seals(house)
        self._forms = Forms(self._seals, tasks)
        self._mirrors = Mirrors()

    def read(
        self,
        request: Request,
        caller: Caller,
        client: Client,
        fields: Mapping[bytes, str],
        scheme: str,
    ) -> Calling:
        """Return what a request asks for.

        Raises:
            ParamsError: It cannot be a call.
            HeaderMismatchError: Its headers do not repeat its arguments.
        """
        asked = calls.read(request) if request.method == CALL else methods.read(request)
        pin = calls.pinned(self._house, caller.task, asked.tool)
        if pin is not None and request.method == CALL:
            self._mirrors.check(pin, asked.args, fields)
        return Calling(
            asked=asked,
            method=request.method,
            caller=caller,
            client=client,
            origin=resource.origin(scheme, fields),
            brought=brought(request),
            log_level=log_level(request.params.get("_meta")),
        )

    async def answer(self, calling: Calling, outbox: Outbox) -> bytes:
        """Return the response to a request.

        Raises:
            ParamsError: It brings back what was not handed out for it.
            SallyportError: Nothing could be decided or recorded, so nothing was done.
        """
        state = self._state(calling)
        asker = self._asker(calling, outbox)
        try:
            ended = await self._ended(calling, state, asker)
        except asyncio.CancelledError:
            # Whoever hangs up in this era has cancelled the request.
            self._house.background.spawn(self._house.leave(asker))
            raise
        finally:
            # Whatever ends this line, nobody listens any more: what is to come must be kept.
            asker.gone = True
        schema = _has_output_schema(self._house, calling.caller, calling.asked)
        return await self._forms.response(calling, ended, has_output_schema=schema)

    def _asker(self, calling: Calling, outbox: Outbox) -> Asker:
        pin = calls.pinned(self._house, calling.caller.task, calling.asked.tool)
        return hearing.asker(
            outbox,
            pin.system if pin is not None else "",
            progress=calling.asked.progress,
            log_level=calling.log_level,
        )

    def _state(self, calling: Calling) -> State | None:
        if calling.brought is None:
            return None
        return self._seals.read(calling.caller, calling.brought.state, calling.same)

    async def _ended(self, calling: Calling, state: State | None, asker: Asker) -> Ended:
        if state is not None:
            return await self._gone_on(calling, state, asker)
        asked, client = calling.asked, calling.client
        told_otherwise = calling.method == CALL and (client.tasks or client.opens_links)
        return await self._house.call(
            calling.caller.task,
            asked.tool,
            asked.args,
            channel="mcp",
            asker=asker,
            hold_ms=0 if told_otherwise else self._hold_ms,
            declared=client.abilities,
        )

    async def _gone_on(self, calling: Calling, state: State, asker: Asker) -> Ended:
        task, hold_ms = calling.caller.task, self._hold_ms
        try:
            if state.kind != ASKED:
                declined = calling.brought is not None and calling.brought.declined
                return await self._house.result(task, state.call_id, 0 if declined else hold_ms)
            before = await self._house.look(task, state.call_id)
            answers = _answers(calling, before)
            if answers is None:
                return before
            return await self._house.answer(
                task,
                state.call_id,
                answers,
                channel="mcp",
                asker=asker,
                hold_ms=0 if calling.client.tasks or calling.client.opens_links else hold_ms,
                declared=calling.client.abilities,
            )
        except NotFoundError:
            raise StateError(
                "the call of the member `requestState` is not one of this task"
            ) from None

    @property
    def _hold_ms(self) -> int:
        return self._bounds.hold_s * 1000


def _answers(calling: Calling, before: Ended) -> JsonObject | None:
    """Return the answers to go on with; None where the same must be asked again."""
    brought_back = calling.brought.answers if calling.brought is not None else {}
    if before.ending is not Ending.ASKED or before.asks is None:
        return brought_back
    return chosen(before.asks.requests, brought_back)


def _has_output_schema(house: House, caller: Caller, asked: Asked) -> bool:
    return calls.has_output_schema_of(calls.pinned(house, caller.task, asked.tool))
