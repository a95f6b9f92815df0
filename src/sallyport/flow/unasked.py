"""Gates that people always pass: found in the ledger, and proposed to the owner as a version.

Rules:
  1. A gate counts only if every answer to it in the last months was a plain yes, often enough, and
     if nothing but the gate itself asked. One change or rejection, or one yes that was taken back,
     and it goes on asking. A yes that did not settle its question approved nothing.
  2. What comes of it is a proposal like any other: compiled, proved against the version in force,
     and signed by an owner and a second person. Whoever only answers cannot propose it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sallyport.errors import BadInputError, ConflictError, NotFoundError
from sallyport.flow import rows
from sallyport.flow.authority import Authority
from sallyport.flow.gateway import Gateway
from sallyport.flow.proposing import Proposed
from sallyport.flow.reading import Reading
from sallyport.flow.sources import Sources, sources_of
from sallyport.model import (
    ApprovalState,
    Boundary,
    Call,
    Json,
    JsonObject,
    Question,
    ToolRule,
)
from sallyport.ports import LedgerQuery
from sallyport.rules.boundary.narrowest import NotNarrowed, barred
from sallyport.rules.boundary.unasked import Unasked, end_of, unasked
from sallyport.rules.times import DAY_US, today
from sallyport.rules.trace import Heard

ENOUGH = 20
"""So often a gate was passed before it is proposed that it need not ask."""
SINCE_DAYS = 180
ANSWERS_MAX = 2000
OWN = frozenset({"ask boundary.ask", "ask level.ask", "ask impact.ask", "ask irreversible.ask"})
"""What the gate itself says. Whatever else asks would go on asking without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """One gate, and how it was passed. `entry` is empty where the level's default asks.

    `why_not` says why it cannot be proposed, as a clause; empty where it can. `left` names the
    arguments that nothing but the owner's own words would bound.
    """

    workflow: str
    tool: str
    entry: str
    times: int
    first_us: int
    last_us: int
    why_not: str = ""
    left: tuple[str, ...] = ()

    def as_json(self) -> JsonObject:
        """Return it for pages and programs."""
        return {
            "workflow": self.workflow,
            "tool": self.tool,
            "entry": self.entry,
            "times": self.times,
            "first_us": self.first_us,
            "last_us": self.last_us,
            "why_not": self.why_not,
            "left": list[Json](self.left),
        }


@dataclass(slots=True)
class _Gate:
    """What was answered at one gate; `approval` is one of its questions."""

    rule: ToolRule
    approval: str
    at_us: list[int] = field(default_factory=list[int])
    seen: list[JsonObject] = field(default_factory=list[JsonObject])
    objected: bool = False


