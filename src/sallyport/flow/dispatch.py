"""The fence in front of the wire: the last comparison before a byte leaves.

Rules:
  1. `launch` is synchronous. Between its comparison and the first byte there is no await, so
     nothing can be stopped in that gap, and whatever passed it stands on the list.
  2. A stop raises the epoch here first, and only then is it written down. From that moment no
     call that was decided earlier can leave.
  3. The list of calls on the wire is exact: added by `launch`, removed when the answer is in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sallyport.errors import InvariantError
from sallyport.model import Call
from sallyport.ports import Launch, NotLaunchedError, StopFile


@dataclass(frozen=True, slots=True, kw_only=True)
class OnWire:
    """One call that has left and has not been answered."""

    call: Call
    since_us: int


class Fences:
    """The epochs of every scope, in memory. One number counts them all; it only rises.

    What tightens closes the fence at once (`close`) and is written down after. What may loosen is
    written down first: `begin` takes a number, the commit carries it, and `settle` closes the
    fence together with the change in memory. Until then no snapshot may call itself that new.
    """

    def __init__(self, epoch: int = 0) -> None:
        self._last = epoch
        self._raised: dict[str, int] = {}
        self._begun: set[int] = set()

    @property
    def epoch(self) -> int:
        """The newest epoch that what is in memory now is certain to be as new as."""
        return min(self._begun) - 1 if self._begun else self._last

    def close(self, scopes: Iterable[str]) -> int:
        """Make every decision taken so far for these scopes too old. Return the new epoch."""
        self._last += 1
        self._close(scopes, self._last)
        return self._last

    def begin(self) -> int:
        """Take the next epoch for a change that is to be committed before it counts in memory."""
        self._last += 1
        self._begun.add(self._last)
        return self._last

    def settle(self, epoch: int, scopes: Iterable[str]) -> None:
        """Let a change that began at `epoch` count: it is committed, and memory was changed."""
        self._begun.discard(epoch)
        self._close(scopes, epoch)

    def abandon(self, epoch: int) -> None:
        """Give up a change that was not committed."""
        self._begun.discard(epoch)

    def remember(self, scope: str, epoch: int) -> None:
        """Know again, after a restart, when a scope was raised."""
        self._close((scope,), epoch)

    def _close(self, scopes: Iterable[str], epoch: int) -> None:
        for scope in scopes:
            self._raised[scope] = max(epoch, self._raised.get(scope, 0))

    def closed_for(self, scopes: Iterable[str], epoch: int) -> bool:
        """Return whether any scope was raised after `epoch`."""
        return any(self._raised.get(scope, 0) > epoch for scope in scopes)


class Dispatcher:
    """Lets calls out, one comparison each, and knows which are out."""

    def __init__(self, fences: Fences, stop_file: StopFile, now_us: Callable[[], int]) -> None:
        self._fences = fences
        self._stop_file = stop_file
        self._now_us = now_us
        self._on_wire: dict[str, OnWire] = {}

    def launch_for(self, call: Call, scopes: tuple[str, ...], epoch: int) -> Launch:
        """Return the function that an adapter calls right before the first byte."""

        def launch() -> None:
            self._compare(scopes, epoch)
            if call.id in self._on_wire:
                raise InvariantError(f"call `{call.id}` would leave twice")
            self._on_wire[call.id] = OnWire(call=call, since_us=self._now_us())

        return launch

    def landed(self, call_id: str) -> None:
        """Take a call off the list: it was answered, lost, or never left."""
        self._on_wire.pop(call_id, None)

    def is_out(self, call_id: str) -> bool:
        """Return whether a call has left and has not been answered."""
        return call_id in self._on_wire

    def on_wire(self) -> tuple[OnWire, ...]:
        """Return the calls that are out, oldest first."""
        return tuple(self._on_wire.values())

    def _compare(self, scopes: tuple[str, ...], epoch: int) -> None:
        if self._fences.closed_for(scopes, epoch):
            raise NotLaunchedError("fence.closed")
        for scope in self._stop_file.scopes():
            if scope in scopes:
                raise NotLaunchedError("stop.file")
