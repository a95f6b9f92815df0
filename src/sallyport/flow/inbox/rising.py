"""Questions that nobody answers rise: at parts of their time others hear of them as well.

How far one has risen stands with it in the database, so that a restart neither forgets a step nor
takes one twice. Whoever hears of it may answer if the question asks them, and not otherwise.
"""

from __future__ import annotations

from sallyport.flow import rows
from sallyport.flow.evidence import index_of
from sallyport.flow.inbox.waiting import Waiting
from sallyport.model import Approval, ApprovalState, Call, Json, JsonObject
from sallyport.ports import Blocked, Row, Update
from sallyport.rules import waiting_rules

_TIMES = ("id", "asked_us", "expires_us", "risen")


class Rising(Waiting):
    """Escalates what nobody answers."""

    async def escalate(self) -> int:
        """Let every unanswered question rise as far as its time says; return how many did."""
        now_us = self._gateway.evidence.now_us()
        waiting = {"state": ApprovalState.WAITING.value}
        found = await self._gateway.outside.store.rows("approvals", waiting, only=_TIMES)
        due = [rows.text(row, "id") for row in found if _is_due(row, now_us)]
        return sum([await self._rise(one, now_us) for one in due])

    async def _rise(self, approval_id: str, now_us: int) -> int:
        gateway = self._gateway
        approval = await self.approval(approval_id)
        if approval.state is not ApprovalState.WAITING:
            return 0
        call = await self.call(approval.call_id)
        level = waiting_rules.level_at(approval.asked_us, approval.expires_us, now_us)
        draught = gateway.evidence.draught()
        draught.changes.append(
            Update(
                "approvals",
                approval.id,
                {"state": approval.state.value, "risen": approval.risen - 1},
                {"risen": level - 1, "changed_us": draught.at_us},
            )
        )
        body = self._told(approval, call, level, now_us)
        gateway.evidence.note(draught, "approval.escalated", body, index=index_of(call))
        return int(not isinstance(await gateway.outside.store.append(draught.done()), Blocked))

    def _told(self, approval: Approval, call: Call, level: int, now_us: int) -> JsonObject:
        """Return what the ledger keeps: how far it rose, whom that reaches, and who stands in."""
        people = self._gateway.registry.people
        named = self._targets(call, level)
        held = waiting_rules.holders(named, people)
        stand_ins = {name: waiting_rules.instead(people.get(name), now_us) for name in held}
        away: JsonObject = {name: other for name, other in stand_ins.items() if other}
        return {
            "call": approval.call_id,
            "approval": approval.id,
            "was": approval.risen,
            "level": level,
            "named": list[Json](named),
            "to": list[Json](waiting_rules.routed(held, people, now_us)),
            "away": away,
            "who": list[Json](approval.question.who),
            "how_many": approval.question.how_many,
            "expires_us": approval.expires_us,
        }

    def _targets(self, call: Call, level: int) -> tuple[str, ...]:
        registry = self._gateway.registry
        boundary = registry.boundary_of(call.workflow) or registry.boundaries.get(call.boundary)
        agent = registry.agents.get(call.agent)
        return waiting_rules.targets(
            level,
            tell=boundary.workflow.stop.tell if boundary else "",
            owner=boundary.workflow.owner if boundary else "",
            contact=agent.contact if agent else "",
        )


def _is_due(row: Row, now_us: int) -> bool:
    asked_us, expires_us = rows.number(row, "asked_us"), rows.number(row, "expires_us")
    if now_us >= expires_us:
        return False
    return waiting_rules.level_at(asked_us, expires_us, now_us) > 1 + rows.number(row, "risen")
