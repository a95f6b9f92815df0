"""What an agent is told, word by word. `docs/agents.md` is written from this file's golden cases.

Rules:
  1. Never more than the agent needs: what was decided, why, what to do next.
  2. A held call says three things that stop an agent from trying around: it is not done, no other
     tool will do it, and repeating this exact call later brings the result.
  3. Statements of the gateway stand under one reserved `_meta` key, which is stripped from
     whatever upstreams send, so nobody else can speak in its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sallyport.model import (
    ActionState,
    Approval,
    ApprovalState,
    Ending,
    Floor,
    Json,
    JsonObject,
    Verdict,
)
from sallyport.rules import reasons
from sallyport.rules.commands import Ended
from sallyport.rules.times import utc

PASSING = frozenset(
    {
        "agent.waiting_full",
        "upstream.down",
        "fence.closed",
        "gateway.unsettled",
        "call.cancelled",
        "approval.withdrawn",
    }
)
"""Reasons that pass by themselves."""

META_KEY = "io.sallyport/call"


def meta(ended: Ended) -> JsonObject:
    """Return the gateway's own statement about a call, for machines."""
    said: JsonObject = {
        "id": ended.call.id,
        "verdict": _verdict(ended).name.lower(),
        "ending": ended.ending.value,
        "reasons": _reasons(ended),
    }
    if ended.approval is not None:
        said["approval"] = ended.approval.id
        said["who"] = list(ended.approval.question.who)
        said["held_until"] = utc(ended.approval.expires_us)
        if ended.approval.not_before_us:
            said["not_before"] = utc(ended.approval.not_before_us)
    if ended.draft is not None:
        said["draft"] = ended.draft.id
    if ended.action is not None:
        said["action"] = ended.action.value
    return said


def _verdict(ended: Ended) -> Verdict:
    """Return what was decided when the call was proposed: it stays *ask* after the yes."""
    asked = bool(ended.call.approval_id) and ended.call.verdict is Verdict.ALLOW
    return Verdict.ASK if asked else ended.call.verdict


def text(ended: Ended) -> str:
    """Return what the agent reads when its call did not simply bring a result."""
    if ended.action is ActionState.IN_DOUBT or ended.doubt:
        return _doubt(ended)
    return _SAID[ended.ending](ended)


def brief(ended: Ended) -> tuple[str, str, str]:
    """Return the code, what and fix of a call that brought no result, for an error's `data`."""
    if ended.action is ActionState.IN_DOUBT or ended.doubt:
        what = "the call was sent, and nobody knows what became of it"
        return "call.in_doubt", what, "do not repeat it: a person will settle it"
    if ended.ending is Ending.WAITING and not _awaits_a_person(ended):
        return "call.held", "the same call is under way already", "repeat exactly this call once"
    return _BRIEF[ended.ending]


def _awaits_a_person(ended: Ended) -> bool:
    """Return whether a question of this call is open, or the time in which a yes can be undone."""
    approval = ended.approval
    if approval is None:
        return False
    return approval.state is ApprovalState.WAITING or _can_be_undone(approval)


def _can_be_undone(approval: Approval) -> bool:
    return approval.state is ApprovalState.APPROVED and bool(approval.not_before_us)


_BRIEF: Mapping[Ending, tuple[str, str, str]] = {
    Ending.WAITING: (
        "call.held",
        "the call waits for a person, and nothing has happened",
        "repeat exactly this call once when you hear that it was approved",
    ),
    Ending.DRAFT: (
        "call.draft",
        "the call was stored as a draft, and nothing has happened",
        "say that a draft is ready; do not repeat it",
    ),
    Ending.EXPIRED: (
        "call.expired",
        "nobody answered in time whether the call may be done",
        "tell the person you work for; proposing it again asks again",
    ),
    Ending.REFUSED: (
        "call.refused",
        "the call was refused, and nothing has happened",
        "tell the person you work for if it is needed",
    ),
    Ending.ASKED: (
        "call.asked",
        "the system asked for something first, and nobody answered it",
        "propose the call again and answer what is asked",
    ),
    Ending.ANSWERED: (
        "call.answered",
        "what the system asked was answered, and another call carries the answer",
        "look at the call that carries the answer",
    ),
    Ending.DONE: (
        "call.failed",
        "the call had no effect",
        "propose it again if it is still needed",
    ),
}


def _held(ended: Ended) -> str:
    tool, approval = ended.call.proposal.tool, ended.approval
    if approval is None or not _awaits_a_person(ended):
        return (
            f"HELD, NOT DONE. The same call of `{tool}` is under way already. Do not use another "
            "tool for this. Repeat this exact call to get its result."
        )
    if _can_be_undone(approval):
        return (
            f"HELD, NOT DONE. `{tool}` was approved, and leaves at "
            f"{utc(approval.not_before_us)} unless the yes is taken back before "
            f"(question {approval.id}).\n"
            "This is no error, and nothing has happened yet. Do not try another tool or other "
            "arguments for this. Go on with other work, and repeat this exact call once after "
            "that time: you then get its result."
        )
    who = " or ".join(approval.question.who)
    return (
        f"HELD, NOT DONE. `{tool}` waits for a yes from {who}, until "
        f"{utc(approval.expires_us)} (question {approval.id}).\n"
        f"Why: {_why(ended, Verdict.ASK)}.\n"
        "This is no error, and nothing has happened yet. Do not try another tool or other "
        "arguments for this. Go on with other work. When you are told that it was approved, "
        "repeat this exact call once: you then get its result."
    )


