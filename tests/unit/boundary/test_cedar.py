"""A boundary in Cedar's words, letter by letter: what each word becomes, and what has no words.

`golden/texts/cedar_words.txt` has every line about an argument as a condition, where it is asked
and where it forbids; `golden/texts/cedar_rules.cedar` has whole tools. That Cedar reads them as we
do is tested with Cedar itself, in `tests/unit/oracles`. `make said` writes the golden files anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sallyport.model import (
    Ability,
    ArgumentRule,
    Bound,
    Boundary,
    Constraint,
    Domain,
    Entry,
    Impact,
    Json,
    Level,
    Operator,
    ToolRule,
)
from sallyport.rules.boundary import cedar
from sallyport.rules.boundary.cedar import UNATTENDED, CedarPolicies, export
from sallyport.rules.boundary.cedar_words import (
    DECIMALS,
    LONG_MAX,
    UnsayableError,
    all_of,
    holds,
    is_listed,
    key_of,
    may_be_listed,
    may_hold,
    may_meet,
    meets,
    no,
    quoted,
    some_of,
)
from tests.sentences import WRITE
from tests.unit.boundary.examples import tool
from tests.unit.rules import worlds

TEXTS = Path(__file__).parent / "golden" / "texts"

ASKED = (
    "any", "absent", "{is: a}", "{is: 'a\"\\\\b'}", "{is: 5}", "{is: -0.25}", "{is: 0.0000001}",
    "{is: true}", "{is: false}", "{is: 5.00 EUR}", "{is: task.own}",
    "{one_of: [a, 5, true, 6.50 USD, task.own]}", "{at_least: 5}", "{above: 5.5}", "{at_most: 0}",
    "{below: -5}", "{at_most: 5.00 EUR}", "{above: 5.00 EUR}", "{at_least: 2026-01-02}",
    "{above: 2026-01-02}", "{at_most: 2026-01-02}", "{below: 2026-01-02}",
    "{at_least: '2026-01-01T12:00:00Z'}", "{below: '2026-01-01T12:00:00Z'}", "{above: 2 items}",
    "{at_most: 2 items}", "{max_length: 5}", "{starts_with: 'Re: '}", "{only: [a, 5, 5.50, true]}",
    "{only: [5.00 EUR]}", "{only: [task.own]}", "{each: {is: a}}", "{domain: any}",
    "{domain: a.org}", "{domain: [a.org, under b.org]}", "{domain: task.own}", "{email: any}",
    "{email: Ann+x@a.org}", "{email: '@a.org'}", "{email: under a.org}", "{email: task.own}",
    "{url: any}", "{url: 'https://a.org:8443/x/y'}", "{url: 'http://a.org'}", "{url: task.own}",
    "{path_under: /srv/a}", "{path_under: srv}", "{path_under: task.own}",
    "{at_least: 9223372036854}", "{at_most: 9223372036855}", "{at_least: -9223372036855}",
)  # fmt: skip
FORBIDDEN = (*ASKED, "{some: {is: a}}")


def asked(said: str) -> str:
    """Return the condition of a line that is asked for."""
    rule = tool(f"only: {{a: {said}}}").only["a"]
    return " && ".join(holds("v", one) for one in rule.constraints)


def forbidden(said: str) -> str:
    """Return the condition of a line that forbids; a file takes no `only` and no `each` there."""
    if said.startswith(("{only", "{each")):
        rule = tool(f"only: {{a: {said}}}").only["a"]
    else:
        rule = tool(f"never: [{{args: {{a: {said}}}}}]").never[0].args["a"]
    return " && ".join(may_hold("v", one) for one in rule.constraints)


def sayable(said: Callable[[str], str], line: str) -> str:
    """Return a condition, or what there are no words for."""
    try:
        return said(line)
    except UnsayableError as problem:
        return f"no words: {problem}"


def words() -> str:
    """Return the golden text of the words."""
    lines = [f"{one}\n    {sayable(asked, one)}" for one in ASKED]
    lines += [f"never {one}\n    {sayable(forbidden, one)}" for one in FORBIDDEN]
    return "\n".join(lines) + "\n"


LEVEL: dict[str, Any] = {"level": Level.UPDATE}
TOUCHES: dict[str, Any] = {"touches": frozenset({Impact.MONEY})}
LOOSENS = "because: calm, until: 2026-12-24"
RULES: dict[str, tuple[str, dict[str, Any]]] = {
    "nothing said": ("", {}),
    "nothing said, asked by default": ("", LEVEL),
    "arguments alone": ("only: {a: {is: x}, b: {is: 5, optional: true}}", {}),
    "arguments alone, asked by default": ("only: {a: any}", LEVEL),
    "arguments alone, with money": ("only: {a: any}", TOUCHES),
    "no argument at all": ("allow: [{}]", {}),
    "an allow entry": ("only: {a: any}\nallow: [{args: {b: {is: x}}}]", {}),
    "an allow entry that asks": ("allow: [{args: {b: {is: x}}}]", LEVEL),
    "one with a reason alone": ("allow: [{because: calm, args: {b: {is: x}}}]", LEVEL),
    "one with an end alone": ("allow: [{until: 2026-12-24, args: {b: {is: x}}}]", LEVEL),
    "one that loosens": (f"allow: [{{{LOOSENS}, args: {{b: any}}}}]", LEVEL),
    "one that loosens money": (f"allow: [{{{LOOSENS}, args: {{b: any}}}}]", TOUCHES),
    "one of what is final": (f"allow: [{{{LOOSENS}, args: {{b: any}}}}]", {"irreversible": True}),
    "an allow entry with money": ("allow: [{args: {b: any}}]", TOUCHES),
    "an end where nobody is asked": ("allow: [{until: 2026-12-24, args: {b: any}}]", {}),
    "two ask entries": (
        "ask: [{who: [r], args: {a: {is: 1}}}, {who: [s], args: {a: {is: 2}}}]",
        {},
    ),
    "an ask entry with facts": ("ask: [{who: [r], when: {state: [open, 3]}, args: {a: any}}]", {}),
    "facts": ("when: {state: [open, 3, true]}\nonly: {a: any}", {}),
    "a never": ("only: {a: any}\nnever: [{args: {a: {is: bad}}}]", {}),
    "a never with facts": ("never: [{when: {state: [shut]}, args: {a: {is: bad}}}]", {}),
    "a never of facts alone": ("only: {a: any}\nnever: [{when: {state: [shut]}}]", {}),
    "names to quote": ("only: {'a.b': any, 'x-y': {is: 1}}", {}),
    "cents": ("only: {a: any}", {"units": {"a": "EUR"}}),
    "a word that Cedar has not": ("only: {a: {each: {is: x}}}", {}),
    "one in an allow entry": ("allow: [{args: {a: {each: {is: x}}}}]", {}),
    "one in an ask entry": ("ask: [{who: [r], args: {a: {each: {is: x}}}}]", {}),
    "one in a never": ("only: {a: any}\nnever: [{args: {a: {some: {is: x}}}}]", {}),
    "templates": ("templates: {a: {one: {text: hello}}}", {}),
}


def boundary_of(body: str, changes: Mapping[str, Any]) -> Boundary:
    """Return a boundary of one tool; `changes` are of what was read of it."""
    rule = replace(tool(body), **changes)
    return worlds.boundary(tools={"t": rule}, task_inputs={"own": "text"}, users=("r", "s"))


def shown(found: CedarPolicies) -> str:
    """Return the policies of a tool, or why it has none."""
    none = (f"// {name} has none: {why}\n" for name, why in found.left_out.items())
    return "".join([found.policies, *none])


def rules() -> str:
    """Return the golden text of whole tools: each with the type of its two actions.

    Before them, once, what all schemas begin with.
    """
    found = [(title, export(boundary_of(*RULES[title]))) for title in RULES]
    head, last, _ = found[0][1].schema.partition("entity Workflow;\n")
    said = [f"// {title}\n{one.schema.partition(last)[2]}{shown(one)}" for title, one in found]
    return "\n".join([head + last, *said])


GOLDEN: dict[str, Callable[[], str]] = {"cedar_words.txt": words, "cedar_rules.cedar": rules}


@pytest.mark.parametrize("name", GOLDEN)
def test_what_is_exported_is_the_golden_text(name: str) -> None:
    """Letter by letter: another engine decides by it."""
    text = GOLDEN[name]()
    if WRITE:
        (TEXTS / name).write_text(text, encoding="utf-8")
    assert text == (TEXTS / name).read_text(encoding="utf-8")


def test_a_tool_that_is_never_called_has_actions_and_no_policy() -> None:
    """Nothing permits it, and nothing has to forbid it."""
    rule = tool("")
    found = export(worlds.boundary(rule, tools={"t": rule}, never=("t",)))

    assert (found.policies, dict(found.left_out)) == ("\n", {})
    assert f'action "t", "t{UNATTENDED}" appliesTo' in found.schema


def test_tools_stand_one_after_the_other() -> None:
    """The policies of each as they are alone; one without words takes nothing from the other."""
    bodies = {"a": "", "b": "only: {x: {each: {is: z}}}", "c": "only: {x: any}"}
    known = {name: replace(tool(body), tool=name) for name, body in bodies.items()}
    alone = {name: export(worlds.boundary(one, tools={name: one})) for name, one in known.items()}
    found = export(worlds.boundary(tools=known))

    assert found.policies == f"{alone['a'].policies}\n{alone['c'].policies}"
    assert dict(found.left_out) == {"b": "`each`"}


def test_a_workflow_for_nobody_has_no_policy() -> None:
    """An empty set of roles permits nobody, and Cedar is not asked whether it does."""
    rule = tool("")
    found = export(worlds.boundary(rule, tools={"t": rule}, users=()))

    assert dict(found.left_out) == {"t": "a workflow for nobody"}


def test_words_that_say_nothing_of_a_call_keep_no_tool_out() -> None:
    """Who answers and how soon, what is put back, and whatever else the gateway sees to."""
    ask = Entry(
        where="t.ask[0]", who=("r",), how_many=2, within_s=60, needs_human=True, because="why"
    )
    rule = ToolRule(
        tool="t",
        system="desk",
        level=Level.UPDATE,
        ask=(ask,),
        undo={"a": "by_hand"},
        may_ask=frozenset({Ability.FORM}),
        implied_by="u",
    )

    assert dict(export(worlds.boundary(tools={"t": rule})).left_out) == {}


def test_what_is_forbidden_whatever_comes_is_so_in_cedar() -> None:
    """A condition of nothing always holds."""
    rule = replace(tool("only: {a: any}"), never=(Entry(where="t.never[0]"),))
    found = export(worlds.boundary(tools={"t": rule}))

    assert found.policies.endswith(
        '@id("t.never[0]")\n'
        'forbid (principal, action in [Action::"t", Action::"t#unattended"], resource)\n'
        "when {\n  true\n};\n"
    )


def test_a_word_that_this_file_does_not_know_is_never_passed_over() -> None:
    """It is named, and the tool has no policy; empty, it says nothing."""
    rule = tool("templates: {a: {one: {text: hello}}}")
    found = export(worlds.boundary(rule, tools={"t": rule}))

    assert dict(found.left_out) == {"t": "`templates`"}
    empty = export(worlds.boundary(tool(""), tools={"t": replace(rule, templates={})}))
    assert dict(empty.left_out) == {}


IS_X, CALM = "a: {is: x, optional: true}", "because: calm, args: {a: any}"
PLACES: dict[str, tuple[type, str, str]] = {
    "a tool": (ToolRule, "only", "only: {a: any}"),
    "an argument": (ArgumentRule, "optional", f"only: {{{IS_X}}}"),
    "a constraint": (Constraint, "bounds", f"only: {{{IS_X}}}"),
    "an allow entry": (Entry, "because", f"allow: [{{{CALM}}}]"),
    "an argument of an allow entry": (ArgumentRule, "optional", f"allow: [{{args: {{{IS_X}}}}}]"),
    "an ask entry": (Entry, "who", "ask: [{who: [r]}]"),
    "an argument of an ask entry": (
        ArgumentRule,
        "optional",
        f"ask: [{{who: [r], args: {{{IS_X}}}}}]",
    ),
    "a never": (Entry, "because", f"only: {{a: any}}\nnever: [{{{CALM}}}]"),
    "a constraint of a never": (Constraint, "bounds", "never: [{args: {a: {is: x}}}]"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_word_that_the_model_gets_later_is_noticed_wherever_it_stands(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here a word is forgotten, which is the same: its tool has no policy until it is said."""
    noun, word, body = PLACES[place]
    known: dict[type, frozenset[str]] = vars(cedar)["_KNOWN"]
    monkeypatch.setattr(cedar, "_KNOWN", {**known, noun: known[noun] - {word}})

    assert dict(export(boundary_of(body, {})).left_out) == {"t": f"`{word}`"}


