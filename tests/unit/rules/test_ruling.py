"""What the entries that cover a call say of it together."""

from __future__ import annotations

from datetime import date

import pytest

from sallyport.model import (
    ArgumentRule,
    Constraint,
    Entry,
    Level,
    Operator,
    Question,
    ToolRule,
    Verdict,
)
from sallyport.rules import reasons
from sallyport.rules.boundary.ruling import (
    Ruling,
    allowing,
    asking,
    facts_needed,
    in_force,
    may_be_absent,
)
from sallyport.rules.reasons import say

TODAY, YESTERDAY = date(2026, 12, 1), date(2026, 11, 30)
ANY, ABSENT = (Constraint(operator=one) for one in (Operator.ANY, Operator.ABSENT))
LONGEST = Constraint(operator=Operator.MAX_LENGTH, bounds=(9,))


def told(ruling: Ruling) -> list[tuple[Verdict, str]]:
    """Return what a ruling's floors say."""
    return [(one.verdict, say(one)) for one in ruling.floors]


def test_a_ruling_that_says_nothing_leaves_it_to_the_level() -> None:
    """No entry, no question, and nothing is loosened."""
    assert Ruling(floors=()) == Ruling(floors=(), entry=None, question=None, loosens=False)


def test_the_facts_of_a_rule_are_read_once_each_in_their_order() -> None:
    """Those that always count first, then those of the entries, `never` among them."""
    entries = [
        Entry(where="t", when=dict.fromkeys(names, ("x",)))
        for names in (("b", "a"), ("c", "b"), ("d", "c"))
    ]
    rule = ToolRule(
        tool="t",
        system="s",
        level=Level.READ,
        when={"a": ("x",)},
        allow=(entries[0],),
        ask=(entries[1],),
        never=(entries[2],),
    )

    assert facts_needed(rule) == ("a", "b", "c", "d")
    assert facts_needed(ToolRule(tool="t", system="s", level=Level.READ)) == ()


@pytest.mark.parametrize(
    "constraints, optional, expected",
    [
        ((), False, False),
        ((), True, True),
        ((ANY,), False, False),
        ((ABSENT,), False, True),
        ((LONGEST, ABSENT), False, True),
        ((LONGEST, ANY), False, False),
        ((LONGEST,), True, True),
    ],
)
def test_an_argument_may_be_left_out_where_something_says_so(
    constraints: tuple[Constraint, ...], *, optional: bool, expected: bool
) -> None:
    """One `absent` is enough, whatever stands beside it."""
    rule = ArgumentRule(name="a", constraints=constraints, optional=optional)

    assert may_be_absent(rule) is expected


@pytest.mark.parametrize(
    "until, expected",
    [(None, True), (TODAY, True), (date(2026, 12, 2), True), (YESTERDAY, False)],
)
def test_the_last_day_of_an_entry_counts(until: date | None, *, expected: bool) -> None:
    """In full."""
    assert in_force(Entry(where="e", until=until), TODAY) is expected


BEFORE = reasons.ask("irreversible.ask", tool="t")
ONE = Entry(where="t.ask[0]", who=("lead", "boss"), how_many=2, within_s=600)
OTHER = Entry(where="t.ask[1]", who=("boss", "owner"), within_s=60)


def test_one_entry_asks_as_it_says() -> None:
    """Its people, how many, and how long; what else was said stands before it."""
    found = asking([ONE], [BEFORE])

    assert told(found) == [
        (Verdict.ASK, "nobody can take back what `t` does, so a person is always asked"),
        (Verdict.ASK, "the boundary asks lead or boss (t.ask[0])"),
    ]
    assert found.entry is ONE
    assert found.question == Question(who=("lead", "boss"), how_many=2, within_s=600)
    assert not found.loosens
    assert asking([Entry(where="e", who=("lead",))]).question == Question(who=("lead",))


@pytest.mark.parametrize("asks", [[ONE, OTHER], [OTHER, ONE]])
def test_several_entries_ask_one_question_that_answers_all_of_them(asks: list[Entry]) -> None:
    """The people that all of them name, the highest count, the shortest time."""
    found = asking(asks)

    assert found.question == Question(who=("boss",), how_many=2, within_s=60)
    assert found.entry is asks[0]
    assert len(found.floors) == 2


def test_one_entry_that_needs_a_human_keeps_the_question_in_the_queue() -> None:
    """Until somebody has decided whom any of the entries names."""
    human = Entry(where="t.ask[2]", who=("boss",), needs_human=True)
    found = asking([ONE, human])

    assert found.question == Question(who=("boss",), how_many=2, within_s=600, needs_human=True)
    assert asking([human]).question == Question(who=("boss",), needs_human=True)
    assert told(found) == [
        (Verdict.ASK, "the boundary asks lead or boss (t.ask[0])"),
        (Verdict.ASK, "the boundary asks boss (t.ask[2])"),
        (Verdict.ASK, "it stays in the queue until lead or boss has decided"),
    ]


SAID = Entry(where="t.allow[0]", because="it is fine", until=TODAY)


@pytest.mark.parametrize(
    "entries, loosens",
    [
        ([SAID], True),
        ([SAID, SAID], True),
        ([Entry(where="t.allow[0]", because="it is fine")], False),
        ([Entry(where="t.allow[0]", until=TODAY)], False),
        ([SAID, Entry(where="t.allow[1]")], False),
    ],
)
def test_what_allows_stands_in_for_a_default_where_each_entry_says_why_and_until_when(
    entries: list[Entry], *, loosens: bool
) -> None:
    """One that does not is enough to keep the default."""
    found = allowing(entries, [BEFORE])

    assert found.loosens is loosens
    assert found.entry is entries[0]
    assert found.question is None
    assert told(found)[1:] == [
        (Verdict.ALLOW, f"the boundary allows it ({one.where})") for one in entries
    ]
    assert found.floors[0] is BEFORE
