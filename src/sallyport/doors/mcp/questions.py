"""What a system asks, put to a client of the handshake era: as requests on its own stream.

Rules:
  1. Each question has an id that nobody guesses, and is answered once, in its own session. Answers
     to anything else are taken and forgotten, as the protocol wants it.
  2. A user who is asked reads which system asks, in the gateway's words.
  3. An error in place of an answer is a dismissal: a form or a link counts as cancelled. For what
     else is asked MCP has no such answer, so the question stays unanswered.
  4. Of an answer only what MCP gives for it travels on.

Source: MCP 2025-11-25, "Elicitation", "Sampling" and "Roots".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sallyport.doors.mcp import labels
from sallyport.doors.mcp.bounds import TICK_S
from sallyport.doors.mcp.outbox import Outbox
from sallyport.doors.mcp.sessions import Session
from sallyport.flow.house import House
from sallyport.model import Ability, Json, JsonObject
from sallyport.rules import asking, jsonrpc
from sallyport.rules.commands import Ended
from sallyport.rules.jsonrpc import Id, Response

AT_ONCE_MAX: Final = 32
"""How many questions a system may ask at once."""

WITHIN_S: Final = asking.WITHIN_S - 15
"""How long a client has for its answers: less than they may be given, so that none is too late."""

URL_SINCE: Final = "2025-11-25"
"""From here on elicitation has modes, and a link has an id."""

_ACTIONS: Final = frozenset({"accept", "decline", "cancel"})
_CANCELLED: Final = "notifications/cancelled"


@dataclass(frozen=True, slots=True)
class _Question:
    """One question that is out: its id with the client, what is asked, and the answer to come."""

    id: Id
    request: JsonObject
    answer: asyncio.Future[Response]


async def put(house: House, session: Session, outbox: Outbox, ended: Ended) -> JsonObject | None:
    """Put a system's questions to a client and return its answers by their key.

    Args:
        house: Whose ids and end count.
        session: Of the client.
        outbox: Of the request that the questions belong to.
        ended: The call whose system asks.

    Returns:
        None where one of them was not answered.
    """
    asked = ended.asks.requests if ended.asks is not None else {}
    if len(asked) > AT_ONCE_MAX:
        return None
    out = {key: _question(house, session, request, ended) for key, request in asked.items()}
    try:
        for one in out.values():
            session.questions[one.id] = one.answer
            method, params = str(one.request["method"]), jsonrpc.encode(one.request["params"])
            if not outbox.put(jsonrpc.request(one.id, method, params)):
                return None
        if not await _answered(house, [one.answer for one in out.values()]):
            return None
        return _usable(out)
    finally:
        for one in out.values():
            session.questions.pop(one.id, None)
            if not one.answer.done():
                _take_back(outbox, one.id)


def answered(session: Session, response: Response) -> None:
    """Take what a client answers; what answers nothing is forgotten."""
    question = session.questions.pop(response.id, None) if response.id is not None else None
    if question is not None and not question.done():
        question.set_result(response)


def _take_back(outbox: Outbox, id_: Id) -> None:
    reason: JsonObject = {"requestId": id_, "reason": "nobody waits for the answer any more"}
    outbox.put(jsonrpc.notification(_CANCELLED, reason))


async def _answered(house: House, answers: list[asyncio.Future[Response]]) -> bool:
    """Wait until all is answered; return False when that took too long, or the house closes."""
    left_s = float(WITHIN_S)
    while left_s > 0 and not house.closing:
        if not answers or not (await asyncio.wait(answers, timeout=TICK_S))[1]:
            return not any(one.cancelled() for one in answers)
        left_s -= TICK_S
    return False


# --- Questions, as a client reads them. ---


def _question(house: House, session: Session, request: Json, ended: Ended) -> _Question:
    shown = labels.question(request, ended.call.system)
    params = shown["params"]
    if shown["method"] == asking.ELICITATION and isinstance(params, dict):
        shown["params"] = _of_version(house, session, params)
    return _Question(
        id=house.gateway.outside.ids.new("q"),
        request=shown,
        answer=asyncio.get_running_loop().create_future(),
    )


def _of_version(house: House, session: Session, params: JsonObject) -> JsonObject:
    """Return an elicitation as the session's version has it."""
    mode = params.get("mode", Ability.FORM)
    if mode == Ability.URL:
        return {"elicitationId": house.gateway.outside.ids.new("e"), **params}
    if session.version >= URL_SINCE:
        return {**params, "mode": str(Ability.FORM)}
    return {name: value for name, value in params.items() if name != "mode"}


# --- Answers, as they travel on. ---


def _usable(out: Mapping[str, _Question]) -> JsonObject | None:
    found = {
        key: _READ[str(one.request["method"])](one.answer.result().result)
        for key, one in out.items()
    }
    usable: JsonObject = {key: answer for key, answer in found.items() if answer is not None}
    return usable if len(usable) == len(out) else None


def _elicited(result: JsonObject | None) -> JsonObject | None:
    said = result or {}
    action, content = said.get("action"), said.get("content")
    if action not in _ACTIONS:
        return {"action": "cancel"}
    if action == "accept" and isinstance(content, dict):
        return {"action": action, "content": content}
    return {"action": action}


def _sampled(result: JsonObject | None) -> JsonObject | None:
    if result is None or not {"role", "content"} <= result.keys():
        return None
    return {name: value for name, value in result.items() if name != "_meta"}


def _rooted(result: JsonObject | None) -> JsonObject | None:
    roots = result.get("roots") if result is not None else None
    return {"roots": roots} if isinstance(roots, list) else None


_READ: Final[Mapping[str, Callable[[JsonObject | None], JsonObject | None]]] = {
    asking.ELICITATION: _elicited,
    asking.SAMPLING: _sampled,
    asking.ROOTS: _rooted,
}
