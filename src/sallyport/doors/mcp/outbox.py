"""Messages on their way to a client, before the outcome of its request or outside of any.

Rules:
  1. Whoever puts a message never waits, so a slow client holds up nobody but itself.
  2. What does not fit, or comes when nobody reads streams, is dropped, and `put` says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import Final

MESSAGES_MAX: Final = 1000
BYTES_MAX: Final = 8 * 1024 * 1024


def _nobody() -> None:
    pass


class Outbox:
    """Holds messages, in order, until whoever writes the stream takes them.

    `ring` is called whenever there is something to take; the writer sets it. `shut` says that
    nothing is taken any more. `progress` is the last progress that the client was told of.
    """

    def __init__(self) -> None:
        self._messages: deque[bytes] = deque()
        self._bytes = 0
        self.ring: Callable[[], None] = _nobody
        self.shut = False
        self.progress: int | Decimal | None = None

    def __bool__(self) -> bool:
        """Return whether there is something to take."""
        return bool(self._messages)

    def __contains__(self, message: bytes) -> bool:
        """Return whether exactly this message waits to be taken."""
        return message in self._messages

    def put(self, message: bytes) -> bool:
        """Leave a message for the client; return whether it will be sent if the client stays."""
        full = len(self._messages) >= MESSAGES_MAX or self._bytes + len(message) > BYTES_MAX
        if self.shut or full:
            return False
        self._messages.append(message)
        self._bytes += len(message)
        self.ring()
        return True

    def take(self) -> list[bytes]:
        """Return what there is, oldest first; it is in here no more."""
        taken = list(self._messages)
        self._messages.clear()
        self._bytes = 0
        return taken

    def close(self) -> None:
        """Drop what there is and whatever is still to come."""
        self.shut = True
        self.take()
