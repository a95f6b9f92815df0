"""What a system may ask in the middle of a call, and which answers count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import Ability, Asks, Call, Ending, Json, JsonObject, Origin, Verdict
from sallyport.rules import asking
from sallyport.rules.commands import Append, Decided
from sallyport.rules.context import Context, call_digest
from sallyport.rules.decide import decide
from sallyport.rules.steps import govern
from tests.unit.rules import worlds

NAMES = ("form", "url", "sampling", "sampling.tools", "sampling.context", "roots")
FORM: JsonObject = {"method": "elicitation/create", "params": {"message": "which one?"}}
ASKS = Asks(requests={"q1": FORM}, state="s")
ANSWER: JsonObject = {"q1": {"action": "accept", "content": {"which": "T1"}}}


def _may_ask(*abilities: Ability) -> Context:
    bound = worlds.boundary(worlds.rule(may_ask=frozenset(abilities)))
    declared = frozenset({"form", "sampling", "sampling.tools"})
    return worlds.context(bound, proposal=replace(worlds.PROPOSAL, declared=declared))


def _answering(**changes: Any) -> Context:
    """Return the snapshot of a call that answers what `c0` ended with."""
    first = _may_ask(Ability.FORM)
    call = _call_of(first)
    parent = replace(call, id="c0", ending=Ending.ASKED)
    proposal = replace(worlds.PROPOSAL, parent="c0", answers=ANSWER, declared=frozenset({"form"}))
    fields: dict[str, Any] = {"proposal": proposal, "parent": parent, "asks": ASKS}
    return replace(first, **{**fields, **changes})


def _call_of(seen: Context) -> Call:
    """Return the call that the steps make of a snapshot."""
    steps = govern(seen.proposal)
    next(steps)
    command = steps.send(seen)
    assert isinstance(command, Append)
    assert isinstance(command.events[0], Decided)
    return command.events[0].call


@given(st.sets(st.sampled_from(NAMES)))
def test_what_is_declared_to_a_system_says_what_may_be_asked_and_no_more(names: set[str]) -> None:
    """Reading back what was declared gives the abilities, without details of nothing."""
    wanted = {name for name in names if name.partition(".")[0] in names}

    assert asking.declared(asking.capabilities(frozenset(wanted))) == wanted


@pytest.mark.parametrize(
    "capabilities, abilities",
    [
        ({}, set[str]()),
        (None, set[str]()),
        ([], set[str]()),
        ({"elicitation": {}}, {"form"}),
        ({"elicitation": {"url": {}}}, {"url"}),
        ({"elicitation": {"url": {}, "form": {}}}, {"form", "url"}),
        ({"elicitation": True}, set[str]()),
        ({"sampling": {"tools": {}}}, {"sampling", "sampling.tools"}),
        ({"roots": {"listChanged": True}}, {"roots"}),
        ({"shell": {}}, set[str]()),
    ],
)
def test_a_client_can_be_asked_what_it_says_it_can(capabilities: Json, abilities: set[str]) -> None:
    """Whatever else it declares counts for nothing."""
    assert asking.declared(capabilities) == abilities


@pytest.mark.parametrize(
    "request_, needs",
    [
        (FORM, "form"),
        ({"method": "elicitation/create", "params": {"mode": "url"}}, "url"),
        ({"method": "elicitation/create", "params": {"mode": "voice"}}, ""),
        ({"method": "sampling/createMessage", "params": {"tools": []}}, "sampling.tools"),
        ({"method": "sampling/createMessage"}, "sampling"),
        ({"method": "roots/list"}, "roots"),
        ({"method": "tools/call", "params": {"name": "rm"}}, ""),
        ({"method": ["roots/list"]}, ""),
        ("roots/list", ""),
        ({"method": "roots/list", "params": 5}, ""),
    ],
)
def test_each_question_needs_one_ability(request_: Json, needs: str) -> None:
    """What is no question needs none, and none is ever offered for it."""
    assert asking.ability_of(request_) == needs
    asks = Asks(requests={"q": request_})
    assert asking.unasked(asks, frozenset({"form", "url"})) is (needs not in {"form", "url"})


_SAMPLE: JsonObject = {"method": "sampling/createMessage", "params": {}}


@pytest.mark.parametrize(
    "asks, refused",
    [
        (Asks(requests={"q1": FORM, "q2": FORM}), False),
        (Asks(requests={"q1": FORM, "q2": _SAMPLE}), True),
        (Asks(requests={"q1": _SAMPLE, "q2": FORM}), True),
        (Asks(requests={}, state="s"), False),
        (Asks(requests={}), True),
    ],
    ids=["both offered", "first alone", "second alone", "only waits", "asks nothing"],
)
def test_one_question_that_was_not_offered_is_enough(asks: Asks, *, refused: bool) -> None:
    """The others that come with it make it no better; to ask for nothing at all is no question."""
    assert asking.unasked(asks, frozenset({"form"})) is refused


_ACCEPTED: JsonObject = {"action": "accept"}


@pytest.mark.parametrize(
    "answers, complete",
    [
        ({"q1": _ACCEPTED, "q2": _ACCEPTED}, True),
        ({"q1": _ACCEPTED, "q2": "yes"}, False),
        ({"q1": None, "q2": _ACCEPTED}, False),
        ({"q1": _ACCEPTED}, False),
        ({"q1": _ACCEPTED, "q2": _ACCEPTED, "q3": _ACCEPTED}, False),
    ],
    ids=["both", "second is none", "first is none", "one missing", "one too many"],
)
def test_every_question_gets_an_answer_and_each_is_one(
    answers: JsonObject, *, complete: bool
) -> None:
    """An answer is an object, and there is none to what was not asked."""
    asks = Asks(requests={"q1": FORM, "q2": FORM})
    assert asking.answers_all(asks, answers) is complete


def test_questions_have_the_names_of_the_protocol() -> None:
    """As they stand on the wire."""
    names = (asking.ELICITATION, asking.SAMPLING, asking.ROOTS)
    assert names == ("elicitation/create", "sampling/createMessage", "roots/list")
    assert [asking.ability_of({"method": name}) for name in names] == ["form", "sampling", "roots"]


def test_a_system_is_offered_what_agent_and_boundary_both_name() -> None:
    """Neither alone is enough, and nothing is offered in a release or a look-up."""
    assert _may_ask(Ability.FORM, Ability.ROOTS).abilities == {"form"}
    assert _may_ask(Ability.SAMPLING).abilities == {"sampling", "sampling.tools"}
    assert _may_ask().abilities == frozenset()
    assert replace(_may_ask(Ability.FORM), boundaries=()).abilities == frozenset()
    released = replace(worlds.PROPOSAL, declared=frozenset({"form"}), origin=Origin.RELEASE)
    assert replace(_may_ask(Ability.FORM), proposal=released).abilities == frozenset()


def test_the_stricter_of_two_versions_says_what_may_be_asked() -> None:
    """A running task gains nothing by a newer version, and loses what that takes away."""
    first = _may_ask(Ability.FORM, Ability.SAMPLING).boundaries[0]
    second = worlds.boundary(worlds.rule(may_ask=frozenset({Ability.FORM})), digest="v2")

    assert replace(_may_ask(), boundaries=(second, first)).abilities == {"form"}


def test_the_digest_covers_what_may_be_asked_and_what_is_answered() -> None:
    """An answer given in mid-call makes another call."""
    seen = _answering()
    other = replace(seen.proposal, answers={"q1": {"action": "decline"}})
    digests = {
        call_digest(seen),
        call_digest(replace(seen, proposal=other)),
        call_digest(_may_ask(Ability.FORM)),
        call_digest(_may_ask()),
    }

    assert len(digests) == 4


def test_the_answer_to_what_was_asked_is_decided_like_any_call() -> None:
    """Nothing speaks against it."""
    assert decide(_answering()).verdict is Verdict.ALLOW


_PARENT = _answering().parent
assert _PARENT is not None
_OTHER_TASK = replace(_PARENT, proposal=replace(_PARENT.proposal, task_id="t2"))
_OTHER_ARGS = replace(_PARENT, proposal=replace(_PARENT.proposal, args={"on": "T2"}))
_LATE = worlds.NOW_US + (asking.WITHIN_S + 1) * 1_000_000


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"parent": None, "asks": None}, "answer.unasked"),
        ({"parent": _OTHER_TASK}, "answer.unasked"),
        ({"asks": None}, "answer.unasked"),
        ({"parent": replace(_PARENT, ending=Ending.ANSWERED)}, "answer.used"),
        ({"parent": replace(_PARENT, ending=Ending.DONE)}, "answer.used"),
        ({"parent": _OTHER_ARGS}, "answer.other_call"),
        ({"asks": Asks(requests={"q1": FORM, "q2": FORM})}, "answer.incomplete"),
        ({"asks": Asks(requests={"other": FORM})}, "answer.incomplete"),
        ({"now_us": _LATE}, "answer.late"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(changes: dict[str, Any], code: str) -> None:
    """Forged, replayed, foreign, late or of another call: nothing leaves."""
    decision = decide(_answering(**changes))

    assert decision.verdict is Verdict.REFUSE
    assert code in worlds.codes(decision.floors, Verdict.REFUSE)
