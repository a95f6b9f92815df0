"""Puts exercises among the questions, and takes the answers to them.

Rules:
  1. Nothing here can act. An exercise stands in a table of its own, which no walk of a call reads;
     this module has no gateway, no system and no credential, and writes to no other table.
  2. Which questions are made into exercises follows from their ids alone, and when from the time
     of their answers, so that nobody chooses and a restart changes nothing.
  3. While something is stopped, or too much waits, none is put; a stop takes back those that wait.
  4. The entry of an answer says in clear what came of some exercise: neither of which, since who
     looked at what is on record as well, nor who answered it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sallyport.errors import ConflictError
from sallyport.flow import rows
from sallyport.flow.evidence import Evidence
from sallyport.flow.exercise_rows import TABLE, as_kept, exercise_of, exercise_row
from sallyport.flow.outside import Outside
from sallyport.flow.registry import Registry
from sallyport.model import (
    Answer,
    Approval,
    ApprovalState,
    Call,
    JsonObject,
    Origin,
    Verdict,
)
from sallyport.ports import Blocked, Insert, Row, Update
from sallyport.rules import answering, approval_object
from sallyport.rules import approval as approvals
from sallyport.rules.answering import Said
from sallyport.rules.attention import exercises
from sallyport.rules.attention.attention import OFF, Attention
from sallyport.rules.attention.canary import mistakes
from sallyport.rules.attention.exercises import Exercise, Kind, State, Wrong
from sallyport.rules.statements import Signed
from sallyport.rules.times import DAY_US, today

LOOKED_AT = 1000
"""So many of the last questions are looked at for what an exercise is made from."""
OTHERS_MAX = 20
QUEUE_MAX = 40
"""While so many questions wait, nothing is added to them."""
SETTLED = frozenset(
    state.value
    for state in (
        ApprovalState.APPROVED,
        ApprovalState.USED,
        ApprovalState.REJECTED,
        ApprovalState.CHANGED,
    )
)
_CLEAR = ("id", "state", "how_many", "changed_us")


class Exercises:
    """The exercises of a house.

    Args:
        outside: Of the ports it keeps the database, its seal, ids and the stop file.
        registry: Who there is, and what is in force.
        evidence: The ledger.
        lone: Returns whether `team: one` is in force.
        attention: What the settings say.
    """

    def __init__(
        self,
        outside: Outside,
        registry: Registry,
        evidence: Evidence,
        lone: Callable[[], bool],
        attention: Attention = OFF,
    ) -> None:
        self._store, self._vault = outside.store, outside.vault
        self._ids, self._stop_file = outside.ids, outside.stop_file
        self._registry, self._evidence, self._lone = registry, evidence, lone
        self.attention = attention

    def in_force(self) -> bool:
        """Return whether there are exercises, and how long one looks counts."""
        return not self._lone() and self.attention.counts(self._registry.people.values())

    # --- What waits. ---

    async def find(self, approval_id: str) -> Exercise | None:
        """Return the exercise of this id, whatever became of it; None for a real question."""
        return await self._one({"id": approval_id})

    async def of_call(self, call_id: str) -> Exercise | None:
        """Return the exercise whose picture of a call has this id."""
        return await self._one({"call": call_id})

    async def waiting(self) -> Sequence[Exercise]:
        """Return the exercises that wait for an answer."""
        found = await self._store.rows(TABLE, {"state": State.WAITING.value})
        return [exercise_of(row, self._vault) for row in found]

    async def _one(self, where: Row) -> Exercise | None:
        found = await self._store.rows(TABLE, where)
        return exercise_of(found[0], self._vault) if found else None

    # --- Answers. ---

    async def take(self, one: Exercise, said: Said, signed: Signed, key: str) -> Exercise:
        """Keep an answer, and return the exercise as it is over now. Nothing follows from it.

        Args:
            one: The exercise, that waits.
            said: What was said; it was checked already who may say it.
            signed: By whom.
            key: With which of their keys.

        Raises:
            ConflictError: Somebody else answered it meanwhile, or it was taken back.
        """
        came_of_it = exercises.outcome(one, said.kind)
        changed = () if said.args is None else answering.changed(one.call.proposal.args, said.args)
        answer = Answer(
            person=signed.person,
            yes=said.yes,
            because=said.because,
            at_us=signed.at_us,
            signature=signed.signature,
            kind=said.kind.value,
            code=said.code,
            arguments=changed,
            key=key,
        )
        over = replace(one, state=State.ANSWERED, answer=answer)
        now_us = self._evidence.now_us()
        body: JsonObject = {
            "kind": one.kind.value,
            "outcome": came_of_it.value,
            "took_us": now_us - one.approval.asked_us,
        }
        part = answering.signed_part(said, person=signed.person, at_us=signed.at_us)
        secret: JsonObject = {
            "exercise": one.id,
            "bound": approvals.bound(one.approval),
            "said": part,
            "signature": signed.signature,
            "key": key,
        }
        if not await self._move(one, over, "exercise.answered", body, secret):
            raise ConflictError(
                f"question `{one.id}` was answered by somebody else meanwhile",
                fix="look at what waits again",
            )
        return over

    # --- Putting and taking back. ---

    async def look(self) -> int:
        """Do what is due: take back, let expire, and put new ones. Return how many were put."""
        waiting = await self.waiting()
        if self._must_not():
            for one in waiting:
                await self._end(one, State.WITHDRAWN)
            return 0
        now_us = self._evidence.now_us()
        for one in waiting:
            if now_us >= one.approval.expires_us:
                await self._end(one, State.EXPIRED)
        queue = await self._store.rows(
            "approvals", {"state": ApprovalState.WAITING.value}, only=("id",)
        )
        if len(queue) >= QUEUE_MAX:
            return 0
        return sum([await self._put(*due) for due in await self._due(now_us)])

    def _must_not(self) -> bool:
        stopped = any(one.verdict is Verdict.REFUSE for one in self._registry.switches.values())
        broken = bool(self._registry.broken or self._stop_file.scopes())
        unusual = stopped or broken or bool(self._registry.broken_glasses())
        return unusual or not self.in_force()

    async def _due(self, now_us: int) -> Sequence[tuple[str, Kind]]:
        """Return the questions of which exercises are to be made now, none of them twice."""
        last = await self._store.rows("approvals", newest_first=True, limit=LOOKED_AT, only=_CLEAR)
        found: list[tuple[str, Kind]] = []
        for row in last:
            kind = self._drawn(row, now_us)
            made_from = {"made_from": rows.text(row, "id")}
            if kind is not None and not await self._store.rows(TABLE, made_from, only=("id",)):
                found.append((rows.text(row, "id"), kind))
        return found

    def _drawn(self, row: Row, now_us: int) -> Kind | None:
        """Return what is made of a question now, which its id decided before anybody saw it."""
        if row["state"] not in SETTLED or row["how_many"] != 1:
            return None
        question, answered_us = rows.text(row, "id"), rows.number(row, "changed_us")
        rates = {
            Kind.CANARY: self.attention.canaries,
            Kind.SECOND_LOOK: self.attention.second_looks,
        }
        for kind, rate in rates.items():
            due_us = exercises.due_us(question, kind, answered_us)
            if exercises.sampled(question, kind, rate) and due_us <= now_us < due_us + DAY_US:
                return kind
        return None

    async def _put(self, of_id: str, kind: Kind) -> int:
        found = await self._question(of_id)
        if found is None:
            return 0
        of, call = found
        wrong = await self._wrong(of, call) if kind is Kind.CANARY else None
        if not self._somebody_else(of, call) or (wrong is None and kind is Kind.CANARY):
            return 0
        draught = self._evidence.draught()
        one = exercises.put(
            of,
            call,
            # Spelled as those of a real question are: a link shows its id.
            fresh=(approval_object.short_id("a", self._ids.new("c")), self._ids.new("c")),
            nonce=approval_object.nonce_of(self._ids.new("c")),
            at_us=draught.at_us,
            plumbing=self._registry.plumbing_of(call),
            wrong=wrong,
        )
        draught.changes.append(Insert(TABLE, exercise_row(one, self._vault, draught.at_us)))
        secret: JsonObject = {**as_kept(one), "exercise": one.id, "of": one.of}
        self._evidence.note(draught, "exercise.put", {}, secret=secret)
        return int(not isinstance(await self._store.append(draught.done()), Blocked))

    async def _question(self, of_id: str) -> tuple[Approval, Call] | None:
        """Return a question of an agent under what is in force now, and its call."""
        (row,) = await self._store.rows("approvals", {"id": of_id})
        of = rows.approval_of(row, self._vault)
        (kept,) = await self._store.rows("calls", {"id": of.call_id})
        call = rows.call_of(kept, self._vault)
        active = self._registry.boundary_of(call.workflow)
        current = active is not None and active.digest == call.boundary
        real = call.proposal.origin is Origin.AGENT and bool(of.object) and bool(of.answers)
        return (of, call) if current and real else None

    def _somebody_else(self, of: Approval, call: Call) -> bool:
        """Return whether somebody can answer who does not know how it was answered."""
        knows = {call.requester, *(one.person for one in of.answers)}
        return any(
            one.name not in knows and one.roles.intersection(of.question.who)
            for one in exercises.reviewers(self._registry.people.values())
        )

    async def _wrong(self, of: Approval, call: Call) -> Wrong | None:
        boundary = self._registry.boundary_of(call.workflow)
        rule = boundary.workflow.tools.get(call.proposal.tool) if boundary else None
        if rule is None:
            return None
        task = self._registry.tasks.get(call.proposal.task_id)
        found = mistakes(
            call.proposal.args,
            rule,
            self._registry.plumbing_of(call),
            others=await self._others(call),
            inputs=task.inputs if task else {},
            today=today(self._evidence.now_us()),
        )
        return found[exercises.drawn(of.id, len(found))] if found else None

    async def _others(self, call: Call) -> Sequence[JsonObject]:
        """Return the arguments of the last calls of the same tool for other tasks."""
        where = {"tool": call.proposal.tool, "workflow": call.workflow}
        found = await self._store.rows("calls", where, newest_first=True, limit=OTHERS_MAX)
        calls = [rows.call_of(row, self._vault) for row in found]
        task = call.proposal.task_id
        return [one.proposal.args for one in calls if one.proposal.task_id != task]

    async def _end(self, one: Exercise, state: State) -> None:
        over = replace(one, state=state)
        body: JsonObject = {
            "exercise": one.id,
            "kind": one.kind.value,
            "state": state.value,
        }
        await self._move(one, over, "exercise.ended", body, None)

    async def _move(
        self,
        before: Exercise,
        after: Exercise,
        entry: str,
        body: JsonObject,
        secret: JsonObject | None,
    ) -> bool:
        draught = self._evidence.draught()
        row = exercise_row(after, self._vault, draught.at_us)
        expect = {"state": before.state.value}
        columns = {name: row[name] for name in ("state", "changed_us", "sealed")}
        draught.changes.append(Update(TABLE, before.id, expect, columns))
        self._evidence.note(draught, entry, body, secret=secret)
        return not isinstance(await self._store.append(draught.done()), Blocked)
