"""The one place where the ending of a call becomes an answer of the stateless era.

Rules:
  1. What was decided never depends on the client; only the form in which it hears of it does.
  2. A call that waits for a person is a task for a client that declared tasks, else a link for one
     that can show its user links, else a text, which every client can read.
  3. What a system asks goes to the client with request state that brings the answers back. A
     client that leaves questions out is asked again; nothing has happened by that. Whoever is
     asked reads which system asks, in the gateway's words.
  4. A user who declines the link is not shown it again: then the text says how it stands.

Source: MCP 2026-07-28, "Multi round-trip requests" and "Elicitation".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sallyport.doors.mcp import labels, methods, results
from sallyport.doors.mcp.caller import Caller
from sallyport.doors.mcp.calls import Asked
from sallyport.doors.mcp.client import Client
from sallyport.doors.mcp.page import PATH
from sallyport.doors.mcp.refusals import ParamsError
from sallyport.doors.mcp.sealed import ASKED, HELD, Seals, State, digest
from sallyport.doors.mcp.tasks import Tasks
from sallyport.model import Approval, Ending, Json, JsonObject
from sallyport.rules import asking, jsonrpc, told, waiting
from sallyport.rules.commands import Ended
from sallyport.rules.jsonrpc import Id, Request
from sallyport.rules.methods import GET_PROMPT, METHODS, READ
from sallyport.rules.times import SECOND_US

CALL: Final = "tools/call"
MAY_ASK: Final = frozenset({CALL, GET_PROMPT, READ})
"""The methods whose answer may ask the client for something."""

QUESTION: Final = "approval"
"""The key of the gateway's own question, the link."""

LATER_S: Final = 24 * 3600
"""How long after the end of its question a client may still come back for what became of it."""

DECLINED: Final = frozenset({"decline", "cancel"})


@dataclass(frozen=True, slots=True)
class Brought:
    """What a client brings back: request state as it was sent, and answers by their key."""

    state: str
    answers: JsonObject

    @property
    def declined(self) -> bool:
        """Whether the user did not want the link."""
        answer = self.answers.get(QUESTION)
        return isinstance(answer, dict) and answer.get("action") in DECLINED


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """One request that proposes a call, or comes back for one.

    `origin` is the gateway's address as the client wrote it; empty where it cannot be given back.
    """

    asked: Asked
    method: str
    caller: Caller
    client: Client
    origin: str
    brought: Brought | None = None
    log_level: str = ""

    @property
    def same(self) -> str:
        """What tells this call from others."""
        return digest(self.method, self.asked.tool, self.asked.args)


def brought(request: Request) -> Brought | None:
    """Return what a request brings back, None where it brings nothing.

    Raises:
        ParamsError: It answers something, and not what it was asked.
    """
    params = request.params
    if "requestState" not in params and "inputResponses" not in params:
        return None
    if request.method not in MAY_ASK:
        raise ParamsError("a request of this method is never asked for anything", fix=_AGAIN)
    state, answers = params.get("requestState"), params.get("inputResponses", {})
    if not isinstance(state, str):
        raise ParamsError(
            "the member `inputResponses` came without the `requestState` of what was asked",
            fix=_AGAIN,
        )
    if not isinstance(answers, dict) or not all(isinstance(one, dict) for one in answers.values()):
        raise ParamsError("the member `inputResponses` is not an object of objects", fix=_AGAIN)
    return Brought(state, answers)


class Forms:
    """Gives the ending of a call the form that its client can read.

    Args:
        seals: Makes request state and links.
        tasks: Makes tasks.
    """

    def __init__(self, seals: Seals, tasks: Tasks) -> None:
        self._seals = seals
        self._tasks = tasks

    async def response(self, calling: Calling, ended: Ended, *, has_output_schema: bool) -> bytes:
        """Return the response to a request.

        Args:
            calling: The request.
            ended: What became of its call.
            has_output_schema: Whether it is a tool that says what its results look like.

        Raises:
            MissingCapabilityError: The system needs a capability that the client did not declare.
        """
        id_ = calling.asked.id
        if ended.ending is Ending.ASKED and ended.asks is not None:
            return self.ask(calling, ended)
        if (approval := _waits_for(ended)) is not None:
            if calling.client.tasks and calling.method == CALL:
                return jsonrpc.result(id_, await self._tasks.created(calling.caller.task, ended))
            if _takes_link(calling):
                return self._link(calling, ended, approval)
        return plain(id_, ended, has_output_schema=has_output_schema)

    def ask(self, calling: Calling, ended: Ended) -> bytes:
        """Return the response that passes on what a system asks."""
        until_us = ended.call.proposed_us + asking.WITHIN_S * SECOND_US
        asked = ended.asks.requests if ended.asks is not None else {}
        requests: JsonObject = {
            key: labels.question(one, ended.call.system) for key, one in asked.items()
        }
        return self._input_required(calling, ended, requests, kind=ASKED, until_us=until_us)

    def _link(self, calling: Calling, ended: Ended, approval: Approval) -> bytes:
        params: JsonObject = {
            "mode": "url",
            "message": waiting.elicitation(ended, approval),
            "url": f"{calling.origin}{PATH}/{self._seals.link(ended.call.id)}",
        }
        requests: JsonObject = {QUESTION: {"method": asking.ELICITATION, "params": params}}
        until_us = approval.expires_us + LATER_S * SECOND_US
        return self._input_required(calling, ended, requests, kind=HELD, until_us=until_us)

    def _input_required(
        self, calling: Calling, ended: Ended, requests: JsonObject, *, kind: str, until_us: int
    ) -> bytes:
        state = State(kind=kind, call_id=ended.call.id, same=calling.same, until_us=until_us)
        own: JsonObject = {"_meta": {told.META_KEY: told.meta(ended)}}
        said: JsonObject = {
            **results.complete(own),
            "resultType": "input_required",
            "requestState": self._seals.hand_out(calling.caller, state),
        }
        if requests:
            said["inputRequests"] = requests
        return jsonrpc.result(calling.asked.id, said)


def plain(id_: Id, ended: Ended, *, has_output_schema: bool) -> bytes:
    """Return the response that every client can read.

    Raises:
        MissingCapabilityError: The system needs a capability that the client did not declare.
    """
    if ended.call.proposal.tool in METHODS:
        return methods.response(id_, ended, stateless=True)
    return results.response(id_, ended, has_output_schema=has_output_schema, stateless=True)


def chosen(asked: JsonObject, answers: JsonObject) -> JsonObject | None:
    """Return the answers to what was asked, or None if one is missing. Others are not needed."""
    found: dict[str, Json] = {key: answers[key] for key in asked if key in answers}
    return found if len(found) == len(asked) else None


def _waits_for(ended: Ended) -> Approval | None:
    return ended.approval if not waiting.is_over(ended) else None


def _takes_link(calling: Calling) -> bool:
    if calling.brought is not None and calling.brought.declined:
        return False
    may_be_asked = calling.client.opens_links and calling.method in MAY_ASK
    return may_be_asked and bool(calling.origin)


_AGAIN: Final = "leave it out, and repeat exactly the call to learn what became of it"
