"""What a system asks instead of answering, brought into the one form that the flow knows.

Rules:
  1. A system asks only what its asker can be asked. Whatever else it asks, nobody knows what became
     of the call.
  2. Of a question only its method and its parameters are passed on, without `_meta`: that speaks
     about one hop.
  3. An error that names addresses to be opened first is a question where that may be asked.
     Elsewhere it is an error, and names no addresses.

Source: MCP 2026-07-28, "Multi round-trip requests"; MCP 2025-11-25, "Elicitation".
"""

from __future__ import annotations

from typing import Final

from sallyport.model import Ability, Asks, Json, JsonObject
from sallyport.rules import asking
from sallyport.rules.methods import GET_PROMPT, READ

INPUT_REQUIRED: Final = "input_required"
URL_REQUIRED: Final = -32042
"""The code of the handshake era's error for what can go on only after an address was opened."""

QUESTIONS_MAX: Final = 16
"""How many questions of one call may wait for their answers at a time."""

STATE_LENGTH_MAX: Final = 256 * 1024

_MAY_ASK: Final = (READ, GET_PROMPT)


def as_asked(method: str, params: JsonObject) -> JsonObject:
    """Return a question in the form in which it is passed on."""
    kept = {name: value for name, value in params.items() if name != "_meta"}
    return {"method": method, "params": kept} if kept else {"method": method}


def asked_instead(
    result: JsonObject, method: str, abilities: frozenset[str], *, is_method: bool
) -> Asks | str:
    """Return what a result of the stateless era asks, or what is wrong with it.

    Args:
        result: A result whose kind is `input_required`.
        method: The method or tool that was called.
        abilities: What its asker can be asked.
        is_method: Whether it was a method other than `tools/call`.
    """
    if is_method and method not in _MAY_ASK:
        return "it asks for input where none can be given"
    asks = _read(result)
    if asks is None:
        return "it asks for input in a way that nobody understands"
    if asking.unasked(asks, abilities):
        return "it asks for input that it was never offered"
    return asks


def _read(result: JsonObject) -> Asks | None:
    requests, state = result.get("inputRequests", {}), result.get("requestState", "")
    if not isinstance(requests, dict) or len(requests) > QUESTIONS_MAX:
        return None
    if not isinstance(state, str) or len(state) > STATE_LENGTH_MAX:
        return None
    read = {key: _question(request) for key, request in requests.items()}
    found: JsonObject = {key: one for key, one in read.items() if one is not None}
    return Asks(requests=found, state=state) if len(found) == len(read) else None


def _question(request: Json) -> JsonObject | None:
    match request:
        case {"method": str(method), "params": dict(params)}:
            return as_asked(method, params)
        case {"method": str(method), **rest} if "params" not in rest:
            return as_asked(method, {})
        case _:
            return None


def addresses(error: JsonObject, abilities: frozenset[str]) -> Asks | None:
    """Return the addresses that an error of the handshake era wants opened, as questions.

    None if it is no such error, or nobody can be asked that.
    """
    if error.get("code") != URL_REQUIRED or Ability.URL not in abilities:
        return None
    data = error.get("data")
    wanted = data.get("elicitations") if isinstance(data, dict) else None
    if not isinstance(wanted, list) or not 0 < len(wanted) <= QUESTIONS_MAX:
        return None
    requests: JsonObject = {
        f"q{number}": as_asked(asking.ELICITATION, one)
        for number, one in enumerate(wanted, start=1)
        if isinstance(one, dict)
    }
    asks = Asks(requests=requests)
    return None if len(requests) < len(wanted) or asking.unasked(asks, abilities) else asks


def without_addresses(error: JsonObject) -> JsonObject:
    """Return the error without the addresses that it wants opened."""
    if error.get("code") != URL_REQUIRED:
        return error
    return {name: value for name, value in error.items() if name != "data"}
