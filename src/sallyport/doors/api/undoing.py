"""Taking a yes back, and going past the reviewers with a second person, as the JSON doors have it.

Whoever takes a yes back signs too: not because it loosens anything, but to show that it is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from sallyport.doors.api import shapes
from sallyport.doors.api.fields import Field, one_of, signed, text, whole, words
from sallyport.doors.api.wire import Asked, Said
from sallyport.flow.house import House
from sallyport.model import BreakGlass, Json, JsonObject, Vouched
from sallyport.rules import break_glass
from sallyport.rules.answering import BECAUSE_MAX
from sallyport.rules.statements import Signed

Ask: TypeAlias = Asked[None]

UNDO = "undo"
"""What is signed to take a yes back: `{approval, because}`."""

_GLASS = text("its id")
UNDOING: Mapping[str, Field] = {
    "approval": text("the question that was approved"),
    "because": words("why, in your own words; it is kept", optional=True, chars_max=BECAUSE_MAX),
    "signed": signed(UNDO),
}
UNDOING_SIGNED: Mapping[str, Field] = {
    "person": text("who takes the yes back"),
    "because": words("why; it is kept", chars_max=BECAUSE_MAX),
    "at_us": whole("when it was signed, microseconds since 1970 UTC"),
    "signature": text("signature over the statement `undo`: hex, or a passkey's", chars_max=16_384),
}
ASKING: Mapping[str, Field] = {
    "scope": text("`workflow:NAME` or `tool:NAME`"),
    "because": text("why, in your own words; it is kept", chars_max=BECAUSE_MAX),
    "lasts_s": whole(
        "seconds that it lasts, from the second signature on", at_most=break_glass.LASTS_MAX_S
    ),
    "signed": signed(break_glass.ASK),
}
SECONDING: Mapping[str, Field] = {"glass": _GLASS, "signed": signed(break_glass.SECOND)}
ENDING: Mapping[str, Field] = {"glass": _GLASS, "by": text("who does this")}
REVIEWING: Mapping[str, Field] = {
    "glass": _GLASS,
    "found": one_of(list(break_glass.FOUND), "what was found"),
    "words": text("what was looked at, and what follows; it is kept", chars_max=BECAUSE_MAX),
    "signed": signed(break_glass.REVIEW),
}


async def undo(asked: Ask) -> Said:
    """Take a yes back, on the signature of whoever gave it or of an operator."""
    body = asked.body
    return await take_back(
        asked.house, body.text("approval"), body.text("because"), by=body.signed()
    )


async def take_back(house: House, approval: str, because: str, *, by: Signed) -> Said:
    """Take a yes back, as a person signed it."""
    details: JsonObject = {"approval": approval, "because": because}
    who = house.people.verify(UNDO, details, by)
    call = await house.inbox.undo(approval, person=who.name, because=because)
    return Said({"approval": approval, "state": "undone", "call": call.id})


async def glasses(asked: Ask) -> Said:
    """List what was asked for, is in force or has to be looked at, and what could be broken."""
    house = asked.house
    shown: list[Json] = [await whole_of(house, one) for one in await house.glasses.open()]
    return Said({"break_glass": shown, "scopes": list[Json](house.glasses.scopes())})


async def glass(asked: Ask) -> Said:
    """Show one, with the calls that went ahead under it."""
    house = asked.house
    return Said(await whole_of(house, await house.glasses.get(asked.path["id"])))


async def ask(asked: Ask) -> Said:
    """Ask to go past the reviewers; nothing changes yet."""
    body = asked.body
    made = await asked.house.glasses.ask(
        body.text("scope"), body.text("because"), body.whole("lasts_s"), body.signed()
    )
    return Said(await whole_of(asked.house, made))


async def second(asked: Ask) -> Said:
    """Put it in force, as the second person."""
    made = await asked.house.glasses.second(asked.body.text("glass"), asked.body.signed())
    return Said(await whole_of(asked.house, made))


async def end(asked: Ask) -> Said:
    """End it, or say no to it; nobody signs for that."""
    made = await asked.house.glasses.end(asked.body.text("glass"), by=asked.body.text("by"))
    return Said(await whole_of(asked.house, made))


async def review(asked: Ask) -> Said:
    """Say what was found, as the third person."""
    body = asked.body
    made = await asked.house.glasses.review(
        body.text("glass"), body.text("found"), body.text("words"), body.signed()
    )
    return Said(await whole_of(asked.house, made))


async def whole_of(house: House, one: BreakGlass) -> JsonObject:
    """Return a break-glass with every call that went ahead under it."""
    calls = await house.glasses.calls(one.id)
    return {
        **shown(one),
        "calls": [await _call(house, call) for call in calls],
        "sign_second": break_glass.seconded(one),
        "calls_digest": break_glass.calls_digest(calls),
    }


def shown(one: BreakGlass) -> JsonObject:
    """Return a break-glass."""
    return {
        "id": one.id,
        "scope": one.scope,
        "because": one.because,
        "state": one.state.value,
        "lasts_s": one.lasts_s,
        "asked": _vouched(one.asked),
        "asked_us": one.asked_us,
        "second": _vouched(one.second),
        "since_us": one.since_us,
        "ends_us": one.ends_us,
        "ended_us": one.ended_us,
        "ended_by": one.ended_by,
        "review": _vouched(one.review),
        "found": one.found,
        "words": one.words,
    }


def _vouched(one: Vouched | None) -> JsonObject | None:
    return None if one is None else {"person": one.person, "at_us": one.at_us, "key": one.key}


async def _call(house: House, call_id: str) -> JsonObject:
    call = await house.glasses.call(call_id)
    return {
        **shapes.call(call),
        "tool": call.proposal.tool,
        "agent": call.agent,
        "workflow": call.workflow,
        "requester": call.requester,
        "at_us": call.proposed_us,
    }
