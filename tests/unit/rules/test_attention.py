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
    Entry,
    Impact,
    Json,
    JsonObject,
    Level,
    Money,
    Operator,
    Origin,
    Person,
    Plumbing,
    Proposal,
    Question,
    Reversible,
    TaskInput,
    ToolRule,
    Verdict,
)
from sallyport.rules import canonical, confirming
from sallyport.rules.answering import Kind as Answers
from sallyport.rules.approval import signable
from sallyport.rules.attention import exercises, proven
from sallyport.rules.attention.attention import Attention, viewing_s
from sallyport.rules.attention.canary import mistakes
from sallyport.rules.attention.exercises import DELAY_S, Exercise, Kind, Outcome, State, Wrong
from sallyport.rules.attention.figures import KINDS, figures
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


@pytest.mark.parametrize(
    "amount, shown",
    [
        (1, [10]),
        (7, [70]),
        (50, [500]),
        (11, [110]),
        (62, [620, 26]),
        (6215, [62150, 2615]),
        (-3, [-30]),
        (Decimal(7), [Decimal(70)]),
        (Decimal("1.234"), [Decimal("12.340")]),
        (Decimal("62.5"), [Decimal("625.0"), Decimal("26.5")]),
        (0, []),
        (Decimal("0.00"), []),
        (True, []),
    ],
    ids=str,
)
def test_an_amount_is_made_wrong_as_people_get_it_wrong(amount: Json, shown: list[Json]) -> None:
    """Nothing is ten times nothing, a truth value is no amount, and no amount begins with a 0."""
    found = _mistakes(
        {"amount": amount}, _rule(_named("amount"), touches=_MONEY), critical=("amount",)
    )

    assert [str(one) for _, _, one in found] == [str(one) for one in shown]
    assert {how for _, how, _ in found} <= {"amount"}


@pytest.mark.parametrize(
    "by_system, by_rule, critical, touches, is_amount",
    [
        (True, False, False, frozenset[Impact](), True),
        (False, True, False, frozenset[Impact](), True),
        (False, False, True, _MONEY, True),
        (False, False, True, frozenset[Impact](), False),
        (False, False, False, _MONEY, False),
    ],
)
def test_a_number_is_an_amount_where_somebody_says_so(
    *, by_system: bool, by_rule: bool, critical: bool, touches: frozenset[Impact], is_amount: bool
) -> None:
    """The system's file, the boundary, or a number that decides what a payment does."""
    rule = _rule(_named("n"), touches=touches)
    plumbing = Plumbing(
        units={"n": "EUR"} if by_system else {}, critical=("n",) if critical else ()
    )
    found = mistakes(
        {"n": 12},
        replace(rule, units={"n": "EUR"}) if by_rule else rule,
        plumbing,
        others=[{"n": "13"}],
        inputs={},
        today=TODAY,
    )
    assert bool(found) is is_amount


@pytest.mark.parametrize(
    "text", ["ada@localhost", "@brandt.example", "ada@brandt.", "ada@b.example@c", "brandt.example"]
)
def test_a_text_that_is_no_address_is_not_made_another_recipient(text: str) -> None:
    """Nor is it the record that a call is about, unless it decides that."""
    assert _mistakes({"to": text}, _rule(_named("to")), {"to": "bob@x.example"}) == []


def test_a_recipient_becomes_somebody_elses_address_and_no_other_text() -> None:
    """What else stood there in another task is no mistake that anybody makes."""
    found = _mistakes({"to": "a@b.c"}, _rule(_named("to")), {"to": "nobody"}, {"to": "a@b.c"})
    assert found == [("to", "recipient", "a@b-mail.c")]


def test_what_the_boundary_would_ask_about_is_shown() -> None:
    """Ten times as much may need another line of it; only what it would refuse is left out."""
    up_to, above = (
        ArgumentRule(
            name="amount",
            constraints=(Constraint(operator=operator, bounds=(Money(Decimal(50), "EUR"),)),),
        )
        for operator in (Operator.AT_MOST, Operator.ABOVE)
    )
    until = date(2099, 12, 31)
    allow = Entry(where="pay.allow[0]", args={"amount": up_to}, because="small", until=until)
    ask = Entry(where="pay.ask[0]", args={"amount": above}, who=("lead",))
    rule = replace(_rule(_named("amount"), touches=_MONEY), allow=(allow,), ask=(ask,), units={})

    assert _mistakes({"amount": 7}, rule, critical=("amount",)) == [("amount", "amount", 70)]


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


