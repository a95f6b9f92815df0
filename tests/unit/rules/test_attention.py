"""Canaries that are fair, figures that name nobody, looks that are long enough."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import (
    Answer,
    Approval,
    ApprovalState,
    ArgumentRule,
    Call,
    Constraint,
    Ending,
    Impact,
    Json,
    JsonObject,
    Level,
    Money,
    Operator,
    Person,
    Plumbing,
    Proposal,
    Question,
    Reversible,
    TaskInput,
    ToolRule,
    Verdict,
)
from sallyport.rules import confirming
from sallyport.rules.answering import Kind as Answers
from sallyport.rules.attention import exercises
from sallyport.rules.attention.attention import Attention, viewing_s
from sallyport.rules.attention.canary import mistakes
from sallyport.rules.attention.exercises import DELAY_S, Exercise, Kind, Outcome, State, Wrong
from sallyport.rules.attention.figures import figures
from sallyport.rules.attention.telling import NOTHING, feedback
from sallyport.rules.boundary.evaluate import rule_on
from sallyport.rules.times import SECOND_US
from sallyport.rules.trace import Heard

TODAY = date(2026, 11, 21)


def _named(name: str, operator: Operator = Operator.ANY, *bounds: str) -> ArgumentRule:
    return ArgumentRule(name=name, constraints=(Constraint(operator=operator, bounds=bounds),))


def _rule(*only: ArgumentRule, touches: frozenset[Impact] = frozenset()) -> ToolRule:
    return ToolRule(
        tool="pay",
        system="bank",
        level=Level.UPDATE,
        touches=touches,
        only={one.name: one for one in only},
    )


_TICKET = ArgumentRule(
    name="ticket",
    constraints=(Constraint(operator=Operator.IS, bounds=(TaskInput("ticket"),)),),
)
_UP_TO_500 = ArgumentRule(
    name="amount",
    constraints=(Constraint(operator=Operator.AT_MOST, bounds=(Money(Decimal(500), "EUR"),)),),
)
_MONEY = frozenset({Impact.MONEY})


def _mistakes(
    args: JsonObject, rule: ToolRule, *others: JsonObject, critical: tuple[str, ...] = ()
) -> list[tuple[str, str, Json]]:
    found = mistakes(
        args,
        rule,
        Plumbing(critical=critical),
        others=others,
        inputs={"ticket": "T1"},
        today=TODAY,
    )
    return [(one.argument, one.how, one.shown) for one in found]


# --- What is made wrong. ---


def test_a_recipient_becomes_one_that_looks_alike_or_somebody_elses() -> None:
    """Another domain by a hair, and the address of another task."""
    found = _mistakes({"to": "ada@brandt.example"}, _rule(_named("to")), {"to": "bob@x.example"})
    assert found == [
        ("to", "recipient", "ada@brandt-mail.example"),
        ("to", "recipient", "bob@x.example"),
    ]


def test_an_amount_becomes_ten_times_as_much_or_has_two_digits_exchanged() -> None:
    """Spelled with as many digits as before."""
    rule = _rule(_named("amount"), touches=_MONEY)
    assert _mistakes({"amount": Decimal("12.50")}, rule, critical=("amount",)) == [
        ("amount", "amount", Decimal("125.00")),
        ("amount", "amount", Decimal("21.50")),
    ]


def test_a_record_becomes_that_of_another_task() -> None:
    """Where nothing binds it to the task."""
    rule = _rule(_named("case"))
    assert _mistakes({"case": "A1"}, rule, {"case": "B2"}, {"case": "A1"}, critical=("case",)) == [
        ("case", "record", "B2")
    ]


def test_what_the_page_calls_trusted_stays_as_it_is() -> None:
    """Nobody could see that it is wrong."""
    rule = _rule(_TICKET, _named("status", Operator.ONE_OF, "open", "closed"))
    args: JsonObject = {"ticket": "T1", "status": "open"}
    other: JsonObject = {"ticket": "T2", "status": "closed"}
    assert _mistakes(args, rule, other, critical=("ticket", "status")) == []


def test_what_the_boundary_would_refuse_is_never_shown() -> None:
    """No such question could come up, so it teaches nothing but that this is an exercise."""
    rule = replace(_rule(_UP_TO_500, touches=_MONEY), units={})
    assert _mistakes({"amount": 99}, rule, critical=("amount",)) == []
    assert _mistakes({"amount": 61}, rule, critical=("amount",)) == [("amount", "amount", 16)]


amounts = st.integers(1, 10_000) | st.decimals(1, 10_000, places=2)


@given(amounts, st.emails(), st.lists(st.emails(), max_size=3))
def test_a_canary_differs_in_one_value_and_would_have_been_asked(
    amount: int | Decimal, to: str, others: list[str]
) -> None:
    """Whatever was approved: one argument, another value, and nothing new to refuse."""
    rule = _rule(_TICKET, _UP_TO_500, _named("to"), touches=_MONEY)
    args: JsonObject = {"ticket": "T1", "amount": amount, "to": to}
    found = mistakes(
        args,
        rule,
        Plumbing(critical=("amount", "to")),
        others=[{"to": one, "ticket": "T2"} for one in others],
        inputs={"ticket": "T1"},
        today=TODAY,
    )
    for wrong in found:
        assert wrong.shown != wrong.was == args[wrong.argument]
        shown = {**args, wrong.argument: wrong.shown}
        assert _refusals(rule, shown) <= _refusals(rule, args)


def _refusals(rule: ToolRule, args: JsonObject) -> set[str]:
    said = rule_on(rule, args, inputs={"ticket": "T1"}, facts={}, today=TODAY)
    return {f"{one.code}{one.words}" for one in said.floors if one.verdict is Verdict.REFUSE}


# --- What is put, and what comes of it. ---


def _answered(*, yes: bool = True, kind: str = "", question: str = "a1") -> Approval:
    answer = Answer(person="ann", yes=yes, because="", at_us=1, signature="s", kind=kind)
    return Approval(
        id=question,
        call_id="c1",
        digest="d",
        boundary="b",
        question=Question(who=("lead",), within_s=60),
        state=ApprovalState.USED,
        asked_us=0,
        expires_us=9,
        about="x",
        object={"approval": question, "nonce": "n", "action": {"args": {"to": "x"}, "tool": "t"}},
        answers=(answer,),
    )


def _call() -> Call:
    proposal = Proposal(call_id="c1", task_id="t1", tool="t", args={"to": "x"}, channel="mcp")
    return Call(
        id="c1",
        proposal=proposal,
        agent="bot",
        instance="i",
        workflow="w",
        requester="rita",
        system="s",
        level=Level.EXTERNAL,
        digest="d",
        boundary="b",
        ending=Ending.DONE,
        proposed_us=1,
    )


def _put(of: Approval, wrong: Wrong | None = None, plumbing: Plumbing | None = None) -> Exercise:
    return exercises.put(
        of,
        _call(),
        fresh=("a2", "c2"),
        nonce="m",
        at_us=100,
        plumbing=plumbing or Plumbing(),
        wrong=wrong,
    )


WRONG = Wrong(argument="to", how="recipient", was="x", shown="y")


def test_an_exercise_binds_what_it_shows_and_waits_as_long_as_the_question_did() -> None:
    """Own ids, own nonce, own end; the digest is of no call."""
    one = _put(_answered(), WRONG)
    assert one.approval.object["action"] == {"args": {"to": "y"}, "tool": "t"}
    assert (one.approval.id, one.call.id, one.call.approval_id) == ("a2", "c2", "a2")
    assert one.approval.expires_us == 100 + 60 * SECOND_US
    assert one.call.digest == one.approval.digest != "d"
    assert one.approval.answers == ()
    assert one.knows == ("ann",)


def test_an_exercise_asks_for_what_a_real_question_would_ask_to_be_typed() -> None:
    """An amount as an amount: where nothing was to be typed, anybody could tell it by that."""
    plumbing = Plumbing(reversible=Reversible.FALSE, critical=("cents",), units={"cents": "EUR"})
    wrong = Wrong(argument="cents", how="amount", was=6200, shown=62000)
    one = _put(_answered(), wrong, plumbing)
    assert confirming.asked(one.approval) == confirming.wanted(one.call.proposal.args, plumbing)
    assert confirming.value(one.approval) == "620.00 EUR"


@pytest.mark.parametrize("kind", list(Answers))
def test_only_a_yes_misses_a_canary_and_passing_on_says_nothing(kind: Answers) -> None:
    """Every way of answering has its meaning."""
    found = exercises.outcome(_put(_answered(), WRONG), kind)
    passed = kind in {Answers.ESCALATE, Answers.HAND_OVER, Answers.NOT_MINE}
    assert found is (
        Outcome.PASSED_ON
        if passed
        else Outcome.MISSED
        if kind is Answers.APPROVE
        else Outcome.CAUGHT
    )


@pytest.mark.parametrize("first", ["approve", "reject", "edit", "words"])
def test_a_second_look_agrees_where_both_let_it_happen_or_neither_did(first: str) -> None:
    """A change and a rejection are both no."""
    kind = first if first in {"edit", "words"} else ""
    one = _put(_answered(yes=first == "approve", kind=kind))
    assert one.first == first
    same, other = (
        (Answers.APPROVE, Answers.REJECT)
        if first == "approve"
        else (Answers.WORDS, Answers.APPROVE)
    )
    assert exercises.outcome(one, same) is Outcome.AGREED
    assert exercises.outcome(one, other) is Outcome.DIFFERED


def test_ids_decide_who_is_drawn_and_as_many_are_as_is_said() -> None:
    """Five per cent of many, always the same ones, and none of the others' draw."""
    ids = [f"a{number}" for number in range(20_000)]
    looks = {one for one in ids if exercises.sampled(one, Kind.SECOND_LOOK, 50)}
    canaries = {one for one in ids if exercises.sampled(one, Kind.CANARY, 50)}
    assert 900 < len(looks) < 1100
    assert 900 < len(canaries) < 1100
    assert len(looks & canaries) < 100
    assert looks == {one for one in ids if exercises.sampled(one, Kind.SECOND_LOOK, 50)}
    assert not any(exercises.sampled(one, Kind.CANARY, 0) for one in ids)
    low, high = (each * SECOND_US for each in DELAY_S)
    assert all(low <= exercises.due_us(one, Kind.CANARY, 0) < high for one in ids[:500])