class StopAsking:
    """Finds gates that are always passed, and writes the version in which they are not."""

    def __init__(
        self, gateway: Gateway, authority: Authority, reading: Reading, *, enough: int = ENOUGH
    ) -> None:
        self._gateway, self._authority, self._reading = gateway, authority, reading
        self.enough = enough

    async def passed(self, workflow: str) -> Sequence[Passed]:
        """Return the gates of a workflow that were always passed, the busiest first."""
        boundary = self._gateway.registry.boundary_of(workflow)
        if boundary is None:
            return ()
        text = (await self._sources(boundary)).workflow
        gates = await self._gates(boundary)
        found = [
            await self._told(boundary, text, entry, gate)
            for (_, entry), gate in gates.items()
            if self._is_always_passed(gate)
        ]
        return sorted(found, key=lambda one: -one.times)

    async def propose(self, workflow: str, tool: str, entry: str) -> Proposed:
        """Propose the narrowest version in which a gate no longer asks what was always approved.

        Raises:
            NotFoundError: No such gate was always passed.
            ConflictError: It must ask, or what passed it cannot be said in a rule.
            BoundaryErrors: The file cannot be loaded any more.
            UpstreamError: A system cannot be reached, so its tools cannot be pinned.
        """
        boundary = self._gateway.registry.boundary_of(workflow)
        gate = (await self._gates(boundary)).get((tool, entry)) if boundary is not None else None
        if boundary is None or gate is None or not self._is_always_passed(gate):
            raise NotFoundError(
                f"no gate of `{workflow[:80]}` was passed so often without a change",
                fix=f"let it ask: it takes {self.enough} answers, all of them a plain yes",
            )
        sources = await self._sources(boundary)
        made = await self._made(boundary, sources.workflow, entry, gate)
        if isinstance(made, str):
            raise ConflictError(f"this gate goes on asking: {made}", fix="leave it as it is")
        return await self._authority.propose(
            made.text, sources.workflow_file, sources.systems, because=f"{tool}: {_because(gate)}"
        )

    def _is_always_passed(self, gate: _Gate) -> bool:
        return not gate.objected and len(gate.at_us) >= self.enough

    async def _told(self, boundary: Boundary, text: str, entry: str, gate: _Gate) -> Passed:
        made = await self._made(boundary, text, entry, gate)
        return Passed(
            workflow=boundary.workflow.name,
            tool=gate.rule.tool,
            entry=entry,
            times=len(gate.at_us),
            first_us=min(gate.at_us),
            last_us=max(gate.at_us),
            why_not=made if isinstance(made, str) else "",
            left=() if isinstance(made, str) else made.left,
        )

    async def _made(self, boundary: Boundary, text: str, entry: str, gate: _Gate) -> Unasked | str:
        """Return the new text, or why there is none."""
        day = today(self._gateway.evidence.now_us())
        why = barred(boundary, gate.rule, day)
        if why:
            return why
        try:
            made = unasked(
                text,
                gate.rule,
                entry,
                await self._question(gate),
                gate.seen,
                because=_because(gate),
                until=end_of(day, boundary.workflow.expires),
            )
        except BadInputError as error:
            return error.what
        return made.why if isinstance(made, NotNarrowed) else made

    async def _gates(self, boundary: Boundary) -> Mapping[tuple[str, str], _Gate]:
        """Return every gate of a workflow that was answered lately, by tool and entry."""
        gates: dict[tuple[str, str], _Gate] = {}
        for rule in boundary.workflow.tools.values():
            taken_back = await self._taken_back(rule)
            for answered, decided, call in await self._answers(boundary, rule):
                entry = str(decided.body.get("entry") or "")
                gate = gates.setdefault((rule.tool, entry), _Gate(rule, call.approval_id))
                if not _is_a_plain_yes(answered) or call.id in taken_back:
                    gate.objected = True
                elif _settles(answered) and _only_the_gate_asked(decided):
                    gate.at_us.append(answered.at_us)
                    gate.seen.append(call.proposal.args)
        return gates

    async def _answers(
        self, boundary: Boundary, rule: ToolRule
    ) -> Sequence[tuple[Heard, Heard, Call]]:
        """Return the answers about a tool under the rule that is in force, with what was decided.

        Three look-ups for all of them: there may be thousands.
        """
        lately = self._lately(rule)
        answered = await self._reading.search(replace(lately, kind="approval.answered"))
        if not answered:
            return ()
        asked = replace(lately, kind="call.decided", verdict="ask")
        decided = {str(one.body.get("call")): one for one in await self._reading.search(asked)}
        outside = self._gateway.outside
        ids = list(dict.fromkeys(str(one.body.get("call")) for one in answered))
        found = (rows.call_of(row, outside.vault) for row in await outside.store.pick("calls", ids))
        calls = {one.id: one for one in found if self._is_under(boundary, rule, one)}
        return [
            (one, decided[call], calls[call])
            for one in answered
            if (call := str(one.body.get("call"))) in calls and call in decided
        ]

    async def _taken_back(self, rule: ToolRule) -> frozenset[str]:
        """Return the calls whose yes somebody took back: that was no yes after all."""
        found = await self._reading.search(replace(self._lately(rule), kind="approval.undone"))
        return frozenset(str(one.body.get("call")) for one in found)

    def _lately(self, rule: ToolRule) -> LedgerQuery:
        since_us = self._gateway.evidence.now_us() - SINCE_DAYS * DAY_US
        return LedgerQuery(
            tool=rule.tool, since_us=max(0, since_us), newest_first=True, limit=ANSWERS_MAX
        )

    def _is_under(self, boundary: Boundary, rule: ToolRule, call: Call) -> bool:
        """Return whether a call was decided by a rule that says what this one says."""
        then = self._gateway.registry.boundaries.get(call.boundary)
        same_workflow = call.workflow == boundary.workflow.name
        return same_workflow and then is not None and then.workflow.tools.get(rule.tool) == rule

    async def _question(self, gate: _Gate) -> Question:
        (row,) = await self._gateway.outside.store.rows("approvals", {"id": gate.approval})
        return rows.approval_of(row, self._gateway.outside.vault).question

    async def _sources(self, boundary: Boundary) -> Sources:
        (row,) = await self._gateway.outside.store.rows("boundaries", {"id": boundary.digest})
        return sources_of(row)


def _is_a_plain_yes(answered: Heard) -> bool:
    return answered.body.get("yes") is True and not answered.body.get("kind")


def _settles(answered: Heard) -> bool:
    """Return whether a question was approved with this yes: one of two approves nothing."""
    return answered.body.get("state") == ApprovalState.APPROVED.value


def _only_the_gate_asked(decided: Heard) -> bool:
    floors = decided.body.get("floors")
    found = map(str, floors) if isinstance(floors, list) else ()
    asked = [one for one in found if one.startswith("ask ")]
    return bool(asked) and OWN.issuperset(asked)


def _because(gate: _Gate) -> str:
    first, last = today(min(gate.at_us)), today(max(gate.at_us))
    return (
        f"asked {len(gate.at_us)} times from {first.isoformat()} to {last.isoformat()}, "
        "each time approved as it was"
    )
