"""What must hold where a yes can be taken back and the glass can be broken; a part of the watch.

16 is that no call leaves before its yes can be taken back no more, and none after it was; and that
what goes past the reviewers does so under a glass that two people have broken, for its scope and in
its time, and is nothing that every version of the boundary forbids.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from sallyport.model import JsonObject, Proposal
from sallyport.simulate import scenery

ACTS_WITHIN_US = 5 * 60 * 1_000_000


@dataclass(slots=True)
class _Broken:
    scope: str
    from_us: int
    ends_us: int


class Hasty:
    """Keeps in mind which yeses wait and which glasses are broken.

    Args:
        hold: Notes a promise that does not hold.
    """

    def __init__(self, hold: Callable[..., None]) -> None:
        self._hold = hold
        self._not_before: dict[str, int] = {}
        self._undone: set[str] = set()
        self._broken: dict[str, _Broken] = {}

    def answered(self, body: JsonObject) -> None:
        """Keep until when a yes can be taken back."""
        if "not_before_us" in body:
            self._not_before[str(body["approval"])] = cast("int", body["not_before_us"])

    def undone(self, body: JsonObject) -> None:
        """Keep that a yes was taken back."""
        self._undone.add(str(body["call"]))

    def broke(self, body: JsonObject, at_us: int) -> None:
        """Check that two have signed, and keep for what and until when."""
        people = {str(cast("JsonObject", body[name])["person"]) for name in ("asked", "second")}
        self._hold(16, f"{body['glass']} was broken by one", holds=len(people) > 1)
        ends_us = cast("int", body["ends_us"])
        self._broken[str(body["glass"])] = _Broken(str(body["scope"]), at_us, ends_us)

    def ended(self, body: JsonObject, at_us: int) -> None:
        """Keep that one is over."""
        glass = self._broken[str(body["glass"])]
        glass.ends_us = min(glass.ends_us, at_us)

    def meant(self, call: str, approval: str, at_us: int) -> None:
        """Check an intent."""
        self._hold(16, f"{call} was intended after it was undone", holds=call not in self._undone)
        early = at_us < self._not_before.get(approval, 0)
        self._hold(16, f"{call} was intended while it could be undone", holds=not early)

    def left(self, call: str) -> None:
        """Check a departure."""
        self._hold(16, f"{call} left after it was undone", holds=call not in self._undone)

    def until(self, approval: str, expires_us: int) -> int:
        """Return until when a yes may be used."""
        not_before_us = self._not_before.get(approval, 0)
        return max(expires_us, not_before_us + ACTS_WITHIN_US) if not_before_us else expires_us

    def past(self, body: JsonObject, proposal: Proposal | None, at_us: int) -> bool:
        """Return whether a call goes past the reviewers, having checked that it may."""
        named = str(body.get("glass") or "")
        if not named:
            return False
        call, glass = str(body["call"]), self._broken.get(named)
        scopes = {f"workflow:{body['workflow']}", f"tool:{body['tool']}"}
        good = glass is not None and glass.scope in scopes
        good = good and glass is not None and glass.from_us <= at_us < glass.ends_us
        self._hold(16, f"{call} went past the reviewers", holds=good)
        if proposal is not None:
            never = scenery.forbids(proposal.tool, proposal.args)
            self._hold(16, f"{call} is forbidden by every version", holds=not never)
        self._hold(16, f"{call} of a new agent", holds=body["workflow"] != "trial")
        return True