def test_a_star_in_a_bound_is_a_star() -> None:
    """No file has one there; Cedar would read it as anything."""
    place = Constraint(operator=Operator.DOMAIN, bounds=(Domain("a*b", under=True),))
    start = Constraint(operator=Operator.STARTS_WITH, bounds=("a*",))

    assert holds("v", place) == r'(v has domain && v.domain.name like "*.a\*b")'
    assert holds("v", start) == r'(v has text && v.text like "a\**")'


@pytest.mark.parametrize(
    "text, plain, pattern",
    [
        ("a b", '"a b"', '"a b"'),
        ("a*b", '"a*b"', r'"a\*b"'),
        ('a"b', r'"a\"b"', r'"a\"b"'),
        ("a\\b", r'"a\\b"', r'"a\\b"'),
        ("a\n\r\tb", r'"a\n\r\tb"', r'"a\n\r\tb"'),
        ("\u00e9\u202e\x00", '"\u00e9\\u{202e}\\u{0}"', '"\u00e9\\u{202e}\\u{0}"'),
        ("", '""', '""'),
    ],
)
def test_a_text_is_written_as_cedar_reads_it(text: str, plain: str, pattern: str) -> None:
    """What nobody sees by its number; in a pattern a star is a star."""
    assert (quoted(text), quoted(text, pattern=True)) == (plain, pattern)


