"""Text from outside is data. Once it has entered, what would change something asks a person."""

from __future__ import annotations

from collections.abc import Iterable

from sallyport.model import Floor, Level
from sallyport.rules import reasons
from sallyport.rules.context import Context


def untrusted(context: Context) -> Iterable[Floor]:
    """Ask at level *create* and above once the agent's run has taken in any upstream text."""
    if context.influenced and context.level >= Level.CREATE:
        return (reasons.ask("influence.untrusted", level=context.level.name.lower()),)
    return ()
