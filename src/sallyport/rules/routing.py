"""For whom a question is meant that was passed on. Routing alone: nobody may more than before."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sallyport.model import Passed
from sallyport.rules.answering import Kind


def meant_for(passed: Iterable[Passed], person: str, roles: Collection[str]) -> bool:
    """Return whether a question should still stand in somebody's own list.

    Whoever said that it is not theirs has it no more. Handed over, it is with that person or role,
    until somebody hands it on. Whatever is escalated is back with everybody who is asked.

    Args:
        passed: How it was passed on, oldest first.
        person: Whose list it is.
        roles: The roles that they hold.
    """
    to, declined = "", False
    for one in passed:
        if one.how == Kind.NOT_MINE:
            declined = declined or one.person == person
            continue
        to = one.to if one.how == Kind.HAND_OVER else ""
        declined = declined and to != person
    return not declined and (not to or to == person or to in roles)
