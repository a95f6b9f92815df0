"""One task's history in the order of cause and effect, put together from ledger entries alone.

Rules:
  1. Nothing comes before what it follows from: a decision follows from the look-ups that it read,
     an effect from its intent, a changed call from the answer that changed it.
  2. Within that, what belongs together stays together: a call with its look-ups, and with what
     people made of it, before the next one.
  3. Who looked at what is no part of it: looking causes nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sallyport.model import Json, JsonObject
from sallyport.rules.trace import Heard

LOOKS: Final = frozenset({"page.shown", "approval.shown"})
OPENED: Final = "task.opened"
DECIDED: Final = "call.decided"
MAKES: Final = frozenset({"approval.answered", "draft.released"})
"""The entries that name, as `as`, the call that was made of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One thing that happened: the number of its ledger entry, and of those it follows from.

    `within` counts how many calls it lies within: 0 for what the agent proposed itself.
    """

    seq: int
    at_us: int
    kind: str
    call: str
    tool: str
    said: str
    within: int
    after: tuple[int, ...]

    def as_json(self) -> JsonObject:
        """Return it as pages and programs get it."""
        return {
            "seq": self.seq,
            "at_us": self.at_us,
            "kind": self.kind,
            "call": self.call,
            "tool": self.tool,
            "said": self.said,
            "within": self.within,
            "after": list[Json](self.after),
        }


@dataclass(frozen=True, slots=True)
class _Calls:
    """What is known of the calls of a task: each one's decision, and its parent among them."""

    decided: Mapping[str, Heard]

    def parent(self, call: str) -> str:
        entry = self.decided.get(call)
        if entry is None:
            return ""
        found = str(entry.body.get("parent"))
        return found if found in self.decided else ""

    def root(self, call: str) -> str:
        return self._way(call)[-1]

    def within(self, call: str) -> int:
        return len(self._way(call)) - 1

    def tool(self, call: str) -> str:
        entry = self.decided.get(call)
        return str(entry.body.get("tool") or "") if entry else ""

    def reads(self, call: str) -> bool:
        """Return whether a call is a look-up of the gateway's own."""
        entry = self.decided.get(call)
        return entry is not None and entry.body.get("origin") == "gateway"

    def _way(self, call: str) -> list[str]:
        way = [call]
        while (above := self.parent(way[-1])) and above not in way:
            way.append(above)
        return way


def timeline(entries: Iterable[Heard]) -> tuple[Moment, ...]:
    """Return what happened in a task, each thing after all that it follows from.

    Args:
        entries: Every entry of the task and of its calls, in any order, perhaps more than once.
    """
    told = {one.seq: one for one in entries if one.kind not in LOOKS}
    heard = [told[seq] for seq in sorted(told)]
    calls = _Calls({_call(one): one for one in reversed(heard) if one.kind == DECIDED})
    causes = _causes(heard, calls)
    return tuple(_moment(one, calls, causes[one.seq]) for one in _ordered(heard, calls, causes))


def _causes(heard: Sequence[Heard], calls: _Calls) -> dict[int, tuple[int, ...]]:
    """Return, by entry, the entries that it follows from; all of them are earlier ones."""
    last: dict[str, int] = {}
    makers: dict[str, int] = {}
    read: dict[str, list[int]] = {}
    found: dict[int, tuple[int, ...]] = {}
    for one in heard:
        call = _call(one)
        parent = calls.parent(call)
        if not call:
            after = list(last.values())
        elif call in last:
            after = [last[call], *read.pop(call, [])]
        elif call in makers:
            after = [makers[call]]
        elif parent and parent in last:
            after = [last[parent]]
        else:
            after = [*([last[""]] if "" in last else []), *read.pop(call, [])]
        found[one.seq] = tuple(sorted(set(after)))
        last[call] = one.seq
        if one.kind in MAKES and one.body.get("as"):
            makers[str(one.body["as"])] = one.seq
        if calls.reads(call) and parent:
            read[parent] = [seq for seq in read.get(parent, []) if seq not in after] + [one.seq]
    return found


def _ordered(
    heard: Sequence[Heard], calls: _Calls, causes: Mapping[int, tuple[int, ...]]
) -> list[Heard]:
    """Return entries so that each follows its causes, those of one proposal side by side."""
    told = {one.seq: one for one in heard}
    open_causes = {seq: len(after) for seq, after in causes.items()}
    follow: dict[int, list[int]] = {}
    for seq, after in causes.items():
        for cause in after:
            follow.setdefault(cause, []).append(seq)
    ready = _Ready({seq: calls.root(_call(one)) for seq, one in told.items()})
    for seq, many in open_causes.items():
        if not many:
            ready.add(seq)
    out: list[Heard] = []
    while (next_one := ready.take()) is not None:
        out.append(told[next_one])
        for later in follow.get(next_one, ()):
            open_causes[later] -= 1
            if not open_causes[later]:
                ready.add(later)
    return out


