"""What must hold of what waits for people; a part of the watch of `invariants.py`.

14 is that no new call of an agent makes more of its questions wait than may, and that an unanswered
question rises and never falls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from sallyport.simulate import scenery
from sallyport.simulate.store import Commit, Move


class Crowds:
    """Counts what waits.

    Args:
        hold: Notes a promise that does not hold.
    """

    def __init__(self, hold: Callable[..., None]) -> None:
        self._hold = hold
        self._agents: dict[str, str] = {}
        self._waiting: dict[str, str] = {}

    def committed(self, commit: Commit) -> None:
        """Check one commit."""
        asking = {
            move.id
            for move in commit.moves
            if move.table == "calls" and move.before is None and move.after["origin"] == "agent"
        }
        for move in commit.moves:
            if move.table == "calls":
                self._agents[move.id] = str(move.after["agent"])
            elif move.table == "approvals":
                self._moved(move, asking)

    def _moved(self, move: Move, asking: set[str]) -> None:
        call = str(move.after["call"])
        agent = self._agents[call]
        if move.before is not None:
            was, now = (cast("int", row["risen"]) for row in (move.before, move.after))
            self._hold(14, f"{move.id} rose from {was} to {now}", holds=was <= now)
        if move.after["state"] != "waiting":
            self._waiting.pop(move.id, None)
            return
        self._waiting[move.id] = agent
        waiting = sum(one == agent for one in self._waiting.values())
        room = call not in asking or move.before is not None or waiting <= scenery.WAITING_MAX
        self._hold(14, f"{waiting} questions of {agent} wait", holds=room)
