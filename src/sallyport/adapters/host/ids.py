"""Identifiers that nobody guesses and an index likes.

An id is its prefix and 20 characters: 5 that grow every 32 seconds, so that new rows stand next to
each other in the database, and 15 of chance (75 bits). An id is a name, not a credential.
"""

from __future__ import annotations

import secrets

from sallyport.ports import Clock

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Sorted, and without the letters that people misread."""

TIME_CHARS = 5
CHANCE_CHARS = 15
TICK_US = 32_000_000
FIRST_TICK = 1_767_225_600_000_000 // TICK_US
"""2026-01-01. 25 bits of ticks last 34 years and then start anew."""

SALT_BYTES = 32


class SystemIds:
    """The machine's chance. Implements `ports.Ids`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def new(self, prefix: str) -> str:
        """Return a fresh unguessable id that starts with `prefix`."""
        tick = self._clock.now_us() // TICK_US - FIRST_TICK
        chance = secrets.randbits(5 * CHANCE_CHARS)
        return prefix + _spell(tick, TIME_CHARS) + _spell(chance, CHANCE_CHARS)

    def salt(self) -> bytes:
        """Return 32 fresh random bytes."""
        return secrets.token_bytes(SALT_BYTES)


def _spell(number: int, length: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(length - 1, -1, -1))
