"""Which conversation carries which call.

Rules:
  1. A link is shared only by calls that agree in everything a system could tell apart: its address
     and environment, its credential, the principal, and the capabilities we declare. The
     exception is a child process of which nobody can be asked anything, since it has no sessions:
     one serves all principals of a system.
  2. A link that died is opened anew by the next call that needs it. A system may come back with
     other tools, so `changed` is called before that call is launched.
  3. A child process that keeps dying is started again after ever longer pauses; a call that comes
     meanwhile is told so at once.
  4. Links are bounded in number; one that nobody used for a while is closed, unless it is a
     child process that everybody shares, or somebody subscribed to something over it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from sallyport.adapters.mcp.http import HttpLink
from sallyport.adapters.mcp.link import Limits, Link, Served
from sallyport.adapters.mcp.mirror import Mirrors
from sallyport.adapters.mcp.stdio import StdioLink
from sallyport.errors import UpstreamDownError, UpstreamError
from sallyport.model import System
from sallyport.ports import News
from sallyport.rules import jsonrpc

SECRET: Final = "secret:"  # noqa: S105 - it marks the place of one
PAUSES_S: Final = (0.0, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
SWEEP_S_MAX: Final = 30.0


class Key(NamedTuple):
    """Everything that keeps two links apart; credentials and addresses as fingerprints."""

    system: str
    target: str
    credential: str
    principal: str
    capabilities: frozenset[str]


@dataclass(slots=True, kw_only=True)
class _Slot:
    key: Key
    link: Link
    opening: asyncio.Task[None] | None = None
    ready: bool = False
    used_s: float = 0.0
    keeps: bool = False


class Pool:
    """The open links.

    Args:
        systems: Returns the systems as they are declared now.
        secret: Returns the stored secret of a name.
        changed: Called with a system's name when its tools changed, or may have.
        told: Called with whatever else a system says outside of a call.
        limits: The bounds.
    """

    def __init__(
        self,
        systems: Callable[[], Mapping[str, System]],
        secret: Callable[[str], str],
        changed: Callable[[str], None],
        told: Callable[[News], None],
        limits: Limits,
    ) -> None:
        self._systems = systems
        self._secret = secret
        self._changed = changed
        self._told = told
        self._limits = limits
        self._slots: dict[Key, _Slot] = {}
        self._targets: dict[str, tuple[System, str]] = {}
        self._mirrors: dict[str, Mirrors] = {}
        self._died: set[str] = set()
        self._failures: dict[str, tuple[int, float]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._closed = False

    async def link(
        self, name: str, principal: str, abilities: frozenset[str] = frozenset()
    ) -> Link:
        """Return an open link to a system for a principal who can be asked so much.

        Raises:
            UpstreamDownError: There is no such system, or it cannot be reached.
        """
        system = self._systems().get(name)
        if system is None or self._closed:
            raise UpstreamDownError(f"system `{name}` is not connected")
        slot = self._slot(system, principal, abilities)
        if not slot.ready and slot.opening is not None:
            await asyncio.shield(slot.opening)
        slot.used_s = asyncio.get_running_loop().time()
        return slot.link

    def existing(self, name: str, principal: str) -> Link | None:
        """Return the open link to a system for a principal who can be asked nothing, if any."""
        system = self._systems().get(name)
        if system is None:
            return None
        try:
            slot = self._slots.get(self._key(system, principal, frozenset()))
        except Exception:  # noqa: BLE001 - without its secret there is no such link either
            return None
        return slot.link if slot is not None and slot.ready and not slot.link.dead else None

    def proven(self, name: str) -> None:
        """Note that a system answered, so an earlier failure of its process counts no more."""
        if self._failures:
            self._failures.pop(name, None)

    def complaints(self, name: str) -> str:
        """Return the end of what a system's child process wrote to stderr."""
        links = (slot.link for slot in self._slots.values() if slot.key.system == name)
        return "".join(link.complaints() for link in links if isinstance(link, StdioLink))

    def _slot(self, system: System, principal: str, abilities: frozenset[str]) -> _Slot:
        key = self._key(system, principal, abilities)
        slot = self._slots.get(key)
        if slot is not None and not (slot.ready and slot.link.dead):
            return slot
        if slot is not None:
            self._forget(slot)
        return self._begin(key, system)

    def _key(self, system: System, principal: str, abilities: frozenset[str]) -> Key:
        if system.command:
            secrets = (
                self._secret(value.removeprefix(SECRET))
                for value in system.environment.values()
                if value.startswith(SECRET)
            )
            credential, principal = "\0".join(secrets), principal if abilities else ""
        else:
            credential = self._secret(system.credential) if system.credential else ""
        return Key(
            system=system.name,
            target=self._target(system),
            credential=_fingerprint(credential),
            principal=principal,
            capabilities=abilities,
        )

    def _target(self, system: System) -> str:
        known = self._targets.get(system.name)
        if known is not None and known[0] is system:
            return known[1]
        parts = [
            system.url,
            *system.command,
            *(f"{name}={value}" for name, value in system.environment.items()),
        ]
        target = _fingerprint(jsonrpc.encode(list(parts)).decode())
        self._targets[system.name] = (system, target)
        return target

    def _begin(self, key: Key, system: System) -> _Slot:
        self._check_pause(key.system)
        self._sweep()
        if len(self._slots) >= self._limits.links:
            self._make_room()
        slot = _Slot(key=key, link=self._build(key, system), keeps=bool(system.command))
        slot.used_s = asyncio.get_running_loop().time()
        slot.opening = asyncio.get_running_loop().create_task(self._open(slot, system))
        slot.opening.add_done_callback(_seen)
        self._slots[key] = slot
        return slot

    def _build(self, key: Key, system: System, *, probe: bool = True) -> Link:
        def told(method: str, uri: str, principal: str) -> None:
            self._told(News(system=key.system, principal=principal, method=method, uri=uri))

        served = Served(
            changed=lambda: self._changed(key.system),
            told=told,
            principal=key.principal,
            abilities=key.capabilities,
        )
        if system.command:
            return StdioLink(
                system.name,
                system.command,
                {name: self._fill(value) for name, value in system.environment.items()},
                served=served,
                limits=self._limits,
                probe=probe,
            )
        return HttpLink(
            system.name,
            system.url,
            credential=lambda: self._secret(system.credential) if system.credential else "",
            served=served,
            mirrors=self._mirrors.setdefault(key.target, Mirrors()),
            limits=self._limits,
        )

    def _fill(self, value: str) -> str:
        return self._secret(value.removeprefix(SECRET)) if value.startswith(SECRET) else value

    async def _open(self, slot: _Slot, system: System) -> None:
        try:
            async with asyncio.timeout(self._limits.open_ms / 1000):
                await self._greet(slot, system)
            if slot.key.system in self._died:
                self._died.discard(slot.key.system)
                self._changed(slot.key.system)
        except BaseException:
            slot.link.dead = True
            self._forget(slot)
            raise
        slot.used_s = asyncio.get_running_loop().time()
        slot.ready = True

    async def _greet(self, slot: _Slot, system: System) -> None:
        """Open a link; a child that ended at the question for its era is started without it."""
        try:
            await slot.link.open()
        except UpstreamError:
            if not (isinstance(slot.link, StdioLink) and slot.link.ended_at_the_probe):
                raise
            self._close_later(slot.link)
            slot.link = self._build(slot.key, system, probe=False)
            await slot.link.open()

    def _check_pause(self, name: str) -> None:
        _, until_s = self._failures.get(name, (0, 0.0))
        if asyncio.get_running_loop().time() < until_s:
            raise UpstreamDownError(f"system `{name}` keeps ending and is started again in a while")

    def _forget(self, slot: _Slot) -> None:
        """Let go of a link that died, and remember that it did."""
        if self._slots.get(slot.key) is slot:
            del self._slots[slot.key]
            self._died.add(slot.key.system)
            if slot.keeps:
                self._pause(slot.key.system)
            self._close_later(slot.link)

    def _pause(self, name: str) -> None:
        count, _ = self._failures.get(name, (0, 0.0))
        pause_s = PAUSES_S[min(count, len(PAUSES_S) - 1)]
        self._failures[name] = (count + 1, asyncio.get_running_loop().time() + pause_s)

    def _make_room(self) -> None:
        free = [
            slot
            for slot in self._slots.values()
            if slot.ready and not slot.link.busy and not slot.link.has_listeners
        ]
        if not free:
            raise UpstreamDownError(
                f"all {self._limits.links} connections to systems are in use",
                fix="wait for running calls to end",
            )
        self._retire(min(free, key=lambda slot: slot.used_s))

    def _retire(self, slot: _Slot) -> None:
        del self._slots[slot.key]
        self._close_later(slot.link)

    def _sweep(self) -> None:
        """Close what died, what was replaced and what nobody used, then look again in a while."""
        if self._closed:
            return
        loop = asyncio.get_running_loop()
        before_s = loop.time() - self._limits.idle_ms / 1000
        for slot in tuple(self._slots.values()):
            if slot.ready and slot.link.dead:
                self._forget(slot)
            elif slot.ready and not slot.link.busy and self._is_over(slot, before_s):
                self._retire(slot)
        if self._sweeper is not None:
            self._sweeper.cancel()
        pause_s = min(SWEEP_S_MAX, self._limits.idle_ms / 1000)
        self._sweeper = loop.call_later(pause_s, self._sweep)

    def _is_over(self, slot: _Slot, before_s: float) -> bool:
        system = self._systems().get(slot.key.system)
        if system is None or self._target(system) != slot.key.target:
            return True
        if slot.keeps and self._has_other_secrets(slot, system):
            return True
        if slot.keeps and not slot.key.capabilities:
            return False
        return slot.used_s < before_s and not slot.link.has_listeners

    def _has_other_secrets(self, slot: _Slot, system: System) -> bool:
        try:
            return self._key(system, slot.key.principal, slot.key.capabilities) != slot.key
        except Exception:  # noqa: BLE001 - a secret that cannot be read was taken away
            return True

    def _close_later(self, link: Link) -> None:
        link.dead = True
        self._background(link.close())

    def _background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close every link and wait until every child process has ended."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        slots, self._slots = tuple(self._slots.values()), {}
        for slot in slots:
            if slot.opening is not None:
                slot.opening.cancel()
            self._close_later(slot.link)
        await asyncio.gather(*self._closing, return_exceptions=True)


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def _seen(task: asyncio.Task[None]) -> None:
    """Take note of a failed opening whose callers have all gone."""
    if not task.cancelled():
        task.exception()
