"""What interrupts people and what waits for a round, and which questions ask for the same thing."""

from __future__ import annotations

from collections.abc import Sequence

from sallyport.flow.gateway import Gateway
from sallyport.flow.inbox import Item
from sallyport.flow.listing import Waiting
from sallyport.model import Approval, Call, Json, JsonObject, Level, ToolRule
from sallyport.rules import waiting_rules
from sallyport.rules.waiting_rules import Waits

NOW, ROUND = "now", "round"
"""The groups of the inbox: what cannot wait, and what is looked at together."""


class Rounds:
    """Gathers what can wait.

    Args:
        gateway: Where the boundaries are.
        times: When rounds are, in microseconds after midnight UTC; none where they are off.
    """

    def __init__(self, gateway: Gateway, times: Sequence[int]) -> None:
        self._gateway = gateway
        self._times = tuple(times)

    def next_us(self, after_us: int | None = None) -> int:
        """Return when the next round is, after now or another time; 0 where there are none."""
        now_us = self._gateway.evidence.now_us() if after_us is None else after_us
        return waiting_rules.next_round(self._times, now_us)

    def group(self, call: Call, approval: Approval | None, round_us: int) -> str:
        """Return the group that something is in; what is no question cannot wait."""
        if approval is None or not round_us:
            return NOW
        rule = self._rule(call.boundary, call.proposal.tool)
        return _group(rule, call.level, approval.expires_us, approval.risen, round_us)

    def group_of(self, one: Waiting, round_us: int) -> str:
        """Return the same as `group` of something that is listed in brief."""
        if one.kind != "question" or not round_us:
            return NOW
        rule = self._rule(one.boundary, one.tool)
        return _group(rule, one.level, one.expires_us, one.risen, round_us)

    def _rule(self, boundary: str, tool: str) -> ToolRule | None:
        found = self._gateway.registry.boundaries.get(boundary)
        return found.workflow.tools.get(tool) if found else None

    def gathered(self, items: Sequence[Item]) -> JsonObject:
        """Return the inbox's groups, the next round and its size, and what asks for the same.

        `groups` has ids by group; `round` is null where there are none; `alike` lists the ids of
        questions of one agent that ask for exactly the same thing, where there are several.
        """
        round_us = self.next_us()
        groups: dict[str, list[Json]] = {NOW: [], ROUND: []}
        same: dict[str, list[Json]] = {}
        for one in items:
            groups[self.group(one.call, one.approval, round_us)].append(id_of(one))
            if one.approval is not None:
                same.setdefault(alike(one.call), []).append(id_of(one))
        return {
            "groups": {NOW: groups[NOW], ROUND: groups[ROUND]},
            "round": {"at_us": round_us, "size": len(groups[ROUND])} if round_us else None,
            "alike": [ids for ids in same.values() if len(ids) > 1],
        }


def _group(rule: ToolRule | None, level: Level, expires_us: int, risen: int, round_us: int) -> str:
    waits = Waits(
        level=level,
        touches=rule.touches if rule else frozenset(),
        irreversible=rule is None or rule.irreversible,
        expires_us=expires_us,
        risen=risen,
    )
    return NOW if waiting_rules.cannot_wait(waits, round_us) else ROUND


def id_of(one: Item) -> str:
    """Return the id of something that waits: that of its question or draft, or else its call's."""
    if one.draft is not None:
        return one.draft.id
    return one.approval.id if one.approval is not None else one.call.id


def alike(call: Call) -> str:
    """Return what this call shares with those that ask for the same thing."""
    return waiting_rules.alike(call.agent, call.workflow, call.proposal.tool, call.proposal.args)
