"""One person's signed answer to a question, and what follows from it.

What is signed is durable before anything follows; a call that was changed ends as it was, and what
a person made of it is proposed in its place, by that person, and decided like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sallyport.errors import ConflictError, SignatureError
from sallyport.flow import rows
from sallyport.flow.evidence import Draught
from sallyport.flow.inbox.waiting import Waiting
from sallyport.flow.signers import key_of
from sallyport.model import (
    Answer,
    Approval,
    ApprovalState,
    Call,
    Json,
    JsonObject,
    Origin,
    Passed,
    Person,
    Proposal,
)
from sallyport.ports import Blocked, Update
from sallyport.rules import answering, canonical, waiting_rules
from sallyport.rules import approval as approvals
from sallyport.rules.answering import PASSES, Kind, Said
from sallyport.rules.commands import Ended
from sallyport.rules.statements import Signed
from sallyport.rules.steps import close_unsent


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An answer that counts: how the question stands after it, and the call that an edit became."""

    approval: Approval
    edited: Ended | None = None


@dataclass(frozen=True, slots=True)
class _Saying:
    """One person's signed answer, and what it is about."""

    approval: Approval
    call: Call
    said: Said
    signed: Signed


class Answering(Waiting):
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
        code: str = "",
    ) -> Approval:
        """Take one person's signed yes or no; the call goes on at once if that settles it.

        Raises:
            NotFoundError: No such question or person.
            SignatureError: Not signed by this person over this question.
            NotPermittedError: This person may not answer it.
            ConflictError: It was settled already, or has expired.
        """
        said = Said(kind=Kind.APPROVE if yes else Kind.REJECT, because=because, code=code)
        signed = Signed(person=person, at_us=at_us, signature=signature)
        return (await self.say(approval_id, said, signed)).approval

    async def say(self, approval_id: str, said: Said, signed: Signed) -> Taken:
        """Take any of the answers, as one person signed it.

        Raises:
            NotFoundError: No such question or person.
            BadInputError: It does not say what its kind must say.
            SignatureError: Not signed by this person over this question and answer.
            NotPermittedError: This person, or this key, may not answer it.
            ConflictError: It was settled already, or has expired.
        """
        approval = await self.approval(approval_id)
        who = self._person(signed.person)
        key = self._key(approval, who, said, signed)
        call = await self.call(approval.call_id)
        answering.check(said, call.proposal.args)
        counting = self._gateway.still_counting(approval)
        own = self.admit(counting, call, who)
        answering.admit_key(counting, who, key, call.level)
        saying = _Saying(approval, call, said, signed)
        if said.kind in PASSES:
            return Taken(approval=await self._pass_on(saying))
        answer = Answer(
            person=who.name,
            yes=said.yes,
            because=said.because,
            at_us=signed.at_us,
            signature=signed.signature,
            confirmed_own=own or self._lone(),
            kind=said.kind.value if said.kind in {Kind.EDIT, Kind.WORDS} else "",
            code=said.code,
            arguments=_arguments(call, said),
            key=key,
        )
        after = approvals.answered(counting, answer)
        fresh_id = self._gateway.outside.ids.new("c") if said.kind is Kind.EDIT else ""
        await self._record(saying, after, answer, fresh_id)
        self._follow(call, after, answer)
        return Taken(approval=after, edited=await self._edited(saying, fresh_id))

    def _key(self, approval: Approval, who: Person, said: Said, signed: Signed) -> str:
        bytes_said = approvals.said_by(approval, said, person=who.name, at_us=signed.at_us)
        key = key_of(self._gateway.outside.signatures, who, bytes_said, signed.signature)
        if not key:
            raise SignatureError(f"the answer to `{approval.id}` is not signed by `{who.name}`")
        return key

    async def _edited(self, saying: _Saying, fresh_id: str) -> Ended | None:
        """Propose what a person made of a call, in that person's name; people decide on it."""
        args, before = saying.said.args, saying.call.proposal
        if args is None:
            return None
        proposal = Proposal(
            call_id=fresh_id,
            task_id=before.task_id,
            tool=before.tool,
            args=args,
            meta=before.meta,
            channel="edit",
            origin=Origin.EDIT,
            parent=before.call_id,
            by=saying.signed.person,
        )
        return await self._gateway.propose(proposal)

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
        self._note(draught, "approval.answered", saying, body)
        await self._append(draught, saying.approval)

    def _note(self, draught: Draught, kind: str, saying: _Saying, body: JsonObject) -> None:
        """Write down all that was signed, so that anybody can check it later."""
        call, said, signed = saying.call, saying.said, saying.signed
        people = self._gateway.registry.people
        stands_in = waiting_rules.stands_in_for(signed.person, people, draught.at_us)
        if stands_in:
            body = {**body, "stands_in_for": list[Json](stands_in)}
        secret: JsonObject = {"because": said.because}
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
            index={"call": call.id, "person": signed.person, "tool": call.proposal.tool},
            secret=secret,
        )

    async def _append(self, draught: Draught, approval: Approval) -> None:
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(
                f"question `{approval.id}` was answered by somebody else meanwhile",
                fix="look at it again with `sallyport inbox`",
            )

    def _follow(self, call: Call, approval: Approval, answer: Answer) -> None:
        if approval.state is ApprovalState.APPROVED:
            self._spawn(self._gateway.carry_out(call, approval.id))
        elif approval.state in {ApprovalState.REJECTED, ApprovalState.CHANGED}:
            self._spawn(self._gateway.finish(close_unsent(call, answering.refusal(answer))))


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
            "changed_us": draught.at_us,
        },
    )
