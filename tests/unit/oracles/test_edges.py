"""What a change of one thing in the rules showed to be unwatched by any other test."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from sallyport.model import Json, JsonObject, Level, Origin, Question, Verdict
from sallyport.rules import decide as deciding
from sallyport.rules.boundary.constraints import same, sort_of
from sallyport.rules.decide import decide
from tests.unit.boundary.examples import codes, ruled, sentences, tool
from tests.unit.rules import worlds


def test_a_boundary_that_cannot_be_applied_refuses_whatever_else_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With influence in the run, a boundary that threw would otherwise leave an *ask*."""

    def throws(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("sallyport.rules.checks.authority.rulings", throws)
    seen = worlds.context(worlds.boundary(worlds.rule(Level.UPDATE)), influenced=True)
    first = decide(seen).floors[0]

    assert (first.verdict, first.code) == (Verdict.REFUSE, "check.failed")
    assert first.words == {"check": "entries"}


def test_a_call_about_which_nothing_speaks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """No check, no boundary: no permission either."""
    monkeypatch.setattr(deciding, "CHECKS", ())
    decision = decide(worlds.context(boundaries=()))

    assert decision.verdict is Verdict.REFUSE
    assert decision.floors[0].words == {"check": "all of them"}


def test_a_look_up_is_a_read_that_is_allowed_by_default() -> None:
    """The ledger says so in the words of every other read."""
    looking = replace(worlds.PROPOSAL, tool=worlds.LOOK, origin=Origin.GATEWAY)
    active = worlds.boundary(system=worlds.READING)
    (floor,) = decide(worlds.context(active, proposal=looking)).floors

    assert (floor.verdict, floor.code) == (Verdict.ALLOW, "level.default")
    assert floor.words == {"level": "read"}


def test_a_call_that_no_entry_covers_names_none() -> None:
    """The ledger holds an empty text, and no word that looks like an entry."""
    assert decide(worlds.context()).entry == ""


def test_two_versions_that_ask_the_same_people_ask_them_in_the_active_one_s_order() -> None:
    """What is shown to people follows the version that counts now."""
    versions = (
        worlds.boundary(worlds.rule(ask=(worlds.ask("lead", "chief"),))),
        worlds.boundary(worlds.rule(ask=(worlds.ask("chief", "lead"),)), digest="v0"),
    )
    question = decide(worlds.context(*versions)).question

    assert question is not None
    assert question.who == ("lead", "chief")


def test_a_version_that_asks_nobody_does_not_answer_for_the_one_that_asks() -> None:
    """One yes is no two, although the other version of the boundary has no question."""
    asks = worlds.boundary(worlds.rule(ask=(worlds.ask("lead", how_many=2),)))
    other = worlds.boundary(worlds.rule(), digest="v0")
    for versions in ((asks, other), (asks,)):
        seen = worlds.context(*versions)
        one = worlds.approved(seen, question=Question(who=("lead",), how_many=1))

        assert decide(one).verdict is Verdict.ASK


@pytest.mark.parametrize("length, shown", [(40, True), (41, False)])
def test_a_fact_is_shown_up_to_forty_letters(length: int, *, shown: bool) -> None:
    """A longer one is text from outside, and is not repeated."""
    state = "x" * length
    (said,) = sentences(ruled(tool("when: {state: [open]}"), {}, facts={"state": state}))

    assert (state in said) is shown


def test_an_argument_that_nobody_named_is_no_reason_of_an_entry() -> None:
    """It is refused by itself; the entry's own reasons stay readable."""
    rule = tool(
        """
ask:
  - {args: {kind: {is: small}}, who: [lead]}
  - {args: {kind: {is: large}, note: any}, who: [lead]}
"""
    )
    said = sentences(ruled(rule, {"kind": "small", "note": "n", "odd": 1}))

    assert said[0] == "argument `odd` is not named in the boundary"
    assert "note is not named there" in said[1]
    assert "odd" not in said[1]


def test_an_entry_that_waits_for_a_fact_is_not_said_to_miss() -> None:
    """The fact that was not read is the only reason, and the answer is still a ruling."""
    rule = tool("ask: [{args: {a: {is: 1}}, when: {state: [open]}, who: [lead]}]")

    assert codes(ruled(rule, {"a": 1}, facts={}).floors) == ["boundary.fact_missing"]


def test_a_never_of_an_argument_that_is_left_out_holds() -> None:
    """What it says of the others counts, and its sentence names all that it looks at."""
    rule = tool(
        """
only: {a: {any: true, optional: true}, b: any}
allow: [{}]
never: [{args: {a: absent, b: {is: z}}, when: {state: [open]}}]
"""
    )
    ruling = ruled(rule, {"b": "z"}, facts={"state": "open"})

    assert codes(ruling.floors) == ["boundary.never", "boundary.allow"]
    assert sentences(ruling) == ["the boundary forbids it (t.never[0]): it names a, b, state"]


def test_who_said_yes_is_named_and_nobody_else() -> None:
    """With a comma between them; who confirmed their own is shown beside it."""
    seen = worlds.context(worlds.boundary(worlds.rule(ask=(worlds.ask("lead", how_many=2),))))
    approval = worlds.question(seen, question=Question(who=("lead",), how_many=2))
    (lea,) = approval.answers
    answers = (lea, replace(lea, person="sam", confirmed_own=True), replace(lea, person="eve"))
    given = replace(approval, answers=(*answers[:2], replace(answers[2], yes=False)))
    floors = decide(replace(seen, approval=given)).floors
    people = [floor.words["people"] for floor in floors if floor.code == "approval.given"]

    assert people == ["lea, sam"]
    assert "approval.own" in codes(floors)


ENTRIES = tool(
    """
ask:
  - args: {kind: {is: small}, size: {at_most: 5}}
    when: {state: [open, 3, true]}
    who: [lead]
  - {args: {kind: {is: large}, note: any}, who: [lead]}
"""
)


@pytest.mark.parametrize(
    "args, state, said",
    [
        (
            {"kind": "small", "note": "n"},
            "shut",
            (
                "t.ask[0]: note is not named there, size is missing,"
                " state must be open or 3 or true; t.ask[1]: kind must be large"
            ),
        ),
        (
            {"kind": "medium", "size": 9},
            None,
            (
                "t.ask[0]: kind must be small, size 9 is above 5, state must be open or 3 or true;"
                " t.ask[1]: size is not named there, kind must be large, note is missing"
            ),
        ),
        (
            {"kind": "small", "size": 6},
            3,
            (
                "t.ask[0]: size 6 is above 5;"
                " t.ask[1]: size is not named there, kind must be large, note is missing"
            ),
        ),
    ],
)
def test_why_no_entry_covers_a_call_is_said_word_by_word(
    args: JsonObject, state: Json, said: str
) -> None:
    """Each entry with each of its own reasons, and nothing of the other's."""
    found = sentences(ruled(ENTRIES, args, facts={"state": state}))

    assert found == [f"no entry of `t` covers these arguments: {said}"]


@pytest.mark.parametrize(
    "state, shown",
    [
        (True, "true"),
        (False, "false"),
        (None, "empty"),
        (7, "7"),
        (10**40 - 1, "9" * 40),
        (10**40, "a very large number"),
        (-(10**40), "a very large number"),
        ("a_b-c.d", "a_b-c.d"),
        ("a b", "something else"),
        ("", "something else"),
        (["x"], "something else"),
    ],
)
def test_a_fact_that_is_not_as_asked_for_is_shown_word_by_word(state: Json, shown: str) -> None:
    """Words and numbers as they are; whatever else it is stays unnamed."""
    rule = tool("when: {state: [open], mood: [calm, 3]}")
    found = sentences(ruled(rule, {}, facts={"state": state, "mood": 3}))

    assert found == [f"state is `{shown}`, and the boundary asks for open"]


NUMBERS: list[tuple[str, Json, str]] = [
    ("{at_least: 5}", 4, "a 4 is below 5"),
    ("{above: 5}", 5, "a 5 is not above 5"),
    ("{at_most: 5}", 6, "a 6 is above 5"),
    ("{below: 5}", 5, "a 5 is not below 5"),
    ("{below: 5.00 EUR}", Decimal("5.1"), "a 5.10 EUR is not below 5.00 EUR"),
    ("{below: 5.00 EUR}", Decimal("5.12"), "a 5.12 EUR is not below 5.00 EUR"),
    ("{below: 5.00 EUR}", Decimal("5.123"), "a 5.123 EUR is not below 5.00 EUR"),
    ("{at_most: 5}", Decimal("9E+28"), f"a 9{'0' * 28} is above 5"),
    ("{at_most: 5}", Decimal("9E+30"), "a (a very long number) is above 5"),
    (
        "{at_most: 5}",
        Decimal("1234567890123456789012345678.1"),
        "a 1234567890123456789012345678.1 is above 5",
    ),
    (
        "{at_most: 5}",
        Decimal("12345678901234567890123456789.1"),
        "a (a very long number) is above 5",
    ),
    ("{at_most: 5}", 2**90 - 1, f"a {2**90 - 1} is above 5"),
    ("{at_most: 5}", 2**90, "a (a very large number) is above 5"),
    ("{at_most: 5}", "6", "a must be a number"),
    ("{at_most: 5.00 EUR}", "x", "a must be a number, or an amount in EUR"),
    ("{at_most: 5.00 EUR}", "6.00 USD", "a is in USD, and the boundary names EUR"),
    ("{at_most: 2 items}", [1, 2, 3], "a has 3 items, and that is above 2 items"),
    ("{at_most: 2 items}", 3, "a must be a list"),
    ("{at_most: 2026-01-01}", "2026-01-02", "a 2026-01-02 is above 2026-01-01"),
    ("{at_most: 2026-01-01}", "x", "a must be a date written as YYYY-MM-DD"),
    ("{max_length: 3}", "four", "a is longer than 3 characters"),
    ("{max_length: 3}", 3, "a must be text"),
    ("{starts_with: 'Re: '}", "x", 'a must start with "Re: "'),
    ("{starts_with: 'Re: '}", 3, "a must be text"),
    ("{only: [x, 5, true]}", ["y"], "a may only hold x, 5, true"),
    ("{only: [x]}", "x", "a must be a list"),
    ("{each: {is: x}}", ["x", "y"], "item 2 of a must be x"),
    ("{each: {is: x}}", "x", "a must be a list"),
    ("{is: x}", "y", "a must be x"),
    ("{one_of: [x, 5]}", "y", "a must be one of x, 5"),
    ("{is: task.own}", "y", "a must be the task's own own"),
    ("absent", "y", "a must be left out"),
]


@pytest.mark.parametrize("line, value, said", NUMBERS)
def test_why_an_argument_does_not_fit_is_said_word_by_word(
    line: str, value: Json, said: str
) -> None:
    """The sentences that people decide by, each with the bound beside what was proposed."""
    found = sentences(ruled(tool(f"only: {{a: {line}}}"), {"a": value}, inputs={"own": "x"}))

    assert found == [said]


def test_an_own_record_that_the_task_has_not_is_said_to_be_missing() -> None:
    """The agent may ask a person to bind it."""
    found = sentences(ruled(tool("only: {a: {is: task.own}}"), {"a": "y"}, inputs={}))

    assert found == ["a must be the task's own own, and the task has none"]


ALIKE: list[tuple[Json, Json, bool]] = [
    (None, None, True),
    (None, "x", False),
    ("x", None, False),
    (None, 0, False),
    (None, False, False),
    (True, True, True),
    (True, False, False),
    (True, 1, False),
    (0, False, False),
    (True, "true", False),
    ("x", "x", True),
    ("x", "X", False),
    ("5", 5, False),
    (5, Decimal("5.00"), True),
    (5, Decimal("5.01"), False),
    (5, Decimal("NaN"), False),
    (5, Decimal("sNaN"), False),
    ([], [], False),
    ({}, {}, False),
    ([], None, False),
]


@pytest.mark.parametrize("one, other, alike", ALIKE)
def test_only_scalars_of_one_sort_are_the_same(one: Json, other: Json, *, alike: bool) -> None:
    """Both ways round, and what compares with nothing is the same as nothing."""
    assert (same(one, other), same(other, one)) == (alike, alike)


@pytest.mark.parametrize(
    "value, sort",
    [
        (None, "null"),
        (True, "truth"),
        (0, "number"),
        (Decimal("0.5"), "number"),
        (Decimal("Infinity"), "other"),
        ("", "text"),
        ([], "other"),
        ({}, "other"),
    ],
)
def test_every_value_is_of_one_sort(value: Json, sort: str) -> None:
    """The words are handed over to the second engine."""
    assert sort_of(value) == sort


def test_a_truth_value_is_written_as_owners_write_it() -> None:
    """In a reason as in the file."""
    found = sentences(ruled(tool("only: {a: {is: true}, b: {is: false}}"), {"a": 1, "b": 1}))

    assert found == ["a must be true", "b must be false"]