def test_an_exercise_is_the_question_and_its_call_under_other_names() -> None:
    """Nothing of how it was answered, or of what became of the call, is left in either."""
    of, call = _answered(), _call()
    one = _put(of, WRONG)
    about: JsonObject = {
        "approval": "a2",
        "nonce": "m",
        "action": {"args": {"to": "y"}, "tool": "t"},
        "expires_us": 100 + 60 * SECOND_US,
        "confirm": None,
    }
    digest = canonical.digest("exercise", about)
    asked = Approval(
        id="a2",
        call_id="c2",
        digest=digest,
        boundary="b",
        question=of.question,
        state=ApprovalState.WAITING,
        asked_us=100,
        expires_us=100 + 60 * SECOND_US,
        about=canonical.digest("approval-object", about),
        object=about,
    )
    picture = Call(
        id="c2",
        proposal=Proposal(
            call_id="c2",
            task_id="t1",
            tool="t",
            args={"to": "y"},
            channel="mcp",
            origin=Origin.GATEWAY,
        ),
        agent="bot",
        instance="i",
        workflow="w",
        requester="rita",
        system="s",
        level=Level.EXTERNAL,
        digest=digest,
        boundary="b",
        ending=Ending.WAITING,
        proposed_us=call.proposed_us,
        verdict=Verdict.ASK,
        approval_id="a2",
    )

    assert one == Exercise(
        kind=Kind.CANARY,
        state=State.WAITING,
        approval=asked,
        call=picture,
        of="a1",
        of_call="c1",
        first="approve",
        knows=("ann",),
        wrong=WRONG,
    )
    assert one.id == "a2"
    assert _put(of).kind is Kind.SECOND_LOOK


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


def test_exercises_are_kept_under_these_names() -> None:
    """In the database and in the ledger."""
    assert [one.value for one in Kind] == ["canary", "second_look"]
    assert [one.value for one in Outcome] == [
        *("caught", "missed", "agreed", "differed", "passed_on")
    ]
    assert [one.value for one in State] == ["waiting", "answered", "expired", "withdrawn"]
    one = _put(_answered(), WRONG)
    assert exercises.outcome(one, Answers.NOT_MINE).value == "passed_on"


def test_which_questions_are_drawn_is_the_same_for_ever() -> None:
    """So that whoever has the ledger can tell that nobody chose them."""
    drawn = {kind: [n for n in range(120) if exercises.sampled(f"a{n}", kind, 50)] for kind in Kind}
    assert drawn == {
        Kind.CANARY: [43, 53, 57, 80, 86, 98, 103],
        Kind.SECOND_LOOK: [10, 18, 24, 31, 36, 82, 116],
    }
    assert [exercises.due_us(f"a{n}", Kind.CANARY, 7) for n in range(3)] == [
        2431 * SECOND_US + 7,
        5169 * SECOND_US + 7,
        2633 * SECOND_US + 7,
    ]
    assert exercises.due_us("a0", Kind.SECOND_LOOK, 7) == 6403 * SECOND_US + 7
    assert [exercises.drawn(f"a{n}", 10) for n in range(5)] == [0, 3, 2, 8, 3]


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


@pytest.mark.parametrize(
    "was, shown, told_was, told_shown",
    [("x", "y", "x", "y"), (6200, 62000, "6200", "62000"), (Decimal("1.50"), None, "1.50", "null")],
)
def test_whoever_answered_a_canary_sees_what_was_wrong(
    was: Json, shown: Json, told_was: str, told_shown: str
) -> None:
    """The argument, what had stood there, and what it showed."""
    wrong = Wrong(argument="to", how="amount", was=was, shown=shown)

    assert feedback(_over(_put(_answered(), wrong), Answers.REJECT), "lou") == {
        "mine": True,
        "kind": "canary",
        "outcome": "caught",
        "sentences": [
            "This was an exercise. One value had been made wrong, and you did not let it pass.",
            "It showed another amount.",
            NOTHING,
        ],
        "wrong": {"argument": "to", "how": "amount", "was": told_was, "shown": told_shown},
    }


