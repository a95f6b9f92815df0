"""A property that is worked out when it is first asked for, and kept.

`functools.cached_property` does this too, under a lock until Python 3.12; the lock costs more than
most of what is kept here. What is kept follows from a frozen value, so working it out twice at the
same time would do no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Owner = TypeVar("Owner")
Kept = TypeVar("Kept")


class Once(Generic[Owner, Kept]):
    """Decorates a method without arguments, in a class without slots."""

    def __init__(self, work: Callable[[Owner], Kept]) -> None:
        self._work = work
        self._name = work.__name__
        self.__doc__ = work.__doc__

    def __get__(self, instance: Owner, owner: type[Owner]) -> Kept:
        """Return the value; from now on the instance has it without asking here."""
        found = instance.__dict__[self._name] = self._work(instance)
        return found
