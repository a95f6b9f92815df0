"""What happens while something waits for people: how long it may, who hears, what interrupts.

Rules:
  1. Waiting never approves anything. At its end a question is closed, and nothing has happened.
  2. Nothing here gives anybody a right to answer. Escalating, standing in and rounds say who is
     told, and when; who may answer stands in the question.
  3. All of it follows from times that were written down, so a restart changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sallyport.errors import BadInputError
from sallyport.model import Away, Impact, Json, Level, Person
from sallyport.rules import canonical
from sallyport.rules.times import DAY_US, SECOND_US

WAITING_MAX: Final = 40
"""How many questions of one agent may wait at a time where the settings do not say."""

HOUR_S: Final = 3600
USUAL_S: Final = 4 * HOUR_S
LEVEL_S: Final[Mapping[Level, int]] = {Level.EXTERNAL: HOUR_S}
IMPACT_S: Final[Mapping[Impact, int]] = {Impact.MONEY: HOUR_S // 2}

ESCALATIONS: Final = ((1, 2), (3, 4))
"""At which parts of its time an unanswered question rises: to level 2, and to level 3."""
HIGHEST: Final = 1 + len(ESCALATIONS)

AWAY_DAYS_MAX: Final = 366
ROUNDS_MAX: Final = 24
MINUTE_US: Final = 60 * SECOND_US

SERIOUS: Final = frozenset(Impact) - {Impact.RECORDS}
"""What is never left for a round: everything that is more than an entry in a record."""

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


# --- How long a question waits, and whom else it reaches meanwhile. ---


def within_s(level: Level, touches: Collection[Impact]) -> int:
    """Return how long a question waits where no `within` is written; the shortest counts."""
    of_impacts = (IMPACT_S.get(impact, USUAL_S) for impact in touches)
    return min(LEVEL_S.get(level, USUAL_S), *of_impacts, USUAL_S)


def level_at(asked_us: int, expires_us: int, now_us: int) -> int:
    """Return how far an unanswered question has risen: 1 is with those whom it asks."""
    return 1 + sum(
        now_us >= asked_us + (expires_us - asked_us) * part // whole for part, whole in ESCALATIONS
    )


def targets(level: int, *, tell: str, owner: str, contact: str) -> tuple[str, ...]:
    """Return who hears of a question that has risen to a level, as the files name them.

    Args:
        level: 2 or 3.
        tell: Whom the workflow's stop plan tells, a person or a role; empty if nobody.
        owner: Who answers for the workflow.
        contact: Whom to tell when something goes wrong with the agent.
    """
    on_call = (tell or owner,)
    named = on_call if level < HIGHEST else (*on_call, owner, contact)
    return tuple(dict.fromkeys(name for name in named if name))


def holders(names: Collection[str], people: Mapping[str, Person]) -> tuple[str, ...]:
    """Return names with each role replaced by the active people who hold it."""
    found: dict[str, None] = {}
    for name in names:
        held = sorted(one.name for one in people.values() if one.active and name in one.roles)
        found.update(dict.fromkeys(held if held and name not in people else [name]))
    return tuple(found)


# --- Who is away. ---


def is_away(person: Person | None, now_us: int) -> bool:
    """Return whether somebody has said that they are away now."""
    return (
        person is not None
        and person.away is not None
        and person.away.from_us <= now_us < person.away.until_us
    )


def routed(names: Collection[str], people: Mapping[str, Person], now_us: int) -> tuple[str, ...]:
    """Return whom to tell: for everybody who is away, the one who stands in.

    Where whoever stands in is away as well, both are told: better too many than nobody.
    """
    found: list[str] = []
    for name in names:
        stand_in = instead(people.get(name), now_us)
        found.append(stand_in or name)
        if stand_in and is_away(people.get(stand_in), now_us):
            found.append(name)
    return tuple(dict.fromkeys(found))


def instead(person: Person | None, now_us: int) -> str:
    """Return who stands in for somebody now; empty where they are there."""
    if person is None or person.away is None or not is_away(person, now_us):
        return ""
    return person.away.to


def stands_in_for(name: str, people: Mapping[str, Person], now_us: int) -> tuple[str, ...]:
    """Return for whom somebody stands in now, sorted."""
    return tuple(sorted(one.name for one in people.values() if instead(one, now_us) == name))


def check_away(person: Person, away: Away, people: Mapping[str, Person], now_us: int) -> None:
    """Refuse a window that says nothing, or a stand-in who could not answer in their own right.

    Raises:
        BadInputError: What is wrong with it.
    """
    if not (now_us < away.until_us and away.from_us < away.until_us):
        raise BadInputError("that time is over already", fix="name an end that is still to come")
    if away.until_us - now_us > AWAY_DAYS_MAX * DAY_US:
        raise BadInputError("that is more than a year ahead", fix="name an earlier end")
    other = people.get(away.to)
    if other is None or not other.can_sign or other.name == person.name:
        raise BadInputError(
            f"`{away.to[:80]}` cannot stand in for `{person.name}`",
            fix="name somebody else who is enrolled and active",
        )
    if not other.roles & person.roles:
        raise BadInputError(
            f"`{other.name}` holds none of the roles of `{person.name}`, and gets none by this",
            fix="name somebody who may answer in their own right",
        )


# --- Rounds: what cannot wait, and what is looked at together. ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """What is looked at of one question to say whether it can wait for a round."""

    level: Level
    touches: frozenset[Impact]
    irreversible: bool
    expires_us: int
    risen: int = 1


def times_of_day(rounds: Sequence[str]) -> tuple[int, ...]:
    """Return times of day, `09:30` in UTC, in microseconds after midnight, sorted.

    Raises:
        BadInputError: One of them is none, or there are too many.
    """
    found = [one for text in rounds if (one := _TIME.fullmatch(text))]
    if len(found) < len(rounds) or len(rounds) > ROUNDS_MAX:
        raise BadInputError(
            "`rounds` does not hold times of day", fix='write them as `rounds: ["09:30", "15:00"]`'
        )
    said = {(int(one[1]) * 60 + int(one[2])) * MINUTE_US for one in found}
    return tuple(sorted(said))


def next_round(times: Sequence[int], now_us: int) -> int:
    """Return when the next round is; 0 where there are none."""
    if not times:
        return 0
    midnight = now_us - now_us % DAY_US
    later = [midnight + one for one in times if midnight + one > now_us]
    return later[0] if later else midnight + DAY_US + times[0]


def cannot_wait(one: Waits, round_us: int) -> bool:
    """Return whether a question interrupts people rather than waiting for the next round.

    Only what stays inside, can be put right and has not risen waits, and only where the next round
    comes before the question ends.

    Args:
        one: The question.
        round_us: When the next round is; 0 where there are none.
    """
    low = one.level < Level.EXTERNAL and not one.irreversible and not one.touches & SERIOUS
    return not (round_us and low and one.risen == 1 and round_us < one.expires_us)


def alike(agent: str, workflow: str, tool: str, args: Json) -> str:
    """Return what questions share that ask for the same thing: agent, workflow, tool, arguments.

    It is a digest, so that it can be shown where the arguments cannot.
    """
    return canonical.digest("alike", [agent, workflow, tool, args])[:16]