@pytest.mark.parametrize(
    "parts, every, some",
    [
        ([], "true", "false"),
        (["a"], "a", "a"),
        (["a", "b"], "(a && b)", "(a || b)"),
        (["a", "b", "a"], "(a && b)", "(a || b)"),
        (["true"], "true", "true"),
        (["a", "true"], "a", "true"),
        (["a", "false"], "(a && false)", "a"),
        (["false"], "false", "false"),
        (["a", "true", "b"], "(a && b)", "true"),
    ],
)
def test_what_is_said_together_is_said_once(parts: list[str], every: str, some: str) -> None:
    """All of nothing holds, and some of nothing does not."""
    assert (all_of(parts), some_of(parts)) == (every, some)


def test_a_negation_is_of_the_whole() -> None:
    """What always holds never does, and the other way round."""
    assert [no(one) for one in ("true", "false", "a")] == ["false", "true", "!a"]


def test_an_argument_that_is_left_out_is_as_wanted_where_it_may_be() -> None:
    """Where it is optional, or must be absent."""
    is_a = Constraint(operator=Operator.IS, bounds=("x",))
    length = Constraint(operator=Operator.MAX_LENGTH, bounds=(3,))
    wanted = ArgumentRule(name="a", constraints=(is_a, length))
    value = 'context.args["a"]'
    letters = f'{value} has text && {value}.text == "x"'
    short = f"({value} has length && {value}.length <= 3)"
    no_text = f'!["text"].contains({value}.sort)'

    assert meets("a", wanted) == (
        f'(if context.args has "a" then (({letters}) && {short}) else false)'
    )
    assert meets("a", replace(wanted, optional=True)).endswith(" else true)")
    assert may_meet("a", wanted) == (
        f'(if context.args has "a" then ((({letters}) || {no_text}) && ({no_text} || {short}))'
        " else false)"
    )


