"""Going past the reviewers for a while: two people sign for it, it ends, a third looks at it.

Rules:
  1. One person asks and another signs, each by their own right and with a key of their own. Whoever
     works alone has nobody to sign with, and no glass to break.
  2. It eases what asks, and only what the boundary itself asks: never a `never`, a refusal, a
     draft, a stop, a limit, nor a floor that somebody set by hand or an agent's stage.
  3. It has one workflow or one tool, a reason, and an end of at most four hours.
  4. What was done under it is listed, and stays to be looked at by somebody who was neither of the
     two.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sallyport.errors import BadInputError, ConflictError, NotPermittedError
from sallyport.model import (
    BreakGlass,
    Decision,
    Floor,
    GlassState,
    Json,
    JsonObject,
    Origin,
    Person,
    Verdict,
)
from sallyport.rules import canonical, reasons
from sallyport.rules.answering import BECAUSE_MAX
from sallyport.rules.context import Context
from sallyport.rules.roles import may
from sallyport.rules.times import SECOND_US, utc

ASK: Final = "break-glass"
SECOND: Final = "break-glass-second"
REVIEW: Final = "break-glass-review"
"""What the three of them sign, as `rules.statements` has it."""

MAY: Final[Mapping[str, str]] = {ASK: "glass.ask", SECOND: "glass.second", REVIEW: "glass.review"}

LASTS_MIN_S: Final = 60
LASTS_MAX_S: Final = 4 * 3600
LAPSES_US: Final = 30 * 60 * SECOND_US
"""What was asked for and not signed second by then has to be asked for again."""

BY_TIME: Final = "its end"
"""Stands for who ended it where its time was over."""

FOUND: Final[Mapping[str, str]] = {
    "in_order": "what was done was needed and is right",
    "not_in_order": "something of it was not needed, or is not right",
}

EASED: Final = frozenset(
    {
        *("boundary.ask", "boundary.allow_over", "level.ask", "impact.ask"),
        *("irreversible.ask", "influence.untrusted"),
    }
)
"""The reasons to ask that are eased. A reason that is not here goes on asking."""

_SCOPE = re.compile(r"(workflow|tool):[^\s:*][^\s*]{0,199}")


# --- What is signed. ---


def asked(scope: str, because: str, lasts_s: int) -> JsonObject:
    """Return what the first signs.

    Raises:
        BadInputError: It is for everything, without a reason, or without an end soon enough.
    """
    if _SCOPE.fullmatch(scope) is None:
        raise BadInputError(
            f"`{scope[:80]}` is no glass that can be broken",
            fix="name one: workflow:NAME or tool:NAME",
        )
    if not because.strip() or len(because) > BECAUSE_MAX:
        raise BadInputError("no reason was given, or a very long one", fix="say why; it is kept")
    if not LASTS_MIN_S <= lasts_s <= LASTS_MAX_S:
        hours = LASTS_MAX_S // 3600
        raise BadInputError(
            f"{lasts_s} s is no time for that", fix=f"give one minute to {hours} hours"
        )
    return {"scope": scope, "because": because, "lasts_s": lasts_s}


def seconded(glass: BreakGlass) -> JsonObject:
    """Return what the second signs: all that the first did, and who and when that was."""
    return {
        "glass": glass.id,
        "scope": glass.scope,
        "because": glass.because,
        "lasts_s": glass.lasts_s,
        "asked_by": glass.asked.person,
        "asked_at_us": glass.asked.at_us,
    }


def reviewed(glass: BreakGlass, calls: Sequence[str], found: str, words: str) -> JsonObject:
    """Return what the third signs: which calls they looked at, and what they say of them.

    Raises:
        BadInputError: What they found is unknown, or there are no words.
    """
    if found not in FOUND:
        raise BadInputError(f"`{found[:40]}` is no finding", fix=f"use {' or '.join(FOUND)}")
    if not words.strip() or len(words) > BECAUSE_MAX:
        raise BadInputError("there are no words, or too many", fix="say what you looked at")
    return {
        "glass": glass.id,
        "scope": glass.scope,
        "calls": len(calls),
        "digest": calls_digest(calls),
        "found": found,
        "words": words,
    }


def calls_digest(calls: Iterable[str]) -> str:
    """Return the digest of the ids of the calls that went ahead under one."""
    return canonical.digest("glass-calls", list[Json](sorted(calls)))


# --- Who may. ---


def admit_second(glass: BreakGlass, person: Person, key: str, now_us: int) -> None:
    """Check that this person, with this key, may be the second.

    Raises:
        ConflictError: It is in force or over already, or was asked for too long ago.
        NotPermittedError: They are the first, or use the first's key.
    """
    if glass.state is not GlassState.ASKED:
        raise ConflictError(f"break-glass `{glass.id}` is {glass.state.value.replace('_', ' ')}")
    if now_us >= glass.asked_us + LAPSES_US:
        raise ConflictError(f"break-glass `{glass.id}` was asked for too long ago", fix="ask anew")
    if person.name == glass.asked.person or (key and key == glass.asked.key):
        raise NotPermittedError(
            "nobody breaks the glass alone", fix="somebody else signs, with a key of their own"
        )


def admit_review(glass: BreakGlass, person: Person, key: str = "") -> None:
    """Check that this person may look at what was done as the third.

    Raises:
        ConflictError: It is not over, or was looked at already.
        NotPermittedError: They are one of the two.
    """
    if glass.state is not GlassState.ENDED:
        raise ConflictError(f"break-glass `{glass.id}` is {glass.state.value.replace('_', ' ')}")
    if person.name in two(glass) or (key and key in keys(glass)):
        raise NotPermittedError(
            "whoever broke the glass does not look at it afterwards", fix="a third person signs"
        )


def may_review(glass: BreakGlass, person: Person) -> bool:
    """Return whether a person may be the third, and has not to be asked twice."""
    third = glass.state is GlassState.ENDED and person.name not in two(glass)
    return third and person.can_sign and may(person.roles, MAY[REVIEW])


def two(glass: BreakGlass) -> frozenset[str]:
    """Return the names of the people who signed for it."""
    return frozenset(one.person for one in (glass.asked, glass.second) if one is not None)


def keys(glass: BreakGlass) -> frozenset[str]:
    """Return the keys with which it was signed."""
    return frozenset(one.key for one in (glass.asked, glass.second) if one is not None)


def stands(glass: BreakGlass, people: Mapping[str, Person]) -> bool:
    """Return whether both who signed still can: switched off, or without the right, none does."""
    if glass.state is not GlassState.IN_FORCE or glass.second is None:
        return False
    return all(
        (person := people.get(one.person)) is not None
        and person.can_sign
        and one.key in person.keys
        and may(person.roles, MAY[verb])
        for verb, one in ((ASK, glass.asked), (SECOND, glass.second))
    )


# --- What it does. ---


def eased(floors: Sequence[Floor], context: Context) -> list[Floor]:
    """Return the floors of a call as they stand under what is broken; all of them, or none.

    A call that somebody has to answer for another reason is asked with all its reasons.
    """
    glass = _covering(context)
    asks = [one.code for one in floors if one.verdict is Verdict.ASK]
    above = any(one.verdict > Verdict.ASK for one in floors)
    if glass is None or above or not asks or not EASED.issuperset(asks):
        return list(floors)
    lowered = [Floor(verdict=Verdict.ALLOW, code=one.code, words=one.words) for one in floors]
    return [*lowered, _said(glass)]


def used(decision: Decision) -> str:
    """Return the id of the broken glass that a decision counted on; empty for none."""
    if decision.verdict is not Verdict.ALLOW:
        return ""
    found = (one.words.get("glass", "") for one in decision.floors if one.code == "glass.broken")
    return next(found, "")


def is_over(context: Context, glass: str, at_us: int) -> bool:
    """Return whether a broken glass that a decision counted on has ended by now."""
    return all(one.id != glass or at_us >= one.ends_us for one in context.glasses)


def scopes(workflows: Collection[str], tools: Collection[str]) -> tuple[str, ...]:
    """Return every scope for which the glass can be broken."""
    return (
        *(f"workflow:{name}" for name in sorted(workflows)),
        *(f"tool:{name}" for name in sorted(tools)),
    )


def _covering(context: Context) -> BreakGlass | None:
    """Return what is broken for a call that an agent proposes and nobody was asked about."""
    if context.proposal.origin is not Origin.AGENT or context.approval is not None:
        return None
    names = context.scopes
    found = (one for one in context.glasses if one.scope in names and context.now_us < one.ends_us)
    return next(found, None)


def _said(glass: BreakGlass) -> Floor:
    return reasons.allow(
        "glass.broken",
        first=glass.asked.person,
        second=glass.second.person if glass.second else "",
        scope=glass.scope,
        until=utc(glass.ends_us),
        glass=glass.id,
    )
