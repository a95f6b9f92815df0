"""When to listen again to a system that ended its stream.

A system that hangs up at once would otherwise count as changed every second, and each time all its
tools are compared and what was decided is decided anew.
"""

from __future__ import annotations

from typing import Final

PAUSES_S: Final = (1.0, 2.0, 5.0, 15.0, 60.0)
LASTED_S: Final = 10.0
"""How long a stream stays open that was worth listening to."""


class Pauses:
    """Pauses that grow for as long as no stream lasts."""

    def __init__(self) -> None:
        self._taken = 0

    def after(self, lasted_s: float) -> float:
        """Return how long to wait, in seconds, after a stream that was open for so long."""
        if lasted_s >= LASTED_S:
            self._taken = 0
        pause_s = PAUSES_S[min(self._taken, len(PAUSES_S) - 1)]
        self._taken += 1
        return pause_s
