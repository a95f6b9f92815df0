"""What the actors of the simulated world act in, and what is kept of each agent at work."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from sallyport.flow.inbox import Spawn
from sallyport.flow.runs import Asker
from sallyport.model import JsonObject, Task
from sallyport.ports import Row
from sallyport.simulate.invariants import Watch
from sallyport.simulate.life import Life
from sallyport.simulate.store import MemoryStore
from sallyport.simulate.surroundings import KeyedDigests
from sallyport.simulate.systems import Systems


@dataclass(slots=True, eq=False)
class Client:
    """An agent at work on one task: what it wants, again and again until it has it."""

    task: Task
    wishes: list[tuple[str, JsonObject]]
    declared: frozenset[str] = frozenset()
    """What it can be asked in the middle of a call."""


@dataclass(slots=True, kw_only=True)
class Scene:
    """What the actors act in."""

    chance: Random
    store: MemoryStore
    systems: Systems
    signatures: KeyedDigests
    watch: Watch
    life: Life
    spawn: Spawn
    single: int
    clients: list[Client] = field(default_factory=list[Client])
    askers: list[Asker] = field(default_factory=list[Asker])

    def waiting(self, table: str, state: str, column: str = "state") -> Row | None:
        """Return one of the rows in a state, or None."""
        found = [row for row in self.store.committed_rows(table) if row[column] == state]
        return self.chance.choice(found) if found else None

    def new(self, prefix: str) -> str:
        """Return a fresh id."""
        return self.life.gateway.outside.ids.new(prefix)
