"""A call's trace has eight steps, each typed, none left out."""

from __future__ import annotations

from dataclasses import fields

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
        ("approval.answered", {**answer, "arguments": ["amount"]}),
    )

    told = step.facts["answers"]
    assert isinstance(told, list)
    without, with_one = (one for one in told if isinstance(one, dict))
    assert (without["person"], without["yes"]) == ("ann", False)
    assert not {"arguments", "code"} & set(without)
    assert with_one["arguments"] == ["amount"]


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