# --- What is told. ---


def _over(one: Exercise, kind: Answers) -> Exercise:
    answer = Answer(
        person="lou",
        yes=kind is Answers.APPROVE,
        because="",
        at_us=1,
        signature="s",
        kind=kind.value,
    )
    return replace(one, state=State.ANSWERED, answer=answer)


@pytest.mark.parametrize(
    "one, kind, sentences",
    [
        (
            _put(_answered(), WRONG),
            Answers.APPROVE,
            [
                "This was an exercise. One value had been made wrong, and you said yes to it.",
                "It showed another recipient.",
            ],
        ),
        (
            _put(_answered(), WRONG),
            Answers.WORDS,
            [
                "This was an exercise. One value had been made wrong, and you did not let it pass.",
                "It showed another recipient.",
            ],
        ),
        (
            _put(_answered(yes=False)),
            Answers.APPROVE,
            [
                (
                    "This was a second look. Somebody else had answered the same question before, "
                    "and you do not agree."
                ),
                "It had been rejected.",
            ],
        ),
        (
            _put(_answered()),
            Answers.NOT_MINE,
            [
                "This was an exercise. You passed it on, which counts neither way.",
                "It had been approved.",
            ],
        ),
    ],
)
def test_whoever_answered_is_told_at_once_what_it_was(
    one: Exercise, kind: Answers, sentences: list[str]
) -> None:
    """And that nothing was sent."""
    assert feedback(_over(one, kind), "lou")["sentences"] == [*sentences, NOTHING]