@pytest.mark.parametrize(
    "how, sentence",
    [
        ("recipient", "It showed another recipient."),
        ("amount", "It showed another amount."),
        ("record", "It showed the record of another task."),
    ],
)
def test_each_kind_of_mistake_has_its_sentence(how: str, sentence: str) -> None:
    """So that whoever answered knows where to look next time."""
    one = _put(_answered(), replace(WRONG, how=how))
    told = feedback(_over(one, Answers.REJECT), "lou")

    assert told["sentences"] == [
        "This was an exercise. One value had been made wrong, and you did not let it pass.",
        sentence,
        NOTHING,
    ]
    assert NOTHING == (
        "Nothing was sent, and nothing could have been: an exercise has no call. It counts for "
        "the team, and nobody is named."
    )


@pytest.mark.parametrize(
    "kind, sentence",
    [
        ("", "It had been rejected."),
        ("edit", "It had been changed."),
        ("words", "It had been sent back to the agent with words."),
    ],
)
def test_each_first_answer_has_its_sentence(kind: str, sentence: str) -> None:
    """Of a second look, whoever agrees hears with what."""
    told = feedback(_over(_put(_answered(yes=False, kind=kind)), Answers.REJECT), "lou")

    looked = "This was a second look. Somebody else had answered the same question before"

    assert told["sentences"] == [
        f"{looked}, and you agree.",
        sentence,
        NOTHING,
    ]


def test_nothing_was_wrong_in_a_second_look() -> None:
    """It has the kind and what came of it, and nothing that was made wrong."""
    told = feedback(_over(_put(_answered()), Answers.APPROVE), "lou")

    assert {**told, "sentences": []} == {
        "mine": True,
        "kind": "second_look",
        "outcome": "agreed",
        "sentences": [],
        "wrong": None,
    }


def test_an_exercise_that_is_not_over_is_told_of_to_nobody() -> None:
    """Not even to whoever spoke about it, should it have expired meanwhile."""
    over = _over(_put(_answered(), WRONG), Answers.APPROVE)

    for name in ("waiting", "answered", "expired", "withdrawn"):
        told = feedback(replace(over, state=State(name)), "lou")
        assert told["mine"] is (name == "answered")
    assert feedback(replace(over, answer=None), "lou")["mine"] is False


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


def test_there_is_none_of_it_unless_the_settings_say_so() -> None:
    """And then two canaries and five second looks to a hundred answers, and five seconds."""
    assert Attention() == Attention(on=False, canaries=20, second_looks=50, viewing_s=5)
    assert not Attention().counts(_people(3))


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


def _half() -> list[Heard]:
    """Return what three people, a step and time made of some questions, and entries besides."""
    said, people = "approval.answered", ["ann", "bob", "cy"] * 3
    outcomes = ("caught", "caught", "missed", "passed_on", "differed")
    return [
        *[_entry(n, "approval.asked", 100, {"approval": f"a{n}"}) for n in range(20)],
        *[
            _entry(n, said, 100 + n, {"approval": f"a{n}", "person": name, "yes": True})
            for n, name in enumerate(people)
        ],
        _entry(30, said, 500, {"approval": "a9", "person": "ann", "kind": "words"}),
        _entry(31, said, 600, {"approval": "a9", "person": "bob", "kind": "edit"}),
        _entry(32, said, 900, {"approval": "a10", "person": "step.scan", "yes": False}),
        _entry(33, said, 901, {"approval": "asked before", "person": "ann", "yes": False}),
        *[_entry(34, "approval.expired", 1, {})] * 2,
        *[_entry(36, "approval.passed", 1, {})] * 3,
        *[_entry(39, "exercise.answered", 1, {"outcome": outcome}) for outcome in outcomes],
        _entry(44, "batch.signed", 1, {"approval": "a1", "outcome": "caught"}),
    ]


def test_figures_are_made_from_these_entries() -> None:
    """Those of the ledger that are asked for, and no more."""
    assert KINDS == (
        "approval.asked",
        "approval.answered",
        "approval.passed",
        "approval.expired",
        "exercise.answered",
    )


