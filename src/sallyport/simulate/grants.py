"""What must hold of yeses beforehand; a part of the watch of `invariants.py`.

15 is that under one of them no more calls are meant than were said, each of the kind and on the
task that it was said to, by somebody who could, and none once it has ended: by its time, by being
taken back, with its task, or with whatever is put over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from sallyport.model import Json, JsonObject, Proposal
from sallyport.simulate import scenery


@dataclass(slots=True, eq=False)
class Given:
    """A yes beforehand as a person said it, and how often it was used."""

    task: str
    tool: str
    args: JsonObject
    free: frozenset[str]
    at_most: int
    until_us: int
    scopes: frozenset[str]
    workflow: str
    boundary: str
    used: int = 0
    ended: bool = False


class Grants:
    """Counts what leaves under yeses beforehand.

    Args:
        hold: Notes a promise that does not hold.
    """

    def __init__(self, hold: Callable[..., None]) -> None:
        self._hold = hold
        self._given: dict[str, Given] = {}
        self._used: dict[str, str] = {}

    def answered(self, body: JsonObject, decided: JsonObject, proposal: Proposal | None) -> None:
        """Note what an answer said beforehand, if it did."""
        ahead = body.get("ahead")
        if not isinstance(ahead, dict) or proposal is None:
            return
        who, bound = str(body["person"]), cast("JsonObject", body["bound"])
        roles = next(one.roles for one in scenery.PEOPLE if one.name == who)
        asked = roles.intersection(cast("list[str]", bound["who"]))
        self._hold(15, f"{who} said yes beforehand and was not asked", holds=bool(asked))
        actor = cast("JsonObject", decided["actor"])
        names = {"agent": actor["agent"], **{name: decided[name] for name in _REACHED}}
        self._given[str(body["grant"])] = Given(
            task=str(decided["task"]),
            tool=str(decided["tool"]),
            args=proposal.args,
            free=frozenset(str(one) for one in cast("list[Json]", ahead["free"])),
            at_most=cast("int", ahead["at_most"]),
            until_us=cast("int", ahead["until_us"]),
            scopes=frozenset({"everything", *(f"{kind}:{name}" for kind, name in names.items())}),
            workflow=str(decided["workflow"]),
            boundary=str(bound["boundary"]),
        )

    def meant(self, body: JsonObject, at_us: int, proposal: Proposal | None) -> bool:
        """Check a call that is meant, and return whether it is under a yes beforehand."""
        named = body.get("grant")
        if not isinstance(named, dict):
            return False
        grant, call = self._given.get(str(named["id"])), str(body["call"])
        if grant is None or proposal is None:
            self._hold(15, f"{call} under what nobody said", holds=False)
            return True
        grant.used += 1
        self._used[call] = str(named["id"])
        self._hold(15, f"{call} is one too many", holds=grant.used <= grant.at_most)
        self._hold(15, f"{call} came too late", holds=at_us < grant.until_us)
        self._hold(15, f"{call} under one that has ended", holds=not grant.ended)
        same = (grant.task, grant.tool) == (body["task"], body["tool"])
        self._hold(15, f"{call} is of another task or tool", holds=same)
        self._hold(15, f"{call} is of another kind", holds=_alike(grant, proposal.args))
        under = grant.boundary == body["boundary"]
        self._hold(15, f"{call} is under another boundary", holds=under)
        return True

    def unsent(self, call: str) -> None:
        """Note that a call certainly had no effect: what it used is free again."""
        used = self._used.pop(call, "")
        if used:
            self._given[used].used -= 1

    def ends(self, which: Callable[[str, Given], bool]) -> None:
        """Note that something ended every yes beforehand of which this says so."""
        for name, grant in self._given.items():
            grant.ended = grant.ended or which(name, grant)


def counters(reserved: Iterable[str]) -> tuple[str, ...]:
    """Return what a call reserved of limits, without what it used of a yes beforehand."""
    return tuple(one for one in reserved if not one.startswith("grant:"))


_REACHED = ("workflow", "system", "tool")


def _alike(grant: Given, args: JsonObject) -> bool:
    kept = {name: value for name, value in args.items() if name not in grant.free}
    seen = {name: value for name, value in grant.args.items() if name not in grant.free}
    return kept == seen and args.keys() == grant.args.keys() and "ticket" not in grant.free
