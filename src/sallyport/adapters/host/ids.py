"""Identifiers that nobody guesses and an index likes.

An id is its prefix and 20 characters: 8 that grow every millisecond, so that new rows stand next to
each other in the database, and 12 of chance (60 bits). An id is a name, not a credential.

Chance is fetched a page at a time, since each fetch is a system call in which Python lets another
thread go first; every bit is given out once.
"""

from __future__ import annotations

import os

from sallyport.ports import Clock

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Sorted, and without the letters that people misread."""

PAIRS = [one + other for one in ALPHABET for other in ALPHABET]
TIME_CHARS = 8
CHANCE_CHARS = 12
TICK_US = 1_000
FIRST_TICK = 1_767_225_600_000_000 // TICK_US
"""2026-01-01. 40 bits of ticks last 34 years and then start anew."""

SALT_BYTES = 32
CHANCE_BYTES = 8
PAGE_BYTES = 4096


class SystemIds:
    """The machine's chance. Implements `ports.Ids`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tick = -1
        self._spelled = ""
        self._salts: list[bytes] = []
        self._chances: list[bytes] = []

    def new(self, prefix: str) -> str:
        """Return a fresh unguessable id that starts with `prefix`."""
        tick = self._clock.now_us() // TICK_US - FIRST_TICK
        if tick != self._tick:
            self._tick, self._spelled = tick, _spell(tick, TIME_CHARS)
        chance = int.from_bytes(_taken(self._chances, CHANCE_BYTES), "big")
        return f"{prefix}{self._spelled}{_spell(chance, CHANCE_CHARS)}"

    def salt(self) -> bytes:
        """Return 32 fresh random bytes."""
        return _taken(self._salts, SALT_BYTES)


def _taken(page: list[bytes], size: int) -> bytes:
    """Return a piece that nobody else gets, whatever thread asks; one `pop` is one step."""
    while True:
        try:
            return page.pop()
        except IndexError:
            fresh = os.urandom(PAGE_BYTES)
            page.extend(fresh[at : at + size] for at in range(0, PAGE_BYTES, size))


def _spell(number: int, length: int) -> str:
    return "".join([PAIRS[number >> place & 1023] for place in range(5 * length - 10, -1, -10)])