class _Ready:
    """Entries whose causes are told: of the same proposal as the last one first, then the oldest.

    Args:
        roots: By entry, the proposal that it belongs to.
    """

    def __init__(self, roots: Mapping[int, str]) -> None:
        self._roots = roots
        self._of: dict[str, list[int]] = {}
        self._oldest: list[int] = []
        self._taken: set[int] = set()
        self._root = ""

    def add(self, seq: int) -> None:
        """Take in an entry."""
        heapq.heappush(self._of.setdefault(self._roots[seq], []), seq)
        heapq.heappush(self._oldest, seq)

    def take(self) -> int | None:
        """Return the next entry; None when none is left."""
        own = self._of.get(self._root)
        if own:
            return self._take(heapq.heappop(own))
        while self._oldest:
            seq = heapq.heappop(self._oldest)
            if seq not in self._taken:
                heapq.heappop(self._of[self._roots[seq]])
                return self._take(seq)
        return None

    def _take(self, seq: int) -> int:
        self._taken.add(seq)
        self._root = self._roots[seq]
        return seq


def _moment(one: Heard, calls: _Calls, after: tuple[int, ...]) -> Moment:
    call = _call(one)
    return Moment(
        seq=one.seq,
        at_us=one.at_us,
        kind=one.kind,
        call=call,
        tool=calls.tool(call),
        said=_said(one, calls),
        within=calls.within(call) if call else 0,
        after=after,
    )


def _call(one: Heard) -> str:
    return str(one.body.get("call") or "")


# --- In words. ---

_SAID: Final[Mapping[str, str]] = {
    OPENED: "the task was opened for {requester}",
    "task.renewed": "the task went on under a new version of its boundary",
    "task.closed": "the task was closed",
    "call.decided_again": "it was decided again: {verdict}",
    "call.intended": "it was let out",
    "call.delivered": "the agent was told how it ended",
    "call.kept": "the agent had left, so its result was kept",
    "call.settled": "{by} settled what became of it",
    "approval.asked": "{who} were asked",
    "approval.escalated": "nobody answered, and it rose to level {level}",
    "approval.expired": "nobody answered in time",
    "approval.withdrawn": "{agent} took it back",
    "approval.undone": "{by} took the yes back",
    "draft.stored": "it was stored as a draft",
    "draft.released": "{by} released the draft",
    "draft.discarded": "{by} discarded the draft",
    "grant.ended": "a yes beforehand to {tool} ended: {why}",
}
_ORIGINS: Final[Mapping[str, str]] = {
    "gateway": "the gateway looked it up with {tool}",
    "edit": "a person proposed {tool} in its place",
    "release": "a person proposed the draft's {tool}",
}
_ANSWERS: Final[Mapping[str, str]] = {
    "edit": "{person} changed it",
    "words": "{person} wrote back",
    "escalate": "{person} passed it up",
    "hand_over": "{person} handed it to {to}",
    "not_mine": "{person} said it is for others",
}


def _said(one: Heard, calls: _Calls) -> str:
    words = {name: _word(value) for name, value in one.body.items()}
    if one.kind == DECIDED:
        told = _ORIGINS.get(str(one.body.get("origin")), "{tool} was proposed")
        verdict = "" if calls.reads(_call(one)) else ": {verdict}"
        return _filled(told + verdict, words)
    if one.kind == "call.concluded":
        ended = _word(one.body.get("action") or one.body.get("ending"))
        return f"it ended: {ended.replace('_', ' ')}"
    if one.kind in {"approval.answered", "approval.passed"}:
        plain = "{person} said yes" if one.body.get("yes") else "{person} said no"
        return _filled(_ANSWERS.get(str(one.body.get("kind")), plain), words)
    return _filled(_SAID.get(one.kind, one.kind.replace(".", ": ")), words)


def _filled(told: str, words: Mapping[str, str]) -> str:
    return told.format_map(_Known(words))


class _Known(dict[str, str]):
    """Words of an entry; what an older release did not write down is somebody or something."""

    def __missing__(self, key: str) -> str:
        return "somebody" if key in {"person", "by", "who", "requester"} else "something"


def _word(value: Json) -> str:
    if isinstance(value, list):
        return " or ".join(str(one) for one in value)
    return str(value)
