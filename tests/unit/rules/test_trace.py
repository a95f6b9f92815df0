"""A call's trace has eight steps, each typed, none left out."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import JsonObject
from sallyport.rules.trace import Heard, Step, Trace, trace
from tests.requirements import requirement

NAMES = ("request", "context", "proposal", "validation", "approval", "action", "log", "recovery")
DECIDED: JsonObject = {
    "call": "c1",
    "actor": {"type": "agent", "agent": "helper", "instance": "run-1"},
    "requester": "rita",
    "task": "t1",
    "tool": "desk.act",
    "level": "update",
    "verdict": "ask",
    "floors": ["ask level.ask"],
    "ending": "waiting",
}


def _entries(*said: tuple[str, JsonObject]) -> list[Heard]:
    return [
        Heard(seq=seq, kind=kind, at_us=seq * 10, body=body)
        for seq, (kind, body) in enumerate(said, start=1)
    ]


def _step(name: str, *said: tuple[str, JsonObject]) -> Step:
    found = trace("c1", _entries(("call.decided", DECIDED), *said))
    assert found is not None
    step = getattr(found, name)
    assert isinstance(step, Step)
    return step


@requirement("B-21")
@pytest.mark.parametrize("left_out", NAMES)
def test_a_trace_without_a_step_is_a_type_error(left_out: str) -> None:
    """No field has a default, so a step that is skipped does not type-check and does not run."""
    steps = {
        name: Step(name=name, at_us=1, said="", facts={}) for name in NAMES if name != left_out
    }

    with pytest.raises(TypeError, match=left_out):
        Trace(call="c1", **steps)


def test_an_answer_says_what_is_there_and_leaves_out_what_is_not() -> None:
    """Lists among its parts are read too: one that is empty stands for nothing."""
    answer: JsonObject = {"approval": "a1", "person": "ann", "yes": False, "code": "", "key": "k"}

    step = _step(
        "approval",
        ("approval.asked", {"approval": "a1"}),
        ("approval.answered", {**answer, "arguments": []}),
        ("approval.answered", {**answer, "arguments": ["amount"], "code": "other"}),
    )

    told = step.facts["answers"]
    assert isinstance(told, list)
    without, with_one = (one for one in told if isinstance(one, dict))
    assert (without["person"], without["yes"]) == ("ann", False)
    assert not {"arguments", "code"} & set(without)
    assert (with_one["arguments"], with_one["code"]) == (["amount"], "other")


@requirement("B-21")
@given(
    st.lists(
        st.sampled_from(
            (
                "approval.asked",
                "approval.answered",
                "approval.expired",
                "call.decided_again",
                "call.intended",
                "call.concluded",
                "draft.stored",
                "call.settled",
                "call.delivered",
            )
        ),
        max_size=6,
    )
)
def test_every_trace_has_the_eight_steps_in_order(kinds: list[str]) -> None:
    """Whatever the ledger has of a call, and however its life was cut off."""
    said: list[tuple[str, JsonObject]] = [(kind, {}) for kind in kinds]
    found = trace("c1", _entries(("call.decided", DECIDED), *said))

    assert found is not None
    assert tuple(step.name for step in found.steps) == NAMES
    assert [field.name for field in fields(Trace)] == ["call", *NAMES]
    assert all(step.at_us > 0 and step.said for step in found.steps)


def test_without_a_decision_there_is_no_trace() -> None:
    """Entries about something else are not a call."""
    assert trace("c1", _entries(("draft.stored", {}))) is None


def test_a_step_that_was_not_needed_says_so() -> None:
    """An allowed read needs no approval and no recovery."""
    assert _step("approval").said == "not needed"
    assert _step("recovery").said == "nothing to recover"
    assert _step("action").said == "nothing was done"


def test_the_request_names_agent_run_person_and_task() -> None:
    """Who asked, for whom."""
    assert _step("request").said == "agent helper (run run-1) asked for rita in task t1"


ASKED: tuple[str, JsonObject] = ("approval.asked", {"approval": "a1", "who": ["lead"]})
YES: tuple[str, JsonObject] = ("approval.answered", {"person": "lea", "yes": True})
NO: tuple[str, JsonObject] = ("approval.answered", {"person": "lea", "yes": False})
EXPIRED: tuple[str, JsonObject] = ("approval.expired", {"approval": "a1"})
INTENDED: tuple[str, JsonObject] = ("call.intended", {"digest": "d", "image": ""})
WITH_IMAGE: tuple[str, JsonObject] = ("call.intended", {"digest": "d", "image": "i"})
DONE: tuple[str, JsonObject] = ("call.concluded", {"ending": "done", "action": "done"})
DOUBT: tuple[str, JsonObject] = ("call.concluded", {"ending": "waiting", "action": "in_doubt"})
REFUSED: tuple[str, JsonObject] = ("call.concluded", {"ending": "refused", "action": None})
SETTLED: tuple[str, JsonObject] = ("call.settled", {"happened": True, "by": "lea"})
DRAFT: tuple[str, JsonObject] = ("draft.stored", {"draft": "d1"})


@pytest.mark.parametrize(
    "name, entries, said",
    [
        ("approval", (ASKED,), "waits for an answer"),
        ("approval", (ASKED, YES), "lea said yes"),
        ("approval", (ASKED, NO), "lea said no"),
        ("approval", (ASKED, EXPIRED), "expired unanswered"),
        ("action", (INTENDED,), "intended, outcome open"),
        ("action", (INTENDED, DONE), "done"),
        ("action", (INTENDED, DOUBT), "in_doubt"),
        ("action", (ASKED, NO, REFUSED), "refused"),
        ("action", (DRAFT,), "stored as a draft"),
        ("recovery", (WITH_IMAGE, DONE), "a before-image is kept"),
        ("recovery", (INTENDED, DOUBT), "in doubt: a person has to look"),
        ("recovery", (INTENDED, DOUBT, SETTLED), "settled by a person"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(len(value)),
)
def test_a_step_says_what_became_of_it(
    name: str, entries: tuple[tuple[str, JsonObject], ...], said: str
) -> None:
    """One sentence per fate."""
    assert _step(name, *entries).said == said


def test_the_log_step_names_every_entry() -> None:
    """Number, kind and time of each, so that an auditor can look them up."""
    log = _step("log", INTENDED, DONE)

    assert log.said == "3 ledger entries, 1 to 3"
    assert log.facts["entries"] == [
        {"seq": 1, "kind": "call.decided", "at_us": 10},
        {"seq": 2, "kind": "call.intended", "at_us": 20},
        {"seq": 3, "kind": "call.concluded", "at_us": 30},
    ]


def test_the_validation_shown_is_the_last_one() -> None:
    """A call that waited is judged by what was decided right before its effect."""
    again: JsonObject = {"verdict": "refuse", "floors": ["refuse approval.stale"]}

    assert _step("validation", ("call.decided_again", again)).said == "verdict refuse"


WHOLE: JsonObject = {
    **DECIDED,
    "workflow": "support",
    "channel": "mcp",
    "origin": "agent",
    "parent": "c0",
    "context": "digest of the context",
    "boundary": "v1",
    "system": "desk",
    "arguments": ["amount"],
    "digest": "digest of the call",
    "entry": "desk.act.ask[0]",
}
SEALED: JsonObject = {
    "context": {"epoch": 7},
    "args": {"amount": 5},
    "sentences": ["at level update a person is asked"],
}


def _heard(seq: int, kind: str, body: JsonObject, secret: JsonObject | None = None) -> Heard:
    return Heard(seq=seq, kind=kind, at_us=seq * 10, body=body, secret=secret)


def _traced(*entries: Heard, **more: Any) -> dict[str, Step]:
    found = trace("c1", entries, **more)
    assert found is not None
    return {step.name: step for step in found.steps}


LIFE = (
    _heard(1, "call.decided", WHOLE, SEALED),
    _heard(
        2, "approval.asked", {"approval": "a1", "who": ["lead"], "how_many": 2, "expires_us": 9}
    ),
    _heard(
        3,
        "approval.passed",
        {"approval": "a1", "person": "ben", "kind": "hand_over", "to": "lea", "at_us": 29},
        {"because": "she knows it"},
    ),
    _heard(
        5,
        "approval.answered",
        {
            "approval": "a1",
            "person": "lea",
            "yes": True,
            "kind": "",
            "code": None,
            "arguments": [],
            "as": "c2",
            "key": "key-1",
            "at_us": 49,
            "ahead": {"at_most": 2},
            "grant": "g1",
            "listed": {"size": 2},
            "confirmed_own": False,
            "state": "approved",
            "signature": "not shown",
        },
        {"because": "it is right", "args": {"amount": 4}},
    ),
    _heard(6, "call.intended", {"digest": "d", "reserved": ["task:t1:call"], "image": "i"}),
    _heard(
        7,
        "call.concluded",
        {"ending": "done", "action": "done", "why": [], "result": "r", "delivered": True},
        {"result": {"ok": True}},
    ),
)


def test_a_whole_life_is_told_step_by_step() -> None:
    """Everything that is known of each step, when it took place, and nothing of another."""
    answer: JsonObject = {
        "person": "lea",
        "yes": True,
        "as": "c2",
        "key": "key-1",
        "at_us": 49,
        "ahead": {"at_most": 2},
        "grant": "g1",
        "listed": {"size": 2},
        "confirmed_own": False,
        "state": "approved",
        "because": "it is right",
        "args": {"amount": 4},
        "took_us": 30,
        "signature": "valid",
    }
    passed: JsonObject = {
        "person": "ben",
        "kind": "hand_over",
        "to": "lea",
        "at_us": 29,
        "confirmed_own": None,
        "state": None,
        "because": "she knows it",
        "took_us": 10,
        "signature": "not checked",
    }
    asked: JsonObject = {"approval": "a1", "who": ["lead"], "how_many": 2, "expires_us": 9}

    assert _traced(*LIFE, signatures={5: "valid"}) == {
        "request": Step(
            name="request",
            at_us=10,
            said="agent helper (run run-1) asked for rita in task t1",
            facts={
                "actor": {"type": "agent", "agent": "helper", "instance": "run-1"},
                "requester": "rita",
                "task": "t1",
                "workflow": "support",
                "channel": "mcp",
                "origin": "agent",
                "parent": "c0",
            },
        ),
        "context": Step(
            name="context",
            at_us=10,
            said="one snapshot was taken",
            facts={
                "context": "digest of the context",
                "boundary": "v1",
                "seen": {"epoch": 7},
            },
        ),
        "proposal": Step(
            name="proposal",
            at_us=10,
            said="desk.act, level update",
            facts={
                "system": "desk",
                "tool": "desk.act",
                "level": "update",
                "arguments": ["amount"],
                "digest": "digest of the call",
                "entry": "desk.act.ask[0]",
                "args": {"amount": 5},
            },
        ),
        "validation": Step(
            name="validation",
            at_us=10,
            said="verdict ask",
            facts={
                "verdict": "ask",
                "floors": ["ask level.ask"],
                "sentences": ["at level update a person is asked"],
            },
        ),
        "approval": Step(
            name="approval",
            at_us=20,
            said="lea said yes",
            facts={**asked, "answers": [answer], "passed_on": [passed]},
        ),
        "action": Step(
            name="action",
            at_us=70,
            said="done",
            facts={
                "ending": "done",
                "action": "done",
                "why": [],
                "result": "r",
                "delivered": True,
                "reserved": ["task:t1:call"],
                "image": "i",
                "answer": {"ok": True},
            },
        ),
        "log": Step(
            name="log",
            at_us=10,
            said="6 ledger entries, 1 to 7",
            facts={
                "entries": [{"seq": one.seq, "kind": one.kind, "at_us": one.at_us} for one in LIFE]
            },
        ),
        "recovery": Step(
            name="recovery", at_us=60, said="a before-image is kept", facts={"image": "i"}
        ),
    }


def test_of_what_was_erased_the_clear_part_is_told() -> None:
    """What was sealed is left out and not made up."""
    told = _traced(*(replace(one, secret=None) for one in LIFE))

    assert "seen" not in told["context"].facts
    assert "args" not in told["proposal"].facts
    assert "sentences" not in told["validation"].facts
    assert "answer" not in told["action"].facts
    answers = told["approval"].facts["answers"]
    assert isinstance(answers, list)
    (answer,) = answers
    assert isinstance(answer, dict)
    assert answer["because"] is None
    assert "args" not in answer


def test_a_call_that_was_let_out_at_once_has_its_intent_in_its_decision() -> None:
    """One entry for both, with what was reserved and the record as it stood before."""
    intent: JsonObject = {"digest": "d", "reserved": ["r"], "image": "i"}
    decided = _heard(1, "call.decided", {**WHOLE, "intent": intent})
    refused: JsonObject = {"ending": "done", "action": "failed", "why": [], "result": "r"}
    error = _heard(2, "call.concluded", refused, {"result": None, "error": {"code": -1}})

    told = _traced(decided, error)
    assert told["action"].facts == {
        **refused,
        "delivered": None,
        "reserved": ["r"],
        "image": "i",
        "answer": {"code": -1},
    }
    assert told["recovery"] == Step(
        name="recovery", at_us=10, said="a before-image is kept", facts={"image": "i"}
    )
    alone = _traced(decided)["action"]
    assert alone == Step(
        name="action", at_us=10, said="intended, outcome open", facts={"digest": WHOLE["digest"]}
    )
    nothing = _traced(_heard(1, "call.decided", {**WHOLE, "intent": "none"}))
    assert nothing["action"].said == "nothing was done"


def _facts(name: str, *entries: tuple[str, JsonObject]) -> tuple[int, str, dict[str, Any]]:
    step = _step(name, *entries)
    assert step.name == name
    return step.at_us, step.said, dict(step.facts)


UNDONE: tuple[str, JsonObject] = ("approval.undone", {"person": "lea", "approval": "a1"})
ASKED_FACTS: JsonObject = {
    "approval": "a1",
    "who": ["lead"],
    "how_many": None,
    "expires_us": None,
    "answers": [],
}


TOLD: list[tuple[str, tuple[tuple[str, JsonObject], ...], tuple[int, str, dict[str, Any]]]] = [
    ("approval", (ASKED,), (20, "waits for an answer", ASKED_FACTS)),
    ("approval", (ASKED, EXPIRED), (20, "expired unanswered", ASKED_FACTS)),
    (
        "approval",
        (ASKED, UNDONE),
        (
            20,
            "lea took the yes back",
            {**ASKED_FACTS, "undone": {"person": "lea", "because": None}},
        ),
    ),
    ("approval", (), (10, "not needed", {})),
    ("action", (DRAFT,), (20, "stored as a draft", {"draft": "d1"})),
    ("action", (INTENDED,), (20, "intended, outcome open", {"digest": "d"})),
    ("action", (ASKED, UNDONE), (30, "nothing was done", {"ending": "refused"})),
    ("action", (), (10, "nothing was done", {"ending": "waiting"})),
    (
        "action",
        (REFUSED,),
        (
            20,
            "refused",
            {
                "ending": "refused",
                "action": None,
                "why": None,
                "result": None,
                "delivered": None,
            },
        ),
    ),
    (
        "recovery",
        (INTENDED, DOUBT, SETTLED),
        (40, "settled by a person", {"happened": True, "by": "lea", "because": None}),
    ),
    ("recovery", (INTENDED, DOUBT), (30, "in doubt: a person has to look", {})),
    ("recovery", (WITH_IMAGE, DONE), (20, "a before-image is kept", {"image": "i"})),
    ("recovery", (INTENDED, DONE), (10, "nothing to recover", {})),
    ("recovery", (), (10, "nothing to recover", {})),
]


@pytest.mark.parametrize("name, entries, told", TOLD)
def test_a_step_holds_what_is_known_of_it_and_when_it_was(
    name: str, entries: tuple[tuple[str, JsonObject], ...], told: tuple[int, str, dict[str, Any]]
) -> None:
    """The entry that counts gives it its time."""
    assert _facts(name, *entries) == told


def test_the_last_question_counts_and_each_answer_is_timed_by_its_own() -> None:
    """A question that was put anew has another id; an answer to none took no time."""
    entries = _entries(
        ("call.decided", DECIDED),
        ("approval.asked", {"approval": "a1"}),
        ("approval.answered", {"approval": "a1", "person": "lea", "yes": True}),
        ("approval.asked", {"approval": "a2"}),
        ("approval.answered", {"approval": "a2", "person": "sam", "yes": False}),
        ("approval.answered", {"approval": "a0", "person": "tom", "kind": "edit"}),
        ("approval.answered", {"approval": "a2", "person": "ada", "kind": "words"}),
    )

    def approval(upto: int) -> tuple[str, Step]:
        step = _traced(*entries[:upto])["approval"]
        return step.said, step

    said, step = approval(7)
    answers = step.facts["answers"]
    assert isinstance(answers, list)
    took = [one["took_us"] for one in answers if isinstance(one, dict)]
    assert (step.facts["approval"], step.at_us, took) == ("a2", 40, [10, 10, 0, 30])
    assert said == "ada wrote back"
    assert [approval(upto)[0] for upto in (3, 5, 6)] == [
        "lea said yes",
        "sam said no",
        "tom changed it",
    ]


def test_why_a_yes_was_taken_back_is_told_where_it_was_not_erased() -> None:
    """In the words of whoever did."""
    undone = _heard(3, "approval.undone", {"person": "lea"}, {"because": "the wrong one"})
    told = _traced(_heard(1, "call.decided", DECIDED), _heard(2, *ASKED), undone)

    assert told["approval"].facts["undone"] == {"person": "lea", "because": "the wrong one"}


def test_a_yes_beforehand_stands_where_a_question_would() -> None:
    """Who had said it, with which answer."""
    grant: JsonObject = {"person": "lea", "approval": "a0"}
    told = _traced(_heard(1, "call.decided", {**DECIDED, "grant": grant}))

    assert told["approval"] == Step(
        name="approval",
        at_us=10,
        said="lea had said yes beforehand, with a0",
        facts={"grant": grant},
    )


def test_whoever_is_not_known_is_somebody_and_nobody() -> None:
    """Entries of an older release, and calls that nobody in particular asked for."""
    told = _traced(_heard(1, "call.decided", {"task": "t1", "actor": "helper"}))

    assert told["request"].said == "somebody asked for nobody in task t1"
    assert trace("c1", []) is None
