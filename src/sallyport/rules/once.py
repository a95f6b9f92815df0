"""What follows from a frozen value is worked out when it is first asked for, and kept.

`functools.cached_property` does this too, under a lock until Python 3.12; the lock costs more than
most of what is kept here. What is kept follows from a frozen value, so working it out twice at the
same time would do no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Owner = TypeVar("Owner")
Kept = TypeVar("Kept")
KEPT_MAX = 1 << 16


class Once(Generic[Owner, Kept]):
    """Decorates a method without arguments, in a class without slots."""

    def __init__(self, work: Callable[[Owner], Kept]) -> None:
        self._work = work
        self._name = work.__name__
        self.__doc__ = work.__doc__

    def __get__(self, instance: Owner, owner: type[Owner]) -> Kept:
        """Return the value; from now on the instance has it without asking here."""
        found = self._work(instance)
        object.__setattr__(instance, self._name, found)
        return found


class OnceEach(Generic[Owner, Kept]):
    """Decorates a function of one frozen value, which it keeps with what follows from it.

    Values are told apart by identity: many of them hold mappings, and have no hash.
    """

    def __init__(self, work: Callable[[Owner], Kept]) -> None:
        self._work = work
        self._kept: dict[int, tuple[Owner, Kept]] = {}
        self.__doc__ = work.__doc__

    def __call__(self, owner: Owner) -> Kept:
        """Return what follows from a value. That the value is kept alive keeps its identity."""
        found = self._kept.get(id(owner))
        if found is None:
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            found = self._kept[id(owner)] = (owner, self._work(owner))
        return found[1]