def test_a_fact_counts_where_it_was_read() -> None:
    """For a `never` also where it is empty, or cannot be compared with what was named."""
    fact = 'context.facts["s"]'
    is_open = f'({fact} has text && {fact}.text == "open")'
    is_three = f"({fact} has number && ({fact}.number.whole == 3000000 && !{fact}.number.part))"
    named: list[Json] = ["open", 3]

    assert is_listed("s", named) == f'(context.facts has "s" && ({is_open} || {is_three}))'
    assert may_be_listed("s", named) == (
        f'(context.facts has "s" && ({is_open} || {is_three} || ({fact}.sort == "null"'
        f' || !["number", "text"].contains({fact}.sort))))'
    )
    assert is_listed("s", [None]) == f'(context.facts has "s" && ["null"].contains({fact}.sort))'
    with pytest.raises(UnsayableError, match=r"^a value that is a list or a table$"):
        is_listed("s", [["open"]])


@pytest.mark.parametrize(
    "value, key",
    [
        ("", "text "), ("a b", "text a b"), ("5", "text 5"), (True, "truth true"),
        (False, "truth false"), (0, "number 0"), (Decimal("0.00"), "number 0"), (5, "number 5e0"),
        (50, "number 5e1"), (Decimal("5.0"), "number 5e0"), (Decimal("-0.50"), "number -5e-1"),
        (Decimal("1E+3"), "number 1e3"), (105, "number 105e0"), (-7, "number -7e0"),
        (Decimal("0.05"), "number 5e-2"), (None, ""), (["a"], ""), ({"a": 1}, ""),
    ],
)  # fmt: skip
def test_a_value_has_one_spelling_in_a_set(value: Json, key: str) -> None:
    """By its sort, so that a text is no number; a list and an object have none."""
    assert key_of(value) == key