def _drafted(ended: Ended) -> str:
    tool = ended.call.proposal.tool
    draft = ended.draft.id if ended.draft else "stored"
    return (
        f"STORED AS A DRAFT, NOT DONE. `{tool}` has had no effect (draft {draft}).\n"
        f"Why: {_why(ended, Verdict.DRAFT)}.\n"
        "A person may release it later. Do not repeat it and do not try another tool for this; "
        "say that a draft is ready, and that it is a draft."
    )


def _refused(ended: Ended) -> str:
    by_code = {floor.code: floor for floor in ended.floors}
    if "approval.words" in by_code:
        return _written_back(ended, by_code["approval.words"])
    if "approval.edited" in by_code:
        return _changed(ended, by_code["approval.edited"])
    return (
        f"REFUSED. `{ended.call.proposal.tool}` was not done.\n"
        f"Why: {_why(ended, Verdict.REFUSE)}.\n"
        f"{_what_now(ended)} If it is needed, tell the person you work for."
    )


def _written_back(ended: Ended, floor: Floor) -> str:
    return (
        f"NOT DONE. {floor.words.get('person')}, a person who was asked about "
        f"`{ended.call.proposal.tool}`, wrote this to you, word for word:\n"
        f"\u201c{floor.words.get('because')}\u201d\n"
        "Nothing has happened. You may propose it once more, changed as they say; it is decided "
        "anew. Repeating it unchanged changes nothing."
    )


def _changed(ended: Ended, floor: Floor) -> str:
    words = floor.words.get("because", reasons.NO_WORDS)
    said = f"They wrote, word for word: \u201c{words}\u201d\n" if words != reasons.NO_WORDS else ""
    return (
        f"NOT DONE AS YOU PROPOSED IT. {floor.words.get('person')}, a person who was asked about "
        f"`{ended.call.proposal.tool}`, changed {floor.words.get('arguments')} and proposed that "
        f"in its place.\n{said}"
        "People decide on what they proposed. Do not propose yours again, and do not try another "
        "tool for this; say that a person changed it."
    )


def _what_now(ended: Ended) -> str:
    """Say whether repeating can help: only where no rule and no person stood against it."""
    against = {floor.code for floor in ended.floors if floor.verdict is Verdict.REFUSE}
    if against and against <= PASSING:
        return "Nothing was decided against it: you may repeat it once, later."
    return "Repeating it changes nothing."


def _expired(ended: Ended) -> str:
    return (
        f"NOT DONE. Nobody answered in time whether `{ended.call.proposal.tool}` may be done. "
        "Tell the person you work for; proposing it again asks again."
    )


def _asked(ended: Ended) -> str:
    return (
        f"NOT DONE YET. The system of `{ended.call.proposal.tool}` asks for something before it "
        "goes on, and nobody answered it here. Nothing more happens until then."
    )


def _answered(ended: Ended) -> str:
    return (
        f"What the system of `{ended.call.proposal.tool}` asked was answered; the call "
        "that carries the answer says what became of it."
    )


def _done(ended: Ended) -> str:
    tool, failed = ended.call.proposal.tool, ended.action is ActionState.FAILED
    return f"NOT DONE. `{tool}` had no effect." if failed else f"Done: `{tool}`."


def _doubt(ended: Ended) -> str:
    return (
        f"IN DOUBT. `{ended.call.proposal.tool}` was sent and no usable answer came back, so it "
        "may or may not have happened. Do not repeat it and do not try another tool for this: a "
        "person will find out and settle it."
    )


def _why(ended: Ended, verdict: Verdict) -> str:
    sentences = [reasons.say(floor) for floor in ended.floors if floor.verdict is verdict]
    found = "; ".join(dict.fromkeys(sentences))
    return found or "the boundary says so"


def _reasons(ended: Ended) -> list[Json]:
    return [
        {"verdict": f.verdict.name.lower(), "code": f.code, "sentence": reasons.say(f)}
        for f in ended.floors
        if f.code not in AMONG_PEOPLE
    ]


AMONG_PEOPLE = frozenset({"glass.broken", "approval.ahead"})
"""What people arranged about calls to come: no agent hears that asking is eased, or how far."""


_SAID: Mapping[Ending, Callable[[Ended], str]] = {
    Ending.WAITING: _held,
    Ending.DRAFT: _drafted,
    Ending.EXPIRED: _expired,
    Ending.REFUSED: _refused,
    Ending.ASKED: _asked,
    Ending.ANSWERED: _answered,
    Ending.DONE: _done,
}
