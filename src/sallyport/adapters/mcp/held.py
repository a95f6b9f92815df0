"""Calls whose systems wait, in the middle of their work, for what they asked of the agent.

This is the handshake era's way of asking: the request goes on while its system sends one of its
own. Towards everybody else it looks like the stateless era's: the call ends with questions, and is
gone on with by a handle.

Rules:
  1. A handle is unguessable, is good once, and only for the system, principal and tool that it was
     given out for.
  2. A conversation is held in memory alone, for `asking.WITHIN_S` at most. Then its questions are
     declined and its request is cancelled.
  3. When its system ends it, the handle is good no more. When its system answers before it was
     answered, whoever comes with the handle gets that answer.
  4. They are bounded in number; where there is no room, a question is declined as it arrives.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from sallyport.adapters.mcp.link import Link, Once, own_answer, unguarded
from sallyport.adapters.mcp.questions import as_asked
from sallyport.adapters.mcp.talk import Talk
from sallyport.errors import UpstreamDownError
from sallyport.model import Asks, Json, JsonObject
from sallyport.ports import Hear, Launch, Outbound
from sallyport.rules import asking, jsonrpc

HANDLE: Final = "sallyport-held-"
HELD_MAX: Final = 256
HELD_MAX_EACH: Final = 32
"""How many conversations one principal may have open with one system, each on a connection."""

Turn: TypeAlias = "jsonrpc.Response | Asks"
"""What a call comes back with: an answer, or what its system asks first."""


class Subject(NamedTuple):
    """What a handle is good for."""

    system: str
    principal: str
    tool: str


@dataclass(slots=True, eq=False)
class Conversation:
    """A request that goes on while its asker is asked."""

    subject: Subject
    link: Link
    talk: Talk
    exchange: asyncio.Task[jsonrpc.Response]
    waiting: asyncio.Future[None] | None = None
    closing: asyncio.TimerHandle | None = None

    def wake(self, *_: object) -> None:
        """Let whoever waits look what there is."""
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_result(None)

    async def next(self) -> jsonrpc.Response | None:
        """Wait for the answer and return it, or return None once something was asked."""
        while not self.exchange.done():
            if self.talk.fresh:
                return None
            self.waiting = asyncio.get_running_loop().create_future()
            await self.waiting
        return self.exchange.result()

    def is_lost(self) -> bool:
        """Return whether its system ended it without an answer."""
        done = self.exchange.done()
        return done and (self.exchange.cancelled() or self.exchange.exception() is not None)


class Held:
    """The open conversations of all links."""

    def __init__(self) -> None:
        self._held: dict[str, Conversation] = {}
        self._out: set[Conversation] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def begin(
        self,
        outbound: Outbound,
        link: Link,
        talk: Talk,
        request: Callable[[], Coroutine[Any, Any, jsonrpc.Response]],
    ) -> Turn:
        """Send a request whose system may ask, and return its answer or its first questions.

        Args:
            outbound: The call.
            link: What it goes out on.
            talk: Who is asked.
            request: Sends it.
        """
        subject = _subject(outbound)
        talk.has_room = lambda: self._has_room(subject)
        conversation = Conversation(subject, link, talk, self._task(request()))
        self._out.add(conversation)
        conversation.exchange.add_done_callback(lambda _: self._ended(conversation))
        talk.woken = conversation.wake
        return await self._until(conversation)

    async def resume(self, outbound: Outbound, launch: Once, hear: Hear | None) -> Turn:
        """Answer what was asked, and return the answer to the call or the next questions.

        What has no answer is declined.

        Raises:
            UpstreamDownError: Its system waits no more, or never asked.
        """
        conversation = self._take(outbound)
        talk = conversation.talk
        talk.hear, talk.progress, talk.log_level = hear, outbound.progress, outbound.log_level
        talk.abilities = outbound.abilities
        try:
            await self._answer(conversation, outbound.answers, launch)
        except BaseException:
            self._end(conversation)
            raise
        return await self._until(conversation)

    def let_go(self, handle: str) -> None:
        """Decline what was asked and cancel the request; an unknown handle is nobody's."""
        if handle in self._held:
            self._expire(handle)

    async def _answer(
        self, conversation: Conversation, answers: JsonObject, launch: Launch
    ) -> None:
        messages = [
            _answer(question, answers.get(key)) for key, question in conversation.talk.shown.items()
        ]
        conversation.talk.shown.clear()
        if conversation.exchange.done() or not messages:
            # It asks no more: there is nothing to send, but what comes now is still a call's.
            launch()
            return
        for message in messages:
            await conversation.link.respond(message, launch)
            launch = unguarded

    async def _until(self, conversation: Conversation) -> Turn:
        """Return what comes next; hold the conversation if that is a question."""
        try:
            answer = await conversation.next()
        except BaseException:
            self._end(conversation)
            raise
        if answer is not None:
            return answer
        conversation.talk.hear = None
        handle = HANDLE + secrets.token_urlsafe(24)
        self._held[handle] = conversation
        loop = asyncio.get_running_loop()
        conversation.closing = loop.call_later(asking.WITHIN_S, self._expire, handle)
        return Asks(requests=_requests(conversation.talk.show()), state=handle, open=True)

    def _take(self, outbound: Outbound) -> Conversation:
        conversation = self._held.get(outbound.state)
        if conversation is None or conversation.subject != _subject(outbound):
            raise waits_no_more(outbound.system)
        self._release(outbound.state)
        if conversation.is_lost():
            raise waits_no_more(outbound.system)
        return conversation

    def _release(self, handle: str) -> Conversation:
        conversation = self._held.pop(handle)
        if conversation.closing is not None:
            conversation.closing.cancel()
        return conversation

    def _has_room(self, subject: Subject) -> bool:
        mine = sum(one.subject[:2] == subject[:2] for one in self._held.values())
        return len(self._held) < HELD_MAX and mine < HELD_MAX_EACH

    def _ended(self, conversation: Conversation) -> None:
        """Take note that a request is over; one that got no answer is held no more."""
        self._out.discard(conversation)
        if conversation.is_lost():
            for handle in [key for key, one in self._held.items() if one is conversation]:
                self._release(handle)
        conversation.wake()

    def _expire(self, handle: str) -> None:
        conversation = self._release(handle)
        for question in conversation.talk.shown.values():
            conversation.link.decline(own_answer(question))
        self._end(conversation)

    def _end(self, conversation: Conversation) -> None:
        conversation.exchange.cancel()

    def _task(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End every conversation."""
        for handle in tuple(self._held):
            self._release(handle)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _subject(outbound: Outbound) -> Subject:
    return Subject(outbound.system, outbound.principal, outbound.tool)


def _requests(questions: dict[str, jsonrpc.Request]) -> JsonObject:
    return {key: as_asked(one.method, one.params) for key, one in questions.items()}


def _answer(question: jsonrpc.Request, answer: Json) -> bytes:
    if not isinstance(answer, dict):
        return own_answer(question)
    return jsonrpc.result(question.id, {k: v for k, v in answer.items() if k != "resultType"})


def waits_no_more(system: str) -> UpstreamDownError:
    """Return the error for an answer that nobody waits for."""
    return UpstreamDownError(
        f"system `{system}` no longer waits for an answer", fix="call the tool again"
    )
