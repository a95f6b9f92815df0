"""What changed beside the words for arguments is named, each in its own sentence, and no more."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sallyport.model import (
    Ability,
    Always,
    ArgumentRule,
    Boundary,
    Constraint,
    DataClass,
    Entry,
    Environment,
    Impact,
    Level,
    Limit,
    Money,
    Operator,
    StopPlan,
    System,
    Template,
    ToolPin,
    ToolRule,
    Trusted,
    Verdict,
    Workflow,
)
from sallyport.rules.proof.differences import alike, beyond_words, differences

ONE = {"x": ArgumentRule(name="x", constraints=(Constraint(operator=Operator.ANY),))}
RULE = ToolRule(
    tool="t",
    system="s",
    level=Level.UPDATE,
    touches=frozenset({Impact.MONEY, Impact.RECORDS}),
    may_ask=frozenset({Ability.FORM}),
)
LOWER = "its level is lower"
LESS = "it is said to touch less"
MORE = "its system may ask the agent for more"


@pytest.mark.parametrize(
    "changes, told",
    [
        ({}, []),
        ({"tool": "u"}, []),
        ({"system": "other"}, ["it is of another system"]),
        ({"level": Level.READ}, [LOWER]),
        ({"level": Level.CREATE}, [LOWER]),
        ({"level": Level.EXTERNAL}, []),
        ({"units": {"x": "EUR"}}, ["its arguments count other units"]),
        ({"touches": frozenset({Impact.MONEY})}, [LESS]),
        ({"touches": frozenset({Impact.MONEY, Impact.LEGAL})}, [LESS]),
        ({"touches": frozenset(Impact)}, []),
        ({"may_ask": frozenset[Ability]()}, []),
        ({"may_ask": frozenset({Ability.URL})}, [MORE]),
        ({"may_ask": frozenset(Ability)}, [MORE]),
        ({"only": ONE}, []),
        ({"when": {"f": (1,)}}, []),
        ({"allow": (Entry(where="e"),)}, []),
        ({"ask": (Entry(where="e"),)}, []),
        ({"never": (Entry(where="e"),)}, []),
        ({"templates": {"x": (Template(name="a", text="b"),)}}, []),
        ({"undo": {"x": "by_hand"}}, []),
        ({"irreversible": True}, []),
        ({"implied_by": "u"}, []),
        (
            {"system": "other", "level": Level.READ, "touches": frozenset[Impact]()},
            ["it is of another system", LOWER, LESS],
        ),
    ],
)
def test_what_may_be_looser_about_a_tool_is_named(changes: dict[str, Any], told: list[str]) -> None:
    """Formulas speak of the rest, or it grants nothing."""
    assert list(beyond_words(replace(RULE, **changes), RULE)) == told


def test_every_field_of_a_tool_is_among_what_is_looked_at() -> None:
    """The table above changes each of them."""
    assert {one.name for one in fields(ToolRule)} == {
        *("tool", "system", "level", "touches", "only", "when", "allow", "ask", "never"),
        *("templates", "undo", "may_ask", "units", "irreversible", "implied_by"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class WithMore(ToolRule):
    """A rule as another version of the gateway might have it."""

    more: str = ""


def test_a_field_that_nothing_here_knows_is_never_taken_as_proved() -> None:
    """Whoever adds one has it named until somebody decides what it means."""
    old = WithMore(tool="t", system="s", level=Level.READ)

    assert list(beyond_words(replace(old, more="x"), old)) == ["something else of it changed"]
    assert list(beyond_words(old, replace(old))) == []


def line(where: str, **more: Any) -> Always:
    """Return a line that is proved of every version."""
    return Always(where=where, tools=("t",), at_least=Verdict.ASK, **more)


WORKFLOW = Workflow(
    name="w",
    purpose="p",
    owner="o",
    agent="a",
    environment=Environment.TEST,
    expires=date(2030, 1, 1),
    users=("r",),
    task_inputs={"own": "text"},
    tools={"t": RULE},
    limits=(Limit(name="calls_per_task", at_most=5, per="task"),),
    trust=(Trusted(tool="t"), Trusted(tool="t", path="x")),
    data=frozenset({DataClass.PUBLIC, DataClass.HEALTH}),
    jurisdiction=("CH", "EU"),
    never=("n", "m"),
    always=(line("always[0]"), line("always[1]", systems=("s",))),
)
FURTHER = "its systems may lie elsewhere"
TRUSTED = "more that systems say is trusted"
CLASSES = "more classes of data may be handled"
KEPT = "is kept from the agent no more, here and in its other workflows"
PROMISED = "is proved of this version no more"


@pytest.mark.parametrize(
    "changes, told",
    [
        ({}, []),
        ({"name": "v"}, ["something else changed that nothing is proved of"]),
        ({"purpose": "q"}, []),
        ({"owner": "q"}, ["who answers for it changed"]),
        ({"agent": "b"}, []),
        ({"environment": Environment.PRODUCTION}, ["the environment changed"]),
        ({"expires": date(2031, 1, 1)}, []),
        ({"users": ("r", "q")}, []),
        ({"task_inputs": {"own": "email"}}, ["the inputs of a task changed"]),
        ({"tools": {}}, []),
        ({"limits": ()}, []),
        ({"trust": ()}, []),
        ({"trust": (Trusted(tool="t", path="x"),)}, []),
        ({"trust": (*WORKFLOW.trust, Trusted(tool="u"))}, [TRUSTED]),
        ({"data": frozenset({DataClass.PUBLIC})}, []),
        ({"data": frozenset({DataClass.PUBLIC, DataClass.SECRET})}, [CLASSES]),
        ({"jurisdiction": ("CH",)}, []),
        ({"jurisdiction": ("CH", "US")}, [FURTHER]),
        ({"jurisdiction": ()}, [FURTHER]),
        ({"stop": StopPlan(by=("r",))}, []),
        ({"never": ("m", "n", "l")}, []),
        ({"never": ("m",)}, [f"`n` {KEPT}"]),
        ({"never": ()}, [f"`n` {KEPT}", f"`m` {KEPT}"]),
        ({"always": (line("x", systems=("s",)), line("y"), line("z", systems=("u",)))}, []),
        ({"always": (line("always[1]", systems=("s",)),)}, [f"`always[0]` {PROMISED}"]),
        ({"always": ()}, [f"`always[0]` {PROMISED}", f"`always[1]` {PROMISED}"]),
        (
            {
                "environment": Environment.PRODUCTION,
                "owner": "q",
                "task_inputs": {},
                "data": frozenset(DataClass),
                "never": ("m",),
            },
            [
                "the environment changed",
                "who answers for it changed",
                "the inputs of a task changed",
                CLASSES,
                f"`n` {KEPT}",
            ],
        ),
    ],
)
def test_what_may_grant_more_in_a_workflow_is_named(
    changes: dict[str, Any], told: list[str]
) -> None:
    """Formulas and calls speak of the rest, or it only tells people something."""
    assert list(differences(of(replace(WORKFLOW, **changes)), of(WORKFLOW))) == told


def of(workflow: Workflow, **more: Any) -> Boundary:
    """Return the boundary of a workflow without systems or definitions."""
    return replace(Boundary(workflow=workflow, systems={}, pins={}, digest="d"), **more)


def test_every_field_of_a_workflow_is_among_what_is_looked_at() -> None:
    """The table above changes each of them."""
    assert {one.name for one in fields(Workflow)} == {
        *("name", "purpose", "owner", "agent", "environment", "expires", "users", "task_inputs"),
        *("tools", "limits", "trust", "data", "jurisdiction", "stop", "never", "always"),
    }


def test_where_systems_may_lie_anywhere_a_place_is_no_widening() -> None:
    """Nothing named is everything."""
    anywhere = of(replace(WORKFLOW, jurisdiction=()))

    assert list(differences(of(WORKFLOW), anywhere)) == []
    assert list(differences(anywhere, anywhere)) == []


def test_another_system_or_definition_of_the_same_name_is_named() -> None:
    """A new one is no change of what was: its tools are looked at as new ones."""
    pins = {tool: ToolPin(system="s", tool=tool, definition={}, digest="1") for tool in "ab"}
    systems = {name: System(name=name, url="https://one.example") for name in "sr"}
    old = of(WORKFLOW, pins=pins, systems=systems)
    new = of(
        WORKFLOW,
        pins={**pins, "b": replace(pins["b"], digest="2"), "c": pins["a"]},
        systems={
            **systems,
            "r": replace(systems["r"], url="https://two.example"),
            "q": systems["s"],
        },
    )

    assert list(differences(old, old)) == []
    assert list(differences(old, of(WORKFLOW))) == []
    assert list(differences(new, old)) == [
        "system `r` is reached or handled in another way",
        "`b`: its definition is another",
    ]


EUR, USD = ("EUR", "USD")
SUM = Limit(name="sum_per_day", at_most=9, per="day", counts="sum", argument="x", currency=EUR)


def paying(*currencies: str, tool: str = "t") -> dict[str, ToolRule]:
    """Return a tool whose `x` is bounded in these currencies, or said to be anything."""
    bounds = tuple(
        Constraint(operator=Operator.AT_MOST, bounds=(Money(Decimal(1), one),))
        for one in currencies
    )
    said = ArgumentRule(name="x", constraints=bounds or (Constraint(operator=Operator.ANY),))
    return {tool: replace(RULE, only={"x": said})}


@pytest.mark.parametrize(
    "now, was, is_another",
    [
        ((EUR,), (EUR,), False),
        ((), (), False),
        ((), (EUR,), True),
        ((EUR,), (), True),
        ((EUR, USD), (EUR,), True),
        ((EUR,), (EUR, USD), False),
        ((), (USD,), False),
        ((USD,), (), True),
        ((USD,), (USD,), False),
        ((USD,), (EUR,), True),
    ],
)
def test_a_tool_that_counts_in_another_way_is_named(
    now: tuple[str, ...], was: tuple[str, ...], *, is_another: bool
) -> None:
    """Where amounts were counted and are no more, or are bounded in a currency that is left out."""
    new, old = (
        of(replace(WORKFLOW, limits=(SUM,), tools={**paying(*one, tool="u"), **paying(*one)}))
        for one in (now, was)
    )
    told = [f"`{tool}` counts in another way for `sum_per_day`" for tool in "tu"]

    assert list(differences(new, old)) == (told if is_another else [])


def test_only_a_limit_on_money_and_a_tool_of_both_versions_count() -> None:
    """Calls are calls in any currency, and a new tool is looked at as one."""
    calls = replace(SUM, counts="call", currency="")
    old = of(replace(WORKFLOW, limits=(calls, SUM), tools=paying(EUR)))
    without = of(replace(old.workflow, limits=(calls,)))

    def changed(boundary: Boundary, tools: dict[str, ToolRule]) -> list[str]:
        new = replace(boundary, workflow=replace(boundary.workflow, tools=tools))
        return list(differences(new, boundary))

    assert changed(without, paying(USD)) == []
    assert changed(old, paying(USD, tool="u")) == []
    assert changed(old, {**paying(USD, tool="u"), **paying(USD)}) == [
        "`t` counts in another way for `sum_per_day`"
    ]


def test_what_python_takes_for_the_same_is_told_apart() -> None:
    """And what says the same is the same."""
    one, true = (Entry(where="e", when={"f": (value,)}) for value in (1, True))

    assert one == true
    assert not alike(one, true)
    assert alike(one, replace(one))
    assert not alike(one, replace(one, where="f"))
