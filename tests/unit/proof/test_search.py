"""Calls worth a try: at the bounds of what rules say, just beside them, and after a model."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import pytest

from sallyport.model import Json, JsonObject, ToolRule
from sallyport.rules.proof.encode import said
from sallyport.rules.proof.formula import Model
from sallyport.rules.proof.search import (
    Case,
    after,
    facts_of,
    names_of,
    near,
    values_of,
)
from sallyport.rules.proof.subjects import World
from sallyport.rules.proof.texts import is_filled
from tests.unit.boundary.examples import tool
from tests.unit.proof.real import model_of

DAY = date(2026, 11, 21).toordinal()
OTHER = "(something else)"
ODD: list[Json] = [OTHER, "", True, None, -1, Decimal(1_000_000_000), [], [OTHER], {}]
"""Values of every sort, which nearly every rule refuses."""
THREE = [OTHER] * 3


def of_x(line: str) -> ToolRule:
    """Return a rule that says this of `x`."""
    return tool(f"only: {{x: {line}}}")


def alike(found: list[Any], expected: list[Any]) -> bool:
    """Return whether two lists have the same values of the same sorts, in the same order."""
    return [(type(one), one) for one in found] == [(type(one), one) for one in expected]


@pytest.mark.parametrize(
    "line, values",
    [
        ("absent", []),
        ("any", ["own"]),
        ("{is: a}", ["a", "ax", "A"]),
        ("{is: 5}", [5, 6, 4, Decimal("5.01")]),
        ("{is: 2.50}", [Decimal("2.50"), Decimal("3.50"), Decimal("1.50"), Decimal("2.51")]),
        ("{is: true}", [True, False]),
        ("{is: task.own}", ["own"]),
        ("{one_of: [a, 5]}", ["a", 5, "ax", "A", 6, 4, Decimal("5.01")]),
        (
            "{is: 5.00 EUR}",
            [
                Decimal("5.00"),
                Decimal("4.99"),
                "4.99 EUR",
                "5.00 EUR",
                Decimal("5.01"),
                "5.01 EUR",
            ],
        ),
        ("{above: 5, at_most: 7}", [Decimal(6), 7, 5, 6, 4, Decimal("5.01"), 8, Decimal("7.01")]),
        ("{above: 2026-01-01}", ["2026-01-02", "2025-12-31"]),
        (
            "{at_most: 2026-01-01T12:00:00Z}",
            ["2026-01-01T12:00:00Z", "2026-01-01T12:00:00.000001Z"],
        ),
        (
            "{domain: example.com}",
            ["example.com", "example.com-evil", "example.com.evil.example", "a.example.com"],
        ),
        (
            "{domain: [example.com, under example.org]}",
            [
                *("example.com", "a.example.org", "example.com-evil", "example.com.evil.example"),
                *("a.example.com", "under example.org", "under example.org-evil"),
                *("under example.org.evil.example", "a.under example.org"),
            ],
        ),
        ("{starts_with: Re}", ["Re", "Rex", "RE"]),
        ("{max_length: 3}", ["own", 3, 4, 2, Decimal("3.01"), "xxx", "xxxx"]),
        (
            "{only: [a, 5]}",
            [
                *(["a"], [5], "a", "ax", "A", 5, 6, 4, Decimal("5.01")),
                *(["ax"], ["A"], [6], [4], [Decimal("5.01")]),
            ],
        ),
        ("{at_most: 2026-01-05}", ["2026-01-05", "2026-01-04", "2026-01-06"]),
        ("{below: 1 items}", [[], [OTHER], [OTHER, OTHER]]),
        (
            "{each: {domain: any}, at_most: 2 items}",
            [["own"], ["example.com"], *([OTHER] * n for n in (1, 2, 3))]
            + [["example.com"] * n for n in (2, 3)],
        ),
        ("{below: 4 items}", [["own"], THREE, [*THREE, OTHER], [*THREE, OTHER, OTHER]]),
        (
            "{each: {above: 5}, at_most: 2 items}",
            [
                *(["own"], [Decimal(6)], [OTHER], [OTHER, OTHER], THREE),
                *([5], [5, 5], [5, 5, 5], [6, 6], [6, 6, 6], [4], [4, 4], [4, 4, 4]),
                *([Decimal("5.01")] * n for n in (1, 2, 3)),
            ],
        ),
    ],
)
def test_values_lie_at_the_bounds_of_a_line_and_just_beside_them(
    line: str, values: list[Json]
) -> None:
    """Each once, and after them something of every sort."""
    found = values_of("x", [of_x(line)])
    expected = list[Json]()
    for value in [*values, *ODD]:
        if not any(alike([value], [one]) for one in expected):
            expected.append(value)

    assert alike(found, expected), found


def test_what_no_value_meets_adds_none() -> None:
    """Nothing is tried twice, and null stands where it stands."""
    found = values_of("x", [of_x("{is: a}"), of_x("{is: 5}")])

    assert alike(found, ["a", 5, "ax", "A", 6, 4, Decimal("5.01"), *ODD])


def test_values_come_from_every_line_of_every_rule() -> None:
    """What only several lines together mean is tried as well, and what one forbids."""
    found = values_of(
        "x",
        [
            tool(
                "only: {x: {at_least: 5}}\nallow: [{args: {x: {at_most: 900}, z: any}}]\n"
                "ask: [{args: {x: {above: 9000}, z: absent}, who: [r]}]\n"
                "never: [{args: {x: {is: 77}}}]"
            ),
            of_x("{max_length: 2}"),
        ],
    )

    assert {5, 4, 900, 901, 9000, 9001, 77, 78, "xx", "xxx"} <= {
        one for one in found if isinstance(one, (int, str))
    }


@pytest.mark.parametrize("number, is_tried", [(10, True), (11, False)])
def test_of_many_lines_the_first_twelve_are_tried_in_pairs(number: int, *, is_tried: bool) -> None:
    """Between two bounds lies a value that neither has by itself."""
    fillers = [of_x(f"{{starts_with: a{n}}}") for n in range(number)]
    between = values_of("x", [*fillers, of_x("{above: 1000}"), of_x("{below: 1001}")])

    assert (Decimal("1000.5") in between) is is_tried


@pytest.mark.parametrize(
    "length, longest",
    [(1, 2), (99_999, 100_000), (100_000, 100_001), (100_001, 0)],
)
def test_a_text_is_tried_at_the_longest_that_may_be_and_one_longer(
    length: int, longest: int
) -> None:
    """Where that is no megabyte."""
    values = values_of("x", [of_x(f"{{max_length: {length}}}")])
    texts = [one for one in values if isinstance(one, str) and set(one) == {"x"}]

    assert [len(one) for one in texts if len(one) >= length] == (
        [length, longest] if longest else []
    )


@pytest.mark.parametrize(
    "line, lengths",
    [
        ("{below: 0 items}", [0, 1]),
        ("{below: 98 items}", [97, 98, 99]),
        ("{below: 99 items}", [98, 99]),
        ("{below: 150 items}", [99]),
    ],
)
def test_a_list_is_tried_up_to_ninety_nine_items(line: str, lengths: list[int]) -> None:
    """However many an owner writes."""
    values = values_of("x", [of_x(line)])
    found = {len(one) for one in values if isinstance(one, list) and set(map(str, one)) <= {OTHER}}

    assert sorted(found - {0, 1} | (found & set(lengths))) == lengths


@pytest.mark.parametrize(
    "line, lengths",
    [
        ("{only: [a]}", [1]),
        ("{only: [a], at_least: 1 items}", [1, 2]),
        ("{only: [a], at_most: 3 items}", [1, 3, 4]),
        ("{only: [a], at_most: 98 items}", [1, 98, 99]),
        ("{only: [a], at_most: 99 items}", [1, 99]),
    ],
)
def test_a_list_of_what_is_asked_of_its_items_is_tried_at_every_bound(
    line: str, lengths: list[int]
) -> None:
    """Alone, at each bound, and one more than that."""
    found = values_of("x", [of_x(line)])

    assert sorted(len(one) for one in found if isinstance(one, list) and one[:1] == ["a"]) == (
        lengths
    )


def test_of_many_items_the_first_twenty_four_are_tried() -> None:
    """Each in lists of its own."""
    words = ["5", *(f"w{n}" for n in range(9))]
    listed = ", ".join(f"'{word}'" for word in words)
    found = values_of("x", [of_x(f"{{only: [{listed}]}}")])
    meant = [[word] for word in words]
    beside = [["5x"], *([text] for word in words[1:] for text in (f"{word}x", word.upper()))]

    assert [one for one in meant if one in found] == meant
    assert [one for one in beside if one in found] == beside[: 24 - 9]


WHOLE = tool(
    "only: {x: {one_of: [a, b]}, z: {at_most: 5, optional: true}, u: {is: task.own}}\n"
    "when: {s: [open, shut]}\n"
    "allow: [{args: {v: {is: 1}}, when: {m: [calm, busy]}, until: 2026-12-24, because: b},\n"
    "  {args: {v: {is: 3}}}]\n"
    "ask: [{args: {v: {is: 2}}, when: {s: [shut]}, who: [r]}]\n"
    "never: [{args: {k: {is: 1}}, when: {q: [1]}}]\n"
    "templates: {w: {one: {text: 'Hi {who}.', slots: {who: {is: task.own}}}, two: {text: Bye.}}}"
)


def test_whatever_rules_name_is_tried() -> None:
    """Arguments first of `only`, then of the entries, then those with templates; facts in order."""
    assert names_of([WHOLE]) == ("x", "z", "u", "v", "k", "w")
    assert names_of([of_x("any"), WHOLE]) == ("x", "z", "u", "v", "k", "w")
    assert facts_of([WHOLE, WHOLE]) == {
        "s": ["open", "shut", "shut"] * 2,
        "m": ["calm", "busy"] * 2,
        "q": [1] * 2,
    }
    assert values_of("w", [WHOLE])[:3] == ["Hi own own.", "Hi own.", "Hi (something else)."]


def test_first_comes_what_each_entry_means_then_what_lies_beside_it() -> None:
    """Other days, without each argument, with each value of it, and with the values of two."""
    args: JsonObject = {"u": "own", "w": "Hi own.", "x": "a"}
    base = Case(args=args, inputs={"own": "own"}, facts={"s": "open"}, day=DAY)
    bases = [
        replace(base, args={**args, "v": 1}, facts={"s": "open", "m": "calm"}),
        replace(base, args={**args, "v": 3}),
        replace(base, args={**args, "v": 2}, facts={"s": "shut"}),
        base,
    ]
    pool = {name: values_of(name, [WHOLE]) for name in names_of([WHOLE])}
    beside = list[Case]()
    for one in bases:
        beside += [one, replace(one, day=date(2026, 12, 24).toordinal())]
        for name, values in pool.items():
            rest = {key: value for key, value in one.args.items() if key != name}
            beside.append(replace(one, args=rest))
            beside += [replace(one, args={**one.args, name: value}) for value in values]
    pairs = [
        replace(one, args={**one.args, left: a, right: b})
        for one in bases
        for left, right in combinations(pool, 2)
        for a, b in product(pool[left][:6], pool[right][:6])
    ]

    assert list(near(iter([WHOLE]), DAY)) == [*bases, *beside, *pairs]


def test_amounts_that_count_cents_are_tried_in_cents() -> None:
    """As the system takes them; of two versions the first one says in which unit."""
    euros, yen = (
        replace(of_x("{at_most: 5.00 EUR}"), units={"x": currency}) for currency in ("EUR", "JPY")
    )
    (first, *_) = near([replace(euros, only=of_x("{is: 5.00 EUR}").only)], DAY)

    assert first.args == {"x": 500}
    assert 500 in [case.args.get("x") for case in near([euros, yen], DAY)]
    assert 500 not in [case.args.get("x") for case in near([yen, euros], DAY)]
    three: JsonObject = {"amount": 3, "currency": "EUR"}
    assert found_after(euros, {"x": three}, {}, {}).args == {"x": 300}


def found_after(
    rule: ToolRule, args: JsonObject, inputs: JsonObject, facts: JsonObject, **more: Any
) -> Case:
    """Return the call that is made after the model of a call."""
    world = World()
    said(rule, world, names_of([rule]))
    world.axioms()
    model = {**model_of(world, args, inputs, facts), "day": DAY, **more}
    return after(model, world, iter([rule]), DAY)


@pytest.mark.parametrize(
    "line, value, found",
    [
        ("{one_of: [a, b]}", "b", "a"),
        ("{one_of: [a, b]}", "bx", 0),
        ("{at_most: 5.00 EUR}", Decimal("3.3"), Decimal("3.3")),
        ("{at_most: 5.00 EUR}", 3, 3),
        ("{at_most: 5}", -7, -7),
        ("{at_most: 5}", Decimal("7.00"), 7),
        ("{above: 2026-01-01}", "2026-01-05", "2026-01-05"),
        ("{below: 9 items}", [OTHER] * 4, [OTHER] * 4),
        ("{domain: example.com}", "example.com", "example.com"),
        ("{email: any, max_length: 9}", "ann@b.io", "a@b.io"),
        ("{email: any, max_length: 9}", "ann@example.com", "ann@example.com"),
        ("{max_length: 3}", "xx", "own"),
        ("{is: true}", False, 0),
    ],
)
def test_the_call_after_a_model_is_like_the_call_of_the_model(
    line: str, value: Json, found: Json
) -> None:
    """The first value at hand that passes and fails the same tests; of its numbers, if one does."""
    case = found_after(of_x(line), {"x": value}, {}, {})

    assert case == Case(args={"x": found}, inputs={}, facts={}, day=DAY)
    assert alike([case.args["x"]], [found])


@pytest.mark.parametrize(
    "args, inputs, facts, expected",
    [
        ({}, {}, {}, Case(args={}, inputs={"own": "own own"}, facts={}, day=DAY)),
        (
            {"u": 7, "v": 2},
            {"own": 7},
            {"s": "shut", "m": "odd", "q": 1},
            Case(
                args={"u": 7, "v": 2},
                inputs={"own": 7},
                facts={"s": "shut", "m": OTHER, "q": 1},
                day=DAY,
            ),
        ),
        (
            {"u": 8, "k": 1},
            {"own": 7},
            {"m": "busy"},
            Case(args={"u": 8, "k": 1}, inputs={"own": "own own"}, facts={"m": "busy"}, day=DAY),
        ),
    ],
)
def test_inputs_and_facts_are_those_of_the_model(
    args: JsonObject, inputs: JsonObject, facts: JsonObject, expected: Case
) -> None:
    """What it has not is not there; a fact that no line lists is something else."""
    assert found_after(WHOLE, args, inputs, facts) == expected


@pytest.mark.parametrize(
    "lines",
    [
        "only: {x: {is: task.own, optional: true}}",
        (
            "only: {x: {max_length: 90, optional: true}}\n"
            "templates: {x: {t: {text: 'Hi {who}.', slots: {who: {is: task.own}}}}}"
        ),
    ],
)
def test_every_input_that_a_rule_names_has_a_value(lines: str) -> None:
    """Whether a line names it or a slot of a template."""
    assert found_after(tool(lines), {}, {}, {}).inputs == {"own": "own own"}


@pytest.mark.parametrize(
    "day, at",
    [(DAY, DAY), (DAY + 9, DAY + 9), (3_652_059, 3_652_059), (3_652_060, 3_652_059)],
)
def test_a_day_of_a_model_is_one_that_there_is(day: int, at: int) -> None:
    """Neither before the first that matters, nor after the last that a date can name."""
    rule = of_x("{above: 2026-01-01}")

    assert found_after(rule, {}, {}, {}, day=DAY - 1).day == DAY
    assert found_after(rule, {}, {}, {}, day=day).day == at
    case = found_after(rule, {"x": "2026-01-05"}, {}, {}, **{"arg.x|day": day})
    assert case.args == {"x": date.fromordinal(day).isoformat() if day == at else "2026-01-02"}


def test_without_a_day_of_its_own_the_first_that_matters_counts() -> None:
    """A model leaves out what does not matter."""
    world = World()
    rule = of_x("any")
    said(rule, world, ["x"])

    assert after({}, world, [rule], DAY) == Case(args={}, inputs={}, facts={}, day=DAY)
    half = after({"arg.x|present": True, "arg.x|amount": Fraction(1, 2)}, world, [rule], DAY)
    assert half.args == {"x": Decimal("0.5")}


@pytest.mark.parametrize(
    "line, model, value",
    [
        ("{below: 2026-01-01}", {"arg.x|is day": True}, "2025-12-31"),
        ("{below: 2026-01-01}", {"arg.x|is day": True, "arg.x|day": 1}, "0001-01-01"),
        ("{below: 9 items}", {"arg.x|sort": 4}, []),
    ],
)
def test_what_a_model_leaves_out_is_none(line: str, model: Model, value: Json) -> None:
    """No day, no items; the first day of all is one."""
    world = World()
    rule = of_x(line)
    said(rule, world, ["x"])

    assert after({"arg.x|present": True, **model}, world, [rule], DAY).args == {"x": value}


def test_the_text_after_a_model_is_one_of_its_template() -> None:
    """Where it speaks of none, any text of them is tried."""
    world = World()
    said(WHOLE, world, names_of([WHOLE]))
    one, two = (is_filled("arg.w", text).name for text in WHOLE.templates["w"])

    def text(**more: bool) -> Json:
        return after({"arg.w|present": True, **more}, world, [WHOLE], DAY).args["w"]

    assert text(**{one: True}) == "Hi own own."
    assert text(**{two: True}) == "Bye."
    assert text(**{two: True, one: True}) == "Hi own own."
    assert text() == 0
