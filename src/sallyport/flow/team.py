"""How the team answers, and whether somebody has looked long enough to say yes."""

from __future__ import annotations

from sallyport.errors import TooSoonError
from sallyport.flow.exercises import Exercises
from sallyport.flow.gateway import Gateway
from sallyport.flow.reading import Reading
from sallyport.model import Approval, Call, Json, JsonObject
from sallyport.ports import LedgerQuery
from sallyport.rules.attention import figures
from sallyport.rules.attention.attention import viewing_s
from sallyport.rules.times import DAY_US, SECOND_US

DAYS = 30
ENTRIES_MAX = 100_000


class Team:
    """What is said of everybody together, and asked of each alike.

    Args:
        gateway: Where the boundaries are.
        reading: The ledger.
        exercises: What the settings say of attention.
    """

    def __init__(self, gateway: Gateway, reading: Reading, exercises: Exercises) -> None:
        self._gateway, self._reading, self._exercises = gateway, reading, exercises

    async def figures(self, days: int = DAYS) -> JsonObject:
        """Return how the team answered in the last days, and what of this is switched on."""
        now_us = self._gateway.evidence.now_us()
        since_us = max(0, now_us - days * DAY_US)
        told = [
            one
            for kind in figures.KINDS
            for one in await self._reading.search(
                LedgerQuery(kind=kind, since_us=since_us, newest_first=True, limit=ENTRIES_MAX)
            )
        ]
        found = figures.figures(told).as_json()
        return {"days": days, "since_us": since_us, **found, "attention": self.declared()}

    def declared(self) -> JsonObject:
        """Return what there is of it now, for everybody to read."""
        exercises = self._exercises
        attention = exercises.attention
        return {
            "on": exercises.in_force(),
            "canaries": attention.canaries,
            "second_looks": attention.second_looks,
            "viewing_s": attention.viewing_s,
        }

    def viewing_s(self, call: Call) -> int:
        """Return for how many seconds a question is looked at before a yes counts."""
        if not self._exercises.in_force():
            return 0
        boundary = self._gateway.registry.boundaries.get(call.boundary)
        rule = boundary.workflow.tools.get(call.proposal.tool) if boundary else None
        return viewing_s(
            self._exercises.attention,
            call.level,
            rule.touches if rule else (),
            irreversible=rule is None or rule.irreversible,
        )

    async def must_have_looked(self, approval: Approval, call: Call, session: str) -> None:
        """Refuse a yes that comes before its page was in sight for long enough.

        Raises:
            TooSoonError: It was shown to this session too short a while ago, or never.
        """
        floor_s = self.viewing_s(call)
        if not floor_s:
            return
        query = LedgerQuery(call=call.id, kind="approval.shown")
        wanted: tuple[Json, Json] = (approval.id, session)
        first_us = next(
            (
                one.at_us
                for one in await self._reading.search(query)
                if (one.body.get("approval"), one.body.get("session")) == wanted
            ),
            None,
        )
        now_us = self._gateway.evidence.now_us()
        if first_us is None or now_us - first_us < floor_s * SECOND_US:
            raise TooSoonError(
                f"a yes to this counts once its page was in sight for {floor_s} seconds",
                fix="read on, and say yes then; a no counts at once",
            )
