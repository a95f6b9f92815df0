"""What an agent is told of its call, word by word, and what programs are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from sallyport.model import (
    ActionState,
    Approval,
    ApprovalState,
    Draft,
    DraftState,
    Ending,
    Floor,
    Question,
    Verdict,
)
from sallyport.rules import reasons, told
from sallyport.rules.commands import Answered, Ended, Kept
from sallyport.rules.steps import govern
from tests.unit.rules import worlds
from tests.unit.rules.test_steps import ALLOWED, Walk

CALL = Walk(govern(worlds.PROPOSAL)).give(ALLOWED, Kept(), Answered(result={}), Kept()).ended.call
TWO_US = 1_767_276_000 * 1_000_000
"""2026-01-01 14:00 UTC."""
ASKS = reasons.ask("boundary.ask", who="lead or owner", where="desk.act.ask[0]")
UNTRUSTED = reasons.ask("influence.untrusted", level="update")
APPROVAL = Approval(
    id="a1",
    call_id="c1",
    digest="",
    boundary="",
    question=Question(who=("lead", "owner")),
    state=ApprovalState.WAITING,
    asked_us=TWO_US,
    expires_us=TWO_US,
)
DRAFT = Draft(
    id="d1", call_id="c1", task_id="t1", tool=worlds.TOOL, state=DraftState.STORED, stored_us=1
)


def ended_as(
    ending: Ending,
    *floors: Floor,
    verdict: Verdict = Verdict.ALLOW,
    action: ActionState | None = None,
    approval_id: str = "",
    **more: Any,
) -> Ended:
    """Return how a call ended."""
    call = replace(CALL, ending=ending, verdict=verdict, action=action, approval_id=approval_id)
    return Ended(call=call, floors=floors, **more)


def _said(*lines: str) -> str:
    return "\n".join(lines)


HELD_REST = (
    "This is no error, and nothing has happened yet. Do not try another tool or other arguments for"
    " this. Go on with other work. When you are told that it was approved, repeat this exact call"
    " once: you then get its result."
)
UNDER_WAY = (
    "HELD, NOT DONE. The same call of `desk.act` is under way already. Do not use another tool for"
    " this. Repeat this exact call to get its result."
)
DOUBT = (
    "IN DOUBT. `desk.act` was sent and no usable answer came back, so it may or may not have"
    " happened. Do not repeat it and do not try another tool for this: a person will find out and"
    " settle it."
)
NEVER = "Repeating it changes nothing. If it is needed, tell the person you work for."
LATER = (
    "Nothing was decided against it: you may repeat it once, later. If it is needed, tell the"
    " person you work for."
)
WORDS = reasons.refuse("approval.words", person="lea", because="which lamp?")
EDITED = reasons.refuse("approval.edited", person="lea", arguments="amount", because="it is 10")
EDITED_SILENTLY = reasons.refuse(
    "approval.edited", person="lea", arguments="amount", because=reasons.NO_WORDS
)

TOLD: dict[str, tuple[Ended, str]] = {
    "done": (ended_as(Ending.DONE, action=ActionState.DONE), "Done: `desk.act`."),
    "failed": (
        ended_as(Ending.DONE, action=ActionState.FAILED),
        "NOT DONE. `desk.act` had no effect.",
    ),
    "held": (
        ended_as(Ending.WAITING, ASKS, UNTRUSTED, approval=APPROVAL),
        _said(
            "HELD, NOT DONE. `desk.act` waits for a yes from lead or owner, until"
            " 2026-01-01 14:00:00 UTC (question a1).",
            "Why: the boundary asks lead or owner (desk.act.ask[0]); text from outside entered"
            " this task, so level update asks a person.",
            HELD_REST,
        ),
    ),
    "held, and nobody says why": (
        ended_as(Ending.WAITING, reasons.allow("level.default", level="read"), approval=APPROVAL),
        _said(
            "HELD, NOT DONE. `desk.act` waits for a yes from lead or owner, until"
            " 2026-01-01 14:00:00 UTC (question a1).",
            "Why: the boundary says so.",
            HELD_REST,
        ),
    ),
    "held, approved, and on its way": (
        ended_as(Ending.WAITING, ASKS, approval=replace(APPROVAL, state=ApprovalState.APPROVED)),
        UNDER_WAY,
    ),
    "held, and the yes is used": (
        ended_as(
            Ending.WAITING,
            ASKS,
            approval=replace(APPROVAL, state=ApprovalState.USED, not_before_us=TWO_US),
        ),
        UNDER_WAY,
    ),
    "held, approved, to be taken back": (
        ended_as(
            Ending.WAITING,
            ASKS,
            approval=replace(
                APPROVAL, state=ApprovalState.APPROVED, not_before_us=TWO_US + 30_000_000
            ),
        ),
        _said(
            "HELD, NOT DONE. `desk.act` was approved, and leaves at 2026-01-01 14:00:30 UTC unless"
            " the yes is taken back before (question a1).",
            "This is no error, and nothing has happened yet. Do not try another tool or other"
            " arguments for this. Go on with other work, and repeat this exact call once after"
            " that time: you then get its result.",
        ),
    ),
    "held already": (ended_as(Ending.WAITING), UNDER_WAY),
    "in doubt": (ended_as(Ending.WAITING, action=ActionState.IN_DOUBT), DOUBT),
    "in doubt, as it says": (ended_as(Ending.DONE, doubt="no answer"), DOUBT),
    "draft": (
        ended_as(Ending.DRAFT, reasons.draft("agent.stage_draft", agent="bot"), ASKS, draft=DRAFT),
        _said(
            "STORED AS A DRAFT, NOT DONE. `desk.act` has had no effect (draft d1).",
            "Why: agent `bot` is new: what would change something becomes a draft.",
            "A person may release it later. Do not repeat it and do not try another tool for"
            " this; say that a draft is ready, and that it is a draft.",
        ),
    ),
    "draft, taken up": (
        ended_as(Ending.DRAFT),
        _said(
            "STORED AS A DRAFT, NOT DONE. `desk.act` has had no effect (draft stored).",
            "Why: the boundary says so.",
            "A person may release it later. Do not repeat it and do not try another tool for"
            " this; say that a draft is ready, and that it is a draft.",
        ),
    ),
    "expired": (
        ended_as(Ending.EXPIRED),
        (
            "NOT DONE. Nobody answered in time whether `desk.act` may be done. Tell the person you"
            " work for; proposing it again asks again."
        ),
    ),
    "asked": (
        ended_as(Ending.ASKED),
        (
            "NOT DONE YET. The system of `desk.act` asks for something before it goes on, and"
            " nobody answered it here. Nothing more happens until then."
        ),
    ),
    "answered": (
        ended_as(Ending.ANSWERED),
        (
            "What the system of `desk.act` asked was answered; the call that carries the answer"
            " says what became of it."
        ),
    ),
    "refused": (
        ended_as(
            Ending.REFUSED,
            *(reasons.refuse("boundary.agent", workflow="w", agent="bot"),) * 2,
            reasons.refuse("boundary.argument_missing", argument="on"),
            ASKS,
        ),
        _said(
            "REFUSED. `desk.act` was not done.",
            "Why: workflow `w` is not open to agent `bot`; argument `on` is missing.",
            NEVER,
        ),
    ),
    "refused for nothing that is known": (
        ended_as(Ending.REFUSED, ASKS),
        _said("REFUSED. `desk.act` was not done.", "Why: the boundary says so.", NEVER),
    ),
    "refused for what passes": (
        ended_as(Ending.REFUSED, reasons.refuse("fence.closed"), ASKS),
        _said(
            "REFUSED. `desk.act` was not done.",
            "Why: authority over it changed before the first byte left.",
            LATER,
        ),
    ),
    "refused for what passes and what does not": (
        ended_as(
            Ending.REFUSED,
            reasons.refuse("fence.closed"),
            reasons.refuse("boundary.argument_missing", argument="on"),
        ),
        _said(
            "REFUSED. `desk.act` was not done.",
            "Why: authority over it changed before the first byte left; argument `on` is missing.",
            NEVER,
        ),
    ),
    "written back": (
        ended_as(Ending.REFUSED, ASKS, WORDS),
        _said(
            "NOT DONE. lea, a person who was asked about `desk.act`, wrote this to you, word for"
            " word:",
            "\u201cwhich lamp?\u201d",
            "Nothing has happened. You may propose it once more, changed as they say; it is decided"
            " anew. Repeating it unchanged changes nothing.",
        ),
    ),
    "changed": (
        ended_as(Ending.REFUSED, EDITED, ASKS),
        _said(
            "NOT DONE AS YOU PROPOSED IT. lea, a person who was asked about `desk.act`, changed"
            " amount and proposed that in its place.",
            "They wrote, word for word: \u201cit is 10\u201d",
            "People decide on what they proposed. Do not propose yours again, and do not try"
            " another tool for this; say that a person changed it.",
        ),
    ),
    "changed, in a release that noted no words": (
        ended_as(
            Ending.REFUSED,
            reasons.refuse("approval.edited", person="lea", arguments="amount"),
        ),
        _said(
            "NOT DONE AS YOU PROPOSED IT. lea, a person who was asked about `desk.act`, changed"
            " amount and proposed that in its place.",
            "People decide on what they proposed. Do not propose yours again, and do not try"
            " another tool for this; say that a person changed it.",
        ),
    ),
    "changed without a word": (
        ended_as(Ending.REFUSED, EDITED_SILENTLY, ASKS),
        _said(
            "NOT DONE AS YOU PROPOSED IT. lea, a person who was asked about `desk.act`, changed"
            " amount and proposed that in its place.",
            "People decide on what they proposed. Do not propose yours again, and do not try"
            " another tool for this; say that a person changed it.",
        ),
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_an_agent_reads_exactly_this(name: str) -> None:
    """What was decided, why, and what to do next."""
    ended, text = TOLD[name]

    assert told.text(ended) == text


@pytest.mark.parametrize("code", sorted(told.PASSING))
def test_what_passes_by_itself_may_be_repeated_later(code: str) -> None:
    """One of them alone, or several."""
    floors = [Floor(verdict=Verdict.REFUSE, code=one) for one in (code, "fence.closed")]

    assert "you may repeat it once, later" in told.text(ended_as(Ending.REFUSED, *floors[:1]))
    assert "you may repeat it once, later" in told.text(ended_as(Ending.REFUSED, *floors))
    every = [Floor(verdict=Verdict.REFUSE, code=one) for one in sorted(told.PASSING)]
    assert "you may repeat it once, later" in told.text(ended_as(Ending.REFUSED, *every))


def test_what_passes_by_itself_are_these() -> None:
    """Nothing that a rule or a person has against a call."""
    assert {
        "agent.waiting_full",
        "upstream.down",
        "fence.closed",
        "gateway.unsettled",
        "call.cancelled",
        "approval.withdrawn",
    } == told.PASSING


BRIEF: dict[Ending, tuple[str, str, str]] = {
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


@pytest.mark.parametrize("ending", Ending)
def test_an_error_says_it_in_short(ending: Ending) -> None:
    """A code, what became of it, and what to do: where a protocol has no other room."""
    in_doubt = (
        "call.in_doubt",
        "the call was sent, and nobody knows what became of it",
        "do not repeat it: a person will settle it",
    )

    assert told.brief(ended_as(ending, approval=APPROVAL)) == BRIEF[ending]
    assert told.brief(ended_as(ending, action=ActionState.IN_DOUBT)) == in_doubt
    assert told.brief(ended_as(ending, doubt="no answer")) == in_doubt


@pytest.mark.parametrize(
    "approval, waits",
    [
        (None, False),
        (replace(APPROVAL, state=ApprovalState.APPROVED), False),
        (replace(APPROVAL, state=ApprovalState.APPROVED, not_before_us=1), True),
        (replace(APPROVAL, state=ApprovalState.USED, not_before_us=1), False),
    ],
)
def test_an_error_says_waits_for_a_person_only_while_it_does(
    approval: Approval | None, *, waits: bool
) -> None:
    """An identical call that is under way waits for nobody; a yes that can be undone may be."""
    under_way = "call.held", "the same call is under way already", "repeat exactly this call once"
    said = told.brief(ended_as(Ending.WAITING, approval=approval))

    assert said == (BRIEF[Ending.WAITING] if waits else under_way)


def _sentences(floors: Iterable[Floor]) -> list[dict[str, str]]:
    return [
        {"verdict": one.verdict.name.lower(), "code": one.code, "sentence": reasons.say(one)}
        for one in floors
    ]


def test_programs_read_the_same_under_one_key() -> None:
    """With who is asked and until when; and nothing that is not so."""
    assert told.META_KEY == "io.sallyport/call"
    plain = ended_as(Ending.REFUSED, ASKS, verdict=Verdict.REFUSE)
    assert told.meta(plain) == {
        "id": "c1",
        "verdict": "refuse",
        "ending": "refused",
        "reasons": [
            {
                "verdict": "ask",
                "code": "boundary.ask",
                "sentence": "the boundary asks lead or owner (desk.act.ask[0])",
            }
        ],
    }
    waits = ended_as(
        Ending.WAITING, ASKS, UNTRUSTED, verdict=Verdict.ASK, approval_id="a1", approval=APPROVAL
    )
    held = {
        "id": "c1",
        "verdict": "ask",
        "ending": "waiting",
        "reasons": _sentences([ASKS, UNTRUSTED]),
        "approval": "a1",
        "who": ["lead", "owner"],
        "held_until": "2026-01-01 14:00:00 UTC",
    }
    assert told.meta(waits) == held
    later = replace(waits, approval=replace(APPROVAL, not_before_us=TWO_US + 30_000_000))
    assert told.meta(later) == {**held, "not_before": "2026-01-01 14:00:30 UTC"}
    stored = ended_as(Ending.DRAFT, verdict=Verdict.DRAFT, action=ActionState.FAILED, draft=DRAFT)
    assert told.meta(stored) == {
        "id": "c1",
        "verdict": "draft",
        "ending": "draft",
        "reasons": [],
        "draft": "d1",
        "action": "failed",
    }


@pytest.mark.parametrize(
    "verdict, approval_id, name",
    [
        (Verdict.ALLOW, "", "allow"),
        (Verdict.ALLOW, "a1", "ask"),
        (Verdict.ASK, "a1", "ask"),
        (Verdict.REFUSE, "a1", "refuse"),
        (Verdict.REFUSE, "", "refuse"),
    ],
)
def test_the_verdict_that_is_told_stays_ask_after_the_yes(
    verdict: Verdict, approval_id: str, name: str
) -> None:
    """A call that people approved was not simply allowed."""
    ended = ended_as(Ending.DONE, verdict=verdict, approval_id=approval_id)

    assert told.meta(ended)["verdict"] == name


def test_what_people_arranged_among_themselves_no_agent_hears() -> None:
    """That asking is eased, or how far, is nothing to plan with."""
    assert {"glass.broken", "approval.ahead"} == told.AMONG_PEOPLE
    eased = [reasons.allow(code) for code in sorted(told.AMONG_PEOPLE)]
    found = told.meta(ended_as(Ending.DONE, *eased, ASKS))["reasons"]

    assert found == _sentences([ASKS])