@pytest.mark.parametrize(
    "bound, fits",
    [
        ((LONG_MAX - 1) // 10**DECIMALS, True),
        (LONG_MAX // 10**DECIMALS + 1, False),
        (Decimal(LONG_MAX - 1).scaleb(-DECIMALS), True),
        (Decimal(LONG_MAX).scaleb(-DECIMALS), False),
        (Decimal(-LONG_MAX).scaleb(-DECIMALS), False),
        (Decimal(1 - LONG_MAX).scaleb(-DECIMALS), True),
    ],
)
def test_a_number_has_to_fit_into_64_bits(bound: int | Decimal, fits: bool) -> None:
    """The two ends stand for whatever lies beyond them."""
    one = Constraint(operator=Operator.AT_LEAST, bounds=(bound,))
    if fits:
        assert holds("v", one) == f"(v has number && v.number.whole >= {int(bound * 10**DECIMALS)})"
    else:
        with pytest.raises(UnsayableError, match=r"^a number of more than 64 bits$"):
            holds("v", one)


ODD: list[tuple[Operator, Bound, str]] = [
    (Operator.AT_MOST, "soon", "a bound that is no number"),
    (Operator.AT_MOST, Decimal("0.0000001"), "a number with more than 6 digits after the point"),
    (Operator.DOMAIN, "a.org", "a place that is none"),
    (Operator.EACH, "a", "`each`"),
]


@pytest.mark.parametrize("operator, bound, why", ODD)
def test_what_has_no_words_is_named(operator: Operator, bound: Bound, why: str) -> None:
    """It is never left out of a condition."""
    with pytest.raises(UnsayableError) as caught:
        holds("v", Constraint(operator=operator, bounds=(bound,)))
    assert str(caught.value) == why
