"""Whose turn it is. There is no event loop here: chance decides, and a seed repeats it exactly.

Rules:
  1. An actor runs alone until it awaits. Every port of the world awaits at least once, so actors
     interleave at every command.
  2. A crash drops every actor where it stands.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any, cast

from sallyport.errors import SallyportError


def _at_once() -> bool:
    return True


class Until:
    """What an actor waits for: it may go on once `ready` says so, and then when chance picks it."""

    __slots__ = ("ready",)

    def __init__(self, ready: Callable[[], bool] = _at_once) -> None:
        self.ready = ready

    def __await__(self) -> Generator[Until, None, None]:
        yield self


@dataclass(slots=True, eq=False)
class Actor:
    """One line of events, and what it waits for."""

    name: str
    coroutine: Coroutine[Any, Any, object]
    waits: Until


class Crowd:
    """The actors that are alive.

    Args:
        failed: Told of every error that ends an actor.
    """

    def __init__(self, failed: Callable[[str, SallyportError], None]) -> None:
        self._failed = failed
        self._actors: list[Actor] = []

    def __len__(self) -> int:
        return len(self._actors)

    def add(self, name: str, work: Awaitable[object]) -> None:
        """Let somebody in; their first line runs when chance picks them."""
        self._actors.append(Actor(name, cast("Coroutine[Any, Any, object]", work), Until()))

    def ready(self) -> list[Actor]:
        """Return the actors that could go on now."""
        return [actor for actor in self._actors if actor.waits.ready()]

    def step(self, actor: Actor) -> None:
        """Let one actor run to its next await."""
        try:
            actor.waits = actor.coroutine.send(None)
        except StopIteration:
            self._actors.remove(actor)
        except SallyportError as error:
            self._actors.remove(actor)
            self._failed(actor.name, error)

    def drop(self) -> None:
        """Let everybody vanish where they stand."""
        actors, self._actors = self._actors, []
        for actor in actors:
            actor.coroutine.close()