def test_others_hear_that_it_was_an_exercise_and_nothing_else() -> None:
    """Neither what was wrong nor what somebody said to it."""
    told = feedback(_over(_put(_answered(), WRONG), Answers.APPROVE), "sam")
    assert told == {
        "mine": False,
        "sentences": ["This was an exercise, and it is over.", NOTHING],
    }


# --- Who looks how long. ---


def _people(number: int, role: str = "reviewer") -> list[Person]:
    return [
        Person(name=f"p{n}", roles=frozenset({role}), public_key=f"k{n}") for n in range(number)
    ]


def test_there_is_nothing_below_three_people_who_answer_or_unless_it_is_on() -> None:
    """Auditors, people without a key and those who are switched off do not count."""
    on = Attention(on=True)
    off = [replace(one, active=False) for one in _people(5)]
    assert on.counts(_people(3))
    assert not on.counts(_people(2))
    assert not on.counts([*_people(2), *_people(9, "auditor"), *off])
    assert not Attention().counts(_people(9))


@pytest.mark.parametrize(
    "level, touches, irreversible, wanted",
    [
        (Level.UPDATE, set[Impact](), False, 0),
        (Level.UPDATE, {Impact.RECORDS}, False, 0),
        (Level.UPDATE, {Impact.RECORDS, Impact.MONEY}, False, 5),
        (Level.CREATE, {Impact.ACCESS}, False, 5),
        (Level.EXTERNAL, set[Impact](), False, 5),
        (Level.UPDATE, set[Impact](), True, 10),
    ],
)
def test_only_high_risk_is_looked_at_for_long(
    level: Level,
    touches: set[Impact],
    irreversible: bool,
    wanted: int,
) -> None:
    """Longer for what nobody can take back."""
    assert viewing_s(Attention(), level, touches, irreversible=irreversible) == wanted


