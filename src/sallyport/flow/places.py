"""Which call an identical proposal gets: one in flight, waiting, or not handed over yet.

Rules:
  1. Whoever takes a place that is taken stands behind the others, and displaces nobody: a call
     that ends late may have let go of its place long before, and another one acts there now.
  2. A repeat finds the first. Once that is handed over it finds the next, until nobody is left.
"""

from __future__ import annotations

from sallyport.model import Call

Place = tuple[str, str]
"""A task, and the digest of what is proposed in it."""


class Places:
    """The places of proposals, each with the calls that hold it, by their ids."""

    def __init__(self) -> None:
        """Begin with none."""
        self._held: dict[Place, list[str]] = {}

    def __len__(self) -> int:
        """Return how many places are held."""
        return len(self._held)

    def holder(self, place: Place) -> str | None:
        """Return the call that an identical proposal gets, if there is one."""
        held = self._held.get(place)
        return held[0] if held else None

    def holds(self, call: Call) -> bool:
        """Return whether a call still has its place, be it the first or not."""
        return call.id in self._held.get(place_of(call), ())

    def take(self, place: Place, call_id: str) -> None:
        """Let a call hold a place, behind whoever holds it already."""
        held = self._held.setdefault(place, [])
        if call_id not in held:
            held.append(call_id)

    def leave(self, place: Place, call_id: str) -> None:
        """Let a call hold a place no longer."""
        held = self._held.get(place, [])
        if call_id in held:
            held.remove(call_id)
        if not held:
            self._held.pop(place, None)

    def hold(self, call: Call) -> None:
        """Let an identical proposal in the same task find this call."""
        self.take(place_of(call), call.id)

    def let_go(self, call: Call) -> None:
        """Let an identical proposal be a new call again, unless another one holds the place."""
        self.leave(place_of(call), call.id)


def place_of(call: Call) -> Place:
    """Return the place of a call."""
    return call.proposal.task_id, call.digest
