"""How much of it there is: what a settings file says, and when all of it is off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sallyport.model import Impact, Level, Person
from sallyport.rules.attention.exercises import enough
from sallyport.rules.waiting_rules import SERIOUS

IRREVERSIBLE_TIMES = 2
"""What nobody can take back is looked at for so many times as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """What the settings say: whether there is any of it, how often, and how long a look takes.

    `canaries` and `second_looks` are per thousand answers; `viewing_s` are seconds that a page of
    high risk is looked at before a yes to it counts.
    """

    on: bool = False
    canaries: int = 20
    second_looks: int = 50
    viewing_s: int = 5

    def counts(self, people: Iterable[Person]) -> bool:
        """Return whether any of it is in force: it is on, and enough people answer."""
        return self.on and enough(people)


OFF = Attention()


def viewing_s(
    attention: Attention, level: Level, touches: Iterable[Impact], *, irreversible: bool
) -> int:
    """Return how many seconds a question is looked at before a yes to it counts; 0 for any.

    Only high risk has a floor: what leaves the house, what is more than an entry in a record, and
    longer than these what nobody can take back. To say no takes no time.
    """
    if irreversible:
        return attention.viewing_s * IRREVERSIBLE_TIMES
    risky = level is Level.EXTERNAL or bool(SERIOUS.intersection(touches))
    return attention.viewing_s if risky else 0
