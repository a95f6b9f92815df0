"""What people may answer more than once with one look, and what they may not."""

from __future__ import annotations

import pytest

from sallyport.model import (
    ArgumentRule,
    Constraint,
    Entry,
    Impact,
    Json,
    Level,
    Money,
    Operator,
    ToolRule,
)
from sallyport.rules.routine import (
    CHECKED,
    HARMLESS,
    OF_COURSE,
    amounts,
    hides,
    out_of_course,
    too_serious,
)


@pytest.mark.parametrize(
    "level, touches, irreversible, why",
    [
        (Level.READ, (), False, ""),
        (Level.UPDATE, (), False, ""),
        (Level.UPDATE, (Impact.RECORDS,), False, ""),
        (Level.UPDATE, (Impact.RECORDS,), True, "nobody can take it back"),
        (Level.EXTERNAL, (), False, "it leaves the house"),
        (Level.EXTERNAL, (Impact.MONEY,), True, "it leaves the house"),
        (Level.UPDATE, (Impact.MONEY,), True, "it touches money"),
        (
            Level.CREATE,
            (Impact.RECORDS, Impact.MONEY, Impact.CUSTOMER_COMMUNICATION),
            False,
            "it touches customer communication and money",
        ),
    ],
)
def test_what_could_hurt_is_answered_by_itself(
    level: Level, touches: tuple[Impact, ...], irreversible: bool, why: str
) -> None:
    """What leaves the house, is more than an entry in a record, or cannot be put right."""
    assert too_serious(level, touches, irreversible=irreversible) == why


def test_an_argument_is_money_where_its_boundary_or_its_system_says_so() -> None:
    """It counts cents, or is compared with an amount; whatever is not sent is left out."""
    compared = ArgumentRule(
        name="refund",
        constraints=(Constraint(operator=Operator.AT_MOST, bounds=(Money(50, "EUR"),)),),  # type: ignore[arg-type]
    )
    rule = ToolRule(
        tool="desk.act",
        system="desk",
        level=Level.UPDATE,
        units={"fee": "EUR", "tip": "EUR"},
        ask=(Entry(where="desk.act.ask[0]", args={"refund": compared}, who=("lead",)),),
    )

    assert list(amounts(rule, ["note", "refund", "fee"])) == ["refund", "fee"]


def test_the_reasons_of_a_matter_of_course_are_these() -> None:
    """A reason that is new speaks of one call until somebody decides that it does not."""
    assert {
        "boundary.ask",
        "boundary.allow_over",
        "level.ask",
        "impact.ask",
        "agent.stage_ask",
        "influence.untrusted",
    } == OF_COURSE
    assert OF_COURSE | {"boundary.allow", "level.default"} == HARMLESS
    assert CHECKED == "a check has something to say about it"


@pytest.mark.parametrize(
    "findings, is_out",
    [
        ([], False),
        (["level.ask"], False),
        (sorted(HARMLESS), False),
        (["level.ask", "switch.floor"], True),
        (["switch.floor", "level.ask"], True),
        (["level.ask", 5], True),
        (None, True),
        ("level.ask", True),
    ],
)
def test_one_reason_that_speaks_of_this_call_is_enough(findings: Json, is_out: bool) -> None:
    """What cannot be read is one as well."""
    assert out_of_course(findings) is is_out


@pytest.mark.parametrize(
    "value, is_hidden",
    [
        ("plain", False),
        ("turned\u202eround", True),
        (5, False),
        (None, False),
        ([], False),
        ({}, False),
        (["plain", "zero\u200bwidth"], True),
        (["zero\u200bwidth", "plain"], True),
        (["plain", 5], False),
        ({"a": "plain", "b": {"c": ["\u2066"]}}, True),
        ({"b\u200b": "plain", "c": "plain"}, True),
        ({"a": {"b": "plain"}}, False),
    ],
)
def test_what_nobody_can_see_is_found_wherever_it_stands(value: Json, is_hidden: bool) -> None:
    """In a text, a name, a list, and in what lies within them."""
    assert hides(value) is is_hidden
