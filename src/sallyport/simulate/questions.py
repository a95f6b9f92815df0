"""What systems ask in the middle of a call, watched by somebody who does not trust the flow.

12 what is written down as done was done, and what is written down as failed was not
13 a system may ask only what the boundaries name and its agent can be asked, and nothing once
people said yes; what it asked is answered once, by its own agent, while it stands open; and
a call has one effect at most together with all that went on from its questions
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from sallyport.model import Boundary, Json, JsonObject, Proposal
from sallyport.ports import Outbound
from sallyport.simulate import scenery


class Hold(Protocol):
    """Notes that an invariant does not hold, unless it does."""

    def __call__(self, number: int, what: str, *, holds: bool) -> None:
        """Note it."""
        ...


@dataclass(slots=True, eq=False)
class _Line:
    """A call, as one of a line of calls that go on from one another's questions."""

    first: str
    parent: str
    changes_something: bool
    stands: str = ""
    """`open` or `ended` while its question stands (whether its system waits), then `over`."""
    approved: bool = False
    failed: bool = False


class Questions:
    """Keeps what the ledger says of questions.

    Args:
        hold: Told of each promise, and whether it is kept.
        held_to: Returns the boundaries that a call of a task was decided under.
    """

    def __init__(self, hold: Hold, held_to: Callable[[JsonObject], list[Boundary]]) -> None:
        self._hold = hold
        self._held_to = held_to
        self._lines: dict[str, _Line] = {}
        self._effects: dict[str, int] = {}

    def decided(self, body: JsonObject, *, changes_something: bool) -> None:
        """Note a new call."""
        call_id = str(body["call"])
        parent = str(body["parent"]) if body["origin"] == "agent" else ""
        before = self._lines.get(parent)
        first = before.first if before is not None else call_id
        self._lines[call_id] = _Line(first, parent, changes_something)

    def intended(self, call_id: str, *, approved: bool) -> None:
        """Check an intent: where it brings an answer, the question stands and is now answered."""
        line = self._lines[call_id]
        line.approved = approved
        if not line.parent:
            return
        before = self._lines.get(line.parent)
        stands = before is not None and before.stands in {"open", "ended"}
        self._hold(13, f"{call_id} answers what does not stand open", holds=stands)
        if before is not None:
            before.stands = "over"

    def concluded(self, body: JsonObject, asker: JsonObject, proposal: Proposal | None) -> None:
        """Check an outcome: a question, or what is said to have become of the effect."""
        call_id = str(body["call"])
        line = self._lines[call_id]
        if body["ending"] != "asked":
            line.stands = line.stands and "over"
            self.told(call_id, str(body["action"]))
            return
        result = cast("JsonObject", body["result"])
        wanted = set(cast("list[str]", result["for"]))
        offered = self.offered(asker, proposal)
        self._hold(13, f"{call_id} asks for {wanted}", holds=bool(wanted) and wanted <= offered)
        self._hold(13, f"{call_id} asks after a yes", holds=not line.approved)
        line.stands = "open" if result["open"] else "ended"

    def told(self, call_id: str, action: str) -> None:
        """Check what is written down of an effect, by the gateway or by a person."""
        line = self._lines[call_id]
        if not line.changes_something:
            return
        happened = self._effects.get(line.first, 0) > 0
        if action == "done":
            self._hold(12, f"{call_id} is done and nothing happened", holds=happened)
        elif action == "failed":
            line.failed = True
            self._hold(12, f"{call_id} has failed and happened", holds=not happened)

    def left(self, outbound: Outbound, asker: JsonObject, proposal: Proposal | None) -> None:
        """Check what leaves: what may be asked, and what is answered."""
        call_id = outbound.call_id
        line = self._lines[call_id]
        offered = self.offered(asker, proposal) if not line.approved else frozenset[str]()
        may = outbound.abilities <= offered
        self._hold(13, f"{call_id} may be asked {set(outbound.abilities)}", holds=may)
        answers = proposal.answers if proposal is not None else {}
        if not self.is_declined(outbound):
            same = outbound.answers == answers
            self._hold(2, f"{call_id} leaves with other answers", holds=same)

    def happened(self, call_id: str) -> None:
        """Check an effect."""
        line = self._lines[call_id]
        self._effects[line.first] = self._effects.get(line.first, 0) + 1
        once = self._effects[line.first] == 1
        self._hold(13, f"{line.first} had a second effect with {call_id}", holds=once)
        self._hold(12, f"{call_id} happened when it had failed", holds=not line.failed)

    def is_declined(self, outbound: Outbound) -> bool:
        """Return whether this only tells a system that what it asked gets no answer."""
        return bool(outbound.state) and not outbound.answers

    def stands(self, call_id: str) -> bool:
        """Return whether a system still waits for an answer, as far as the ledger knows."""
        return self._lines[call_id].stands in {"open", "ended"}

    def was_asked(self, call_id: str) -> bool:
        """Return whether its system asked, answered or not."""
        return bool(self._lines[call_id].stands)

    def offered(self, asker: JsonObject, proposal: Proposal | None) -> frozenset[str]:
        """Return what may be asked of whoever proposed a call, whose decision is `asker`."""
        if proposal is None or asker["origin"] != "agent":
            return frozenset()
        tool, bounds = str(asker["tool"]), self._held_to(asker)
        named = [scenery.may_ask(tool, bound) for bound in bounds]
        return frozenset(one for one in proposal.declared if all(one in may for may in named))


def more_of_digest(offered: frozenset[str], answers: JsonObject) -> JsonObject:
    """Return what questions add to what a call's digest covers."""
    more: JsonObject = {}
    if offered:
        more["abilities"] = list[Json](sorted(offered))
    if answers:
        more["answers"] = answers
    return more