def test_figures_are_shown_as_counts_and_shares() -> None:
    """Half and nine of ten stayed within a time; a share is of all of its kind, rounded down."""
    assert figures(_half()).as_json() == {
        "withheld": False,
        "people_min": 3,
        "questions": 20,
        "answered": 13,
        "expired": 2,
        "passed": 3,
        "median_us": 5,
        "slow_us": 400,
        "answers": {
            "total": 13,
            "approve": {"count": 9, "share": 69},
            "change": {"count": 2, "share": 15},
            "reject": {"count": 2, "share": 15},
        },
        "canaries": {
            "total": 3,
            "caught": {"count": 2, "share": 66},
            "missed": {"count": 1, "share": 33},
        },
        "second_looks": {
            "total": 1,
            "agreed": {"count": 0, "share": 0},
            "differed": {"count": 1, "share": 100},
        },
    }


def test_of_nothing_there_is_no_share() -> None:
    """Which is not a share of nought."""
    shown = figures([one for one in _half() if one.kind != "exercise.answered"]).as_json()

    assert shown["canaries"] == {
        "total": 0,
        "caught": {"count": 0, "share": None},
        "missed": {"count": 0, "share": None},
    }


def test_of_two_people_nothing_is_shown_but_that_they_are_too_few() -> None:
    """A workflow step that answers is nobody, and does not make three of two."""
    of_two = [one for one in _half() if one.body.get("person") != "cy"]

    assert figures(of_two).as_json() == {"withheld": True, "people_min": 3}
    assert figures(of_two).people == 2
    assert figures(_half()).people == 3


@pytest.mark.parametrize(
    "took, median_us, slow_us",
    [
        ([], 0, 0),
        ([5], 5, 5),
        ([1, 2], 1, 2),
        (list(range(1, 10)), 5, 9),
        (list(range(1, 11)), 5, 9),
        (list(range(1, 12)), 6, 10),
        (list(range(1, 21)), 10, 18),
        (list(range(1, 31)), 15, 27),
    ],
    ids=["none", "one", "two", "nine", "ten", "eleven", "twenty", "thirty"],
)
def test_so_many_answers_stayed_within_a_time(
    took: list[int], median_us: int, slow_us: int
) -> None:
    """At least half of them, and at least nine of ten."""
    asked = [_entry(n, "approval.asked", 0, {"approval": f"a{n}"}) for n in range(len(took))]
    told = [
        _entry(n, "approval.answered", after, {"approval": f"a{n}", "person": "ann"})
        for n, after in enumerate(took)
    ]
    found = figures([*asked, *told])

    assert (found.median_us, found.slow_us) == (median_us, slow_us)


# --- Whether what was answered was signed. ---

BOUND: JsonObject = {"id": "a2", "call": "c2"}
SAID: JsonObject = {"person": "lou", "yes": True, "because": "", "at_us": 1}
KEYS = {"lou": frozenset({"key of lou"}), "sam": frozenset({"key of sam"})}


def _verifies(key: str, signed: bytes, signature: str) -> bool:
    return (key, signed, signature) == ("key of lou", signable(BOUND, SAID), "signed")


@pytest.mark.parametrize(
    "secret, wrong",
    [
        (None, None),
        ({}, ""),
        ({"bound": None}, "what was signed is not there"),
        ({"said": "yes"}, "what was signed is not there"),
        ({"exercise": "a3"}, "it is about another exercise than the one it is kept with"),
        (
            {"bound": {**BOUND, "id": "a3"}},
            "it is about another exercise than the one it is kept with",
        ),
        ({"said": {**SAID, "person": "sam"}}, "nobody signed it"),
        ({"said": {**SAID, "person": "nobody"}}, "nobody signed it"),
        ({"said": {**SAID, "yes": False}}, "nobody signed it"),
        ({"signature": "another"}, "nobody signed it"),
    ],
    ids=str,
)
def test_an_answer_to_an_exercise_holds_where_its_person_signed_it(
    secret: JsonObject | None, wrong: str | None
) -> None:
    """Of one that was erased nothing can be said."""
    kept: JsonObject = {"exercise": "a2", "bound": BOUND, "said": SAID, "signature": "signed"}
    sealed = None if secret is None else {**kept, **secret}
    entry = Heard(seq=1, kind=proven.KIND, at_us=1, body={}, secret=sealed)

    assert proven.problem(entry, KEYS, _verifies) == wrong
