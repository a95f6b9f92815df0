"""What a system may ask of an agent in the middle of a call, and what counts as an answer.

Rules:
  1. Only what the agent declared and the boundary names is offered to a system, under names of
     ours: an ability, or an ability with a detail of it (`sampling.tools`).
  2. A system that asks for anything else has broken the protocol; nobody is asked.
  3. Each key that was asked is answered exactly once, and nothing else is.

Source: MCP 2026-07-28, "Multi round-trip requests"; MCP 2025-11-25, client features.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sallyport.model import Ability, Asks, Json, JsonObject

ELICITATION: Final = "elicitation/create"
SAMPLING: Final = "sampling/createMessage"
ROOTS: Final = "roots/list"

WITHIN_S: Final = 600
"""How long after its proposal a call may be gone on with; so long its system is waited for."""

_SAMPLING_DETAILS: Final = ("tools", "context")


def declared(capabilities: Json) -> frozenset[str]:
    """Return what a client's capabilities say it can be asked; unknown members count for nothing.

    An empty `elicitation` stands for forms, as older clients write it.
    """
    said = capabilities if isinstance(capabilities, dict) else {}
    found: set[str] = set()
    elicitation = said.get("elicitation")
    if isinstance(elicitation, dict):
        if "form" in elicitation or "url" not in elicitation:
            found.add(Ability.FORM)
        if "url" in elicitation:
            found.add(Ability.URL)
    sampling = said.get("sampling")
    if isinstance(sampling, dict):
        found.add(Ability.SAMPLING)
        found |= {f"{Ability.SAMPLING}.{name}" for name in _SAMPLING_DETAILS if name in sampling}
    if isinstance(said.get("roots"), dict):
        found.add(Ability.ROOTS)
    return frozenset(found)


def within(abilities: Iterable[str], named: frozenset[str]) -> frozenset[str]:
    """Return those abilities, with their details, that a boundary names."""
    return frozenset(one for one in abilities if one.partition(".")[0] in named)


def capabilities(abilities: frozenset[str]) -> JsonObject:
    """Return the client capabilities that are declared to a system for these abilities."""
    said: JsonObject = {}
    modes: JsonObject = {one: {} for one in (Ability.FORM, Ability.URL) if one in abilities}
    if modes:
        said["elicitation"] = modes
    if Ability.SAMPLING in abilities:
        names = (name for name in _SAMPLING_DETAILS if f"{Ability.SAMPLING}.{name}" in abilities)
        said["sampling"] = {name: {} for name in names}
    if Ability.ROOTS in abilities:
        said["roots"] = {}
    return said


def ability_of(request: Json) -> str:
    """Return the ability that a system's question needs; empty for what nobody can be asked."""
    if not isinstance(request, dict):
        return ""
    params = request.get("params", {})
    if not isinstance(params, dict):
        return ""
    match request.get("method"):
        case "elicitation/create":
            mode = params.get("mode", Ability.FORM)
            return str(mode) if mode in (Ability.FORM, Ability.URL) else ""
        case "sampling/createMessage":
            return f"{Ability.SAMPLING}.tools" if "tools" in params else Ability.SAMPLING
        case "roots/list":
            return Ability.ROOTS
        case _:
            return ""


def unasked(asks: Asks, abilities: frozenset[str]) -> bool:
    """Return whether a system asks for something that it was never offered, or for nothing."""
    wanted = [ability_of(request) for request in asks.requests.values()]
    return not all(one in abilities for one in wanted) or not (wanted or asks.state)


def named(asks: Asks) -> list[Json]:
    """Return the abilities that the questions need, for the ledger: each once, sorted."""
    return list[Json](sorted({ability_of(request) for request in asks.requests.values()}))


def answers_all(asks: Asks, answers: JsonObject) -> bool:
    """Return whether answers are to exactly what was asked, each of them an object."""
    return answers.keys() == asks.requests.keys() and all(
        isinstance(answer, dict) for answer in answers.values()
    )