# --- Figures. ---


def _entry(seq: int, kind: str, at_us: int, body: JsonObject) -> Heard:
    return Heard(seq=seq, kind=kind, at_us=at_us, body=body)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Heard]:
    """Return entries as a team leaves them, others among them."""
    entries: list[Heard] = []
    for number in range(draw(st.integers(0, 12))):
        question = f"a{number}"
        asked_us = draw(st.integers(0, 1000))
        entries.append(_entry(len(entries), "approval.asked", asked_us, {"approval": question}))
        for _ in range(draw(st.integers(0, 2))):
            kind = draw(st.sampled_from(["", "edit", "words"]))
            body: JsonObject = {
                "approval": question,
                "person": draw(st.sampled_from(["ann", "bob", "cy", "di"])),
                "yes": draw(st.booleans()) and not kind,
                "kind": kind,
            }
            at_us = asked_us + draw(st.integers(0, 5000))
            entries.append(_entry(len(entries), "approval.answered", at_us, body))
    for kind in draw(st.lists(st.sampled_from(["approval.passed", "approval.expired", "x.y"]))):
        entries.append(_entry(len(entries), kind, 0, {}))
    for what, outcome in draw(
        st.lists(
            st.sampled_from(
                [
                    ("canary", "caught"),
                    ("canary", "missed"),
                    ("canary", "passed_on"),
                    ("second_look", "agreed"),
                    ("second_look", "differed"),
                ]
            )
        )
    ):
        body = {"kind": what, "outcome": outcome}
        entries.append(_entry(len(entries), "exercise.answered", 0, body))
    return entries


@given(ledgers())
def test_figures_are_a_recomputation_of_the_ledger(entries: list[Heard]) -> None:
    """Counted otherwise, they are the same; and no name is in them."""
    found = figures(entries)
    answered = [one for one in entries if one.kind == "approval.answered"]
    asked = {one.body["approval"]: one.at_us for one in entries if one.kind == "approval.asked"}
    first: dict[Json, int] = {}
    for one in sorted(answered, key=lambda each: -each.at_us):
        first[str(one.body["approval"])] = one.at_us
    took = [at_us - asked[question] for question, at_us in first.items()]
    told = Counter(
        "approve" if one.body["yes"] else "change" if one.body["kind"] else "reject"
        for one in answered
    )
    drills = Counter(
        (one.body["kind"], one.body["outcome"])
        for one in entries
        if one.kind == "exercise.answered"
    )

    assert found.questions == len(asked)
    assert found.answered == len(answered)
    assert found.median_us == (median_low(took) if took else 0)
    assert found.slow_us >= found.median_us
    assert found.answers == {name: told[name] for name in ("approve", "change", "reject")}
    assert found.canaries == {name: drills["canary", name] for name in ("caught", "missed")}
    assert found.second_looks == {
        name: drills["second_look", name] for name in ("agreed", "differed")
    }
    people = {str(one.body["person"]) for one in answered}
    assert found.withheld is (len(people) < 3)
    shown = str(found.as_json())
    assert not any(f"'{name}'" in shown for name in ("ann", "bob", "cy", "di"))
    assert found.withheld is ("median_us" not in shown)
