"""One person's signed answer to a question, and what follows from it.

What is signed is durable before anything follows; a call that was changed ends as it was, and what
a person made of it is proposed in its place, by that person, and decided like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sallyport.errors import ConflictError, NotFoundError, NotPermittedError, SignatureError
from sallyport.flow import edits, rows
from sallyport.flow.evidence import Draught
from sallyport.flow.inbox.beforehand import Beforehand
from sallyport.flow.inbox.waiting import DECIDED, OPEN
from sallyport.flow.registry import Granted, granted_row
from sallyport.flow.signers import key_of
from sallyport.model import (
    Answer,
    Approval,
    ApprovalState,
    Call,
    Json,
    JsonObject,
    Listed,
    Passed,
    Person,
)
from sallyport.ports import Blocked, Insert, Update
from sallyport.rules import (
    answering,
    canonical,
    confirming,
    cool_off,
    flags,
    labels,
    waiting_rules,
    workflow_steps,
)
from sallyport.rules import approval as approvals
from sallyport.rules.answering import PASSES, Kind, Said
from sallyport.rules.attention.exercises import Exercise
from sallyport.rules.commands import Ended
from sallyport.rules.statements import GOOD_FOR_US, Signed
from sallyport.rules.steps import close_unsent


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An answer that counts: how the question stands after it, and the call that an edit became.

    With an `exercise`, it was none that is real, and nothing follows from the answer.
    """

    approval: Approval
    edited: Ended | None = None
    exercise: Exercise | None = None


@dataclass(frozen=True, slots=True)
class _Saying:
    """One person's signed answer, and what it is about."""

    approval: Approval
    call: Call
    said: Said
    signed: Signed
    listed: Listed | None = None
    granted: Granted | None = None


class Answering(Beforehand):
    """Takes answers."""

    async def answer(
        self,
        approval_id: str,
        *,
        person: str,
        yes: bool,
        because: str,
        at_us: int,
        signature: str,
        code: str = "other",
        typed: str = "",
    ) -> Approval:
        """Take one person's signed yes or no; the call goes on at once if that settles it.

        Raises:
            NotFoundError: No such question or person.
            SignatureError: Not signed by this person over this question.
            NotPermittedError: This person may not answer it.
            ConflictError: It was settled already, or has expired.
        """
        kind, code = (Kind.APPROVE, "") if yes else (Kind.REJECT, code)
        said = Said(kind=kind, because=because, code=code, typed=typed)
        signed = Signed(person=person, at_us=at_us, signature=signature)
        return (await self.say(approval_id, said, signed)).approval

    async def say(
        self, approval_id: str, said: Said, signed: Signed, listed: Listed | None = None
    ) -> Taken:
        """Take any of the answers, as one person signed it.

        Args:
            approval_id: The question.
            said: The answer.
            signed: Who gave it, and their signature.
            listed: Where the question stands in the list that was signed, if it was a list.

        Raises:
            NotFoundError: No such question or person.
            BadInputError: It does not say what its kind must say.
            SignatureError: Not signed by this person over this question and answer.
            NotPermittedError: This person, or this key, may not answer it.
            ConflictError: It was settled already, or has expired.
        """
        exercise = await self.exercises.find(approval_id)
        if exercise is not None:
            return await self._exercised(exercise, said, signed)
        approval = await self.approval(approval_id)
        call = await self.call(approval.call_id)
        who = self._answerer(signed.person, call, said)
        key = self._key(approval, who, said, signed, listed)
        answering.check(said, call.proposal.args)
        counting = self._gateway.still_counting(approval)
        own = self.admit(counting, call, who)
        answering.admit_key(counting, who, key, call.level)
        confirming.check(approval, said)
        granted = self._granting(approval, call, said, who)
        saying = _Saying(approval, call, said, signed, listed, granted)
        if said.kind in PASSES:
            return Taken(approval=await self._pass_on(saying))
        answer = Answer(
            person=who.name,
            yes=said.yes,
            because=said.because,
            at_us=signed.at_us,
            signature=signed.signature,
            confirmed_own=own or (self._lone() and not workflow_steps.is_step(who.name)),
            kind=said.kind.value if said.kind in {Kind.EDIT, Kind.WORDS} else "",
            code=said.code,
            arguments=_arguments(call, said),
            key=key,
            ahead=said.ahead,
            listed=listed,
        )
        after = cool_off.begun(
            approvals.answered(counting, answer), self._gateway.evidence.now_us()
        )
        fresh_id = self._gateway.outside.ids.new("c") if said.kind is Kind.EDIT else ""
        await self._record(saying, after, answer, fresh_id)
        if saying.granted is not None:
            self._grant(saying.granted)
        self._follow(call, after, answer)
        return Taken(approval=after, edited=await self._edited(saying, fresh_id))

    async def _exercised(self, one: Exercise, said: Said, signed: Signed) -> Taken:
        """Take an answer to an exercise: all is checked as ever, and then nothing is done."""
        approval, call = one.approval, one.call
        who = self._person(signed.person)
        key = self._key(approval, who, said, signed)
        answering.check(said, call.proposal.args)
        self.admit(approval, call, who)
        answering.admit_key(approval, who, key, call.level)
        confirming.check(approval, said)
        if who.name in one.knows:
            raise NotPermittedError(
                f"`{approval.id}` asks others", fix="answer what waits for you in the inbox"
            )
        if said.kind is Kind.HAND_OVER:
            answering.admit_hand_over(approval, said.to, self._gateway.registry.people)
        over = await self.exercises.take(one, said, signed, key)
        return Taken(approval=over.approval, exercise=over)

    def _answerer(self, name: str, call: Call, said: Said) -> Person:
        """Return who speaks: a person, or a workflow step that may say this about this call."""
        if not workflow_steps.is_step(name):
            return self._person(name)
        step = self._gateway.registry.steps.get(name)
        if step is None:
            raise NotFoundError(
                f"no workflow step is called `{name[:80]}`",
                fix="register it with `sallyport admin steps add`",
            )
        workflow_steps.admit(step, call.workflow, call.level, said)
        return workflow_steps.as_answerer(step)

    def _granting(self, approval: Approval, call: Call, said: Said, who: Person) -> Granted | None:
        """Return what an answer says yes to beforehand, if it does and may."""
        if said.ahead is None:
            return None
        if workflow_steps.is_step(who.name):
            raise NotPermittedError("only a person says yes beforehand", fix="say yes to this one")
        self.may_go_ahead(said.ahead, approval, call)
        gateway = self._gateway
        return Granted(
            id=gateway.outside.ids.new("g"),
            approval=approval.id,
            person=who.name,
            task=call.proposal.task_id,
            agent=call.agent,
            workflow=call.workflow,
            system=call.system,
            tool=call.proposal.tool,
            boundary=approval.boundary,
            at_most=said.ahead.at_most,
            since_us=gateway.evidence.now_us(),
            until_us=said.ahead.until_us,
            epoch=gateway.fences.epoch,
        )

    def _key(
        self,
        approval: Approval,
        who: Person,
        said: Said,
        signed: Signed,
        listed: Listed | None = None,
    ) -> str:
        name, at_us = who.name, signed.at_us
        if at_us >= self._gateway.evidence.now_us() + GOOD_FOR_US:
            raise SignatureError(
                f"the answer to `{approval.id}` is signed for a time to come",
                fix="check this machine's clock and sign again",
            )
        if listed is None:
            bytes_said = approvals.said_by(approval, said, person=name, at_us=at_us)
        else:
            bytes_said = approvals.said_to_list(approval, listed, said, person=name, at_us=at_us)
        key = key_of(self._gateway.outside.signatures, who, bytes_said, signed.signature)
        if not key:
            raise SignatureError(f"the answer to `{approval.id}` is not signed by `{who.name}`")
        return key

    async def _edited(self, saying: _Saying, fresh_id: str) -> Ended | None:
        """Propose what a person made of a call, in that person's name; people decide on it."""
        args, before = saying.said.args, saying.call.proposal
        if args is None:
            return None
        person = saying.signed.person
        return await self._gateway.propose(
            edits.proposal_of(before, args, person=person, call_id=fresh_id)
        )

    async def _pass_on(self, saying: _Saying) -> Approval:
        approval, said, signed = saying.approval, saying.said, saying.signed
        if said.kind is Kind.HAND_OVER:
            people = self._gateway.registry.people
            answering.admit_hand_over(approval, said.to, people)
            if said.to in people:
                self.admit(approval, saying.call, people[said.to])
        passed = Passed(
            person=signed.person,
            how=said.kind.value,
            to=said.to,
            because=said.because,
            at_us=signed.at_us,
            signature=signed.signature,
        )
        after = replace(approval, passed=(*approval.passed, passed))
        draught = self._gateway.evidence.draught()
        draught.changes.append(_moved(approval, after, draught))
        body: JsonObject = {"yes": False, "kind": said.kind.value, "to": said.to}
        self._note(draught, "approval.passed", saying, body)
        await self._append(draught, approval)
        return after

    async def _record(
        self, saying: _Saying, after: Approval, answer: Answer, fresh_id: str
    ) -> None:
        draught = self._gateway.evidence.draught()
        draught.changes.append(_moved(saying.approval, after, draught))
        body: JsonObject = {
            "yes": answer.yes,
            "kind": answer.kind,
            "code": answer.code,
            "arguments": list[Json](answer.arguments),
            "as": fresh_id,
            "key": answer.key,
            "confirmed_own": answer.confirmed_own,
            "state": after.state.value,
        }
        if after.not_before_us:
            body["not_before_us"] = after.not_before_us
        if saying.listed is not None:
            body["listed"] = place(saying.listed)
        if saying.granted is not None and answer.ahead is not None:
            draught.changes.append(Insert("grants", granted_row(saying.granted)))
            body |= {"ahead": answering.ahead_of(answer.ahead), "grant": saying.granted.id}
        if flags.is_flagged(after) and after.state is not ApprovalState.WAITING:
            draught.changes.append(decided(after, draught.at_us))
        self._note(draught, "approval.answered", saying, body)
        if saying.call.level is labels.LEVEL and saying.said.args is not None:
            self._note_override(draught, saying, fresh_id)
        await self._append(draught, saying.approval)

    def _note(self, draught: Draught, kind: str, saying: _Saying, body: JsonObject) -> None:
        """Write down all that was signed, so that anybody can check it later."""
        call, said, signed = saying.call, saying.said, saying.signed
        people = self._gateway.registry.people
        stands_in = waiting_rules.stands_in_for(signed.person, people, draught.at_us)
        if stands_in:
            body = {**body, "stands_in_for": list[Json](stands_in)}
        secret: JsonObject = {"because": said.because, "typed": said.typed}
        if said.args is not None:
            secret["args"] = said.args
        self._gateway.evidence.note(
            draught,
            kind,
            {
                "call": call.id,
                "approval": saying.approval.id,
                "bound": approvals.bound(saying.approval),
                "person": signed.person,
                "at_us": signed.at_us,
                "signature": signed.signature,
                "because": canonical.digest("because", said.because),
                **body,
            },
            index={
                "call": call.id,
                "person": signed.person,
                "tool": call.proposal.tool,
                "workflow": call.workflow,
            },
            secret=secret,
        )

    def _note_override(self, draught: Draught, saying: _Saying, fresh_id: str) -> None:
        """Write down that a person gave another label than the agent."""
        call, args = saying.call, saying.said.args or {}
        before = call.proposal.args
        body: JsonObject = {
            "call": call.id,
            "as": fresh_id,
            "workflow": call.workflow,
            "tool": call.proposal.tool,
            "agent": call.agent,
            "arguments": list[Json](answering.changed(before, args)),
            "person": saying.signed.person,
        }
        index = {"call": call.id, "tool": call.proposal.tool, "workflow": call.workflow}
        secret: JsonObject = {"changed": labels.difference(before, args)}
        self._gateway.evidence.note(draught, labels.OVERRIDDEN, body, index=index, secret=secret)

    async def _append(self, draught: Draught, approval: Approval) -> None:
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            now = await self.approval(approval.id)
            if now.state is not ApprovalState.WAITING:
                raise ConflictError(approvals.settled(now))
            raise ConflictError(
                f"question `{approval.id}` was answered by somebody else meanwhile",
                fix="look at it again, then answer",
            )

    def _follow(self, call: Call, approval: Approval, answer: Answer) -> None:
        if cool_off.runs(approval, self._gateway.evidence.now_us()):
            return
        if approval.state is ApprovalState.APPROVED:
            self._spawn(self._gateway.carry_out(call, approval.id))
        elif approval.state in {ApprovalState.REJECTED, ApprovalState.CHANGED}:
            self._spawn(self._gateway.finish(close_unsent(call, answering.refusal(answer))))


def place(listed: Listed) -> JsonObject:
    """Return a question's place in a list, as the ledger keeps it: the proof is checked by it."""
    return {
        "root": listed.root,
        "size": listed.size,
        "index": listed.index,
        "path": list[Json](listed.path),
    }


def decided(approval: Approval, at_us: int) -> Update:
    """Return the change that closes a question which only people close."""
    return Update("flagged", approval.id, {"state": OPEN}, {"state": DECIDED, "changed_us": at_us})


def _arguments(call: Call, said: Said) -> tuple[str, ...]:
    return () if said.args is None else answering.changed(call.proposal.args, said.args)


def _moved(before: Approval, after: Approval, draught: Draught) -> Update:
    """Return the change of a question, which holds only if nobody changed it meanwhile."""
    return Update(
        "approvals",
        before.id,
        {"state": before.state.value, "answers": rows.answers_text(before)},
        {
            "state": after.state.value,
            "answers": rows.answers_text(after),
            "passed": rows.passed_text(after),
            "not_before_us": after.not_before_us,
            "changed_us": draught.at_us,
        },
    )
